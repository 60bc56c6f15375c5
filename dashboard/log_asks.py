"""What an address asks of a log: which lines, found how; for the page, the search and the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict

from dashboard.live.log_levels import LEVELS
from dashboard.live.log_scan import Ask, check

LONGEST_TEXT = 1000
MAX_LINE = 10**15
MOST_CONTEXT = 50

SOURCES = {"user": ("user", "unknown"), "system": ("system",)}
"""Choices of the source filter. Who does not say that it was the system, was the program."""


@dataclass(frozen=True)
class LogAsk:
    """`line` to `upto` are a permalink; `first` begins a served window."""

    text: str = ""
    is_pattern: bool = False
    is_case_sensitive: bool = False
    levels: tuple[str, ...] = ()
    source: str = ""
    is_only: bool = False
    """Only the lines found are to be seen; without scripts they are anyway."""
    context: int = 0
    line: int = 0
    first: int = 0

    @classmethod
    def of(cls, given: Mapping[str, str]) -> LogAsk:
        """Reads an address; what makes no sense in it counts as not given."""
        # A form sends a value for each box, a page's own address one value for all of them.
        lists = given.getlist("level") if isinstance(given, QueryDict) else [given.get("level", "")]
        levels = ",".join(lists).split(",")
        source = given.get("source", "")
        return cls(
            text=given.get("q", "")[:LONGEST_TEXT].strip("\r\n"),
            is_pattern=given.get("regex") == "1",
            is_case_sensitive=given.get("case") == "1",
            levels=tuple(level for level in LEVELS if level in levels),
            source=source if source in SOURCES else "",
            is_only=given.get("only") == "1",
            context=min(number(given.get("context", "")), MOST_CONTEXT),
            line=number(given.get("line", "").partition("-")[0]),
            first=number(given.get("from", "")),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether it asks for some lines only."""
        return bool(self.text or self.levels or self.source)

    @property
    def problem(self) -> str:
        """What is wrong with the pattern; "" when nothing is."""
        return check(self.scan(1, 1))

    def scan(self, first: int, last: int) -> Ask:
        """The same as a question to the scanner."""
        return Ask(
            text=self.text,
            is_pattern=self.is_pattern,
            is_case_sensitive=self.is_case_sensitive,
            levels=self.levels,
            sources=SOURCES.get(self.source, ()),
            first=first,
            last=last,
        )

    def query(self, **changes: object) -> str:
        """The address's part that asks for this, with some of it changed."""
        ask = replace(self, **changes)  # type: ignore[arg-type]
        given = {
            "q": ask.text,
            "regex": "1" if ask.is_pattern else "",
            "case": "1" if ask.is_case_sensitive else "",
            "level": ",".join(ask.levels),
            "source": ask.source,
            "only": "1" if ask.is_only else "",
            "context": str(ask.context or ""),
            "line": str(ask.line or ""),
            "from": str(ask.first or ""),
        }
        return urlencode({name: value for name, value in given.items() if value})


def number(text: str) -> int:
    """A line's number; 0 for anything else."""
    is_number = text.isascii() and text.isdecimal() and len(text) < 16
    return int(text) if is_number else 0
