"""Topic `triggers`: a project's triggers, listed again every few seconds for all who look."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.live.listed import ListedTopic
from dashboard.triggers.pages import TriggerRow
from dashboard.triggers.rows import newest_by_trigger, trigger_row


class TriggersTopic(ListedTopic[TriggerRow]):
    template = "triggers/list.html"

    async def ask(self) -> Sequence[TriggerRow]:
        await self.platform.project(self.scope.project)
        triggers = await self.platform.triggers(self.scope)
        runs = await self.platform.trigger_runs(self.scope, [each.name for each in triggers])
        newest = newest_by_trigger(runs)
        rows = [
            trigger_row(self.scope, each, newest.get(f"{each.task_name}/{each.name}"))
            for each in triggers
        ]
        return sorted(rows, key=lambda row: row.key)

    def key_of(self, row: TriggerRow) -> str:
        return row.key
