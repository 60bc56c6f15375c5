"""Runs: get, list, page, abort."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import grpc
import pytest
from flyteidl2.common import list_pb2
from flyteidl2.workflow import run_service_pb2

from remote_client import ActionPhase, ClientSet, Run, TimeFilter
from remote_client.errors import Internal, MissingScopeError
from tests.unit.remote_client import messages
from tests.unit.remote_client.fake_platform import FakePlatform


async def test_it_reads_a_run(fake: FakePlatform, client: ClientSet) -> None:
    answer = messages.run_details("r1", messages.SUCCEEDED)
    action = answer.details.action
    action.metadata.executed_by.user.spec.email = "ana@example.com"
    action.metadata.source = 2
    action.status.duration_ms = 1500
    fake.answer("RunService.GetRunDetails", answer)
    run = await Run.get("r1")
    assert (run.name, run.project, run.domain) == ("r1", "p", "d")
    assert (run.phase, run.raw_phase, run.done()) == (ActionPhase.SUCCEEDED, 5, True)
    assert (run.task_name, run.short_name) == ("env.a0", "a0")
    assert (run.owner, run.source, run.attempts) == ("ana@example.com", "cli", 1)
    assert run.start_time == datetime.fromtimestamp(1_700_000_000, UTC)
    assert (run.end_time, run.duration) == (None, timedelta(seconds=1.5))
    assert run.url.endswith("/v2/domain/d/project/p/runs/r1")
    assert run.action.name == "a0"


async def test_an_unknown_phase_is_shown_and_not_raised(
    fake: FakePlatform, client: ClientSet
) -> None:
    fake.answer("RunService.GetRunDetails", messages.run_details("r1", 77))
    run = await Run.get("r1")
    assert (run.phase, run.raw_phase, run.done()) == (ActionPhase.UNKNOWN, 77, False)
    assert "unknown" in repr(run)


async def test_a_listing_sends_the_filters_in_the_form_that_the_platform_takes(
    fake: FakePlatform, client: ClientSet
) -> None:
    fake.answer("RunService.ListRuns", messages.runs())
    after = datetime(2026, 1, 2, tzinfo=UTC)
    listing = Run.listall(
        in_phase="RECOVERED",
        task_name="env.main",
        created_by_subject="sub",
        created_at=TimeFilter(after=after),
    )
    assert [run async for run in listing] == []
    assert [run async for run in Run.listall.aio(limit=0)] == []
    (request,) = fake.requests("RunService.ListRuns")
    assert request.project_id.name == "p"
    assert request.request.sort_by.key == "created_at"
    assert request.request.sort_by.direction == list_pb2.Sort.DESCENDING
    sent = {f.field: (f.function, list(f.values)) for f in request.request.filters}
    assert sent["phase"] == (list_pb2.Filter.EQUAL, ["10"])
    assert sent["created_by_subject"] == (list_pb2.Filter.EQUAL, ["sub"])
    assert sent["created_at"][1] == ["2026-01-02T00:00:00+00:00"]


async def test_rows_that_drift_over_a_page_border_come_once(
    fake: FakePlatform, client: ClientSet
) -> None:
    pages = {
        "": messages.runs(messages.run("r3"), messages.run("r2"), token="2"),
        "2": messages.runs(messages.run("r2"), messages.run("r1")),
    }
    fake.answer("RunService.ListRuns", lambda request, context: pages[request.request.token])
    assert [run.name async for run in Run.listall(limit=None)] == ["r3", "r2", "r1"]


async def test_a_repeated_page_token_is_an_error_and_not_an_endless_loop(
    fake: FakePlatform, client: ClientSet
) -> None:
    fake.answer("RunService.ListRuns", messages.runs(messages.run("r1"), token="again"))
    with pytest.raises(Internal, match="repeats page token 'again'"):
        [run async for run in Run.listall(limit=None)]


async def test_a_page_is_one_call(fake: FakePlatform, client: ClientSet) -> None:
    fake.answer("RunService.ListRuns", messages.runs(messages.run("r1"), token="1"))
    page = await Run.listpage(limit=1)
    assert ([run.name for run in page.items], page.next_token) == (["r1"], "1")
    assert len(fake.requests("RunService.ListRuns")) == 1


async def test_an_abort_carries_its_reason(fake: FakePlatform, client: ClientSet) -> None:
    fake.answer("RunService.GetRunDetails", messages.run_details("r1"))
    fake.answer("RunService.AbortRun", run_service_pb2.AbortRunResponse())
    run = await Run.get("r1")
    await run.abort("wrong input")
    (request,) = fake.requests("RunService.AbortRun")
    assert (request.run_id.name, request.reason) == ("r1", "wrong input")


async def test_a_run_without_a_project_is_refused_before_anything_is_sent(
    fake: FakePlatform, client: ClientSet
) -> None:
    with pytest.raises(MissingScopeError, match="No project"):
        await Run.get("r1", client=client.with_scope(project=""))
    assert fake.calls == []


async def test_an_idempotent_call_is_tried_again(fake: FakePlatform, client: ClientSet) -> None:
    async def second_time_lucky(request: object, context: grpc.aio.ServicerContext) -> object:
        if len(fake.calls) == 1:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "restarting")
        return messages.run_details("r1")

    fake.answer("RunService.GetRunDetails", second_time_lucky)
    assert (await Run.get("r1")).name == "r1"
