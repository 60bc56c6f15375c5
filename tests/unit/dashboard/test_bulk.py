"""Acts on many runs: told before, done with a result for each, and written down."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from dashboard.models import AuditEntry
from dashboard.run_lists.bulk import MOST_RUNS, jobs
from remote_client.errors import PermissionDenied, Unavailable
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.people import (
    bearer,
    browser_of,
    frame_of,
    person_with,
    socket_of,
    subscribe,
    token_of,
)
from tests.unit.dashboard.things import action, run

HERE = "/v2/domain/development/project/shop"
ABORT, RERUN = f"{HERE}/bulk/abort", f"{HERE}/bulk/rerun"
WHERE = "project=shop&domain=development"


@pytest.fixture
async def four(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> FakePlatform:
    """r1 and r2 go on, r3 has ended, r4 is refused and r5 can't be reached."""
    for name, phase in (
        ("r1", "running"), ("r2", "queued"), ("r3", "succeeded"), ("r4", "running"),
        ("r5", "running"),
    ):  # fmt: skip
        platform.runs_there[name] = run(name, phase)
    errors = {"r4": PermissionDenied("Not yours."), "r5": Unavailable("Away.")}
    for verb in ("abort", "rerun"):
        done = getattr(platform, verb)

        async def do(asked: Any, *more: Any, done: Any = done, **options: Any) -> Any:
            if asked.name in errors:
                raise errors[asked.name]
            return await done(asked, *more, **options)

        monkeypatch.setattr(platform, verb, do)
    await platform.actions.give([action("a0", below={"running": 3, "succeeded": 9})])
    return platform


def outcomes(response: Any) -> dict[str, str]:
    return {each.run: each.outcome for each in response.context["page"].results}


async def test_what_an_abort_will_do_is_said_before_it_is_done(
    browser: AsyncClient, four: FakePlatform
) -> None:
    response = await browser.get(ABORT, {"run": ["r1", "r2", "r3", "gone"]})
    page = response.context["page"]
    assert page.says == "Aborts 2 runs and their 6 running actions."
    assert page.button == "Abort 2 runs"
    assert "left out" in response.content.decode()
    assert four.aborted == []


async def test_each_run_has_its_own_result(browser: AsyncClient, four: FakePlatform) -> None:
    chosen = {"run": ["r1", "r2", "r3", "r4", "r5", "gone"], "reason": "wrong data"}
    response = await browser.post(ABORT, chosen, follow=True)
    assert outcomes(response) == {
        "r1": "done", "r2": "done", "r3": "ended", "r4": "refused", "r5": "failed",
        "gone": "failed",
    }  # fmt: skip
    assert sorted(four.aborted) == [("r1", "wrong data"), ("r2", "wrong data")]
    body = response.content.decode()
    assert "Not yours." in body
    assert "had ended already (succeeded)" in body
    entries = AuditEntry.objects.filter(action="run.abort").values_list("thing", "result")
    written = dict(await sync_to_async(list)(entries))
    assert written == {
        "shop/development/r1": "done",
        "shop/development/r2": "done",
        "shop/development/r4": "failed",
        "shop/development/r5": "failed",
    }


async def test_runs_start_again_and_lead_to_the_new_ones(
    browser: AsyncClient, four: FakePlatform
) -> None:
    told = (await browser.get(RERUN, {"run": ["r1", "r3"]})).context["page"]
    assert told.says == "Starts 2 runs again, each with its inputs and settings."
    response = await browser.post(RERUN, {"run": ["r1", "r3", "r4"]}, follow=True)
    assert outcomes(response) == {"r1": "done", "r3": "done", "r4": "refused"}
    assert f'{HERE}/runs/r3-again"' in response.content.decode()


async def test_results_are_pushed_as_they_come(
    browser: AsyncClient, four: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.run_lists.bulk_views.FIRST_WAIT_S", 0.01)
    may_go_on = asyncio.Event()
    abort = four.abort

    async def slowly(asked: Any, reason: str) -> None:
        if asked.name == "r2":
            await may_go_on.wait()
        await abort(asked, reason)

    monkeypatch.setattr(four, "abort", slowly)
    answer = await browser.post(ABORT, {"run": ["r1", "r2"]})
    address = answer.headers["Location"]
    page = await browser.get(address)
    assert outcomes(page)["r2"] == "waiting"
    assert 'http-equiv="refresh"' in page.content.decode()
    socket = socket_of(browser)
    await socket.connect()
    job = address.rpartition("/")[2]
    await subscribe(socket, "bulk", {"project": "shop", "domain": "development", "job": job})
    await frame_of(socket, "snapshot")
    may_go_on.set()
    frame = await frame_of(socket, "update")
    assert [row["key"] for row in frame["rows"]] == ["r2"]
    assert "all answered" in frame["parts"]["summary"]
    await socket.disconnect()
    assert set(outcomes(await browser.get(address)).values()) == {"done"}


async def test_a_job_of_another_project_or_time_is_not_there(
    browser: AsyncClient, four: FakePlatform
) -> None:
    answer = await browser.post(ABORT, {"run": "r1"})
    elsewhere = answer.headers["Location"].replace("/development/", "/production/")
    assert (await browser.get(elsewhere)).status_code == 404
    assert (await browser.get(f"{ABORT}/{'x' * 16}")).status_code == 404


async def test_none_and_too_many_are_refused(browser: AsyncClient, four: FakePlatform) -> None:
    assert (await browser.get(ABORT)).status_code == 400
    many = [f"r{n}" for n in range(MOST_RUNS + 1)]
    assert (await browser.post(ABORT, {"run": many})).status_code == 400
    assert four.aborted == []


async def test_a_viewer_may_neither(
    platform: FakePlatform, four: FakePlatform, person: Any
) -> None:
    viewer = await browser_of(await person_with("vera", ("viewer", "")))
    assert (await viewer.post(ABORT, {"run": "r1"})).status_code == 403
    assert (await viewer.post(RERUN, {"run": "r1"})).status_code == 403
    assert (four.aborted, four.rerun_of) == ([], [])
    body = (await viewer.get(f"{HERE}/runs")).content.decode()
    assert "Abort…" not in body


async def test_the_api_answers_with_a_result_for_each(
    four: FakePlatform, person: Any, upstreams: None
) -> None:
    key = bearer(await token_of(person, "operator"))
    sent = {"runs": ["r1", "r3", "r4"], "reason": "x"}
    answer = await AsyncClient().post(
        f"/api/v1/runs-abort?{WHERE}", sent, content_type="application/json", **key
    )
    found = {each["run"]: each["outcome"] for each in answer.json()["results"]}
    assert found == {"r1": "done", "r3": "ended", "r4": "refused"}
    answer = await AsyncClient().post(
        f"/api/v1/runs-rerun?{WHERE}", {"runs": ["r3"]}, content_type="application/json", **key
    )
    assert answer.json()["results"][0]["new_run"] == "r3-again"
    none = await AsyncClient().post(
        f"/api/v1/runs-abort?{WHERE}", {"runs": []}, content_type="application/json", **key
    )
    assert none.status_code == 422


async def test_old_results_make_room(browser: AsyncClient, four: FakePlatform) -> None:
    first = (await browser.post(ABORT, {"run": "r3"})).headers["Location"].rpartition("/")[2]
    jobs._jobs[first].begun_at -= 4000
    await browser.post(ABORT, {"run": "r3"})
    assert first not in jobs._jobs
