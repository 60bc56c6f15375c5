"""The one line of an error that tells what broke."""

from __future__ import annotations

import pytest

from dashboard.headlines import MAX_LENGTH, headline, last_traceback, plain

TRACEBACK = """\
Traceback (most recent call last):
  File "task.py", line 30, in fit
    return price_of(ROWS[part])
ValueError: column "price" missing
"""
CHAINED = f"""\
{TRACEBACK}
The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "task.py", line 9, in main
    raise shop.errors.TrainingError("no model") from error
shop.errors.TrainingError: no model
"""
GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "task.py", line 3, in main
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "task.py", line 1, in child
    | ValueError: inside
    +------------------------------------
"""


@pytest.mark.parametrize(
    ("message", "code", "expected"),
    [
        (TRACEBACK, "", 'ValueError: column "price" missing'),
        (CHAINED, "ValueError", "shop.errors.TrainingError: no model"),
        (GROUP, "", "ValueError: inside"),
        ("Traceback (most recent call last):\n  x\nKeyboardInterrupt", "", "KeyboardInterrupt"),
        ('column "price" missing', "ValueError", 'ValueError: column "price" missing'),
        ("ValueError: told already", "ValueError", "ValueError: told already"),
        ("first line\nsecond line", "", "first line"),
        ("Trace:\n\nMessage:\n\n  OSError: disk full\n", "", "OSError: disk full"),
        ("\x1b[31mTypeError: red\x1b[0m", "", "TypeError: red"),
        ("", "OOMKilled", "OOMKilled"),
        ("", "", ""),
        ("Traceback (most recent call last):\n  cut off here", "ValueError", "ValueError"),
    ],
)
def test_it_takes_the_last_telling_line(message: str, code: str, expected: str) -> None:
    assert headline(message, code) == expected


def test_it_indents_with_the_traceback() -> None:
    indented = "\n".join(f"    {line}" for line in TRACEBACK.splitlines())
    assert headline(f"Trace:\n\n{indented}\nafter") == 'ValueError: column "price" missing'


def test_a_source_line_that_looks_like_an_exception_is_not_taken() -> None:
    text = 'Traceback (most recent call last):\n  File "x"\n    Error: int\nKeyError: 1'
    assert headline(text) == "KeyError: 1"


def test_a_very_long_line_is_cut() -> None:
    assert len(headline("x" * 10_000)) == MAX_LENGTH


def test_it_finds_the_last_traceback_of_a_log_whatever_follows() -> None:
    log = ["start", *TRACEBACK.splitlines(), "[flyte] uploaded error", "bye"]
    assert last_traceback(log) == TRACEBACK.rstrip("\n")
    assert last_traceback(["no", "trace"]) == ""
    assert last_traceback(["Traceback (most recent call last):", "  cut off"]) == ""


def test_escapes_of_every_kind_are_taken_out() -> None:
    assert plain("\x1b[1;31mred\x1b[0m \x1b]0;title\x07\x1b]8;;http://x\x1b\\link") == "red link"
