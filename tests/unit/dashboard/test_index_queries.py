"""The run index answers as the query's own predicate does, page by page, in every order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from dashboard.index import queries, states, statistics, writing
from dashboard.index.models import IndexedRun, IndexedScope
from dashboard.index.states import say_state
from dashboard.pages import Scope
from dashboard.run_lists.facts import RunFacts
from dashboard.run_lists.finding_cursors import Cursor, place_of
from dashboard.run_lists.query import COLUMNS, RunQuery, Sort

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime.now(UTC).replace(microsecond=0)
SHOP = Scope(project="shop", domain="development")
LIVE = Scope(project="shop", domain="production")
BANK = Scope(project="bank", domain="development")
SECRET = Scope(project="secret", domain="development")

QUERIES = (
    "",
    "phase:failed",
    "-phase:failed,succeeded",
    "task:etl.main",
    "task:etl*",
    "task:*[1]",
    "-task:*in",
    "name:r1*",
    "owner:ANA",
    "owner:*n*",
    "owner-id:u1",
    "source:unknown",
    "trigger:nightly",
    "version:v1,v2",
    "label:team",
    "label:team=ml",
    "label:team=m*",
    "-label:team=m*",
    "since:2m",
    "until:2m since:4m",
    "ended-since:1m",
    "ended-until:1m",
    "longer:20s",
    "shorter:20s",
    "PRICE",
    '"50% off_"',
    "-price phase:failed",
    "ml",
    "nothing-like-it",
)


def run(n: int, scope: Scope, rnd: random.Random) -> RunFacts:
    phase = rnd.choice(["succeeded", "failed", "running", "queued", "aborted", "unknown"])
    is_ended = phase in ("succeeded", "failed", "aborted")
    started = NOW - timedelta(seconds=rnd.randrange(300))  # many begin in the same second
    took = timedelta(seconds=rnd.randrange(60))
    return RunFacts(
        scope.project,
        scope.domain,
        f"r{n}",
        phase,
        task=rnd.choice(["etl.main", "etl.load", "train[1]", "train?1"]),
        version=rnd.choice(["v1", "v2", "v3"]),
        owner=rnd.choice(["Ana", "ben", ""]),
        owner_id=rnd.choice(["u1", "u2"]),
        source=rnd.choice(["cli", "web", ""]),
        trigger=rnd.choice(["", "nightly"]),
        labels=rnd.choice([(), (("team", "ml"),), (("team", "ops"), ("x", "team=ml"))]),
        started=started,
        ended=started + took if is_ended else None,
        duration=took if is_ended else None,
        error_line=rnd.choice(["ValueError: price", "E: 50% off_"]) if phase == "failed" else "",
    )


def fill(scope: Scope, runs: Sequence[RunFacts]) -> None:
    row = writing.scope_row(scope)
    writing.put(row, runs)
    IndexedScope.objects.filter(pk=row.pk).update(is_walked=True)
    say_state("built")


@pytest.fixture
async def everything(settings: Any) -> list[RunFacts]:
    """Runs of three scopes that the viewer sees, and of one that they don't."""
    settings.RUN_INDEX = True
    rnd = random.Random(7)
    runs: list[RunFacts] = []
    for scope, count in ((SHOP, 60), (LIVE, 30), (BANK, 10), (SECRET, 20)):
        own = [run(len(runs) + n, scope, rnd) for n in range(count)]
        runs += own
        await sync_to_async(fill)(scope, own)
    states.forget_state()
    return runs


async def pages(query: RunQuery, scopes: Sequence[Scope], limit: int = 7) -> list[RunFacts]:
    found, after = list[RunFacts](), None
    while True:
        page = await queries.page(query, scopes, after, limit)
        assert len(page.runs) <= limit
        found += page.runs
        if not page.next_cursor:
            return found
        after = Cursor.parse(page.next_cursor)


@pytest.mark.parametrize("text", QUERIES)
async def test_the_index_finds_what_the_query_means(everything: list[RunFacts], text: str) -> None:
    query = RunQuery.parse(text)
    for scopes in ([SHOP], [SHOP, LIVE, BANK], [SHOP, LIVE, BANK, SECRET]):
        wanted = {each.name for each in everything if each.scope in scopes}
        wanted = {e.name for e in everything if e.name in wanted and query.matches(e)}
        found = [each.name for each in await pages(query, scopes)]
        assert len(found) == len(set(found))
        assert set(found) == wanted


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("is_descending", [True, False])
async def test_every_order_pages_through_everything_once(
    everything: list[RunFacts], column: str, is_descending: bool
) -> None:
    query = RunQuery().sorted_by(Sort(column, is_descending))
    for scopes in ([SHOP], [SHOP, LIVE, BANK], [SHOP, LIVE, BANK, SECRET]):
        found = await pages(query, scopes)
        assert sorted(e.name for e in found) == sorted(
            e.name for e in everything if e.scope in scopes
        )
        if column == "started":
            assert [e.started for e in found] == sorted(
                (e.started for e in found if e.started), reverse=is_descending
            )
        if column == "duration":
            lengths = [e.duration or timedelta(-1) for e in found]
            assert lengths == sorted(lengths, reverse=is_descending)


async def test_facts_come_back_as_they_were_put_in(everything: list[RunFacts]) -> None:
    found = {each.name: each for each in await pages(RunQuery(), [SHOP], 100)}
    assert found == {each.name: each for each in everything if each.scope == SHOP}


async def test_a_page_begins_behind_its_cursor_whatever_was_inserted_meanwhile(
    everything: list[RunFacts],
) -> None:
    first = await queries.page(RunQuery(), [SHOP], None, 10)
    row = await sync_to_async(writing.scope_row)(SHOP)
    newer = replace(everything[0], name="brand-new", started=NOW + timedelta(seconds=5))
    await sync_to_async(writing.put)(row, [newer])
    second = await queries.page(RunQuery(), [SHOP], Cursor.parse(first.next_cursor), 10)
    assert not {e.name for e in first.runs} & {e.name for e in second.runs}
    assert place_of(second.runs[0]) < place_of(first.runs[-1])
    assert "brand-new" not in {e.name for e in second.runs}


async def test_a_place_of_a_run_is_a_cursor_too(everything: list[RunFacts]) -> None:
    first = await queries.page(RunQuery(), [SHOP, BANK], None, 10)
    at = Cursor.at(place_of(first.runs[4]))
    behind = await queries.page(RunQuery(), [SHOP, BANK], at, 5)
    assert behind.runs == first.runs[5:]


async def test_figures_count_what_the_reader_may_see(everything: list[RunFacts]) -> None:
    scopes = [SHOP, BANK]
    seen = [each for each in everything if each.scope in scopes]
    counts = await statistics.counts_by_phase(scopes)
    assert counts == {
        phase: n for phase in {e.phase for e in seen} if (n := sum(e.phase == phase for e in seen))
    }
    running = await statistics.longest_running(scopes, 3)
    assert [e.phase for e in running] == ["running"] * 3
    assert running[0].started == min(e.started for e in seen if e.phase == "running" and e.started)
    active = await statistics.running_now(scopes, 100)
    assert {e.name for e in active} == {e.name for e in seen if e.phase in statistics.ACTIVE}


async def test_failures_that_differ_in_details_alone_are_one_group(
    everything: list[RunFacts],
) -> None:
    ended = {"phase": "failed", "task": "t", "ended": NOW, "duration": timedelta(1)}
    lines = ["KeyError: 'a17'", "KeyError: 'b3'", "ValueError: 3 of 40 missing"]
    alike = [
        replace(everything[0], name=f"f{n}", error_line=line, **ended)  # type: ignore[arg-type]
        for n, line in enumerate(lines)
    ]
    await sync_to_async(writing.put)(await sync_to_async(writing.scope_row)(SHOP), alike)
    groups = await statistics.failure_groups([SHOP], limit=100)
    of_t = [(g.error_class, g.count) for g in groups if g.newest.task == "t"]
    assert of_t == [("KeyError", 2), ("ValueError", 1)]


async def test_throughput_has_every_minute(everything: list[RunFacts]) -> None:
    minutes = await statistics.throughput([SHOP, LIVE, BANK, SECRET], 60)
    assert len(minutes) == 60
    good = sum(e.phase == "succeeded" for e in everything)
    assert sum(minute.succeeded for minute in minutes) == good


async def test_a_task_is_told_by_its_last_runs(everything: list[RunFacts]) -> None:
    told = await statistics.task_statistics(SHOP, ["etl.main", "no-such-task"], last=5)
    runs = sorted(
        (e for e in everything if e.scope == SHOP and e.task == "etl.main"),
        key=place_of,
        reverse=True,
    )
    assert list(told["etl.main"].runs) == runs[:5]
    assert told["no-such-task"].success_rate is None


async def test_what_lists_leave_out_is_kept_when_a_run_is_listed_again(settings: Any) -> None:
    settings.RUN_INDEX = True
    row = await sync_to_async(writing.scope_row)(SHOP)
    listed = RunFacts("shop", "development", "r", "failed", started=NOW, ended=NOW)
    await sync_to_async(writing.put)(row, [listed])
    kept = await IndexedRun.objects.aget(name="r")
    assert not kept.is_explained
    await sync_to_async(writing.put_explained)(kept.pk, (("team", "ml"),), "ValueError: x")
    assert await sync_to_async(writing.put)(row, [listed]) == 0
    again = replace(listed, phase="running", ended=None)
    assert await sync_to_async(writing.put)(row, [again]) == 1
    kept = await IndexedRun.objects.aget(name="r")
    assert (kept.labels, kept.error_line) == ([["team", "ml"]], "")
