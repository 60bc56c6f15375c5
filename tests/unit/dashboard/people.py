"""People with roles, their browsers, sockets and tokens, for the tests of access."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import AsyncClient

from dashboard.access import tokens
from dashboard.access.permissions import Role
from dashboard.asgi import application
from dashboard.models import Grant, Person

ORIGIN = {"origin": "http://localhost:8080", "host": "localhost:8080"}


async def person_with(name: str, *grants: tuple[str, str]) -> Person:
    """An account with (role, project) grants; an empty project means everywhere."""
    person = await Person.objects.acreate(username=name)
    for role, project in grants:
        await Grant.objects.acreate(person=person, role=role, project=project)
    return person


async def browser_of(person: Person) -> AsyncClient:
    client = AsyncClient()
    await client.aforce_login(person)
    return client


def socket_of(browser: AsyncClient) -> WebsocketCommunicator:
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())
    headers = {**ORIGIN, "cookie": cookies}
    raw = [(key.encode(), value.encode()) for key, value in headers.items()]
    return WebsocketCommunicator(application, "/ws", headers=raw)


async def subscribe(socket: WebsocketCommunicator, topic: str, args: dict[str, Any]) -> None:
    await socket.send_json_to({"type": "subscribe", "id": topic, "topic": topic, "args": args})


async def frame_of(socket: WebsocketCommunicator, *kinds: str) -> dict[str, Any]:
    """The next frame of one of the types; those before it are passed over."""
    while True:
        frame: dict[str, Any] = await socket.receive_json_from(timeout=60)
        if frame["type"] in kinds:
            return frame


async def token_of(person: Person, role: str = "viewer", project: str = "", days: int = 1) -> str:
    """The text of a new API token."""
    make = sync_to_async(tokens.make)
    _, text = await make(person, name="t", role=Role.named(role), project=project, days=days)
    return text


def bearer(text: str) -> dict[str, Any]:
    return {"headers": {"authorization": f"Bearer {text}"}}
