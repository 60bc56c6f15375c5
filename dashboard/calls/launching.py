"""Calls about launching."""

from __future__ import annotations

from dashboard.calls.connection import Connection


class LaunchCalls(Connection):
    """Starts runs with inputs and settings."""
