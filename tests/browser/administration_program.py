"""What the tests of triggers and secrets deploy and run."""

import os
from datetime import datetime

import flyte

env = flyte.TaskEnvironment(
    name="office", secrets=flyte.Secret(key="OFFICE_KEY", as_env_var="OFFICE_KEY")
)
plain = flyte.TaskEnvironment(name="belfry")


@env.task
async def read() -> str:
    """Give the secret away."""
    return os.environ["OFFICE_KEY"]


@plain.task
async def ring(at: datetime, times: int = 1) -> str:
    """Ring the bell."""
    return f"{times} at {at.isoformat()}"
