"""Tasks, launches and reruns with changes by the API."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from dashboard.access import tokens
from dashboard.access.permissions import Role
from dashboard.models import Person
from remote_client._values import to_python
from tests.unit.dashboard.fake_launching import INT, STR, list_of
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.people import bearer

WHERE = "project=shop&domain=development"
TASKS = "/api/v1/tasks"


class Script:
    """A script with an API token."""

    def __init__(self, token: str) -> None:
        self.client, self.token = AsyncClient(), token

    async def get(self, path: str) -> Any:
        mark = "&" if "?" in path else "?"
        return await self.client.get(f"{path}{mark}{WHERE}", **bearer(self.token))

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        return await self.client.post(
            f"{path}?{WHERE}", data=body, content_type="application/json", **bearer(self.token)
        )


@pytest.fixture
async def script(person: Person, platform: FakePlatform, upstreams: None) -> Script:
    _, text = await sync_to_async(tokens.make)(
        person, name="t", role=Role.ADMIN, project="", days=1
    )
    return Script(text)


async def test_tasks_and_versions_are_listed(script: Script, platform: FakePlatform) -> None:
    platform.add_task({"n": INT})
    platform.add_task({"n": INT}, version="v2")
    listed = (await script.get(f"{TASKS}?text=load")).json()
    assert [(task["name"], task["version"]) for task in listed["items"]] == [("env.load", "v2")]
    versions = (await script.get(f"{TASKS}/env.load/versions")).json()
    assert [each["version"] for each in versions["items"]] == ["v2", "v1"]
    assert (await script.get(f"{TASKS}/nope/versions")).status_code == 404


async def test_a_task_tells_what_it_takes(script: Script, platform: FakePlatform) -> None:
    platform.add_task({"n": INT, "xs": list_of(STR)}, {"xs": ["a"]})
    told = (await script.get(f"{TASKS}/env.load")).json()
    n, xs = told["inputs"]
    assert (n["type"], n["required"], n["default"]) == ("int", True, None)
    assert (xs["type"], xs["required"], xs["default"]) == ("list[str]", False, ["a"])


async def test_a_task_is_launched(script: Script, platform: FakePlatform) -> None:
    platform.add_task({"n": INT})
    settings = {"labels": {"team": "ml"}, "interruptible": False, "max_action_concurrency": 2}
    body = {"inputs": {"n": 2**60 + 1}, "settings": {"name": "mine", **settings}}
    answer = await script.post(f"{TASKS}/env.load/launch", body)
    assert answer.status_code == 201
    assert answer.json() == {"run": "mine", "task": "env.load", "version": "v1"}
    ((_, inputs, options),) = platform.launched
    assert to_python(inputs["n"]) == 2**60 + 1
    assert (options.labels, options.interruptible) == ({"team": "ml"}, False)
    assert options.max_action_concurrency == 2


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"n": "x"}, "n: int is wanted."),
        ({}, "n: This is needed."),
        ({"n": 1, "m": 2}, "There is no input 'm'. The task takes n."),
    ],
)
async def test_wrong_inputs_are_named(
    script: Script, platform: FakePlatform, inputs: dict[str, Any], said: str
) -> None:
    platform.add_task({"n": INT})
    answer = await script.post(f"{TASKS}/env.load/launch", {"inputs": inputs})
    assert answer.status_code == 422
    assert said in answer.json()["error"]
    assert platform.launched == []


async def test_inputs_that_are_nested_too_deep_are_refused(
    script: Script, platform: FakePlatform
) -> None:
    platform.add_task({"n": INT})
    deep: Any = 1
    for _ in range(150):
        deep = [deep]
    answer = await script.post(f"{TASKS}/env.load/launch", {"inputs": {"n": deep}})
    assert answer.status_code == 422
    assert "nested too deep" in answer.json()["error"]


async def test_a_taken_name_is_a_conflict(script: Script, platform: FakePlatform) -> None:
    platform.add_task({})
    platform.taken_names.add("busy")
    answer = await script.post(f"{TASKS}/env.load/launch", {"settings": {"name": "busy"}})
    assert answer.status_code == 409


async def test_a_rerun_changes_what_is_named_and_keeps_the_rest(
    script: Script, platform: FakePlatform
) -> None:
    platform.add_run({"n": INT, "s": STR}, {"n": 1, "s": "x"})
    platform.run_specs["r1"].labels.values["team"] = "ml"
    body = {"inputs": {"n": 2}, "settings": {"queue": "gpu"}}
    answer = await script.post("/api/v1/runs/r1/rerun-with-changes", body)
    assert answer.json() == {"run": "r1-changed", "rerun_of": "r1"}
    ((_, _, inputs, options),) = platform.rerun_changes
    assert list(inputs) == ["n"]
    assert (options.queue, options.labels) == ("gpu", {"team": "ml"})
