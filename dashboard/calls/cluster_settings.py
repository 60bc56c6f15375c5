"""Calls about the settings that a platform keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.calls.connection import Connection
from dashboard.pages import Scope
from remote_client import SettingLevel, SettingsLevels, User


class SettingsCalls(Connection):
    """Reads and changes the settings that a platform keeps."""

    async def settings_levels(self, where: Scope) -> SettingsLevels:
        """The levels from the org to this scope; one without project, or both, is a wider one.

        Raises Unimplemented for a platform that keeps none.
        """
        client = await self.client()
        with self.asking():
            return await SettingsLevels.get.aio(
                client=client, project=where.project, domain=where.domain
            )

    async def save_settings(
        self, levels: SettingsLevels, values: Mapping[str, Any]
    ) -> SettingLevel:
        """Raises ValueError, FailedPrecondition and AlreadyExists."""
        with self.asking():
            return await levels.save.aio(values)

    async def whoami(self) -> User:
        """Whom the platform takes this connection's calls to be from."""
        client = await self.client()
        with self.asking():
            return await User.get.aio(client=client)
