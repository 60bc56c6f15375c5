"""Finding lines in a saved log: texts, patterns, levels and sources, over pieces and long lines."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.live import log_scan
from dashboard.live.log_levels import NAMES, as_seen, levels_in
from dashboard.live.log_scan import Ask, check, scan
from dashboard.live.spool import LogSpool
from remote_client import LogLine
from tests.unit.dashboard.things import lines


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[LogSpool]:
    opened = LogSpool(tmp_path / "log")
    yield opened
    opened.close()


def found(spool: LogSpool, ask: Ask) -> list[int]:
    number, numbers = ask.first - 1, []
    last = {}
    for finding in scan(spool.folder, ask):
        for distance in finding["found"]:
            number += distance
            numbers.append(number)
        last = finding
    assert last["count"] == len(numbers) == sum(last["histogram"])
    return numbers


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        ({"text": "item 3"}, [4, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40]),
        ({"text": "ITEM 39"}, [40]),
        ({"text": "ITEM 39", "is_case_sensitive": True}, []),
        ({"text": r"item [0-9]$", "is_pattern": True}, list(range(1, 11))),
        (
            {"text": r"^item 5", "is_pattern": True, "first": 7},
            [51, 52, 53, 54, 55, 56, 57, 58, 59],
        ),
        ({"text": ".5", "is_case_sensitive": True}, []),
    ],
)
def test_it_finds_texts_and_patterns(
    spool: LogSpool, ask: dict[str, object], expected: list[int]
) -> None:
    spool.append(lines(*(f"item {n}" for n in range(59))))
    assert found(spool, Ask(last=spool.total, **ask)) == expected  # type: ignore[arg-type]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    texts=st.lists(st.text("abAB \t0\né🛫", max_size=6), min_size=1, max_size=30),
    needle=st.text("abAB0é", min_size=1, max_size=2),
    piece=st.integers(1, 40),
    is_pattern=st.booleans(),
    is_case_sensitive=st.booleans(),
)
def test_it_finds_what_a_look_at_each_line_finds(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    needle: str,
    piece: int,
    is_pattern: bool,
    is_case_sensitive: bool,
) -> None:
    spool = LogSpool(tmp_path_factory.mktemp("s") / "log")
    spool.append(lines(*texts))
    flags = 0 if is_case_sensitive else re.IGNORECASE
    kept = [text.rstrip("\r\n") for text in texts]
    expected = [n for n, text in enumerate(kept, 1) if re.search(needle, text, flags)]
    before, log_scan.PIECE_BYTES = log_scan.PIECE_BYTES, piece
    try:
        ask = Ask(needle, is_pattern, is_case_sensitive, last=spool.total)
        assert found(spool, ask) == expected
    finally:
        log_scan.PIECE_BYTES = before
        spool.close()


def test_no_match_reaches_over_a_lines_end(spool: LogSpool) -> None:
    spool.append(lines("a", "b", "a b"))
    for pattern in (r"a\sb", "a[^x]b", "(?s)a.b"):
        assert found(spool, Ask(pattern, is_pattern=True, last=3)) == [3], pattern
    assert found(spool, Ask("a\nb", last=3)) == []


def test_lines_are_searched_as_they_are_seen(spool: LogSpool) -> None:
    spool.append(lines("\x1b[31mbro\x1b[0mken", "\x1b[1mERROR\x1b[0m x", "31m"))
    assert found(spool, Ask("broken", last=3)) == [1]
    assert found(spool, Ask("31m", last=3)) == [3]
    assert found(spool, Ask(levels=("error",), last=3)) == [2]


def test_filters_narrow_the_text_and_each_other(spool: LogSpool) -> None:
    log = lines("INFO a", "ERROR a", "ERROR b", "WARN a", "ERROR a")
    log[4]._pb.originator = 2
    spool.append(log)
    assert found(spool, Ask("a", levels=("error", "warn"), last=5)) == [2, 4, 5]
    assert found(spool, Ask("a", levels=("error",), sources=("system",), last=5)) == [5]
    assert found(spool, Ask(sources=("user", "unknown"), last=5)) == [1, 2, 3, 4]


def test_levels_are_found_once_and_go_on_where_the_log_does(spool: LogSpool) -> None:
    spool.append(lines("INFO a", "ERROR b", "  at x", "plain"))
    assert found(spool, Ask(levels=("error",), last=4)) == [2, 3]
    assert (spool.folder / "levels").read_bytes() == b"iee."
    spool.append(lines("  plain too", "WARN c", "\tmore"))
    assert found(spool, Ask(levels=("warn",), first=7, last=7)) == [7]
    assert (spool.folder / "levels").read_bytes() == b"iee..ww"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("2026-05-04 12:00:00,123 ERROR worker: no", "error"),
        ('{"level":"warning","msg":"x"}', "warn"),
        ("level=debug msg=x", "debug"),
        ("[info     ] started", "info"),
        ("error: no such file", "error"),
        ("E0612 12:00:01.123456 1 x.go:1] boom", "error"),
        ("Traceback (most recent call last):", "error"),
        ("pandas.errors.ParserError: x", "error"),
        ("KeyError", "error"),
        ("a.py:3: DeprecationWarning: x", "warn"),
        ("INFO recovered from an ERROR", "info"),
        ("no errors were found, for your information", ""),
        ("MYERROR_CODE=3", ""),
        ("", ""),
    ],
)
def test_a_line_tells_its_level(spool: LogSpool, text: str, level: str) -> None:
    spool.append(lines(text))
    assert spool.window(1, 1)[0].level == level


def test_a_window_and_a_search_agree_on_levels(spool: LogSpool) -> None:
    spool.append(lines("ERROR a", *["  more"] * 40, "INFO", "  x"))
    piece = spool.files.piece(1, 43)
    assert piece is not None
    letters = levels_in(*as_seen(piece.text, piece.ends))
    rows = spool.window(1, 43)
    assert [row.level for row in rows] == [NAMES.get(letter, "") for letter in letters]
    assert spool.window(20, 20)[0].level == "error"


def test_a_pattern_that_can_not_be_read_is_told(spool: LogSpool) -> None:
    assert "missing" in check(Ask("a(", is_pattern=True))
    assert "(?=" in check(Ask("(?=a)", is_pattern=True))
    assert check(Ask("a(")) == ""


def test_a_pattern_made_to_hang_is_as_quick_as_any(spool: LogSpool) -> None:
    spool.append(lines(*["a" * 50_000] * 20))
    started = time.process_time()
    assert found(spool, Ask("(a*)*(a|aa)+$b", is_pattern=True, last=20)) == []
    assert time.process_time() - started < 5


def test_a_search_stops_when_its_time_is_up(
    spool: LogSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_scan, "PIECE_BYTES", 64)
    spool.append(lines(*(f"item {n}" for n in range(1000))))
    *_, last = scan(spool.folder, Ask("item", last=1000, seconds=0))
    assert last["is_late"]
    assert 0 < last["at"] < 1000
    assert last["count"] == last["at"]


def test_a_line_longer_than_a_piece_is_looked_through(spool: LogSpool) -> None:
    spool.append([*lines("x" * 3_000_000 + "end"), LogLine.of("end too")])
    assert found(spool, Ask("end", last=2)) == [1, 2]
