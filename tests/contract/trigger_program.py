"""A task with a trigger that fires at the moment in TRIGGER_START; deployed by the real SDK."""

import os
from datetime import datetime

import flyte

# The task's own process has no such variable, and no use for the trigger.
START = datetime.fromisoformat(os.environ.get("TRIGGER_START", "2026-01-01T00:00:00+00:00"))

env = flyte.TaskEnvironment(name="clockwork")
soon = flyte.Trigger(
    name="soon",
    automation=flyte.FixedRate(interval_minutes=5, start_time=START),
    inputs={"at": flyte.TriggerTime, "x": 3},
    env_vars={"COLOUR": "green"},
    labels={"kind": "clock"},
)


@env.task(triggers=soon)
async def tick(at: datetime, x: int = 1) -> str:
    """Say when it was to fire."""
    return f"{at.isoformat()} x={x} {os.environ['COLOUR']}"
