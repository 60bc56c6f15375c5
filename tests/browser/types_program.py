"""A program with a task for each kind of value: it gives back what it was given.

`kinds.py` is what the launch form's tests deploy; the tasks say in `repr` what arrived, so that a
test sees the value as the task's own code did.
"""

import enum
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, TypedDict

import flyte
import flyte.io
from pydantic import BaseModel, Field

env = flyte.TaskEnvironment(name="kinds", description="One task for each kind of value.")


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Inner:
    n: int
    tags: list[str] = field(default_factory=list)


@dataclass
class Outer:
    inner: Inner
    when: datetime
    took: timedelta
    ratio: float
    by_name: dict[str, Inner]
    either: int | str
    maybe: Inner | None = None
    more: list[Inner] = field(default_factory=list)


class Model(BaseModel):
    """A pydantic model."""

    x: int = Field(3, description="how many", ge=0)
    name: str = "é"
    o: float | None = None
    nested: list[Inner] = []
    c: Colour = Colour.RED
    d: timedelta = timedelta(seconds=5)


@dataclass
class Tree:
    v: int
    kids: list["Tree"] = field(default_factory=list)


class Pair(NamedTuple):
    a: int
    b: str


class Typed(TypedDict):
    a: int
    b: str


@env.task
async def scalars(
    i: int, f: float, s: str, b: bool, c: Colour
) -> tuple[int, float, str, bool, Colour, str]:
    """Numbers, text, a flag and an enum.

    Args:
        i: a whole number
        s: any text at all
    """
    return i, f, s, b, c, repr((i, f, s, b, c))


@env.task
async def moments(at: datetime, took: timedelta, day: date) -> tuple[datetime, timedelta, str]:
    """A moment, a length of time and a day."""
    return at, took, repr((at.isoformat(), took, day))


@env.task
async def optionals(
    a: int | None, b: int | str | None, c: int | float, d: str | None = None
) -> tuple[int | None, int | str | None, int | float, str | None, str]:
    """None, and a choice of types."""
    return a, b, c, d, repr((a, b, c, d))


@env.task
async def containers(
    xs: list[int], names: dict[str, str], deep: dict[str, list[int | None]], rows: list[Inner]
) -> tuple[list[int], dict[str, str], dict[str, list[int | None]], list[Inner], str]:
    """Lists and maps, within one another."""
    return xs, names, deep, rows, repr((xs, names, deep, rows))


@env.task
async def models(o: Outer, m: Model, t: Tree) -> tuple[Outer, Model, Tree, str]:
    """Dataclasses and pydantic models."""
    return o, m, t, repr((o, m, t))


@env.task
async def tuples(t: tuple[int, str], p: Pair, d: Typed) -> tuple[str, str]:
    """Tuples and what is like them."""
    return repr((t, p, d)), type(p).__name__


@env.task
async def untyped(d: dict, k: dict[int, str]) -> tuple[dict, str]:
    """Data of any form."""
    return d, repr((d, k))


@env.task
async def pickled(raw: bytes, s: set[int], whatever: Any) -> str:
    """What the SDK pickles."""
    return repr((raw, s, whatever))


@env.task
async def files(f: flyte.io.File, d: flyte.io.Dir) -> tuple[str, str]:
    """A file and a folder; gives back what stands in them."""
    async with f.open("rb") as handle:
        content = bytes(await handle.read())
    names = sorted([each.path.rpartition("/")[2] async for each in d.walk()])
    return content.decode(), ",".join(names)


@env.task
async def table(df: flyte.io.DataFrame) -> str:
    """A table; gives back its address."""
    return f"{df.uri} {df.format}"


@env.task
async def defaults(
    i: int = 7,
    s: str = 'a "quoted" <b>',
    xs: list[int] = [1, 2],  # noqa: B006 - a default of the deployed task
    m: Model = Model(x=9),  # noqa: B008
) -> str:
    """Nothing has to be given."""
    return repr((i, s, xs, m))


@env.task
async def nothing() -> str:
    """Takes nothing."""
    return "nothing"
