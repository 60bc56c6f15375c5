"""What an act on many runs will do, told before it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from dashboard import links
from dashboard.pages import Scope
from dashboard.phases import PhaseStyle, style_of
from dashboard.trees import ROOT
from dashboard.upstream import platform
from remote_client import Run
from remote_client.errors import NotFound, RemoteError

COUNT_WAIT_S = 2.0
"""How long the page waits for the counts of running actions."""

MOST_COUNTED = 40
"""Runs whose actions are counted: each costs the platform a question."""

AT_ONCE = 8


@dataclass(frozen=True)
class Planned:
    """One of the chosen runs, as it is now."""

    name: str
    url: str
    task: str
    phase: PhaseStyle
    is_there: bool = True
    running_actions: int | None = 0
    """Below its root, and going on now; None when it could not be counted."""

    @property
    def goes_on(self) -> bool:
        return self.is_there and not self.phase.is_terminal


async def plan(scope: Scope, names: Sequence[str]) -> tuple[Planned, ...]:
    """The runs in the order of their names' list; unknown ones are told as such."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(name: str, is_counted: bool) -> Planned:
        async with gate:
            return await _planned(scope, name, is_counted)

    order = list(dict.fromkeys(names))
    asked = (one(name, number < MOST_COUNTED) for number, name in enumerate(order))
    return tuple(await asyncio.gather(*asked))


async def _planned(scope: Scope, name: str, is_counted: bool) -> Planned:
    try:
        run = await platform().run(scope, name)
    except NotFound:
        return Planned(name, "", "", style_of(""), is_there=False)
    counted: int | None = 0
    if not run.phase.is_terminal:
        counted = await _running_actions(scope, run) if is_counted else None
    return Planned(
        name=run.name,
        url=links.run_url(scope, run.name),
        task=run.task_name,
        phase=style_of(run.phase.value),
        running_actions=counted,
    )


async def _running_actions(scope: Scope, run: Run) -> int | None:
    """As the platform counts them below the root action."""
    try:
        async with asyncio.timeout(COUNT_WAIT_S):
            watch = platform().watch_actions(scope, run.name, lambda state: None)
            async with aclosing(watch) as batches:
                async for batch in batches:
                    for action in batch:
                        if action.name == ROOT:
                            counts = action.children_phase_counts
                            return sum(n for phase, n in counts.items() if not phase.is_terminal)
    except (TimeoutError, RemoteError):
        return None
    return None


def says(act: str, planned: Sequence[Planned]) -> str:
    """The sentence: `Aborts 3 runs and their 12 running actions.`"""
    going = [each for each in planned if each.goes_on]
    there = [each for each in planned if each.is_there]
    if act == "rerun":
        return f"Starts {_many(len(there), 'run')} again, each with its inputs and settings."
    if not going:
        return "Every one of these runs has ended: there is nothing to abort."
    counted = [each.running_actions for each in going if each.running_actions is not None]
    sentence = f"Aborts {_many(len(going), 'run')}"
    if sum(counted):
        whose = "its" if len(going) == 1 else "their"
        at_least = "at least " if len(counted) < len(going) else ""
        sentence += f" and {whose} {at_least}{_many(sum(counted), 'running action')}"
    elif len(counted) < len(going):
        sentence += " with everything that runs in them"
    return f"{sentence}."


def _many(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
