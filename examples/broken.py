"""Fails for good, two levels down, with a traceback that points at the line.

flyte run examples/broken.py main
"""

import asyncio

import flyte

env = flyte.TaskEnvironment(name="broken")

ROWS = [
    {"product": "seat", "price": 120},
    {"product": "bag", "price": 35},
    {"product": "meal"},
]


def price_of(row: dict[str, object]) -> int:
    """The row's price; a row without one is an error in the data."""
    if "price" not in row:
        raise ValueError(f'column "price" missing in the row of {row["product"]!r}')
    return int(str(row["price"]))


@env.task
async def fit(part: int) -> int:
    """Work on one part; the third part has a bad row."""
    print(f"part {part}: reading {ROWS[part]}")
    return price_of(ROWS[part])


@env.task
async def main() -> int:
    """Work on all parts; one of them fails and takes the run with it."""
    print("fitting 3 parts")
    with flyte.group("fit"):
        parts = await asyncio.gather(*(fit(part) for part in range(len(ROWS))))
    return sum(parts)
