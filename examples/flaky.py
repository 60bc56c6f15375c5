"""Fails, is tried again and succeeds: two attempts end in an error, the third one in a result.

flyte run examples/flaky.py main
"""

import os

import flyte

env = flyte.TaskEnvironment(name="flaky")


@env.task(retries=3)
async def main(succeed_on: int = 3) -> str:
    """Succeed on the given attempt, and say so in the log of each one."""
    # The platform counts from 0 here, people count attempts from 1.
    attempt = int(os.environ.get("FLYTE_ATTEMPT_NUMBER", "0")) + 1
    print(f"attempt {attempt}: calling the weather service")
    if attempt < succeed_on:
        raise ConnectionError(f"weather service did not answer (attempt {attempt})")
    print("got the forecast")
    return f"sunny, on attempt {attempt}"
