"""A Flyte program that uses what the local platform must support; copied next to a config."""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import flyte
import flyte.errors
import flyte.report
from flyte.io import Dir, File

env = flyte.TaskEnvironment(name="program")
cached_env = flyte.TaskEnvironment(name="cached", cache="auto")
secret_env = flyte.TaskEnvironment(name="secret", secrets=[flyte.Secret(key="sdk-token")])
parents = flyte.TaskEnvironment(name="parents", depends_on=[env, cached_env])


@dataclass
class Reading:
    name: str
    value: float


@env.task
async def hello(name: str = "world") -> str:
    print(f"hello {name}")
    return f"hello {name}"


@env.task
async def square(x: int) -> int:
    return x * x


@env.task
async def cube(x: int) -> int:
    return x**3


@flyte.trace
async def add(a: int, b: int) -> int:
    return a + b


@parents.task
async def nested(n: int) -> int:
    """Two levels, a group, a map and a trace."""
    with flyte.group("squares"):
        squares = await asyncio.gather(*(middle(x) for x in range(n)))
    cubes = [value async for value in flyte.map.aio(cube, list(range(n)))]
    return await add(sum(squares), sum(cubes))


@parents.task
async def middle(x: int) -> int:
    return await square(x)


@env.task(retries=2)
async def flaky() -> str:
    attempt = os.environ["FLYTE_ATTEMPT_NUMBER"]
    print(f"attempt {attempt}")
    if attempt != "2":
        raise RuntimeError(f"not on attempt {attempt}")
    return attempt


@env.task
async def broken() -> str:
    raise ValueError("broken for good")


@parents.task
async def catcher() -> str:
    """A child's failure reaches its parent with its code and its message."""
    try:
        await broken()
    except flyte.errors.RuntimeUserError as error:
        return f"{error.code}: {error}"
    return "nothing raised"


@env.task
async def crash() -> str:
    os._exit(7)


@cached_env.task
async def costly(x: int) -> int:
    return x + 1


@parents.task
async def uses_costly(x: int) -> int:
    return await costly(x)


@secret_env.task
async def secretive() -> int:
    return len(os.environ["SDK_TOKEN"])


@env.task(report=True)
async def reporting() -> str:
    await flyte.report.replace.aio("<h1>All is well</h1>")
    await flyte.report.flush.aio()
    return "reported"


@env.task
async def make_files() -> tuple[File, Dir, Reading]:
    folder = Path(tempfile.mkdtemp())
    (folder / "inner.txt").write_text("inner words")
    loose = folder.parent / "loose.txt"
    loose.write_text("loose words")
    file = await File.from_local(str(loose))
    return file, await Dir.from_local(str(folder)), Reading("depth", 1.5)


@env.task
async def read_files(file: File, folder: Dir, reading: Reading) -> str:
    async with file.open("rb") as handle:
        words = bytes(await handle.read()).decode()
    inner = [each async for each in folder.walk()]
    return f"{words}, {len(inner)} inside, {reading.name} {reading.value}"


@parents.task
async def passes_files() -> str:
    file, folder, reading = await make_files()
    return await read_files(file, folder, reading)


@env.task(timeout=1)
async def endless() -> str:
    await asyncio.sleep(300)
    return "never"


@env.task
async def asks() -> str:
    condition = await flyte.new_condition.aio("proceed", prompt="Go on?", data_type=bool)
    return f"answered {await condition.wait.aio()}"


@parents.task
async def holds(n: int) -> list[str]:
    return list(await asyncio.gather(*(sleeper(i) for i in range(n))))


@env.task
async def sleeper(i: int) -> str:
    await asyncio.sleep(300)
    return str(i)
