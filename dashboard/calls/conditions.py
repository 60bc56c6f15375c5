"""Calls about conditions."""

from __future__ import annotations

from dashboard.calls.connection import Connection


class ConditionCalls(Connection):
    """Answers conditions that wait for a person."""
