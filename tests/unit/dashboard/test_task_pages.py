"""The list of tasks, and a task's page with its versions and what differs between two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import AsyncClient

from dashboard.index.states import IndexState
from dashboard.index.statistics import TaskStatistics
from dashboard.pages import Scope
from dashboard.run_lists.facts import RunFacts
from dashboard.tasks import statistics
from tests.unit.dashboard.fake_launching import INT, STR
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.things import SCOPE

BASE = "/v2/domain/development/project/shop"
TASKS = f"{BASE}/tasks"


def text_of(response: Any) -> str:
    return str(response.content.decode())


async def test_a_task_is_listed_with_how_its_last_runs_went(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    statistics._known.clear()
    platform.add_task({"n": INT})
    page = text_of(await browser.get(TASKS))
    assert f'href="{TASKS}/env.load"' in page
    assert f'href="{TASKS}/env.load/v1/launch"' in page
    assert f'href="{TASKS}?env=env"' in page
    assert "50 %" in page
    assert "4.0s" in page
    strip = page.partition("data-strip")[2].partition("</ol>")[0]
    assert strip.index('data-run="bad"') < strip.index('data-run="ok"')
    assert "phase-failed" in strip


async def test_a_fresh_index_answers_in_the_place_of_the_platform(
    browser: AsyncClient, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.add_task({})
    facts = [
        RunFacts("shop", "development", f"r{n}", phase, duration=timedelta(seconds=n))
        for n, phase in enumerate(("running", "failed", "succeeded", "recovered", "aborted"))
    ]

    async def known() -> IndexState:
        return IndexState("built", heard_at=datetime.now(UTC), scope_ids=((SCOPE, 1),))

    async def asked(scope: Scope, tasks: list[str], last: int) -> dict[str, TaskStatistics]:
        return {name: TaskStatistics(name, tuple(facts), None, None) for name in tasks}

    monkeypatch.setattr(statistics, "index_state", known)
    monkeypatch.setattr(statistics, "task_statistics", asked)
    page = text_of(await browser.get(TASKS))
    # Those that were aborted or go on are neither good nor bad.
    assert "67 %" in page
    assert "2.5s" in page
    assert 'data-run="r4"' in page


async def test_the_list_asks_the_platform_only_for_what_it_sorts_and_filters_by(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    await browser.get(f"{TASKS}?q=lo&env=etl&by=ana&sort=name")
    await browser.get(f"{TASKS}?sort=-success")
    first, second = platform.task_questions
    assert (first["text"], first["environment"], first["deployed_by"]) == ("lo", "etl", "ana")
    assert first["sort_by"] == ("name", "asc")
    assert second["sort_by"] == ("created_at", "desc")


async def test_an_empty_list_says_how_to_fill_it(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    page = text_of(await browser.get(TASKS))
    assert "flyte --endpoint fake:1 --insecure deploy --project shop --domain development" in page
    filtered = text_of(await browser.get(f"{TASKS}?q=nothing"))
    assert "No task here fits" in filtered


async def test_a_task_shows_its_interface_settings_runs_and_versions(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    made = platform.add_task({"n": INT, "s": STR}, {"s": "<b>"})
    documentation = made._pb.spec.documentation
    documentation.long_description = "Loads.\n\n<script>x</script>"
    documentation.source_code.link = "https://example.com/code"
    made._pb.spec.task_template.container.image = "img:1"
    page = text_of(await browser.get(f"{TASKS}/env.load"))
    assert "<code>n</code>" in page
    assert "&quot;&lt;b&gt;&quot;" in page
    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert 'href="https://example.com/code"' in page
    assert "img:1" in page
    assert f'href="{BASE}/runs/ok"' in page
    assert "deployed-task env.load:v1" in page


async def test_a_source_link_that_no_browser_should_open_is_left_out(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    made = platform.add_task({})
    made._pb.spec.documentation.source_code.link = "javascript:alert(1)"
    assert (
        "javascript:"
        not in text_of(await browser.get(f"{TASKS}/env.load"))
        .partition("<main")[2]
        .partition("YAML")[0]
    )


async def test_two_versions_are_compared(browser: AsyncClient, platform: FakePlatform) -> None:
    old = platform.add_task({"n": INT, "gone": STR}, version="v1")
    new = platform.add_task({"n": STR, "more": INT}, version="v2")
    old._pb.spec.task_template.container.image = "img:1"
    new._pb.spec.task_template.container.image = "img:2"
    page = text_of(await browser.get(f"{TASKS}/env.load/v2?against=v1"))
    assert "Compared with version <code>v1</code>" in page
    assert "<del>int</del>" in page
    for change in ("added", "removed", "changed"):
        assert f'<tr class="is-{change}">' in page
    assert "<del>img:1</del> <ins>img:2</ins>" in page
    assert "+       image: img:2" in page.replace("    ", "  ") or "image: img:2" in page
    assert f'href="{TASKS}/env.load/v2"' in page


async def test_versions_come_page_by_page(browser: AsyncClient, platform: FakePlatform) -> None:
    for number in range(23):
        platform.add_task({}, version=f"v{number}")
    page = text_of(await browser.get(f"{TASKS}/env.load"))
    assert '<code title="v22">' in page
    assert '<code title="v0">' not in page
    assert f"{TASKS}/env.load/v22?versions=20#versions" in page
    older = text_of(await browser.get(f"{TASKS}/env.load/v22?versions=20"))
    assert '<code title="v0">' in older
    assert 'class="tag">newest' in older


async def test_an_unknown_task_is_a_page_that_says_so(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    answer = await browser.get(f"{TASKS}/nope")
    assert answer.status_code == 404
    assert "There is no task &#x27;nope&#x27;" in text_of(answer)
