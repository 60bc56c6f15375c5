"""Home: the reader's runs, what runs, failures that say the same, and what waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import AsyncClient
from django.utils import timezone

from dashboard.home import gathering
from dashboard.home.failing import grouped
from dashboard.run_lists.facts import RunFacts
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.people import bearer, browser_of, person_with, token_of
from tests.unit.dashboard.things import START, at, condition, details, project, run


def owned(name: str, owner: str, phase: str = "running", **more: Any) -> Any:
    made = run(name, phase, **more)
    made._pb.action.metadata.executed_by.user.spec.first_name = owner
    return made


def rows(section: Any) -> list[str]:
    return [row.name for row in section.rows]


async def test_home_shows_mine_and_what_runs(browser: AsyncClient, platform: FakePlatform) -> None:
    platform.runs_there = {
        "r1": owned("r1", "ana"),
        "r2": owned("r2", "bo", start=60),
        "r3": owned("r3", "ana", "succeeded", start=120),
    }
    page = (await browser.get("/")).context["page"]
    assert rows(page.mine) == ["r3", "r1"]
    assert rows(page.running) == ["r2", "r1"]
    assert '"query": "phase:queued' in page.running.live_args
    assert not page.is_new


async def test_a_newcomer_gets_the_one_command(browser: AsyncClient) -> None:
    body = (await browser.get("/")).content.decode()
    assert "run --project shop --domain development hello" in body


async def test_who_has_no_role_is_told_so(platform: FakePlatform, person: Any) -> None:
    nobody = await browser_of(await person_with("eve"))
    response = await nobody.get("/")
    assert response.templates[0].name == "people/no_role.html"


async def test_only_projects_that_one_may_see_are_asked(
    platform: FakePlatform, person: Any, upstreams: None
) -> None:
    platform.projects_there["secret"] = project("secret")
    platform.runs_there["r1"] = owned("r1", "ana")
    vera = await browser_of(await person_with("vera", ("viewer", "shop")))
    page = (await vera.get("/")).context["page"]
    assert {row.where.split(" / ")[0] for row in page.running.rows} == {"shop"}


def failed(name: str, line: str, minutes: float, task: str = "etl.main") -> RunFacts:
    return RunFacts(
        "shop", "development", name, "failed", task=task, error_line=line,
        started=START, ended=START + timedelta(minutes=minutes),
    )  # fmt: skip


def test_failures_that_say_the_same_are_one_group() -> None:
    found = grouped(
        [
            failed("r1", "ValueError: 3 rows missing", 1),
            failed("r2", "ValueError: 17 rows missing", 5, task="load.main"),
            failed("r3", "KeyError: price", 3),
            failed("r4", "", 2),
            replace(failed("r5", "", 2), task="other"),
        ]
    )
    newest = found[0]
    assert (newest.count, newest.headline, newest.newest_run) == (
        2,
        "ValueError: 17 rows missing",
        "r2",
    )
    assert (newest.first_at, newest.last_at) == (at(60), at(300))
    assert newest.tasks == ("etl.main", "load.main")
    assert [group.count for group in found] == [2, 1, 1, 1]


async def test_failures_of_the_last_day_are_told(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    recent = (timezone.now() - START).total_seconds() - 3600
    platform.runs_there = {
        "r1": run("r1", "failed", start=recent),
        "r2": run("r2", "failed", start=recent + 60),
        "old": run("old", "failed", start=recent - 2 * 86400),
    }
    platform.details_there["a0"] = details("a0", "failed", error=("ValueError", "<b>no price"))
    response = await browser.get("/")
    failures = response.context["page"].failures
    assert [(group.count, group.newest_run) for group in failures.groups] == [(2, "r2")]
    assert "&lt;b&gt;no price" in response.content.decode()


async def test_what_waits_leads_to_where_it_is_answered(
    browser: AsyncClient, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.runs_there = {"r1": owned("r1", "bo")}

    async def asks(scope: Any, runs: Any) -> list[Any]:
        return [condition("go", prompt="Ship <it>?") for run in runs if run == "r1"]

    monkeypatch.setattr(platform, "waiting_conditions", asks)
    response = await browser.get("/")
    body = response.content.decode()
    (waiting,) = response.context["page"].waiting.conditions[:1]
    assert waiting.url.endswith("/runs/r1?i=go")
    assert waiting.may_answer
    assert "Ship &lt;it&gt;?" in body
    viewer = await browser_of(await person_with("vera", ("viewer", "shop")))
    page = (await viewer.get("/")).context["page"]
    assert not page.waiting.conditions[0].may_answer


async def test_a_part_that_takes_too_long_says_so_and_holds_up_nothing(
    browser: AsyncClient, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    platform.runs_there = {"r1": owned("r1", "ana")}
    monkeypatch.setattr(gathering, "PATIENCE_S", 0.3)

    async def never(*_: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(platform, "waiting_conditions", never)
    page = (await browser.get("/")).context["page"]
    assert page.waiting.note.startswith("Not known")
    assert rows(page.mine) == ["r1"]


async def test_the_api_tells_the_same(
    browser: AsyncClient, person: Any, platform: FakePlatform
) -> None:
    platform.runs_there = {"r1": owned("r1", "ana")}
    answer = await AsyncClient().get("/api/v1/home", **bearer(await token_of(person)))
    assert [each["run"] for each in answer.json()["mine"]["items"]] == ["r1"]
    assert answer.json()["waiting"] == []
