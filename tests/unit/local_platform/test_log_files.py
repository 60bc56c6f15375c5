"""How a log is cut into lines, however its bytes arrive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_platform.layout import AttemptFiles
from local_platform.log_files import MAX_LINE, MAX_LINES, Line, LogFiles, _Reader
from tests.unit.local_platform.records import key


@pytest.fixture
def files(tmp_path: Path) -> AttemptFiles:
    files = AttemptFiles(tmp_path, key(), 1)
    files.create()
    return files


@pytest.fixture
async def logs() -> AsyncIterator[LogFiles]:
    logs = LogFiles()
    yield logs
    logs.stop()


async def _read(logs: LogFiles, files: AttemptFiles) -> list[Line]:
    return [line async for batch in logs.follow(files) for line in batch]


def _append(files: AttemptFiles, data: bytes) -> None:
    with files.log.open("ab") as log:
        log.write(data)


async def test_a_finished_log_is_read_and_ends(logs: LogFiles, files: AttemptFiles) -> None:
    _append(files, b"one\ntwo\nhalf")
    assert [line.text for line in await _read(logs, files)] == ["one\n", "two\n", "half"]


async def test_a_log_that_never_was_is_empty(logs: LogFiles, files: AttemptFiles) -> None:
    assert await _read(logs, files) == []


async def test_a_follower_gets_what_comes_until_the_log_is_closed(
    logs: LogFiles, files: AttemptFiles
) -> None:
    logs.open(files)
    logs.poll(files)
    stream = logs.follow(files)
    _append(files, b"one\nha")
    assert [line.text for line in await anext(stream)] == ["one\n"]
    _append(files, b"lf\n")
    assert [line.text for line in await anext(stream)] == ["half\n"]
    _append(files, b"last words")
    logs.close(files)
    assert [line.text for line in await anext(stream)] == ["last words"]
    assert await anext(stream, None) is None


async def test_a_follower_of_a_silent_log_ends_with_it(logs: LogFiles, files: AttemptFiles) -> None:
    logs.open(files)
    reading = asyncio.ensure_future(_read(logs, files))
    await asyncio.sleep(0)
    logs.close(files)
    assert await reading == []


async def test_times_are_those_of_the_first_sight_for_every_reader(
    logs: LogFiles, files: AttemptFiles
) -> None:
    logs.open(files)
    logs.poll(files)
    stream = logs.follow(files)
    seen = []
    for text in (b"one\n", b"two\n", b"three\n"):
        _append(files, text)
        seen += await anext(stream)
    logs.close(files)
    await stream.aclose()
    assert await _read(logs, files) == seen
    assert 0 < seen[0].at < seen[1].at < seen[2].at


async def test_another_server_goes_on_where_the_first_one_was(files: AttemptFiles) -> None:
    first = LogFiles()
    first.open(files)
    first.poll(files)
    _append(files, b"one\n")
    [line] = await anext(first.follow(files))
    first.stop()
    second = LogFiles()
    second.open(files)
    _append(files, b"two\n")
    second.close(files)
    again = await _read(second, files)
    second.stop()
    assert again[0] == line
    assert again[1].text == "two\n"
    assert again[1].at > line.at


async def test_batches_are_bounded(logs: LogFiles, files: AttemptFiles) -> None:
    _append(files, b"x\n" * 1050)
    sizes = [len(batch) async for batch in logs.follow(files)]
    assert sum(sizes) == 1050
    assert max(sizes) <= MAX_LINES


async def test_batches_of_long_lines_stay_far_below_a_messages_limit(
    logs: LogFiles, files: AttemptFiles
) -> None:
    _append(files, (b"x" * 60_000 + b"\n") * 40)
    sizes = [sum(len(line.text) for line in batch) async for batch in logs.follow(files)]
    assert sum(sizes) == 40 * 60_001
    assert max(sizes) < 1 << 20


async def test_bytes_that_are_no_text_are_shown_as_such(
    logs: LogFiles, files: AttemptFiles
) -> None:
    _append(files, b"caf\xc3\xa9 \xff\r\nnext\n")
    texts = [line.text for line in await _read(logs, files)]
    assert texts == ["café \ufffd\r\n", "next\n"]


async def test_a_long_line_is_never_cut_inside_a_character(
    logs: LogFiles, files: AttemptFiles
) -> None:
    text = "x" + "é" * MAX_LINE + "\n"
    _append(files, text.encode())
    pieces = [line.text for line in await _read(logs, files)]
    assert "".join(pieces) == text
    assert len(pieces) > 1
    assert max(len(piece.encode()) for piece in pieces) <= MAX_LINE


@settings(deadline=None)  # the machine may be busy
@given(
    data=st.binary(max_size=400),
    cuts=st.lists(st.integers(min_value=0, max_value=400), max_size=8),
)
def test_where_lines_are_cut_does_not_depend_on_how_bytes_arrive(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, cuts: list[int]
) -> None:
    files = AttemptFiles(tmp_path_factory.mktemp("log"), key(), 1)
    files.create()
    files.log.write_bytes(data)
    whole, piecewise = _Reader(files), _Reader(files)
    expected = [line.text for batch in whole.read(None) for line in batch]
    limits = [*sorted(min(cut, len(data)) for cut in cuts), None]
    got = [line.text for limit in limits for batch in piecewise.read(limit) for line in batch]
    whole.close()
    piecewise.close()
    assert got == expected
