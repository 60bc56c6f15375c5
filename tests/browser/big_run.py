"""A run of thousands of actions on the quirks server, as no test could wait for one to be run."""

from __future__ import annotations

from datetime import timedelta

from tests.quirks.rows import FAILED, QUEUED, RUNNING, SUCCEEDED, ActionKey, RunKey
from tests.quirks.world import DOMAIN, PROJECT, World

RUN = "big"
KEY = RunKey(PROJECT, DOMAIN, RUN)
FAILED_AT = (17, 1234, 4000)


def build(world: World, size: int) -> RunKey:
    """`main` with `size` actions `fit`, a group `prep` of 40 and one `reduce` that waits."""
    run = world.add_run(RUN, "etl.main")
    world.report(run, RUNNING)
    world.actions[ActionKey(run, "a0")].created_at -= timedelta(seconds=size / 100 + 5)
    for n in range(40):
        _add(world, run, f"p{n:05}", "etl.load", SUCCEEDED, size - n, group="prep")
    for n in range(size):
        phase = FAILED if n in FAILED_AT else RUNNING if n >= size - 20 else SUCCEEDED
        _add(world, run, name_of(n), "etl.fit", phase, size - n)
    _add(world, run, "last", "etl.reduce", QUEUED, 0)
    return run


def _add(
    world: World, run: RunKey, name: str, task: str, phase: int, age: int, group: str = ""
) -> None:
    """A child that began `age` hundredths of a second before now, and took two seconds at most."""
    world.add_action(run, name, task=task, phase=phase, group=group)
    row = world.actions[ActionKey(run, name)]
    now = row.created_at
    row.created_at = now - timedelta(milliseconds=10 * age)
    if phase in (FAILED, SUCCEEDED):
        row.ended_at = min(now, row.created_at + timedelta(seconds=2))


def name_of(n: int) -> str:
    """The action that the tree calls `fit[n]`."""
    return f"f{n:05}"
