"""Topic `secrets`: the names of secrets in reach of a project, listed again every few seconds."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.live.listed import ListedTopic
from dashboard.live.topic import Key
from dashboard.secrets.merging import merged
from dashboard.secrets.pages import Refusal, SecretRow
from dashboard.upstream import Platform


class SecretsTopic(ListedTopic[SecretRow]):
    template = "secrets/list.html"
    every_s = 15.0  # they change seldom, and each listing is three questions

    def __init__(self, key: Key, platform: Platform) -> None:
        super().__init__(key, platform)
        self.refusals: tuple[Refusal, ...] = ()

    async def ask(self) -> Sequence[SecretRow]:
        await self.platform.project(self.scope.project)
        found = await merged(self.platform, self.scope)
        self.refusals = found.refusals
        return found.rows

    def key_of(self, row: SecretRow) -> str:
        return row.key
