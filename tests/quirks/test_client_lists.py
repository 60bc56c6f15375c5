"""The client's listings against the backend's offsets, limits and allow-lists."""

from datetime import timedelta

import pytest

from remote_client import Action, Project, Run, TimeFilter
from remote_client.errors import InvalidArgument, NotFound
from tests.quirks.rows import RECOVERED, RUNNING, SUCCEEDED

pytestmark = pytest.mark.usefixtures("client")


async def names(series):
    return [thing.name async for thing in series]


async def test_runs_come_newest_first_though_the_backend_would_sort_by_phase(server):
    for name in ("old", "middle", "new"):
        server.world.add_run(name)
    server.world.report(server.world.roots()[0].key.run, RUNNING)

    assert await names(Run.listall()) == ["new", "middle", "old"]


async def test_a_long_listing_never_asks_for_more_than_the_backend_gives(server):
    for number in range(450):
        server.world.add_run(f"r{number}")

    found = await names(Run.listall(limit=None))

    limits = [asked.request.limit for asked in server.log.requests["RunService/ListRuns"]]
    assert len(found) == 450
    assert max(limits) <= 200


async def test_a_limit_costs_no_page_in_vain(server):
    for number in range(10):
        server.world.add_run(f"r{number}")

    assert len(await names(Run.listall(limit=5))) == 5
    assert server.calls["RunService/ListRuns"] == 1


async def test_a_run_that_is_made_between_two_pages_gives_no_run_twice(server):
    for number in range(6):
        server.world.add_run(f"r{number}")
    found = []
    async for run in Run.listall(page_size=3):
        found.append(run.name)
        if len(found) == 1:
            server.world.add_run("late")

    assert found == ["r5", "r4", "r3", "r2", "r1", "r0"]


@pytest.mark.parametrize(
    ("phases", "found"),
    [
        ("running", ["r"]),
        (["running"], ["r"]),
        (["running", "queued"], ["q", "r"]),
        ("recovered", ["rec"]),
    ],
)
async def test_one_phase_or_several_are_asked_for_as_the_backend_takes_them(server, phases, found):
    for name, phase in (("r", RUNNING), ("s", SUCCEEDED), ("rec", RECOVERED)):
        server.world.report(server.world.add_run(name), phase)
    server.world.add_run("q")

    assert await names(Run.listall(in_phase=phases)) == found


async def test_conditions_use_columns_that_the_backend_knows(server):
    server.world.add_run("mine", "t.one", subject="ana", version="v2")
    server.world.add_run("other", "t.one", subject="bob", version="v2")

    found = Run.listall(created_by_subject="ana", task_name="t.one", task_version="v2")

    assert await names(found) == ["mine"]


async def test_a_span_of_time_includes_its_start_and_not_its_end(server):
    for name in ("a", "b", "c", "d"):
        server.world.add_run(name)
    times = {row.run_name: row.created_at for row in server.world.roots()}

    found = Run.listall(created_at=TimeFilter(after=times["b"], before=times["d"]))

    assert await names(found) == ["c", "b"]


async def test_an_unknown_sort_field_is_an_error_that_names_what_was_asked():
    with pytest.raises(InvalidArgument, match="list the runs of flytesnacks/development"):
        await names(Run.listall(sort_by=("owner", "desc")))


async def test_what_comes_without_an_org_keeps_the_one_that_was_asked(server):
    server.world.add_run("r0")

    run = await anext(Run.listall())

    assert run.org == "acme"
    assert run.action.action_id.run.org == "acme"
    assert run.url.endswith("/v2/domain/development/project/flytesnacks/runs/r0")


async def test_actions_of_which_the_backend_tells_little_are_readable(server):
    run = server.world.add_run("r0")
    server.world.add_action(run, "b1")

    root, child = [action async for action in Action.listall(for_run_name="r0")]

    assert (root.name, child.name, child.parent_name) == ("a0", "b1", "a0")
    assert (child.task_name, child.short_name, child.kind) == ("", "b1", "task")
    assert "b1" in repr(child)


async def test_an_instant_action_lasts_no_time_rather_than_an_unknown_time(server):
    run = server.world.add_run("r0")
    server.world.report(run, SUCCEEDED)

    found = await Run.get("r0")

    assert found.duration == timedelta(0)
    assert found.start_time == found.end_time


async def test_the_last_empty_page_of_projects_ends_the_listing(server):
    for number in range(99):
        server.world.add_project(f"p{number}")

    found = [project async for project in Project.listall()]

    assert len(found) == 100
    assert server.calls["ProjectService/ListProjects"] == 2


async def test_archived_projects_come_when_asked_for(server):
    server.world.add_project("old", state=1)

    assert "old" not in await names(Project.listall())
    assert await names(Project.listall(archived=True)) == ["old"]


async def test_what_does_not_exist_is_not_found_by_name():
    with pytest.raises(NotFound, match="'nope'"):
        await Run.get("nope")
    with pytest.raises(NotFound, match="'nope'"):
        await Project.get("nope")
