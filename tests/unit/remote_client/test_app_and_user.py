"""Apps, and who is signed in."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from flyteidl2.app import app_definition_pb2, app_payload_pb2
from flyteidl2.auth import identity_pb2

from remote_client import App, ClientSet, User
from remote_client.errors import Unauthenticated
from tests.unit.remote_client.fake_platform import FakePlatform

_STATUS = app_definition_pb2.Status.DeploymentStatus


def _app(status: int = _STATUS.DEPLOYMENT_STATUS_ACTIVE) -> Any:
    app = app_definition_pb2.App()
    app.metadata.id.name = "board"
    app.status.conditions.add(deployment_status=status, message="all well")
    app.status.ingress.public_url = "https://board.example.com"
    app.spec.desired_state = app_definition_pb2.Spec.DESIRED_STATE_ACTIVE
    return app


async def test_an_app_is_read_and_listed(fake: FakePlatform, client: ClientSet) -> None:
    fake.answer("AppService.Get", app_payload_pb2.GetResponse(app=_app()))
    fake.answer("AppService.List", app_payload_pb2.ListResponse(apps=[_app()]))
    app = await App.get("board")
    assert (app.status, app.status_message, app.desired_state) == ("active", "all well", "active")
    assert (app.endpoint, app.project) == ("https://board.example.com", "p")
    assert [found.name async for found in App.listall()] == ["board"]


async def test_an_app_is_stopped_from_its_newest_revision(
    fake: FakePlatform, client: ClientSet
) -> None:
    fake.answer("AppService.Get", app_payload_pb2.GetResponse(app=_app()))
    fake.answer("AppService.Update", lambda r, c: app_payload_pb2.UpdateResponse(app=r.app))
    app = await (await App.get("board")).deactivate()
    assert app.desired_state == "stopped"
    assert len(fake.requests("AppService.Get")) == 2


async def test_an_app_is_watched_until_it_is_deleted(fake: FakePlatform, client: ClientSet) -> None:
    async def watch(request: Any, context: grpc.aio.ServicerContext) -> Any:
        if len(fake.requests("AppService.Watch")) == 1:
            yield app_payload_pb2.WatchResponse(
                update_event={"updated_app": _app(_STATUS.DEPLOYMENT_STATUS_DEPLOYING)}
            )
            await context.abort(grpc.StatusCode.UNAVAILABLE, "restart")
        yield app_payload_pb2.WatchResponse(create_event={"app": _app()})
        yield app_payload_pb2.WatchResponse(delete_event={"app": _app()})
        await asyncio.Event().wait()

    fake.answer("AppService.Get", app_payload_pb2.GetResponse(app=_app()))
    fake.answer("AppService.Watch", watch)
    app = await App.get("board")
    assert [seen.status async for seen in app.watch()] == ["deploying", "active"]


async def test_the_signed_in_user_has_a_name(fake: FakePlatform, client: ClientSet) -> None:
    answer = identity_pb2.UserInfoResponse(subject="s1", given_name="Ana", family_name="Lima")
    fake.answer("IdentityService.UserInfo", answer)
    user = await User.get()
    assert (user.subject, user.name) == ("s1", "Ana Lima")


async def test_nobody_signed_in_is_an_error_that_says_so(
    fake: FakePlatform, client: ClientSet
) -> None:
    async def refuse(request: Any, context: grpc.aio.ServicerContext) -> None:
        await context.abort(grpc.StatusCode.UNAUTHENTICATED, "no identity")

    fake.answer("IdentityService.UserInfo", refuse)
    with pytest.raises(Unauthenticated, match="a valid sign-in is needed"):
        await User.get()
