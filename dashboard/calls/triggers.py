"""Calls about triggers."""

from __future__ import annotations

from dashboard.calls.connection import Connection


class TriggerCalls(Connection):
    """Lists, reads and changes triggers."""
