"""Who answers a list (the platform, the index, a look through pages), and what readers hear."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from dashboard.access.permissions import Role
from dashboard.access.rights import Rights
from dashboard.index import states, writing
from dashboard.index.feeder import ensure_fed, stop_feeding
from dashboard.index.models import IndexedScope, IndexLease
from dashboard.index.rows import to_us
from dashboard.models import Person
from dashboard.pages import Scope
from dashboard.run_lists import finding_platform
from dashboard.run_lists.facts import facts_of
from dashboard.run_lists.finding import find_runs
from dashboard.run_lists.finding_viewers import Viewer, resolved_for
from dashboard.run_lists.query import BadQuery, RunQuery
from remote_client.errors import Unauthenticated
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.things import SCOPE, details, project, run
from tests.unit.dashboard.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)

ADMIN = Viewer(Rights(Role.ADMIN))


@pytest.fixture(autouse=True)
async def runs(platform: FakePlatform) -> None:
    for n in range(6):
        phase = "failed" if n % 2 else "running"
        platform.runs_there[f"r{n}"] = run(f"r{n}", phase, start=n, label=f"task{n % 3}")
    platform.details_there["a0"] = details("a0", "failed", error=("ValueError", "no price"))


@pytest.fixture
async def index(platform: FakePlatform, settings: Any) -> AsyncIterator[None]:
    """An index that has read everything."""
    settings.RUN_INDEX = True
    await sync_to_async(_fill)(list(platform.runs_there.values()))
    states.forget_state()
    yield
    states.forget_state()


def _fill(runs: list[Any]) -> None:
    for domain in ("development", "production"):
        row = writing.scope_row(Scope(project="shop", domain=domain))
        if domain == SCOPE.domain:
            writing.put(row, [facts_of(SCOPE, each, _line(each)) for each in runs])
    IndexedScope.objects.update(is_walked=True)
    IndexLease.objects.create(pk=1, state="built", heard_us=to_us(timezone.now()))


def _line(each: Any) -> str:
    return "ValueError: no price" if each.phase == "failed" else ""


async def names(text: str, scope: Scope | None = SCOPE, sort: str = "") -> tuple[str, list[str]]:
    found = await find_runs(ADMIN, scope, RunQuery.parse(text, sort))
    return found.origin, [each.name for each in found.runs]


async def test_the_platform_answers_what_it_can(platform: FakePlatform, index: None) -> None:
    assert await names("phase:failed") == ("platform", ["r5", "r3", "r1"])
    assert platform.asked["runs_where"] == 1


async def test_the_index_answers_the_rest(platform: FakePlatform, index: None) -> None:
    assert await names("price task:env.task1") == ("index", ["r1"])
    assert await names("", sort="task") == ("index", ["r0", "r3", "r1", "r4", "r2", "r5"])
    assert (await names("", None))[0] == "index"
    assert platform.asked["runs_where"] == 0


async def test_without_an_index_pages_are_looked_through(platform: FakePlatform) -> None:
    assert await names("price") == ("scan", ["r5", "r3", "r1"])
    assert await names("price -task:env.task0", None) == ("scan", ["r5", "r1"])


async def test_a_look_that_stops_says_how_far_it_came_and_goes_on_from_there(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding_platform, "SCAN_PAGES", 1)
    here = [run(f"x{n:02}", start=n) for n in range(20, 10, -1)]
    older = [run("r1", "failed", start=1)]
    whole = platform.runs_where

    async def runs_where(scope: Scope, part: Any, *, token: str = "", limit: int = 100) -> Any:
        bounds = [c for c in part.filters if c.field == "created_at"]
        page = await whole(scope, part, token="none", limit=limit)
        page.items[:] = older if bounds else here
        return type(page)(page.items, "" if bounds else "more")

    monkeypatch.setattr(platform, "runs_where", runs_where)
    first = await find_runs(ADMIN, SCOPE, RunQuery.parse("price"))
    assert (first.runs, first.origin) == ((), "scan")
    assert first.note.startswith("Looked through 10 runs; older ones may match too")
    second = await find_runs(ADMIN, SCOPE, RunQuery.parse("price"), after=first.next_cursor)
    assert [each.name for each in second.runs] == ["r1"]
    assert (second.next_cursor, second.note) == ("", "")


async def test_an_index_that_is_behind_says_since_when(index: None) -> None:
    heard = datetime.now(UTC) - timedelta(hours=1)
    await IndexLease.objects.aupdate(heard_us=to_us(heard))
    states.forget_state()
    found = await find_runs(ADMIN, SCOPE, RunQuery.parse("price"))
    assert found.note == f"As of {heard:%Y-%m-%d %H:%M:%S} UTC: the run index is behind."


async def test_a_project_that_the_index_has_not_read_is_looked_through(
    platform: FakePlatform, index: None
) -> None:
    platform.projects_there["bank"] = project("bank")
    assert (await names("price", None))[0] == "scan"


async def test_rights_and_the_platform_both_decide_what_is_seen(
    platform: FakePlatform, index: None
) -> None:
    stranger = Viewer(Rights(projects={"bank": Role.ADMIN}))
    assert (await find_runs(stranger, None, RunQuery())).runs == ()
    platform.projects_there.clear()
    assert (await find_runs(ADMIN, None, RunQuery())).runs == ()


async def test_an_order_that_nobody_has_is_told(platform: FakePlatform) -> None:
    found = await find_runs(ADMIN, SCOPE, RunQuery.parse("", "owner"))
    assert "Can't sort by owner without the run index." in found.note
    assert len(found.runs) == 6


@pytest.mark.parametrize("after", ["5", "bm9uc2Vuc2U", "WyJwbGFjZSIsMV0", "WyJpbmRleCIsMV0"])
async def test_a_cursor_of_nobodys_is_refused(index: None, after: str) -> None:
    with pytest.raises(BadQuery):
        await find_runs(ADMIN, SCOPE, RunQuery.parse("price"), after=after)


async def test_me_is_asked_for_by_the_token_where_it_is_known(person: Person) -> None:
    query = RunQuery.parse("owner:me phase:failed")
    assert resolved_for(person, ["u-1"], query).text() == "phase:failed owner-id:u-1"
    assert resolved_for(person, [], query).text() == "phase:failed owner:ana"
    mixed = RunQuery.parse("owner:me,bo")
    assert resolved_for(person, ["u-1"], mixed).text() == "owner:ana,bo,u-1"


async def test_without_credentials_for_it_the_index_is_off_and_says_so(
    platform: FakePlatform, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RUN_INDEX = True

    async def sign_in_config() -> Any:
        return object()

    async def refused() -> Any:
        raise Unauthenticated("Who are you?")

    monkeypatch.setattr(platform, "sign_in_config", sign_in_config)
    monkeypatch.setattr(platform, "projects", refused)
    ensure_fed()
    try:
        state = await _state_when("off")
        assert "no service identity is set" in state.words()
        assert (await names("price"))[0] == "scan"
    finally:
        await stop_feeding()


async def _state_when(kind: str) -> states.IndexState:
    found: list[states.IndexState] = []

    async def look() -> bool:
        states.forget_state()
        found.append(await states.index_state())
        return found[-1].kind == kind

    while not await look():
        await until(lambda: True)
    return found[-1]
