"""Every role against every action of the permission table, by page, by socket and by the API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from dashboard.access.permissions import PERMISSIONS, Reach
from dashboard.access.rights import Rights, read_rights
from dashboard.models import ApiToken, Person
from tests.unit.dashboard.fake_cluster_settings import app
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.fake_triggers import trigger
from tests.unit.dashboard.people import (
    bearer,
    browser_of,
    frame_of,
    person_with,
    socket_of,
    subscribe,
)
from tests.unit.dashboard.things import action, condition, details, lines, run

RUNS = "/v2/domain/development/project/shop/runs"
RUN = f"{RUNS}/r1"
BASE = RUNS.removesuffix("/runs")
HERE = {"project": "shop", "domain": "development"}
WHERE = "project=shop&domain=development"
THERE = {**HERE, "run": "r1"}

# Who there is: name → grants as (role, project).
HOLDERS: dict[str, tuple[tuple[str, str], ...]] = {
    "nobody": (),
    "viewer here": (("viewer", "shop"),),
    "operator here": (("operator", "shop"),),
    "admin here": (("admin", "shop"),),
    "viewer everywhere": (("viewer", ""),),
    "operator everywhere": (("operator", ""),),
    "admin everywhere": (("admin", ""),),
    "admin elsewhere": (("admin", "other"),),
    "viewer everywhere, operator here": (("viewer", ""), ("operator", "shop")),
}

# How each action is done on each surface. `project.see` is listing: done when it is in the list.
PAGES: dict[str, tuple[str, str]] = {
    "project.see": ("get", "/v2/projects"),
    "run.list": ("get", RUNS),
    "run.see": ("get", RUN),
    "action.see": ("get", f"{RUN}?i=a0"),
    "log.read": ("get", f"{RUN}/actions/a0/attempts/1/log.txt"),
    "action.signal": ("post", f"{RUN}/actions/go/signal"),
    "run.rerun": ("post", f"{RUN}/rerun"),
    "task.see": ("get", RUNS.replace("/runs", "/tasks")),
    "run.launch": ("post", RUNS.replace("/runs", "/tasks/env.load/v1/launch")),
    "run.abort": ("post", f"{RUN}/abort"),
    "view.share": ("post", RUNS.replace("/runs", "/views")),
    "wall.see": ("get", f"{BASE}/wall"),
    "wall.link": ("post", f"{BASE}/wall/links"),
    "trigger.see": ("get", f"{BASE}/triggers"),
    "trigger.switch": ("post", f"{BASE}/triggers/switch"),
    "trigger.write": ("post", f"{BASE}/triggers/new"),
    "trigger.delete": ("post", f"{BASE}/triggers/env.main/nightly/delete"),
    "app.see": ("get", f"{BASE}/apps"),
    "app.switch": ("post", f"{BASE}/apps/chat/switch"),
    "app.delete": ("post", f"{BASE}/apps/chat/delete"),
    "settings.see": ("get", f"{BASE}/settings"),
    "settings.change": ("post", f"{BASE}/settings/project/edit"),
    "secret.list": ("get", f"{BASE}/secrets"),
    "secret.write": ("post", f"{BASE}/secrets/new"),
    "secret.delete": ("post", f"{BASE}/secrets/project/KEY/delete"),
    "project.change": ("post", "/v2/projects/shop/edit"),
    "project.create": ("post", "/v2/new-project"),
    "people.manage": ("get", "/people"),
    "audit.read": ("get", "/audit"),
    "token.own": ("get", "/tokens"),
}
DATA: dict[str, dict[str, Any]] = {
    "action.signal": {"answer": "true"},
    "trigger.switch": {
        "one": "off:env.main/nightly",
        "is_active": False,
        "triggers": ["env.main/nightly"],
    },
    "trigger.write": {
        "task": "env.main",
        "version": "v1",
        "name": "hourly",
        "kind": "rate",
        "every": "2",
        "unit": "hours",
        "inputs": '{"x": 3}',
    },
    "wall.link": {"label": "hall"},
    "app.switch": {"active": "0", "is_active": False},
    "settings.change": {"version": 0, "values": {}},
    "secret.write": {"name": "NEW", "at": "project", "value": "v"},
    "project.change": {"name": "Shop"},
    "project.create": {"name": "Lab"},
    "view.share": {"name": "v", "q": "", "shared": "on", "is_shared": True},
}
"""What an act needs beside its address."""
SOCKETS: dict[str, tuple[str, dict[str, Any]]] = {
    "run.list": ("runs", HERE),
    "run.see": ("run", THERE),
    "action.see": ("action", {**THERE, "action": "a0"}),
    "log.read": ("log", {**THERE, "action": "a0", "attempt": 1}),
    "wall.see": ("wall", HERE),
    "trigger.see": ("triggers", HERE),
    "app.see": ("apps", HERE),
    "secret.list": ("secrets", HERE),
}
API: dict[str, tuple[str, str]] = {
    "project.see": ("get", "/api/v1/projects"),
    "run.list": ("get", f"/api/v1/runs?{WHERE}"),
    "run.see": ("get", f"/api/v1/runs/r1?{WHERE}"),
    "action.see": ("get", f"/api/v1/runs/r1/actions?{WHERE}"),
    "log.read": ("get", f"/api/v1/runs/r1/actions/a0/attempts/1/log?{WHERE}"),
    "action.signal": ("post", f"/api/v1/runs/r1/actions/go/signal?{WHERE}"),
    "run.rerun": ("post", f"/api/v1/runs/r1/rerun?{WHERE}"),
    "task.see": ("get", f"/api/v1/tasks?{WHERE}"),
    "run.launch": ("post", f"/api/v1/tasks/env.load/launch?{WHERE}"),
    "run.abort": ("post", f"/api/v1/runs/r1/abort?{WHERE}"),
    "view.share": ("post", f"/api/v1/views?{WHERE}"),
    "wall.see": ("get", f"/api/v1/wall?{WHERE}"),
    "wall.link": ("post", f"/api/v1/wall/links?{WHERE}"),
    "trigger.see": ("get", f"/api/v1/triggers?{WHERE}"),
    "trigger.switch": ("post", f"/api/v1/triggers/switch?{WHERE}"),
    "trigger.write": ("put", f"/api/v1/triggers/env.main/hourly?{WHERE}"),
    "trigger.delete": ("delete", f"/api/v1/triggers/env.main/nightly?{WHERE}"),
    "app.see": ("get", f"/api/v1/apps?{WHERE}"),
    "app.switch": ("post", f"/api/v1/apps/chat/switch?{WHERE}"),
    "app.delete": ("delete", f"/api/v1/apps/chat?{WHERE}"),
    "settings.see": ("get", f"/api/v1/settings?{WHERE}"),
    "settings.change": ("put", f"/api/v1/settings?{WHERE}"),
    "secret.list": ("get", f"/api/v1/secrets?{WHERE}"),
    "secret.write": ("post", f"/api/v1/secrets/project/NEW?{WHERE}"),
    "secret.delete": ("delete", f"/api/v1/secrets/project/KEY?{WHERE}"),
    "project.change": ("patch", "/api/v1/projects/shop"),
    "project.create": ("post", "/api/v1/projects/lab"),
}
WITHOUT_SURFACE: set[str] = set()
"""In the table ahead of their pages."""


@pytest.fixture
async def world(transactional_db: None, platform: FakePlatform, upstreams: None) -> FakePlatform:
    """A platform with one project and a run in it that goes on."""
    platform.triggers_there = {"env.main/nightly": trigger("nightly")}
    platform.apps_there = {"chat": app("chat")}
    platform.secrets_there = {("shop", "development", "KEY"): "v"}
    platform.runs_there["r1"] = run("r1")
    platform.add_task({})
    platform.details_there["a0"] = details("a0", "running")
    platform.conditions_there["go"] = condition("go")
    await platform.runs.give([run("r1")])
    await platform.actions.give([action("a0", below={"running": 1}), action("b", parent="a0")])
    await platform.action_details.give(details("a0", "running", attempt_phases=("running",)))
    await platform.log.give(lines("one line"))
    await platform.log.end()
    return platform


def expected(rights: Rights, name: str) -> int:
    """The status of a refusal, or 200. Spelled out here rather than asked of the code under test"""
    permission = PERMISSIONS[name]
    role = {
        Reach.EVERYWHERE: rights.everywhere,
        Reach.ANYWHERE: max([rights.everywhere, *rights.projects.values()]),
        Reach.PROJECT: max(rights.everywhere, rights.projects.get("shop", 0)),
    }[permission.reach]
    if role >= permission.least:
        return 200
    sees = max(rights.everywhere, rights.projects.get("shop", 0)) >= 1
    return 404 if permission.reach is Reach.PROJECT and not sees else 403


async def all_cells(
    who: Person, surface: dict[str, Any], do: Callable[[str], Awaitable[int]]
) -> None:
    rights = await sync_to_async(read_rights)(who)
    answers = {name: await do(name) for name in surface}
    assert answers == {name: expected(rights, name) for name in surface}


def test_no_action_is_without_a_test() -> None:
    assert set(PERMISSIONS) == {*PAGES, *SOCKETS, *API, *WITHOUT_SURFACE}
    assert not WITHOUT_SURFACE & {*PAGES, *SOCKETS, *API}


@pytest.mark.parametrize("holder", HOLDERS)
async def test_pages(holder: str, world: FakePlatform) -> None:
    who = await person_with("who", *HOLDERS[holder])
    browser = await browser_of(who)

    async def do(name: str) -> int:
        method, address = PAGES[name]
        response = await getattr(browser, method)(address, DATA.get(name))
        return seen(name, response.status_code, await content(response))

    await all_cells(who, PAGES, do)
    may_abort = read_rights_sync(HOLDERS[holder]).may("run.abort", "shop")
    assert bool(world.aborted) == may_abort


@pytest.mark.parametrize("holder", HOLDERS)
async def test_sockets(holder: str, world: FakePlatform) -> None:
    who = await person_with("who", *HOLDERS[holder])
    socket = socket_of(await browser_of(who))
    await socket.connect()

    async def do(name: str) -> int:
        topic, args = SOCKETS[name]
        await subscribe(socket, topic, args)
        frame = await frame_of(socket, "snapshot", "error")
        refusals = {"not_found": 404, "denied": 403}
        return 200 if frame["type"] == "snapshot" else refusals[frame["code"]]

    await all_cells(who, SOCKETS, do)
    await socket.disconnect()


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
@pytest.mark.parametrize("holder", HOLDERS)
async def test_the_api(holder: str, role: str, world: FakePlatform) -> None:
    """The token's own role and its owner's both bound what it may do."""
    who = await person_with("who", *HOLDERS[holder])
    text = await any_token(who, role)
    own = await sync_to_async(read_rights)(who)
    bound = {"viewer": 1, "operator": 2, "admin": 3}[role]
    limited = Rights(
        min(own.everywhere, bound),  # type: ignore[arg-type]
        {name: min(each, bound) for name, each in own.projects.items()},  # type: ignore[misc]
    )
    for name, (method, address) in API.items():
        body = {"reason": "x", **DATA.get(name, {})}
        options = {"data": body, "content_type": "application/json"}
        more = options if method in ("post", "put", "patch") else {}
        response = await getattr(AsyncClient(), method)(address, **more, **bearer(text))
        wanted = expected(limited, name)
        if name == "project.see" and not limited.highest:
            wanted = 403
        got = seen(name, response.status_code, await content(response))
        assert got == wanted, (name, got, wanted)
        if wanted != 200 and response.status_code >= 400:
            assert response.json()["status"] == wanted


async def test_a_cookie_is_no_key_to_the_api(world: FakePlatform) -> None:
    browser = await browser_of(await person_with("who", ("admin", "")))
    for method, address in API.values():
        assert (await getattr(browser, method)(address)).status_code == 401
    assert world.aborted == []


async def test_a_token_is_no_key_to_pages(world: FakePlatform) -> None:
    text = await any_token(await person_with("who", ("admin", "")), "admin")
    for method, address in PAGES.values():
        response = await getattr(AsyncClient(), method)(address, **bearer(text))
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/sign-in")


def read_rights_sync(grants: tuple[tuple[str, str], ...]) -> Rights:
    from dashboard.access.rights import from_grants

    return from_grants([(project, role) for role, project in grants])


async def any_token(who: Person, role: str) -> str:
    """A token of any role, also one above its owner's, as if the owner had lost theirs since."""
    from datetime import timedelta

    from django.utils import timezone

    from dashboard.access import tokens

    text = f"fb_{role}-of-{who.username}"
    await ApiToken.objects.acreate(
        person=who,
        name="t",
        role=role,
        token_hash=tokens._hash(text),
        expires_at=timezone.now() + timedelta(days=1),
    )
    return text


def seen(name: str, status: int, body: str) -> int:
    """What an answer means: a redirect says done; a list without the project says there is none."""
    if status in (201, 204, 302):
        return 200
    is_listed = "project/shop/" in body or '"id": "shop"' in body
    return 404 if name == "project.see" and status == 200 and not is_listed else status


async def content(response: Any) -> str:
    if not response.streaming:
        return str(response.content.decode())
    return "".join([chunk.decode() async for chunk in response.streaming_content])
