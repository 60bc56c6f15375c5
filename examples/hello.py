"""The smallest program: one task, one input, one output.

flyte run examples/hello.py main --name Ada
"""

import flyte

env = flyte.TaskEnvironment(name="hello")


@env.task
async def main(name: str = "world") -> str:
    """Greet somebody."""
    print(f"Saying hello to {name}")
    return f"Hello, {name}!"
