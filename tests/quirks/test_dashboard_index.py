"""The run index stays true to a backend that drops events, breaks off and forgets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.db import connections

from dashboard import upstream
from dashboard.access.permissions import Role
from dashboard.access.rights import Rights
from dashboard.index import feeder, lease, scope_feed, states, writing
from dashboard.index.feeder import Feeder
from dashboard.index.models import IndexedRun, IndexedScope
from dashboard.index.scope_feed import ScopeFeed
from dashboard.pages import Scope
from dashboard.run_lists.finding import find_runs
from dashboard.run_lists.finding_viewers import Viewer
from dashboard.run_lists.query import RunQuery
from dashboard.upstream import Platform
from remote_client.errors import RemoteError
from tests.quirks.rows import FAILED, RUNNING, SUCCEEDED, ActionKey
from tests.quirks.server import QuirksServer
from tests.quirks.world import DOMAIN, PROJECT, ROOT

pytestmark = pytest.mark.django_db(transaction=True)

HERE = Scope(project=PROJECT, domain=DOMAIN)
ADMIN = Viewer(Rights(Role.ADMIN))
LONG_S = 3600.0


@pytest.fixture
async def platform(server: QuirksServer, settings: Any) -> AsyncIterator[Platform]:
    """The dashboard's way to the backend, which is also the service identity's."""
    settings.RUN_INDEX = True
    states.forget_state()
    opened = Platform(server.endpoint, insecure=True)
    old = upstream.replace_platform(opened)
    yield opened
    upstream.replace_platform(old)
    await opened.close()
    await sync_to_async(connections.close_all)()
    states.forget_state()


@pytest.fixture
def by_watch_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No listing comes to help."""
    monkeypatch.setattr(scope_feed, "RECONCILE_S", LONG_S)


@pytest.fixture
def quick_listing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scope_feed, "RECONCILE_S", 0.05)
    monkeypatch.setattr(scope_feed, "CHECK_EVERY", 1)


@asynccontextmanager
async def feeding(platform: Platform) -> AsyncIterator[Feeder]:
    fed = Feeder(platform)
    task = asyncio.create_task(fed.run())
    try:
        yield fed
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110 - the database sets no event
            await asyncio.sleep(0.02)


async def phases() -> dict[str, int]:
    return {name: phase async for name, phase in IndexedRun.objects.values_list("name", "phase")}


def has(name: str, phase: int) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        return (await phases()).get(name) == phase

    return holds


async def is_built() -> bool:
    states.forget_state()
    return (await states.index_state()).kind == "built"


async def test_everything_is_read_whatever_the_page_size(
    server: QuirksServer, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scope_feed, "PAGE", 10)
    for n in range(45):
        server.world.add_run(f"r{n}")
    server.world.now = server.world.now.replace(microsecond=0)
    stopped = server.world.tick
    monkeypatch.setattr(server.world, "tick", lambda seconds=1: None)
    for n in range(25):  # more than a page in one second
        server.world.add_run(f"same{n}")
    monkeypatch.setattr(server.world, "tick", stopped)
    async with feeding(platform):
        await until(is_built)
    assert len(await phases()) == 70
    state = await states.index_state()
    assert state.covers([HERE])
    assert state.words() == "The run index is up to date."


async def test_changes_arrive_by_the_watch(
    server: QuirksServer, platform: Platform, by_watch_alone: None
) -> None:
    run = server.world.add_run("r1")
    async with feeding(platform):
        await until(has("r1", 1))
        await server.until(lambda: server.open["RunService/WatchRuns"] == 3)
        server.world.start(run)
        server.world.report(run, SUCCEEDED)
        await until(has("r1", SUCCEEDED))
        late = server.world.add_run("r2")
        server.world.start(late)
        await until(has("r2", RUNNING))


async def test_a_dropped_event_is_healed_by_listing(
    server: QuirksServer, platform: Platform, quick_listing: None
) -> None:
    run = server.world.add_run("r1")
    async with feeding(platform):
        await until(has("r1", 1))
        row = server.world.actions[ActionKey(run, ROOT)]
        server.world.tick(5)
        row.phase, row.updated_at, row.ended_at = SUCCEEDED, server.world.now, server.world.now
        await until(has("r1", SUCCEEDED))


async def test_a_run_that_ended_long_ago_without_an_event_is_looked_after(
    server: QuirksServer, platform: Platform, quick_listing: None
) -> None:
    """Not even the moment of its change tells that it changed."""
    server.world.now = server.world.now.replace(year=server.world.now.year - 1)
    run = server.world.add_run("r1")
    async with feeding(platform):
        await until(has("r1", 1))
        row = server.world.actions[ActionKey(run, ROOT)]
        row.phase, row.ended_at = FAILED, server.world.now
        await until(has("r1", FAILED))


async def test_a_run_that_is_gone_goes_from_the_index(
    server: QuirksServer, platform: Platform, quick_listing: None
) -> None:
    gone = server.world.add_run("gone")
    server.world.add_run("stays")
    async with feeding(platform):
        await until(has("gone", 1))
        del server.world.actions[ActionKey(gone, ROOT)]
        await until(lambda: _is(set, {"stays"}))


async def _is(kind: Callable[[Any], Any], wanted: Any) -> bool:
    return bool(kind(await phases()) == wanted)


async def test_a_reading_that_broke_off_goes_on_where_it_stopped(
    server: QuirksServer, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scope_feed, "PAGE", 10)
    for n in range(40):
        server.world.add_run(f"r{n:02}")
    asked: list[str] = []
    whole = platform.runs_where

    async def breaks(*args: Any, **more: Any) -> Any:
        asked.append("page")
        if len(asked) == 3:
            raise RemoteError("gone for a moment")
        return await whole(*args, **more)

    monkeypatch.setattr(platform, "runs_where", breaks)
    with pytest.raises(RemoteError):
        await one_feed(platform).walk()
    halfway = await IndexedRun.objects.acount()
    assert 10 < halfway < 40
    assert not (await states.index_state()).covers([HERE])
    asked.clear()
    asked += ["page"] * 3
    await one_feed(platform).walk()
    assert await IndexedRun.objects.acount() == 40
    assert len(asked) - 3 <= 4


def one_feed(platform: Platform) -> ScopeFeed:
    gate = asyncio.Semaphore(1)
    return ScopeFeed(platform, HERE, gate, gate, asyncio.Event(), asyncio.Event())


async def test_one_of_two_processes_feeds_and_the_other_takes_over(
    server: QuirksServer, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "RENEW_S", 0.05)
    server.world.add_run("r1")
    async with feeding(platform) as first:
        await until(is_built)
        async with feeding(platform):
            await server.until(lambda: server.open["RunService/WatchRuns"] == 3)
            assert not await sync_to_async(lease.take)("a third one")
            await sync_to_async(lease.give_back)(first.holder)
            # Whoever takes it next feeds: never both.
            run = server.world.add_run("r2")
            server.world.start(run)
            await until(has("r2", RUNNING))
            await server.until(lambda: server.open["RunService/WatchRuns"] == 3)
    assert await sync_to_async(lease.take)("a third one")


async def test_after_a_restart_only_what_changed_is_listed(
    server: QuirksServer, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.world.now = server.world.now.replace(year=server.world.now.year - 1)
    for n in range(30):
        server.world.add_run(f"r{n}")
    async with feeding(platform):
        await until(is_built)
    server.world.now = server.world.now.replace(year=server.world.now.year + 1)
    missed = server.world.add_run("while-away")
    server.world.start(missed)
    before = server.calls["RunService/ListRuns"]
    async with feeding(platform):
        await until(has("while-away", RUNNING))
    assert server.calls["RunService/ListRuns"] - before < 20
    assert await IndexedRun.objects.acount() == 31


async def test_a_rebuild_drops_what_the_platform_does_not_have(
    server: QuirksServer, platform: Platform
) -> None:
    server.world.add_run("r1")
    row = await sync_to_async(writing.scope_row)(HERE)
    await IndexedRun.objects.acreate(scope=row, name="stale", phase=SUCCEEDED, started_us=1)
    await sync_to_async(writing.mark_for_rebuild)()
    await one_feed(platform).walk()
    assert set(await phases()) == {"r1"}


async def test_the_command_builds_it_unless_a_server_does(
    server: QuirksServer, platform: Platform, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    run = server.world.add_run("r1")
    server.world.start(run)
    server.world.report(run, FAILED, error="ValueError: no price")
    await sync_to_async(lease.take)("a server")
    await command()
    assert "A running server" in capsys.readouterr().out
    await sync_to_async(lease.give_back)("a server")
    settings.FLYTE_ENDPOINT, settings.FLYTE_INSECURE = server.endpoint, True
    upstream.replace_platform(None)
    await command()
    assert "The run index is built: 1 runs." in capsys.readouterr().out
    kept = await IndexedRun.objects.aget()
    assert (kept.name, kept.error_line) == ("r1", "ValueError: no price")


async def command() -> None:
    """In a thread and on a loop of its own, as in a process of its own."""

    def run() -> None:
        call_command("rebuild_run_index")
        connections.close_all()

    await asyncio.to_thread(run)


async def test_errors_and_owners_are_found_across_projects_as_rights_allow(
    server: QuirksServer, platform: Platform
) -> None:
    server.world.add_project("bank")
    run = server.world.add_run("r1", subject="ana")
    server.world.start(run)
    server.world.report(run, FAILED, error="ValueError: column 'price' missing")
    other = server.world.add_run("r2", project="bank", subject="ana")
    server.world.start(other)
    server.world.report(other, FAILED, error="KeyError: price")
    async with feeding(platform):
        await until(lambda: _are_explained(2))
        await until(is_built)
        query = RunQuery.parse("price owner:ana")
        found = await find_runs(ADMIN, None, query)
        assert (found.origin, {r.name for r in found.runs}) == ("index", {"r1", "r2"})
        banker = Viewer(Rights(projects={"bank": Role.VIEWER}))
        assert [r.name for r in (await find_runs(banker, None, query)).runs] == ["r2"]
        assert (await find_runs(Viewer(Rights()), None, query)).runs == ()


async def _are_explained(count: int) -> bool:
    return await IndexedRun.objects.exclude(fingerprint="").acount() == count


async def test_a_project_that_is_gone_takes_its_runs_along(
    server: QuirksServer, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeder, "PROJECTS_S", 0.05)
    server.world.add_project("bank")
    server.world.add_run("r1", project="bank")
    async with feeding(platform):
        await until(has("r1", 1))
        del server.world.projects["bank"]
        await until(lambda: _are_scopes(3))
        assert await phases() == {}


async def _are_scopes(count: int) -> bool:
    return await IndexedScope.objects.acount() == count


async def test_a_backend_that_breaks_off_is_asked_again(
    server: QuirksServer, platform: Platform, by_watch_alone: None
) -> None:
    run = server.world.add_run("r1")
    async with feeding(platform):
        await until(has("r1", 1))
        await server.until(lambda: server.open["RunService/WatchRuns"] == 3)
        server.cut("RunService/WatchRuns", grpc.StatusCode.UNAVAILABLE)
        server.world.start(run)
        await until(has("r1", RUNNING))
