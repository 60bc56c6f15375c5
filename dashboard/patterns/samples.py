"""What the patterns page shows: every phase and state once, in the real pages' dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dashboard.pages import Failure, LogLineRow, RunRow, Scope, TreeRow
from dashboard.phases import PHASES, UNKNOWN, PhaseStyle
from dashboard.rows import row_of
from dashboard.run_lists.facts import RunFacts

SCOPE = Scope(project="flytesnacks", domain="development")
_ERROR = 'ValueError: column "price" missing in 3 of 40 partitions'


@dataclass(frozen=True)
class Samples:
    """Made anew for each request, so that what runs has run for a sensible while."""

    phases: tuple[PhaseStyle, ...]
    rows: tuple[RunRow, ...]
    tree: tuple[TreeRow, ...]
    failure: Failure
    aborted: Failure
    log: tuple[LogLineRow, ...]


def samples() -> Samples:
    now = datetime.now(UTC)
    phases = (*PHASES.values(), UNKNOWN)
    return Samples(
        phases=phases,
        rows=tuple(_row(style, number, now) for number, style in enumerate(phases)),
        tree=tuple(_tree_row(style, number, now) for number, style in enumerate(phases)),
        failure=_failure(is_abort=False),
        aborted=_failure(is_abort=True),
        log=_log(now),
    )


def _row(style: PhaseStyle, number: int, now: datetime) -> RunRow:
    started = now - timedelta(seconds=37 * number**3 + 3)
    is_error = style.key in ("failed", "timed_out")
    return row_of(
        RunFacts(
            SCOPE.project,
            SCOPE.domain,
            f"r{number}k2m9q7w4x1",
            style.key,
            task=f"train.step_{number}" if number else "a_rather.long_name_of_a_task.that_is_cut",
            owner="ana",
            source="cli",
            started=started,
            ended=started + timedelta(seconds=41.3) if style.is_terminal else None,
            error_line=_ERROR if is_error else "",
            attempts=3 if is_error else 1,
        )
    )


def _tree_row(style: PhaseStyle, number: int, now: datetime) -> TreeRow:
    started = now - timedelta(seconds=12 * number + 3)
    return TreeRow(
        key=f"a{number}",
        parent="",
        kind=("action", "trace", "condition", "group")[number % 4],
        label=f"step[{number}]",
        depth=0,
        url="#pattern-tree",
        phase=style,
        started_at=started,
        ended_at=started + timedelta(seconds=2.4) if style.is_terminal else None,
        attempts=1 + number % 3,
        counts=((PHASES["succeeded"], 38), (PHASES["failed"], 2)) if number % 4 == 3 else (),
        order=str(number),
        is_cached=style.key == "succeeded",
    )


def _failure(*, is_abort: bool) -> Failure:
    return Failure(
        action_name="fit-17",
        action_label="" if is_abort else "fit[17]",
        action_url="" if is_abort else "#pattern-failure",
        attempt=0 if is_abort else 2,
        max_attempt=3,
        code="" if is_abort else "ValueError",
        kind="" if is_abort else "user",
        headline="Superseded by tonight's data" if is_abort else _ERROR,
        message="" if is_abort else f"Traceback (most recent call last):\n  …\n{_ERROR}",
        log_lines=(),
        log_url="" if is_abort else "#pattern-log",
        is_abort=is_abort,
    )


def _log(now: datetime) -> tuple[LogLineRow, ...]:
    texts = ("reading 40 partitions", "partition 3: no column 'price'", _ERROR)
    return tuple(
        LogLineRow(number, now, text, "user") for number, text in enumerate(texts, start=1)
    )
