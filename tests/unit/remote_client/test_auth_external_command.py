"""Tokens that a program of the user's prints."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from remote_client._client.auth import AsyncCommandAuthenticator, AuthenticationError
from tests.oidc.settings import PLATFORM, options, until


def python(code: str, *arguments: str, **more: Any) -> AsyncCommandAuthenticator:
    command = (sys.executable, "-c", code, *arguments)
    return AsyncCommandAuthenticator(PLATFORM, options(command=command, **more))


async def token_of(authenticator: AsyncCommandAuthenticator) -> str:
    return (await authenticator.get_grpc_call_auth_metadata()).pairs[0][1]


def is_running(pid: str) -> bool:
    """Whether the process exists and is no zombie that nobody has collected yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


async def test_it_takes_what_the_command_prints() -> None:
    assert await token_of(python("print('  t0ken \\n')")) == "Bearer t0ken"


async def test_ten_callers_run_it_once(tmp_path: Path) -> None:
    made = python(
        "import sys; open(sys.argv[1], 'a').write('x'); print('t')", str(tmp_path / "runs")
    )
    assert await asyncio.gather(*(token_of(made) for _ in range(10))) == ["Bearer t"] * 10
    assert (tmp_path / "runs").read_text() == "x"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("", "printed no token"),
        ("print('two words')", "printed more than a token"),
        ("import sys; sys.exit('not logged in')", "exit code 1: not logged in"),
    ],
)
async def test_it_says_what_is_wrong_with_the_command(code: str, says: str) -> None:
    with pytest.raises(AuthenticationError, match=says):
        await token_of(python(code))


async def test_its_error_repeats_no_secret() -> None:
    code = "import sys; sys.exit(f'bad {sys.argv[1]} Bearer abcdefghijk')"
    with pytest.raises(AuthenticationError) as failed:
        await token_of(python(code, "s3cret-argument"))
    assert "s3cret-argument" not in str(failed.value)
    assert "abcdefghijk" not in str(failed.value)


async def test_it_gets_no_input() -> None:
    assert await token_of(python("print(len(open(0).read()))")) == "Bearer 0"


async def test_it_ends_a_command_that_takes_too_long_with_all_it_started(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open(sys.argv[1], 'w').write(str(child.pid))\n"
        "time.sleep(600)\n"
    )
    pid_file = tmp_path / "pid"
    with pytest.raises(AuthenticationError, match=r"within 1\.5 s and was ended"):
        await token_of(python(code, str(pid_file), command_timeout_s=1.5))
    await until(lambda: not is_running(pid_file.read_text()))


async def test_it_ends_the_command_when_nobody_waits_any_more(tmp_path: Path) -> None:
    fifo = tmp_path / "started"
    os.mkfifo(fifo)
    made = python(
        "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)",
        str(fifo),
    )
    waiting = asyncio.create_task(token_of(made))
    pid = await asyncio.to_thread(fifo.read_text)
    await made.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await until(lambda: not is_running(pid))


async def test_it_says_when_the_program_is_missing() -> None:
    made = AsyncCommandAuthenticator(
        PLATFORM, options(command=("/nowhere/tool", "--token=abcdefg"))
    )
    with pytest.raises(AuthenticationError, match="'/nowhere/tool' cannot be started") as missing:
        await token_of(made)
    assert "abcdefg" not in str(missing.value)


def test_it_refuses_an_empty_command() -> None:
    with pytest.raises(AuthenticationError, match="empty"):
        AsyncCommandAuthenticator(PLATFORM, options())
