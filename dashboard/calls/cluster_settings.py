"""Calls about cluster settings."""

from __future__ import annotations

from dashboard.calls.connection import Connection


class SettingsCalls(Connection):
    """Reads and changes the settings that a platform keeps."""
