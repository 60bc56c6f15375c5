"""The task that the specification's snippets call, as a real SDK program."""

import flyte

env = flyte.TaskEnvironment(name="spec")


@env.task
async def another_task(input_param: str = "nothing") -> str:
    """Say what came."""
    print(f"got {input_param}")
    return f"{input_param}!"
