"""A nested fan-out: twenty children that end one after the other, then one that adds them up.

flyte run examples/fanout.py main
"""

import asyncio

import flyte

env = flyte.TaskEnvironment(name="fanout")


@env.task
async def measure(gate: int, step_s: float) -> int:
    """Wait at one gate; a later gate takes longer, so that the children end staggered."""
    for step in range(1, 4):
        print(f"gate {gate}: passenger group {step} of 3")
        await asyncio.sleep(step_s * (1 + gate % 5))
    return gate * gate


@env.task
async def total(numbers: list[int]) -> int:
    """Add the gates' results."""
    print(f"adding {len(numbers)} numbers")
    return sum(numbers)


@env.task
async def main(gates: int = 20, step_s: float = 0.1) -> int:
    """Open all gates at once, and wait for every one of them."""
    print(f"opening {gates} gates")
    with flyte.group("gates"):
        results = await asyncio.gather(*(measure(gate, step_s) for gate in range(gates)))
    return await total(list(results))
