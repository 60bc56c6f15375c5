"""The API for scripts: tokens from the page that makes them, answers, and errors as JSON."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import AsyncClient
from django.utils import timezone

from dashboard.models import ApiToken, AuditEntry, Person
from remote_client.errors import Unavailable
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.people import bearer, browser_of, person_with, token_of
from tests.unit.dashboard.things import action, details, lines, project, run

WHERE = {"project": "shop", "domain": "development"}
JSON = {"content_type": "application/json"}


@pytest.fixture
async def script(person: Person, platform: FakePlatform, upstreams: None) -> Any:
    """Calls the API with an operator's token of ana's."""
    client, key = AsyncClient(), bearer(await token_of(person, "operator"))

    async def call(method: str, path: str, *args: Any, **more: Any) -> Any:
        return await getattr(client, method)(f"/api/v1{path}", *args, **more, **key)

    return call


async def make_token(browser: AsyncClient, **form: Any) -> Any:
    return await browser.post("/tokens", {"name": "n", "role": "viewer", "days": 30, **form})


# --- tokens -------------------------------------------------------------------------------------


async def test_a_token_is_shown_once_and_kept_as_a_hash(browser: AsyncClient) -> None:
    page = (await make_token(browser)).content.decode()
    (text,) = set(re.findall(r"fb_[A-Za-z0-9_-]{43}", page))
    assert text not in (await browser.get("/tokens")).content.decode()
    token = await ApiToken.objects.aget()
    assert text not in str(vars(token))
    assert (await AsyncClient().get("/api/v1/projects", **bearer(text))).status_code == 200
    everything = [str(vars(entry)) async for entry in AuditEntry.objects.all()]
    assert text not in "".join(everything)


async def test_no_token_goes_above_its_owner(
    platform: FakePlatform, transactional_db: None
) -> None:
    viewer = await browser_of(await person_with("vi", ("operator", "shop"), ("viewer", "bank")))
    for form in ({"role": "admin"}, {"role": "operator", "project": "bank"}, {"days": 366}):
        assert (await make_token(viewer, **form)).status_code == 400
    assert await ApiToken.objects.acount() == 0
    assert (await make_token(viewer, role="operator", project="shop")).status_code == 200


async def test_a_token_of_one_project_sees_no_other(
    person: Person, platform: FakePlatform, upstreams: None
) -> None:
    platform.projects_there["bank"] = project("bank")
    key = bearer(await token_of(person, "viewer", "bank"))
    answer = (await AsyncClient().get("/api/v1/projects", **key)).json()
    assert [item["id"] for item in answer["items"]] == ["bank"]
    assert (await AsyncClient().get("/api/v1/runs", WHERE, **key)).status_code == 404


@pytest.mark.parametrize("how", ["revoked", "expired", "unknown", "none", "basic"])
async def test_a_token_that_does_not_count_is_refused(browser: AsyncClient, how: str) -> None:
    person = await Person.objects.aget()
    text = await token_of(person)
    token = await ApiToken.objects.aget()
    if how == "revoked":
        await browser.post(f"/tokens/{token.pk}/revoke")
    if how == "expired":
        await ApiToken.objects.aupdate(expires_at=timezone.now() - timedelta(seconds=1))
    header = {"unknown": "Bearer fb_nonsense", "none": "", "basic": "Basic YTpi"}
    key = {"headers": {"authorization": header.get(how, f"Bearer {text}")}}
    response = await AsyncClient().get("/api/v1/projects", **key)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert "API token" in response.json()["error"]


async def test_nobody_revokes_the_tokens_of_others(browser: AsyncClient) -> None:
    other = await person_with("bo", ("viewer", ""))
    await token_of(other)
    token = await ApiToken.objects.aget()
    assert (await browser.post(f"/tokens/{token.pk}/revoke")).status_code == 404
    assert (await ApiToken.objects.aget()).is_good


async def test_it_notes_when_a_token_was_last_used(script: Any) -> None:
    assert (await ApiToken.objects.aget()).last_used_at is None
    await script("get", "/projects")
    assert (await ApiToken.objects.aget()).last_used_at is not None


# --- what it answers ----------------------------------------------------------------------------


async def test_runs_come_in_pages_with_filters(script: Any, platform: FakePlatform) -> None:
    for n in range(5):
        platform.runs_there[f"r{n}"] = run(f"r{n}", "failed" if n % 2 else "running", start=n)
    question = {**WHERE, "limit": 1, "q": "phase:failed", "task": "env.a0"}
    first = (await script("get", "/runs", question)).json()
    second = (await script("get", "/runs", {**question, "token": first["next_token"]})).json()
    names = [[item["name"] for item in answer["items"]] for answer in (first, second)]
    assert names == [["r3"], ["r1"]]
    part, _, _ = platform.where_questions[0]
    assert {condition.field for condition in part.filters} == {"phase", "task_name"}


async def test_runs_of_all_projects_are_those_that_the_token_may_see(
    script: Any, platform: FakePlatform
) -> None:
    platform.runs_there["r1"] = run("r1")
    answer = (await script("get", "/runs", {})).json()
    assert [item["name"] for item in answer["items"]] == ["r1"]


async def test_a_query_that_makes_no_sense_is_told_apart(script: Any) -> None:
    answer = await script("get", "/runs", {**WHERE, "q": "phse:failed"})
    assert answer.status_code == 422
    assert "Did you mean phase?" in answer.json()["error"]
    assert (await script("get", "/runs", {**WHERE, "token": "5"})).status_code == 422
    assert (await script("get", "/runs", {"project": "shop"})).status_code == 422


async def test_a_run_its_actions_and_its_log(script: Any, platform: FakePlatform) -> None:
    platform.runs_there["r1"] = run("r1", "succeeded")
    platform.details_there["a0"] = details("a0", "succeeded")
    tree = [
        action("a0", "succeeded", below={"succeeded": 1}),
        action("b", "succeeded", parent="a0", group="g"),
    ]
    await platform.actions.give(tree)
    await platform.log.give(lines("one", "two"))
    await platform.log.end()
    assert (await script("get", "/runs/r1", WHERE)).json()["phase"] == "succeeded"
    answer = (await script("get", "/runs/r1/actions", WHERE)).json()
    assert [(each["name"], each["parent"]) for each in answer["items"]] == [("a0", ""), ("b", "a0")]
    assert answer["is_complete"] is True
    log = await script("get", "/runs/r1/actions/a0/attempts/1/log", WHERE)
    assert b"".join([chunk async for chunk in log.streaming_content]) == b"one\ntwo\n"


async def test_lines_of_a_log_by_number_and_a_search(script: Any, platform: FakePlatform) -> None:
    platform.details_there["a0"] = details("a0", "succeeded")
    await platform.log.give(lines("INFO one", "ERROR two", "three"))
    await platform.log.end()
    here = "/runs/r1/actions/a0/attempts/1/log"
    answer = (await script("get", f"{here}/lines", {**WHERE, "from": 2, "to": 9})).json()
    assert (answer["total"], answer["is_complete"], answer["note"]) == (3, True, "")
    assert [(row["number"], row["text"], row["level"]) for row in answer["items"]] == [
        (2, "ERROR two", "error"),
        (3, "three", ""),
    ]
    found = (await script("get", f"{here}/search", {**WHERE, "q": "O", "level": "error"})).json()
    assert found == {"numbers": [2], "count": 1, "total": 3}
    pattern = {**WHERE, "q": "^t.*e$", "regex": "true"}
    assert (await script("get", f"{here}/search", pattern)).json()["numbers"] == [3]
    refused = await script("get", f"{here}/search", {**WHERE, "q": "(", "regex": "true"})
    assert refused.status_code == 422
    assert "missing" in refused.json()["error"]
    unknown = await script("get", "/runs/r1/actions/zz/attempts/1/log/lines", WHERE)
    assert unknown.status_code == 404


async def test_an_abort_is_asked_once_and_written_down(script: Any, platform: FakePlatform) -> None:
    platform.runs_there["r1"] = run("r1")
    path = "/runs/r1/abort?project=shop&domain=development"
    answer = await script("post", path, {"reason": "too slow"}, **JSON)
    assert answer.json() == {"run": "r1", "phase": "running", "is_aborting": True}
    assert platform.aborted == [("r1", "too slow")]
    entry = await AuditEntry.objects.aget(action="run.abort")
    assert entry.person == "ana"
    platform.runs_there["r1"] = run("r1", "succeeded")
    assert (await script("post", path, {}, **JSON)).json()["is_aborting"] is False
    assert len(platform.aborted) == 1


# --- errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "query", "status", "said"),
    [
        ("/runs", {"project": "shop"}, 422, "domain"),
        ("/runs", {**WHERE, "limit": 101}, 422, "limit"),
        ("/runs", {**WHERE, "phase": "sleepy"}, 422, "phase"),
        ("/runs", {"project": "nope", "domain": "development"}, 404, "nope"),
        ("/runs", {"project": "shop", "domain": "nope"}, 404, "nope"),
        ("/runs/nope", WHERE, 404, "nope"),
        ("/nope", {}, 404, "/api/v1/nope"),
    ],
)
async def test_errors_are_json(
    script: Any, path: str, query: dict[str, Any], status: int, said: str
) -> None:
    response = await script("get", path, query)
    body = response.json()
    assert (response.status_code, body["status"]) == (status, status)
    assert said in body["error"]
    assert body["request_id"] == response.headers["X-Request-ID"]


async def test_a_platform_that_is_away_is_a_503(script: Any, platform: FakePlatform) -> None:
    platform.error = Unavailable("gone")
    response = await script("get", "/projects")
    assert response.status_code == 503
    assert "not reachable" in response.json()["error"]
    assert response.headers["Retry-After"]


async def test_a_fault_of_our_own_tells_nothing_of_its_insides(
    script: Any, platform: FakePlatform
) -> None:
    platform.error = RuntimeError("a secret inside")
    response = await script("get", "/projects")
    assert response.status_code == 500
    assert "inside" not in response.content.decode()


async def test_it_describes_itself_to_who_has_a_token_alone(script: Any) -> None:
    described = (await script("get", "/openapi.json")).json()
    assert "/api/v1/runs/{run}/abort" in described["paths"]
