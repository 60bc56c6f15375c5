"""What each page's template may use: one dataclass a page, filled by its view.

A row's dataclass is all that its partial sees, so the partial which draws the first paint also
draws every live update, for every viewer alike (nothing in a row depends on who looks at it).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from dashboard.live.log_levels import LEVELS
from dashboard.log_asks import LogAsk
from dashboard.phases import PhaseStyle

if TYPE_CHECKING:
    from dashboard.action_tabs.pages import ConditionPanel, EventRow, LinkRow, StageRow
    from dashboard.action_tabs.value_pages import ValueView
    from dashboard.run_info import RunInfo
    from dashboard.tree_pages import TreePage


@dataclass(frozen=True)
class Scope:
    """Where a page is: a project and a domain of the platform."""

    project: str
    domain: str

    @property
    def base_url(self) -> str:
        """Path that the scope's pages begin with, as the SDK's console links spell it."""
        return f"/v2/domain/{self.domain}/project/{self.project}"


# --- projects -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProjectRow:
    id: str
    name: str
    description: str
    is_archived: bool
    domains: tuple[str, ...]
    """Domain ids in the platform's order; each is a link to that domain's runs."""


@dataclass(frozen=True)
class ProjectsPage:
    projects: tuple[ProjectRow, ...]
    endpoint: str


# --- runs ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RunRow:
    """One line of the runs list; live key: the run's name."""

    name: str
    url: str
    task_name: str
    owner: str
    source: str
    phase: PhaseStyle
    started_at: datetime | None
    ended_at: datetime | None
    attempts: int
    error_line: str
    """The telling line of the root action's error, or empty."""
    order: str = ""
    """Sorts the list, descending: created at, then name."""
    where: str = ""
    """Its project and domain, for lists across projects."""
    trigger: str = ""
    version: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    """Key and value, sorted by key."""


@dataclass(frozen=True)
class RunsPage:
    scope: Scope
    runs: tuple[RunRow, ...]
    has_more: bool
    older_url: str
    """Link to the next, older page; empty on the last one."""
    cursor: str
    """Where the live subscription resumes, as `live.Subscription` sends it."""
    endpoint: str
    is_first_page: bool = True
    """Only the first page takes new runs in; older pages keep their rows up to date."""


@dataclass(frozen=True)
class Head:
    """A column's head: a link that sorts by it."""

    key: str
    label: str
    url: str = ""
    """Empty for a column without an order."""
    sorted: str = ""
    """`ascending`, `descending`, or empty for a list that is sorted by something else."""


# --- one run ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TreeRow:
    """One line of the action tree: an action, or what gathers several with their counts.

    Live key: the action's name, or `group:<parent>:<group>` and `fanout:<parent>:<name>`.
    """

    key: str
    parent: str
    """Key of the row that it stands under; empty for the root."""
    kind: str
    """`action`, `trace`, `condition`, `group`, or `fanout` for many siblings of one name."""
    label: str
    depth: int
    url: str
    """Opens the action on the run's page; empty for a group or fan-out."""
    phase: PhaseStyle
    started_at: datetime | None
    ended_at: datetime | None
    attempts: int
    counts: tuple[tuple[PhaseStyle, int], ...]
    """How many of a group's members, or of an action's descendants, are in each phase; no zeros."""
    order: str
    """Sorts the row among those of the same parent (created at, then number, then name)."""
    is_cached: bool = False
    members: int = 0
    """How many stand directly below it."""
    is_critical: bool = False
    """It is on the path that decided when the run ended."""


@dataclass(frozen=True)
class RunHeader:
    """The top of the run page; live part `header`."""

    scope: Scope
    name: str
    url: str
    task_name: str
    task_version: str
    owner: str
    source: str
    phase: PhaseStyle
    started_at: datetime | None
    ended_at: datetime | None
    running_actions: int
    """How many actions an abort would end now, the root included."""
    counts: tuple[tuple[PhaseStyle, int], ...]
    abort_url: str
    """Empty when the run can't be aborted any more or this page may not."""
    rerun_url: str = ""
    """Empty when this page may not start the run again."""
    rerun_form_url: str = ""
    """The same with changes."""
    compare_url: str = ""
    task_url: str = ""
    version_url: str = ""
    trigger: str = ""
    trigger_url: str = ""
    info: RunInfo | None = None
    """What it was started with; None until that was read."""
    commands: tuple[tuple[str, str], ...] = ()
    """Words, and the text to copy that starts it again."""


@dataclass(frozen=True)
class Failure:
    """Why the run failed, told first; live part `failure`."""

    action_name: str
    action_label: str
    action_url: str
    attempt: int
    max_attempt: int
    code: str
    kind: str
    """`user` or `system`."""
    headline: str
    """The error's last telling line, such as `ValueError: column "price" missing`."""
    message: str
    """The whole message, traceback and all."""
    log_lines: tuple[LogLineRow, ...]
    log_url: str
    is_abort: bool = False
    """The run was aborted: `headline` is the reason that was given."""


@dataclass(frozen=True)
class AttemptRow:
    number: int
    phase: PhaseStyle
    started_at: datetime | None
    ended_at: datetime | None
    spans: tuple[tuple[PhaseStyle, datetime | None, datetime | None], ...]
    """Phase transitions in order: phase, since, until (None while it lasts)."""
    error_headline: str
    log_url: str
    stages: tuple[StageRow, ...] = ()
    events: tuple[EventRow, ...] = ()
    links: tuple[LinkRow, ...] = ()
    cluster: str = ""


@dataclass(frozen=True)
class ActionPanel:
    """The selected action; the live parts `action-…` are drawn from it alone."""

    name: str
    label: str
    task_name: str
    task_version: str
    kind: str
    phase: PhaseStyle
    started_at: datetime | None
    ended_at: datetime | None
    attempts: tuple[AttemptRow, ...]
    cache_status: str
    error: str
    """The action's own error text, or empty."""
    abort_reason: str
    inputs: tuple[ValueView, ...]
    outputs: tuple[ValueView, ...]
    io_note: str
    """Why inputs or outputs are not shown, for example that the action has not ended yet."""
    error_kind: str = ""
    """`user`, `system` or empty."""
    aborted_by: str = ""
    parent: tuple[str, str] | None = None
    """Name and address of the action that started this one."""
    group: str = ""
    max_attempts: int = 1
    abort_url: str = ""
    """Empty when it can't be aborted by itself: it has ended, or is the whole run."""
    condition: ConditionPanel | None = None
    commands: tuple[tuple[str, str], ...] = ()
    """What it is and the text to copy: the same action once more, its values in a shell."""


@dataclass(frozen=True)
class LogLineRow:
    number: int
    """Counted from 1 over the whole attempt."""
    at: datetime | None
    text: str
    """As the task wrote it, without the line end; may hold ANSI escapes."""
    source: str
    """`user`, `system` or `unknown`."""
    level: str = ""
    """`error`, `warn`, `info`, `debug`, or empty."""
    size: int = 0
    """Bytes of a line that is longer than `text` here; else 0."""


@dataclass(frozen=True)
class LogWindow:
    """The last lines of one attempt's log; live topic `log`."""

    action_name: str
    attempt: int
    attempts: tuple[tuple[int, str], ...]
    """Each attempt's number and the link to its log."""
    lines: tuple[LogLineRow, ...]
    total: int
    """Lines known so far."""
    is_ended: bool
    note: str
    """Why there is no line yet, or that lines are missing; empty when all is well."""
    raw_url: str
    """The whole log as plain text."""
    ask: LogAsk = field(default_factory=LogAsk)
    """What the address asks for: a text, filters, a place."""
    found: int | None = None
    """How many lines were found; None when none were looked for, and all are shown."""
    problem: str = ""
    """Why the search could not be done."""
    older_url: str = ""
    newer_url: str = ""
    """To the lines before and after those that are here; empty where there are none."""
    plain_url: str = ""
    """The log without search and filters."""
    window_url: str = ""
    """Where lines are read by number."""
    found_url: str = ""
    """Where searches are asked for."""

    @property
    def level_choices(self) -> list[tuple[str, bool]]:
        """Each level, and whether only lines of it (and others chosen) are shown."""
        return [(level, level in self.ask.levels) for level in LEVELS]

    @property
    def context_choices(self) -> list[tuple[int, bool]]:
        """How many lines may stand around one that was found, and which it is now."""
        return [(count, count == self.ask.context) for count in (0, 1, 2, 5, 10)]


@dataclass(frozen=True)
class RunPage:
    header: RunHeader
    failure: Failure | None
    tree: TreePage
    selected: ActionPanel
    tab: str
    """One of `action_tabs.TABS`."""
    tabs: tuple[tuple[str, str, str], ...]
    """Tab key, label and link, in order."""
    log: LogWindow | None
    """Filled on the `logs` tab."""
    part: str = ""
    """What the tab shows, drawn by whoever fills it; empty on the `logs` tab."""
    selected_label: str = ""
    """What the tree calls the selected action."""
    missing_action: str = ""
    """The action that the address named and the run does not have."""
    title: str = ""
    """The document's title, as the live topic sends it too."""
    selected_cursor: str = ""
    """Where the live subscription to the selected action resumes."""


# --- sign-in and errors -------------------------------------------------------------------------


@dataclass(frozen=True)
class SignInPage:
    next_url: str
    error: str = ""
    provider: str = ""
    """Name of the kind of sign-in at a server, as it stands in addresses; empty for none."""
    provider_title: str = ""
    """The server's host."""
    demo_people: tuple[tuple[str, str], ...] = ()
    """Name and role of each person of the local platform; one click signs in."""
    has_form: bool = True
    """Whether there are local accounts."""
    notes: tuple[str, ...] = ()
    """What a person should know before signing in, a sentence each."""


@dataclass(frozen=True)
class LeavingPage:
    """On the way to the server at which people sign in."""

    url: str
    title: str
    """The server's host."""


@dataclass(frozen=True)
class ErrorPage:
    status: int
    title: str
    message: str
    """What happened, in one plain sentence with the name of the thing."""
    advice: str
    """What to do now."""
    links: tuple[tuple[str, str], ...] = ()
    """Label and address of ways on."""
    retry_after_s: int | None = None
    request_id: str = ""
