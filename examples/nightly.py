"""A task that starts by itself: every hour from a trigger, and now and then by hand.

flyte deploy examples/nightly.py env
flyte run examples/nightly.py main
"""

from datetime import UTC, datetime

import flyte

env = flyte.TaskEnvironment(name="nightly")

hourly = flyte.Trigger(
    name="hourly",
    automation=flyte.Cron("0 * * * *"),
    description="Sums up the hour that has just ended.",
    inputs={"at": flyte.TriggerTime},
)


@env.task(triggers=hourly)
def main(at: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> str:
    """Say which hour was summed up."""
    print(f"summing up the hour before {at:%Y-%m-%d %H:%M}")
    return f"{at:%H}:00"
