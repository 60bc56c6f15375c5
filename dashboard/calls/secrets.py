"""Calls about secrets."""

from __future__ import annotations

from dashboard.calls.connection import Connection


class SecretCalls(Connection):
    """Lists, writes and deletes secrets."""
