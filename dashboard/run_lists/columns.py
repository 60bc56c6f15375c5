"""The columns of a list of runs: what there is, what is shown, and how the reader chooses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest

COOKIE = "run_columns"
YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True)
class Column:
    """`key` is its name in addresses and its class `c-<key>`."""

    key: str
    label: str
    sort: str = ""
    """What a list is sorted by under this head; empty for a column without an order."""
    is_default: bool = True
    is_fixed: bool = False
    """Always shown: without it a row tells nothing."""


COLUMNS = (
    Column("phase", "Phase", "phase", is_fixed=True),
    Column("what", "Task", "task", is_fixed=True),
    Column("duration", "Duration", "duration"),
    Column("started", "Started", "started"),
    Column("ended", "Ended", "ended", is_default=False),
    Column("name", "Run", "name"),
    Column("owner", "Owner", "owner"),
    Column("source", "From", "source"),
    Column("version", "Version", "version"),
    Column("labels", "Labels", is_default=False),
    Column("attempts", "Attempts", is_default=False),
)
DEFAULT = frozenset(column.key for column in COLUMNS if column.is_default)
_FIXED = frozenset(column.key for column in COLUMNS if column.is_fixed)
_ALL = frozenset(column.key for column in COLUMNS)


def chosen(request: HttpRequest, of_view: str = "") -> frozenset[str]:
    """What to show: as the address says, else as the view, else as the reader chose last."""
    given = request.GET.getlist("columns")
    if not given:
        given = [of_view or request.COOKIES.get(COOKIE, "")]
    return keys_of(",".join(given))


def keys_of(text: str) -> frozenset[str]:
    """What a text of `as_text` shows."""
    known = _known([text])
    return known | _FIXED if known else DEFAULT


def as_text(keys: Iterable[str]) -> str:
    """For addresses, views and the cookie; empty for what is shown by default."""
    wanted = frozenset(keys)
    if wanted == DEFAULT:
        return ""
    return ",".join(each.key for each in COLUMNS if each.key in wanted)


def _known(given: Iterable[str]) -> frozenset[str]:
    """`a,b` and a field that is repeated mean the same; what there is no column for is dropped."""
    return frozenset(key for text in given for key in text.split(",")) & _ALL
