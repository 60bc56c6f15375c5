"""The log spool: numbered lines on disk that survive crashes and repetitions."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.live.resume import Resume
from dashboard.live.spool import LONGEST, LogSpool, read_rows, spool_folder
from dashboard.live.spool_files import READ_BYTES, ROW_BYTES
from remote_client import LogLine
from tests.unit.dashboard.things import at, lines


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[LogSpool]:
    opened = LogSpool(tmp_path / "log")
    yield opened
    opened.close()


def reopened(spool: LogSpool, tmp_path: Path) -> LogSpool:
    spool.close()
    return LogSpool(tmp_path / "log")


def texts(spool: LogSpool) -> list[str]:
    return [row.text for row in spool.window(1, spool.total)]


def test_it_numbers_lines_from_one(spool: LogSpool) -> None:
    spool.append(lines("a", "b"))
    spool.append(lines("c"))
    assert [(row.number, row.text) for row in spool.window(1, 9)] == [(1, "a"), (2, "b"), (3, "c")]
    assert spool.window(2, 2)[0].at == at(1)


def test_windows_reach_no_further_than_there_are_lines(spool: LogSpool) -> None:
    spool.append(lines(*"abcde"))
    assert [row.text for row in spool.window(-10, 2)] == ["a", "b"]
    assert [row.text for row in spool.window(4, 100)] == ["d", "e"]
    assert spool.window(6, 9) == ()


def test_it_keeps_a_text_whatever_it_holds(spool: LogSpool) -> None:
    odd = ["", "tab\there", 'quo"te', "\r 10%\r 20%", "\x1b[31mred", "🛫 \u2028 \x85", "a\nb", "\0"]
    spool.append(lines(*odd))
    assert texts(spool) == odd
    assert "".join(spool.texts(1, 8)) == "".join(f"{text}\n" for text in odd)


def test_records_are_what_the_browser_gets(spool: LogSpool) -> None:
    spool.append([*lines("ERROR a"), LogLine.of("b")])
    assert [json.loads(record) for record in spool.records(1, 2)] == [
        [1, "2026-05-04T12:00:00.000Z", "ERROR a", "unknown", "error"],
        [2, None, "b", "unknown", ""],
    ]


def test_the_text_on_disk_is_the_log_as_it_was_written(spool: LogSpool, tmp_path: Path) -> None:
    spool.append(lines("a", "", "grün"))
    assert (tmp_path / "log" / "text").read_text() == "a\n\ngrün\n"


def test_one_read_takes_a_bounded_piece_but_always_a_line(spool: LogSpool) -> None:
    spool.append(lines(*("x" * 10_000 for _ in range(100)), "y" * READ_BYTES * 2))
    assert 0 < len(spool.records(1, 100)) < 100
    assert len(spool.records(101, 101)) == 1
    assert len(spool.window(1, 101)) == 101


def test_a_very_long_line_comes_cut_and_tells_its_size(spool: LogSpool) -> None:
    spool.append(lines("a", "ü" * LONGEST, "b"))
    [row] = spool.window(2, 2)
    assert (row.text, row.size) == ("ü" * (LONGEST // 2), 2 * LONGEST)
    [whole] = read_rows(spool.files, 2, 2, 4 * LONGEST)
    assert (whole.text, whole.size) == ("ü" * LONGEST, 0)
    assert [len(text) for text in texts(spool)] == [1, LONGEST // 2, 1]
    assert spool.text(2) == "ü" * LONGEST


def test_a_moment_that_no_calendar_has_is_none(spool: LogSpool) -> None:
    odd = LogLine.of("a", timestamp=at(0))
    odd._pb.timestamp.seconds = 10**15
    before = LogLine.of("b", timestamp=at(0))
    before._pb.timestamp.seconds = -5
    spool.append([odd, before])
    assert [row.at for row in spool.window(1, 2)] == [None, None]


def test_it_is_there_again_after_a_restart(spool: LogSpool, tmp_path: Path) -> None:
    spool.append(lines(*"abc"))
    spool.finish("all of it")
    again = reopened(spool, tmp_path)
    assert (again.total, again.is_complete, again.note) == (3, True, "all of it")
    assert texts(again) == ["a", "b", "c"]
    again.close()


@pytest.mark.parametrize("name", ["text", "rows"])
@pytest.mark.parametrize("cut", [1, 2])
def test_a_line_that_was_cut_short_is_dropped_whole(
    spool: LogSpool, tmp_path: Path, name: str, cut: int
) -> None:
    spool.append(lines(*"abc"))
    path = tmp_path / "log" / name
    path.write_bytes(path.read_bytes()[:-cut])
    again = reopened(spool, tmp_path)
    assert texts(again) == ["a", "b"]
    again.append(lines("c"))
    assert texts(again) == ["a", "b", "c"]
    assert (tmp_path / "log" / "text").read_bytes() == b"a\nb\nc\n"
    again.close()


@pytest.mark.parametrize("kept", range(0, 3 * ROW_BYTES, 5))
def test_after_a_kill_at_any_byte_the_next_tail_makes_the_log_whole(
    spool: LogSpool, tmp_path: Path, kept: int
) -> None:
    log = lines(*"abc", "last")
    spool.append(log[:3])
    rows = tmp_path / "log" / "rows"
    rows.write_bytes(rows.read_bytes()[:kept])
    again = reopened(spool, tmp_path)
    resume = Resume(again)
    again.append(resume.new_lines(log))
    assert texts(again) == ["a", "b", "c", "last"]
    assert not resume.has_gap
    again.close()


def test_a_complete_log_that_lost_lines_is_asked_for_again(spool: LogSpool, tmp_path: Path) -> None:
    spool.append(lines(*"abc"))
    spool.finish("note")
    (tmp_path / "log" / "text").write_bytes(b"")
    again = reopened(spool, tmp_path)
    assert (again.total, again.is_complete, again.note) == (0, False, "")
    again.close()


def test_a_spool_in_an_older_format_is_begun_anew(spool: LogSpool, tmp_path: Path) -> None:
    spool.append(lines("a"))
    spool.finish()
    (tmp_path / "log" / "state.json").write_text('{"is_complete": true}')
    (tmp_path / "log" / "index").write_bytes(b"x")
    again = reopened(spool, tmp_path)
    assert (again.total, again.is_complete) == (0, False)
    assert not (tmp_path / "log" / "index").exists()
    again.close()


def test_a_second_server_on_the_same_home_gets_a_folder_of_its_own(
    spool: LogSpool, tmp_path: Path
) -> None:
    spool.append(lines("a"))
    other = LogSpool(tmp_path / "log")
    assert other.total == 0
    other.close()
    assert texts(spool) == ["a"]


def test_a_spool_without_a_line_leaves_nothing_behind(spool: LogSpool, tmp_path: Path) -> None:
    spool.close()
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_names_from_outside_never_become_paths(tmp_path: Path) -> None:
    folder = spool_folder(tmp_path, "p", "..", "../../etc", "a/b")
    assert folder.parent.parent == tmp_path / "spool"
    assert folder != spool_folder(tmp_path, "p", "..", "../../etc/a", "b")


# --- resuming ---------------------------------------------------------------------------------


def taken(spool: LogSpool, *batches: list[LogLine]) -> Resume:
    resume = Resume(spool)
    for batch in batches:
        spool.append(resume.new_lines(batch))
    return resume


def test_a_tail_from_the_beginning_adds_only_what_is_new(spool: LogSpool) -> None:
    log = lines(*(f"line {n}" for n in range(10)))
    spool.append(log[:4])
    resume = taken(spool, log[:3], log[3:6], log[6:])
    assert texts(spool) == [f"line {n}" for n in range(10)]
    assert not resume.has_gap


def test_equal_lines_are_counted_not_compared(spool: LogSpool) -> None:
    log = lines(*["tick"] * 10, step=0)
    spool.append(log[:4])
    taken(spool, log)
    assert spool.total == 10


def test_a_tail_from_the_middle_lines_up_by_time(spool: LogSpool) -> None:
    log = lines(*(f"line {n}" for n in range(10)))
    spool.append(log[:6])
    resume = taken(spool, log[3:])
    assert texts(spool) == [f"line {n}" for n in range(10)]
    assert not resume.has_gap


def test_lines_of_the_same_moment_are_neither_lost_nor_repeated(spool: LogSpool) -> None:
    log = [*lines("first"), *lines("a", "b", "c", start=5, step=0), *lines("last", start=9)]
    spool.append(log[:3])
    taken(spool, log[1:])
    assert texts(spool) == ["first", "a", "b", "c", "last"]


def test_a_tail_that_begins_after_the_end_says_that_lines_may_be_missing(spool: LogSpool) -> None:
    spool.append(lines("a", "b"))
    resume = taken(spool, lines("y", "z", start=50))
    assert texts(spool) == ["a", "b", "y", "z"]
    assert resume.has_gap


def test_without_times_it_still_knows_a_log_from_its_beginning(spool: LogSpool) -> None:
    log = [LogLine.of(text) for text in ("a", "b", "c")]
    spool.append(log[:2])
    taken(spool, log)
    assert texts(spool) == ["a", "b", "c"]


def test_a_file_that_was_cut_gives_fewer_lines_and_an_end(spool: LogSpool, tmp_path: Path) -> None:
    spool.append(lines("one", "two"))
    os.truncate(tmp_path / "log" / "text", 0)
    assert spool.window(1, 2) == ()
    assert list(spool.texts(1, 2)) == []
