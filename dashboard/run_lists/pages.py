"""What the list of runs may use, on its own page and inside others."""

from __future__ import annotations

from dataclasses import dataclass, field

from dashboard.pages import Head, RunRow, Scope
from dashboard.run_lists.bulk import BulkResult, BulkSummary
from dashboard.run_lists.bulk_plan import Planned
from dashboard.run_lists.filters import Chip, FilterForm
from dashboard.saved_views.pages import ViewRow


@dataclass(frozen=True)
class RunList:
    """The table with what belongs to it: `{% include "runs/_list.html" with list=… %}`."""

    scope: Scope
    rows: tuple[RunRow, ...]
    heads: tuple[Head, ...]
    columns: str
    """Keys of the shown columns, separated by blanks."""
    live_args: str
    """JSON: the args of the live topic `runs`."""
    cursor: str
    """Where the live subscription resumes."""
    caption: str
    older_url: str = ""
    newer_url: str = ""
    newest_url: str = ""
    """The first page; empty when this is it."""
    can_choose: bool = True
    """Rows can be chosen, for what is done to many."""
    note: str = ""
    """What the list can't tell, in a sentence."""


@dataclass(frozen=True)
class PhaseLink:
    """One quick choice above the list."""

    label: str
    url: str
    is_current: bool
    count: int | None = None
    """How many there are; None while nobody has counted."""


@dataclass(frozen=True)
class ColumnBox:
    key: str
    label: str
    is_shown: bool


@dataclass(frozen=True)
class ViewMenu:
    """The saved views of the reader here, and which one is shown."""

    views: tuple[ViewRow, ...]
    current: ViewRow | None = None
    is_changed: bool = False
    """The list is no longer what the view says."""
    may_share: bool = False
    may_share_everywhere: bool = False


@dataclass(frozen=True)
class RunsPage:
    scope: Scope
    list: RunList | None
    """None when the query can't be understood."""
    query: str
    """As it stands in the field: as it was typed when it can't be understood."""
    sort: str
    """As in addresses; empty for newest first."""
    columns: str
    """As in addresses; empty for the ones by default."""
    endpoint: str
    phases: tuple[PhaseLink, ...] = ()
    chips: tuple[Chip, ...] = ()
    form: FilterForm | None = None
    boxes: tuple[ColumnBox, ...] = ()
    menu: ViewMenu = field(default_factory=lambda: ViewMenu(()))
    all_url: str = ""
    csv_url: str = ""
    json_url: str = ""
    problem: str = ""
    """What is wrong with the query."""
    advice: str = ""
    is_first_page: bool = True
    is_short_of_newer: bool = False
    """The way back to newer runs has come to the first page."""


@dataclass(frozen=True)
class BulkPage:
    """Before the act: what it will do."""

    scope: Scope
    act: str
    title: str
    says: str
    planned: tuple[Planned, ...]
    button: str
    """Empty when there is nothing to do."""
    back_url: str


@dataclass(frozen=True)
class BulkResultPage:
    scope: Scope
    live_args: str
    """JSON: the args of the live topic `bulk`."""
    title: str
    reason: str
    summary: BulkSummary
    results: tuple[BulkResult, ...]
    cursor: str
    back_url: str
