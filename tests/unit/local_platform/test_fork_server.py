"""When attempts are forked, when they start cold, and what a request carries."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from local_platform.executor import Launch
from local_platform.fork_server import environment, handle, sdk
from local_platform.fork_server.handle import ForkServer
from local_platform.fork_server.request import Request
from local_platform.layout import Layout
from local_platform.store.records import ActionKey

INHERITED = {"PATH": "/bin", "LANG": "C.UTF-8", "HTTPS_PROXY": "http://user:word@proxy"}
RUNTIME = [sys.executable, "-m", "flyte._bin.runtime"]
# What stands for a fork server in these tests; `control` is its socket.
HEAD = """
import os, socket, sys
control = socket.socket(fileno=int(sys.argv[1]))
"""


def _launch(layout: Layout, *argv: str, **env: str) -> Launch:
    files = layout.attempt(ActionKey("p", "d", "r", "a0"), 1)
    files.create()
    return Launch([*RUNTIME, *argv], {**INHERITED, **environment.FIXED, **env}, files)


Make = Callable[[str], ForkServer]


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "data")


@pytest.fixture
async def make(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Make]:
    """Starts a handle whose process runs the given program."""
    made = []

    def start(program: str) -> ForkServer:
        package = tmp_path / "local_platform" / "fork_server"
        package.mkdir(parents=True)
        (package / "__main__.py").write_text(HEAD + program)
        monkeypatch.setattr(handle, "_PACKAGE", tmp_path)
        made.append(ForkServer(layout, INHERITED))
        made[0].start()
        return made[0]

    yield start
    for each in made:
        each.close()


async def _words(caplog: pytest.LogCaptureFixture, part: str) -> str:
    async with asyncio.timeout(30):
        while part not in caplog.text:  # noqa: ASYNC110 - a log has no event
            await asyncio.sleep(0.01)
    return caplog.text


def test_the_fork_server_gets_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    env = environment.of_fork_server(INHERITED, tmp_path)
    assert env == {
        "PATH": "/bin",
        "LANG": "C.UTF-8",
        "HOME": str(tmp_path),
        **environment.FIXED,
    }


@pytest.mark.parametrize(
    ("variables", "suits"),
    [
        ({"MY_SETTING": "1", "LOG_LEVEL": "30"}, True),
        ({"PYTHONHASHSEED": "0"}, False),
        ({"LD_PRELOAD": "/lib/x.so"}, False),
        ({"LANG": "de_DE.UTF-8"}, False),
        ({"FLYTE_IO_BATCH_SIZE": "4"}, False),
        ({"LOG_LEVEL": "DEBUG"}, False),
    ],
)
def test_a_variable_that_is_read_at_the_start_needs_a_cold_one(
    tmp_path: Path, variables: dict[str, str], suits: bool
) -> None:
    server = environment.of_fork_server(INHERITED, tmp_path)
    attempt = {**INHERITED, **environment.FIXED, **variables}
    assert environment.suits(attempt, server) is suits


def test_a_request_arrives_as_it_was_sent() -> None:
    sent = Request("/f", "/c", "/l", ["a0", "--x", "ä"], {"NAME": "line\nline"})
    assert Request.read(sent.write()) == sent


def test_a_version_that_was_not_tried_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk, "TESTED", frozenset({"1.0"}))
    with pytest.raises(sdk.UnfitError, match=r"only 1\.0"):
        sdk.load()


def test_the_sdk_in_use_can_be_forked() -> None:
    script = "from local_platform.fork_server import sdk; sdk.load(); sdk.check(); print('fit')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "fit\n", done.stderr


def test_a_process_shows_a_title_of_its_own() -> None:
    script = (
        "from local_platform.fork_server.title import set_title;"
        "set_title(['a', '/folder', 'c' * 9000]);"
        "print(open('/proc/self/cmdline').read().split(chr(0))[:3])"
    )
    command = [sys.executable, "-c", script, "-" * 4096]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.startswith("['a', '/folder', 'cccc"), done.stderr


async def test_a_refusal_is_told_once_and_attempts_start_cold(
    make: Make, layout: Layout, caplog: pytest.LogCaptureFixture
) -> None:
    forks = make("control.send(b'UnfitError: not this one')")
    words = await _words(caplog, "not this one")
    assert words.count("cold") == 1
    assert forks.fork(_launch(layout)) is None


async def test_a_fork_server_that_is_stuck_is_given_up(
    make: Make, layout: Layout, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handle, "_ANSWER_S", 0.1)
    monkeypatch.setattr(handle, "_MAX_STARTS", 1)
    caplog.set_level(logging.INFO)
    forks = make("control.send(b'ready'); control.recv(9); control.recv(9)")
    await _words(caplog, "Attempts are forked")
    launch = _launch(layout)
    assert forks.fork(launch) is None
    assert "lost" in caplog.text
    assert launch.files.pid.exists()  # what comes too late finds the attempt taken


async def test_an_attempt_that_a_lost_fork_server_had_begun_is_not_begun_again(
    make: Make, layout: Layout, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handle, "_MAX_STARTS", 1)
    caplog.set_level(logging.INFO)
    launch = _launch(layout)
    forks = make(
        "control.send(b'ready'); control.recv(9);"
        f"open({str(launch.files.pid)!r}, 'w').write({str(os.getpid())!r})"
    )
    await _words(caplog, "Attempts are forked")
    forked = forks.fork(launch)
    assert forked is not None
    assert forked.pid == os.getpid()
    os.close(forked.pidfd)


async def test_other_commands_and_unfit_variables_are_not_asked_for(
    make: Make, layout: Layout, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    forks = make("control.send(b'ready'); control.recv(9)")
    await _words(caplog, "Attempts are forked")
    shell = _launch(layout)
    assert forks.fork(Launch(["sh", "-c", "true"], shell.env, shell.files)) is None
    assert forks.fork(_launch(layout, "a0", LD_PRELOAD="/lib/x.so")) is None
    assert "lost" not in caplog.text
