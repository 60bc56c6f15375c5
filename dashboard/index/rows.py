"""From the facts of a run to a row of the index and back."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.index.models import IndexedRun
from dashboard.run_lists.facts import Labels, RunFacts, search_text
from remote_client import ActionPhase

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

COLUMNS = (
    "name", "phase", "task", "version", "owner", "owner_key", "owner_id", "source", "trigger",
    "labels", "started_us", "ended_us", "duration_us", "attempts", "error_line",
)  # fmt: skip
"""What facts are made of again."""

WRITTEN = (
    *COLUMNS, "label_lines", "error_class", "fingerprint", "search", "is_explained",
    "generation",
)  # fmt: skip


def to_us(at: datetime | None) -> int:
    return (at - _EPOCH) // _MICROSECOND if at else 0


def from_us(us: int) -> datetime | None:
    return _EPOCH + timedelta(microseconds=us) if us else None


def number_of(phase: str) -> int:
    return ActionPhase(phase).to_protobuf_value()


def phase_of(number: int) -> str:
    return ActionPhase.from_wire(number).value


def row_of(scope_id: int, facts: RunFacts, generation: int = 0) -> IndexedRun:
    """A row that is not yet saved. Long texts are cut to what the columns hold."""
    row = IndexedRun(
        scope_id=scope_id,
        name=facts.name[:255],
        phase=number_of(facts.phase),
        task=facts.task[:1024],
        version=facts.version[:255],
        owner=facts.owner[:255],
        owner_key=facts.owner.lower()[:255],
        owner_id=facts.owner_id[:255],
        source=facts.source,
        trigger=facts.trigger[:255],
        started_us=to_us(facts.started),
        ended_us=to_us(facts.ended),
        duration_us=-1 if facts.duration is None else facts.duration // _MICROSECOND,
        attempts=facts.attempts,
        generation=generation,
    )
    explain(row, facts.labels, facts.error_line)
    return row


def explain(row: IndexedRun, labels: Labels, error_line: str) -> None:
    """Put in what lists may not tell, and what follows from it."""
    row.labels = [list(pair) for pair in labels]
    row.label_lines = label_lines(labels)
    row.error_line = error_line
    row.error_class = error_class(error_line)[:255]
    row.fingerprint = fingerprint(row.task, error_line) if error_line else ""
    row.search = search_text(row.name, row.task, row.owner, labels, error_line)


def label_lines(labels: Labels) -> str:
    lines = (f"{key}={value}".replace("\n", " ") for key, value in labels)
    return "".join(f"\n{line}\n" for line in lines)


def facts_from(project: str, domain: str, cells: Sequence[Any]) -> RunFacts:
    """Of a row's cells in the order of `COLUMNS`."""
    row = dict(zip(COLUMNS, cells, strict=True))
    duration = row["duration_us"]
    return RunFacts(
        project=project,
        domain=domain,
        name=row["name"],
        phase=phase_of(row["phase"]),
        task=row["task"],
        version=row["version"],
        owner=row["owner"],
        owner_id=row["owner_id"],
        source=row["source"],
        trigger=row["trigger"],
        labels=tuple((key, value) for key, value in row["labels"]),
        started=from_us(row["started_us"]),
        ended=from_us(row["ended_us"]),
        duration=None if duration < 0 else timedelta(microseconds=duration),
        error_line=row["error_line"],
        attempts=row["attempts"],
    )


# --- errors that are the same -------------------------------------------------------------------

_CLASS = re.compile(r"(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*)(?::|$)")
_VARIES = re.compile(
    r"""0x[0-9a-f]+|[0-9a-f]{8,}(?:-[0-9a-f]{4,})*|\d+(?:[.,:]\d+)*|'[^']*'|"[^"]*"|`[^`]*`""",
    re.IGNORECASE,
)


def error_class(line: str) -> str:
    """The exception's name without its module; "" when the line begins with none."""
    found = _CLASS.match(line)
    return found[1] if found else ""


def fingerprint(task: str, line: str) -> str:
    """Of a task's error, with what varies from run to run left out: numbers, ids, quoted texts."""
    fixed = _VARIES.sub("…", line)
    return hashlib.blake2b(f"{task}\n{fixed}".encode(), digest_size=12).hexdigest()
