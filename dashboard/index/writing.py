"""Writes what the platform tells into the index; what lists leave out is kept from before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction

from dashboard.index.models import IndexedRun, IndexedScope
from dashboard.index.rows import WRITTEN, explain, row_of
from dashboard.index.states import forget_state
from dashboard.pages import Scope
from dashboard.run_lists.facts import FAILED, Labels, RunFacts

BATCH = 200

LABELS_FOR = timedelta(days=30)
"""Of runs older than this, labels are not asked for one by one where lists don't tell them."""


def scope_row(scope: Scope) -> IndexedScope:
    """The scope's own row, made when it is new."""
    row, is_new = IndexedScope.objects.get_or_create(project=scope.project, domain=scope.domain)
    if is_new:
        forget_state()
    return row


def put(scope: IndexedScope, runs: Sequence[RunFacts]) -> int:
    """Insert or change the rows of these runs; gives how many were written."""
    latest = {facts.name: facts for facts in runs}
    written = 0
    names = list(latest)
    for start in range(0, len(names), BATCH):
        with transaction.atomic():
            written += _put([latest[name] for name in names[start : start + BATCH]], scope)
    return written


def _put(runs: Sequence[RunFacts], scope: IndexedScope) -> int:
    known = {
        row.name: row
        for row in IndexedRun.objects.filter(scope=scope, name__in=[facts.name for facts in runs])
    }
    rows = [
        row for facts in runs if (row := _changed(known.get(facts.name), facts, scope)) is not None
    ]
    if rows:
        IndexedRun.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["scope", "name"], update_fields=WRITTEN
        )
    return len(rows)


def _changed(old: IndexedRun | None, facts: RunFacts, scope: IndexedScope) -> IndexedRun | None:
    """The row as it should be; None when it is so already."""
    new = row_of(scope.pk, facts, scope.generation)
    is_failed = facts.phase in FAILED
    if old is None:
        new.is_explained = _is_told(facts)
        return new
    labels = facts.labels or tuple((key, value) for key, value in old.labels)
    same_failure = is_failed and (old.phase, old.ended_us) == (new.phase, new.ended_us)
    line = facts.error_line or (old.error_line if same_failure else "")
    explain(new, labels, line)
    new.is_explained = old.is_explained and (not is_failed or same_failure or bool(line))
    same = all(getattr(old, name) == getattr(new, name) for name in WRITTEN)
    return None if same else new


def _is_told(facts: RunFacts) -> bool:
    """Whether there is nothing left to ask about a run that is new to the index."""
    if facts.phase in FAILED:
        return bool(facts.labels) and bool(facts.error_line)
    is_old = facts.started is not None and datetime.now(UTC) - facts.started > LABELS_FOR
    return bool(facts.labels) or is_old


def put_explained(run_id: int, labels: Labels | None, error_line: str) -> None:
    """Add what only details tell. None leaves the labels as they are."""
    with transaction.atomic():
        row = IndexedRun.objects.select_for_update().filter(pk=run_id).first()
        if row is None:
            return
        kept = tuple((key, value) for key, value in row.labels)
        explain(row, kept if labels is None else labels, error_line)
        row.is_explained = True
        row.save()


def forget(scope: IndexedScope, names: Iterable[str]) -> None:
    """These runs are gone from the platform."""
    IndexedRun.objects.filter(scope=scope, name__in=list(names)).delete()


def forget_scope(scope: Scope) -> None:
    """The project is gone from the platform."""
    IndexedScope.objects.filter(project=scope.project, domain=scope.domain).delete()
    forget_state()


# --- how far a scope was read -------------------------------------------------------------------


def begin_walk(scope: IndexedScope) -> IndexedScope:
    """A whole reading begins, or goes on where one stopped."""
    fresh = IndexedScope.objects.get(pk=scope.pk)
    if not fresh.walked_to_us:
        fresh.generation += 1
        fresh.save(update_fields=["generation"])
    return fresh


def walked(scope: IndexedScope, place_us: int) -> None:
    IndexedScope.objects.filter(pk=scope.pk).update(walked_to_us=place_us)


def end_walk(scope: IndexedScope) -> None:
    """Everything was read: what this reading did not see is gone."""
    IndexedRun.objects.filter(scope=scope, generation__lt=scope.generation).delete()
    IndexedScope.objects.filter(pk=scope.pk).update(is_walked=True)
    forget_state()


def synced(scope: IndexedScope, until_us: int) -> None:
    IndexedScope.objects.filter(pk=scope.pk).update(synced_us=until_us)


def mark_for_rebuild() -> int:
    """Have every scope read whole again; its rows count for nothing until that is done."""
    changed = IndexedScope.objects.update(is_walked=False, walked_to_us=0, synced_us=0)
    forget_state()
    return changed
