"""Whatever a list can be asked, the strict backend accepts it, and the answer is the right one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard import upstream
from dashboard.access.permissions import Role
from dashboard.access.rights import Rights
from dashboard.pages import Scope
from dashboard.phases import PHASES
from dashboard.run_lists.facts import RunFacts, facts_of
from dashboard.run_lists.finding import find_runs
from dashboard.run_lists.finding_viewers import Viewer
from dashboard.run_lists.query import COLUMNS, RunQuery, Sort
from dashboard.run_lists.query_platform import PlatformPart
from dashboard.run_lists.query_terms import SOURCES, Term, term_of
from dashboard.run_lists.query_words import Piece
from dashboard.upstream import Platform
from tests.quirks.rows import FAILED, PAUSED, RECOVERED, RUNNING, SUCCEEDED, TIMED_OUT
from tests.quirks.server import QuirksServer
from tests.quirks.world import DOMAIN, PROJECT, World

HERE = Scope(project=PROJECT, domain=DOMAIN)
VIEWER = Viewer(Rights(Role.ADMIN))
TASKS = ("etl.main", "etl.load_all", "train", "odd%task[1]?", 'say "hi", you', "back\\slash")
OWNERS = ("ana", "Ben", "")
PER_EXAMPLE = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


# --- what a list may be asked -------------------------------------------------------------------


def pieces_of(words: tuple[str, ...]) -> st.SearchStrategy[str]:
    """A name that is there, a part of it with wildcards, or something that is not there."""
    whole = st.sampled_from(words)
    cut = st.tuples(whole, st.integers(0, 6), st.integers(0, 6)).map(
        lambda given: f"{given[0][: given[1]]}*{given[0][given[1] + given[2] :]}"
    )
    return st.one_of(whole, cut, cut.map(lambda value: f"*{value}"), st.just("nothing like it"))


def term(field: str, value: st.SearchStrategy[str], most: int = 3) -> st.SearchStrategy[Term]:
    values = st.lists(value, min_size=1, max_size=most)
    return st.builds(
        lambda chosen, minus: term_of(Piece(0, minus, field, tuple(chosen))), values, st.booleans()
    )


def span(field: str, values: tuple[str, ...]) -> st.SearchStrategy[Term]:
    return st.sampled_from(values).map(lambda value: term_of(Piece(0, False, field, (value,))))


MOMENTS = ("1s", "30s", "2m", "1h", "4h", "today", "2020-01-01", "2026-05-04T12:00:00.5+02:00")
TERMS = st.one_of(
    term("phase", st.sampled_from((*PHASES, "unknown"))),
    term("source", st.sampled_from(SOURCES)),
    term("task", pieces_of(TASKS)),
    term("name", pieces_of(("run0", "run11", "run21"))),
    term("owner", pieces_of(OWNERS)),
    term("owner-id", pieces_of(OWNERS)),
    term("version", pieces_of(("v1", "v2"))),
    term("trigger", pieces_of(("nightly", ""))),
    term("label", st.sampled_from(("team", "team=ml", "team=*"))),
    *(span(name, MOMENTS) for name in ("since", "until", "ended-since", "ended-until")),
    *(span(name, ("0s", "5s", "40s", "1h")) for name in ("longer", "shorter")),
    st.builds(
        lambda word, minus: term_of(Piece(0, minus, "", (word,))),
        pieces_of(("ETL", "run1", "an", "n.m", "%")),
        st.booleans(),
    ),
)
QUERIES = st.builds(
    RunQuery.of,
    st.lists(TERMS, max_size=4),
    st.builds(Sort, st.sampled_from(COLUMNS), st.booleans()),
)


# --- the backend and what is in it --------------------------------------------------------------


def filled(world: World) -> None:
    """Runs in every phase, of several tasks, versions, people and sources."""
    world.now -= timedelta(hours=3)  # it ticks faster than the clock, and must not overtake it
    ends = (SUCCEEDED, FAILED, None, TIMED_OUT, RUNNING, PAUSED, RECOVERED, SUCCEEDED)
    for n in range(24):
        run = world.add_run(
            f"run{n}",
            TASKS[n % len(TASKS)],
            version=f"v{n % 2 + 1}",
            subject=OWNERS[n % len(OWNERS)],
            source=n % 6,
        )
        if ends[n % len(ends)] is None:
            continue
        world.start(run)
        world.tick(n * 3)
        world.report(run, ends[n % len(ends)])
    world.abort(next(row.key for row in world.roots() if row.phase == RUNNING), "enough")
    world.tick(5)


@pytest.fixture
async def platform(server: QuirksServer, settings: Any) -> AsyncIterator[Platform]:
    """The dashboard's own way to the backend, without the run index."""
    settings.RUN_INDEX = False
    filled(server.world)
    opened = Platform(server.endpoint, insecure=True)
    old = upstream.replace_platform(opened)
    yield opened
    upstream.replace_platform(old)
    await opened.close()


async def asked(platform: Platform, part: PlatformPart) -> list[RunFacts]:
    """Everything that the backend gives, in its order."""
    found, token = [], ""
    while True:
        page = await platform.runs_where(HERE, part, token=token, limit=7)
        found += [facts_of(HERE, run) for run in page.items]
        token = page.next_token
        if not token:
            return found


def names(runs: list[RunFacts]) -> list[str]:
    return sorted(facts.name for facts in runs)


# --- what holds ---------------------------------------------------------------------------------


@PER_EXAMPLE
@given(query=QUERIES)
async def test_the_backend_accepts_any_query_and_the_rest_makes_it_right(
    server: QuirksServer, platform: Platform, query: RunQuery
) -> None:
    now = server.world.now
    everything = await asked(platform, PlatformPart())
    assert len(everything) == 24
    let_through = await asked(platform, query.platform_part(now))
    left = [facts for facts in let_through if query.rest().matches(facts, now)]
    assert names(left) == names([facts for facts in everything if query.matches(facts, now)])


@PER_EXAMPLE
@given(query=QUERIES)
async def test_the_text_of_any_query_is_the_query(query: RunQuery) -> None:
    assert RunQuery.parse(query.text(), query.sort.text()) == query
    assert RunQuery.from_request(query.to_address()) == query


@settings(PER_EXAMPLE, max_examples=50)
@given(query=QUERIES)
async def test_pages_of_any_list_hold_each_run_once(platform: Platform, query: RunQuery) -> None:
    everything = [facts_of(HERE, run) for run in (await _all(platform))]
    found, after = list[RunFacts](), ""
    while True:
        page = await find_runs(VIEWER, HERE, query, after=after, limit=5)
        assert len(page.runs) <= 5
        found += page.runs
        after = page.next_cursor
        if not after:
            break
    wanted = [facts for facts in everything if page.query.matches(facts)]
    assert [facts.name for facts in found] == list(dict.fromkeys(facts.name for facts in found))
    assert names(found) == names(wanted)
    if query.sort.column == "started":
        places = [facts.started for facts in found]
        assert places == sorted(places, reverse=query.sort.is_descending)


async def _all(platform: Platform) -> list[Any]:
    return list((await platform.runs_where(HERE, PlatformPart(), limit=100)).items)
