"""Reads all that is compared of one run: its root's details, its values and its actions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dashboard.action_tabs.value_trees import duration_words
from dashboard.compare.matching import Pack, packing
from dashboard.headlines import plain
from dashboard.live import registry
from dashboard.live.protocol import LogArgs, RunArgs
from dashboard.live.run import RunTopic
from dashboard.pages import Scope
from dashboard.trees import ROOT
from dashboard.upstream import platform
from remote_client import ActionDetails, Run
from remote_client.errors import ClientError, NotFound, RemoteError

TREE_WAIT_S = 5.0
LOG_WAIT_S = 5.0
LOG_END_S = 1.5
"""A log that is being written is compared as far as it is there."""
LOG_LINES = 2_001
"""One more than is compared, so that the comparison knows that it is cut."""


@dataclass
class Side:
    """One of the runs."""

    run: Run
    details: ActionDetails
    packs: dict[str, Pack]
    inputs: Sequence[Any] = ()
    outputs: Sequence[Any] = ()
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.run.name)

    def facts(self) -> dict[str, str]:
        """Label → words, "" for what the platform does not tell."""
        run, task = self.run, self.details.task
        requests, limits = task.resources if task else ({}, {})
        return {
            "Phase": run.phase.value.replace("_", " "),
            "Task": self.details.task_name,
            "Version": self.details.task_version,
            "Duration": duration_words(run.duration) if run.duration else "",
            "Owner": run.owner,
            "Source": run.source,
            "Actions": str(sum(pack.count for pack in self.packs.values())),
            "Attempts": str(self.details.attempts),
            "Cache": self.details.cache_status,
            "Image": task.image if task else "",
            "Requests": _pairs(requests),
            "Limits": _pairs(limits),
        }

    def spec_lines(self) -> list[str]:
        task = self.details.task
        return task.spec_text().splitlines() if task else []


def _pairs(pairs: dict[str, str]) -> str:
    return " · ".join(f"{name} {value}" for name, value in sorted(pairs.items()))


async def gather(scope: Scope, names: Sequence[str]) -> tuple[list[Side], list[str]]:
    """The runs that there are, in order, and the names of those that there are not."""
    found = await asyncio.gather(*(_side(scope, name) for name in names))
    sides = [side for side in found if side is not None]
    return sides, [name for name, side in zip(names, found, strict=True) if side is None]


async def _side(scope: Scope, name: str) -> Side | None:
    try:
        run = await platform().run(scope, name)
        details = await platform().action(scope, name, ROOT)
    except NotFound:
        return None
    side = Side(run, details, await _packs(scope, name))
    side.inputs = await _values(side, "inputs")
    if details.phase.is_success:
        side.outputs = await _values(side, "outputs")
    return side


async def _packs(scope: Scope, name: str) -> dict[str, Pack]:
    topic: RunTopic
    async with registry.visited(RunArgs(scope.project, scope.domain, name)) as topic:
        await topic.ready(TREE_WAIT_S)
        packs: dict[str, Pack] = {}
        for _ in packing(topic.tree, packs, datetime.now(UTC)):
            await asyncio.sleep(0)  # a run of fifty thousand actions holds up nobody
        return packs


async def _values(side: Side, what: str) -> Sequence[Any]:
    ask = platform().inputs if what == "inputs" else platform().outputs
    try:
        return await ask(side.details)
    except (RemoteError, ClientError) as error:
        side.notes.append(f"The {what} of {side.name} can't be read: {error}")
        return ()


async def log_of(scope: Scope, run: str, pack: Pack) -> tuple[list[str], str]:
    """The beginning of the log of the action that stands for a path, and what is amiss with it."""
    assert pack.speaker is not None
    number = max(pack.speaker.attempts, 1)
    args = LogArgs(scope.project, scope.domain, run, pack.speaker.name, number)
    async with registry.visited(args) as topic:
        await topic.ready(LOG_WAIT_S)
        await topic.ended(LOG_END_S)
        text = "".join(topic.spool.texts(1, min(LOG_LINES, topic.spool.total)))
        return plain(text).splitlines(), topic.note
