"""The client against a running backend: runs, actions, their data, watching and stopping them."""

from __future__ import annotations

import json
from contextlib import aclosing

import pytest

from remote_client import Action, ActionPhase, ClientSet, Logs, Project, Run
from remote_client.errors import ActionAbortedError, ActionFailedError, NotFound
from tests.contract.conftest import DOMAIN, PATIENCE_S, PROJECT, Programs


async def test_it_finds_the_project(client: ClientSet) -> None:
    project = await Project.get(PROJECT)
    assert project.state == "active"
    assert DOMAIN in [domain.id for domain in project.domains]
    assert PROJECT in [found.id async for found in Project.listall()]


async def test_a_run_is_followed_from_its_start_to_its_outputs(
    client: ClientSet, programs: Programs
) -> None:
    run = await Run.get(await programs.start("hello", "--name", "Ada"))
    phases = [details.phase async for details in run.watch()]
    assert phases[-1] is ActionPhase.SUCCEEDED
    assert run.phase is ActionPhase.SUCCEEDED
    assert await run.inputs() == {"name": "Ada"}
    assert await run.outputs() == ("Hello, Ada!",)
    assert run.short_name == "main"
    assert run.start_time < run.end_time
    assert run.duration.total_seconds() > 0
    assert json.loads(run.to_json())["action"]["id"]["name"] == "a0"


async def test_the_log_of_a_run_is_complete(client: ClientSet, programs: Programs) -> None:
    run = await Run.get(await programs.once("hello"))
    lines = [line async for line in Logs.tail(run.action.action_id)]
    assert "Saying hello to world\n" in [line.message for line in lines]
    assert all(line.timestamp is not None for line in lines)


async def test_every_action_of_a_fan_out_is_seen_to_its_end(
    client: ClientSet, programs: Programs
) -> None:
    name = await programs.start("fanout", "--gates", "6", "--step_s", "0.05")
    actions: dict[str, Action] = {}
    async with aclosing(Action.watchall(name)) as changes:
        async for changed in changes:
            actions.update({action.name: action for action in changed})
            if actions["a0"].done():
                break
    assert {action.phase for action in actions.values()} == {ActionPhase.SUCCEEDED}
    assert [a.short_name for a in actions.values()].count("measure") == 6
    assert {a.group for a in actions.values() if a.short_name == "measure"} == {"gates"}
    assert {a.parent_name for a in actions.values() if a.name != "a0"} == {"a0"}
    listed = {action.name async for action in Action.listall(name)}
    assert listed == set(actions)


async def test_a_failure_tells_what_went_wrong(client: ClientSet, programs: Programs) -> None:
    run = await Run.get(await programs.once("broken"))
    assert await run.wait(quiet=True, timeout=PATIENCE_S) is ActionPhase.FAILED
    details = await run.action.details()
    assert 'column "price" missing' in details.error_info.message
    with pytest.raises(ActionFailedError, match='column "price" missing') as info:
        await run.outputs()
    assert info.value.error_info.kind == "user"


async def test_each_attempt_has_its_own_end_and_log(client: ClientSet, programs: Programs) -> None:
    run = await Run.get(await programs.once("flaky"))
    assert await run.wait(quiet=True, timeout=PATIENCE_S) is ActionPhase.SUCCEEDED
    tried = [action async for action in Action.listall(run.name) if action.attempts > 1]
    details = await tried[0].details()
    phases = [attempt.phase.value for attempt in details.attempt_list]
    assert phases == ["failed", "failed", "succeeded"]
    assert details.max_attempts >= 3
    for number in (1, 2, 3):
        log = [line.message async for line in Logs.tail(details.action_id, number)]
        assert log


async def test_an_aborted_run_is_seen_to_be_aborted(client: ClientSet, programs: Programs) -> None:
    run = await Run.get(await programs.start("chatty", "--lines", "5000"))
    await run.wait(quiet=True, wait_for="running", timeout=PATIENCE_S)
    await run.abort("not needed any more")
    assert await run.wait(quiet=True, timeout=PATIENCE_S) is ActionPhase.ABORTED
    with pytest.raises(ActionAbortedError, match="not needed any more"):
        await run.outputs()


async def test_a_new_run_appears_among_the_watched(client: ClientSet, programs: Programs) -> None:
    async with aclosing(Run.watchall()) as changes:
        known = {run.name for run in await anext(changes)}
        name = await programs.start("hello", "--name", "Eve")
        assert name not in known
        async for changed in changes:
            known.update(run.name for run in changed if run.done())
            if name in known:
                break


async def test_listings_honour_their_limit_and_pages_follow_one_another(
    client: ClientSet, programs: Programs
) -> None:
    for program in ("hello", "flaky", "broken"):
        await programs.once(program)
    listed = [run.name async for run in Run.listall(limit=3, page_size=2)]
    assert len(listed) == 3
    first = await Run.listpage(limit=2)
    second = await Run.listpage(limit=2, token=first.next_token)
    assert len({run.name for run in (*first.items, *second.items)}) == 4


async def test_what_does_not_exist_is_named(client: ClientSet) -> None:
    with pytest.raises(NotFound, match="Could not read run 'r-ghost' in flytesnacks/development"):
        await Run.get("r-ghost")
    with pytest.raises(NotFound, match="project 'ghost'"):
        await Project.get("ghost")
    with pytest.raises(NotFound, match="r-ghost"):
        await anext(Action.watchall("r-ghost"))
