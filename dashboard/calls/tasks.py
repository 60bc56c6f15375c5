"""Calls about tasks."""

from __future__ import annotations

from dashboard.calls.connection import Connection


class TaskCalls(Connection):
    """Lists and reads tasks and their versions."""
