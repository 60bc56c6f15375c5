"""Calls about flyte apps."""

from __future__ import annotations

from dashboard.calls.connection import Connection


class AppCalls(Connection):
    """Lists, reads and changes apps."""
