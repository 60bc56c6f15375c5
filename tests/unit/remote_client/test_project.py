"""Projects: get, list, change."""

from __future__ import annotations

import json

import grpc
import pytest
from flyteidl2.project import project_service_pb2 as wire

from remote_client import ClientSet, Project
from remote_client.errors import NotFound
from tests.unit.remote_client.fake_platform import FakePlatform


def _project(id: str, **more: object) -> wire.Project:
    return wire.Project(id=id, domains=[wire.Domain(id="development")], **more)


async def test_it_reads_a_project(fake: FakePlatform, client: ClientSet) -> None:
    project = _project("demo", name="Demo", description="for show")
    project.labels.values["team"] = "blue"
    fake.answer("ProjectService.GetProject", wire.GetProjectResponse(project=project))
    found = await Project.get("demo")
    assert (found.id, found.name, found.description) == ("demo", "Demo", "for show")
    assert (found.state, found.labels) == ("active", {"team": "blue"})
    assert [domain.id for domain in found.domains] == ["development"]
    assert json.loads(found.to_json())["state"] == "PROJECT_STATE_ACTIVE"


async def test_an_unknown_project_is_named_in_the_error(
    fake: FakePlatform, client: ClientSet
) -> None:
    async def refuse(request: object, context: grpc.aio.ServicerContext) -> None:
        await context.abort(grpc.StatusCode.NOT_FOUND, "no rows")

    fake.answer("ProjectService.GetProject", refuse)
    with pytest.raises(NotFound, match="Could not read project 'ghost': it does not exist") as info:
        await Project.get("ghost")
    assert isinstance(info.value, grpc.aio.AioRpcError)
    assert info.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_listing_stops_at_its_limit_without_a_surplus_call(
    fake: FakePlatform, client: ClientSet
) -> None:
    def page(request: wire.ListProjectsRequest, context: object) -> wire.ListProjectsResponse:
        start = int(request.token or 0)
        found = [_project(f"p{n}") for n in range(start, start + request.limit)]
        token = str(start + request.limit)
        return wire.ListProjectsResponse(projects=wire.Projects(projects=found, token=token))

    fake.answer("ProjectService.ListProjects", page)
    names = [project.id async for project in Project.listall(limit=5, page_size=2)]
    assert names == ["p0", "p1", "p2", "p3", "p4"]
    asked = fake.requests("ProjectService.ListProjects")
    assert [(r.limit, r.token) for r in asked] == [(2, ""), (2, "2"), (1, "4")]


async def test_an_update_keeps_what_is_not_named(fake: FakePlatform, client: ClientSet) -> None:
    project = _project("demo", name="Demo", description="old")
    fake.answer("ProjectService.GetProject", wire.GetProjectResponse(project=project))
    fake.answer("ProjectService.UpdateProject", wire.UpdateProjectResponse())
    await Project.update("demo", description="new", state="archived")
    (request,) = fake.requests("ProjectService.UpdateProject")
    assert (request.project.name, request.project.description) == ("Demo", "new")
    assert (request.project.state, len(request.project.domains)) == (1, 0)
