"""Reports: read once for all, shown anew when they change, and served as nobody's page."""

from __future__ import annotations

import pytest
from django.test import AsyncClient

from dashboard.live import registry, report
from dashboard.live.protocol import ReportArgs
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.test_access_matrix import content
from tests.unit.dashboard.things import action, details, run
from tests.unit.dashboard.waiting import until

RUN = "/v2/domain/development/project/shop/runs/r1"
ARGS = ReportArgs("shop", "development", "r1", "a0", 1)
HOSTILE = "<script>parent.document.title = 'taken'</script>"


@pytest.fixture
def going_on(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> FakePlatform:
    monkeypatch.setattr(report, "EVERY_S", 0.01)
    platform.details_there["a0"] = details("a0", "running", attempt_phases=("running",))
    return platform


async def test_it_is_news_when_the_report_changes_and_only_then(
    going_on: FakePlatform, upstreams: None
) -> None:
    going_on.reports[1] = "<p>one</p>"
    async with registry.visited(ARGS) as topic:
        await topic.ready(5)
        first, cursor = topic.frame.url, topic.cursor
        asked = going_on.asked["action"]
        await until(lambda: going_on.asked["action"] > asked + 3)
        assert topic.cursor == cursor
        going_on.reports[1] = "<p>two</p>"
        await until(lambda: topic.frame.url != first)
        assert topic.cursor != cursor


async def test_it_is_read_a_last_time_when_the_attempt_has_ended(
    going_on: FakePlatform, upstreams: None
) -> None:
    async with registry.visited(ARGS) as topic:
        await topic.ready(5)
        assert "No report yet" in topic.frame.note
        going_on.reports[1] = "<p>last</p>"
        going_on.details_there["a0"] = details("a0", "failed", attempt_phases=("failed",))
        await until(lambda: topic.is_over)
        assert topic.body == "<p>last</p>"
        assert topic.frame.is_over


async def test_an_attempt_without_a_report_says_how_to_write_one(
    platform: FakePlatform, upstreams: None
) -> None:
    platform.details_there["a0"] = details("a0", "succeeded", attempt_phases=("succeeded",))
    async with registry.visited(ARGS) as topic:
        await topic.ready(5)
        assert "report=True" in topic.frame.note
        assert topic.frame.url == ""


async def test_the_tab_frames_it_and_holds_none_of_its_markup(
    browser: AsyncClient, going_on: FakePlatform
) -> None:
    going_on.reports[1] = HOSTILE
    going_on.runs_there["r1"] = run("r1")
    await going_on.actions.give([action("a0")])
    await going_on.action_details.give(going_on.details_there["a0"])
    page = await content(await browser.get(f"{RUN}?tab=report"))
    assert 'sandbox="allow-scripts"' in page
    assert HOSTILE not in page
    assert f"{RUN}/actions/a0/attempts/1/report?v=" in page


async def test_the_report_itself_belongs_to_no_site(
    browser: AsyncClient, going_on: FakePlatform, settings: object
) -> None:
    going_on.reports[1] = HOSTILE
    response = await browser.get(f"{RUN}/actions/a0/attempts/1/report")
    assert response.content.decode() == HOSTILE
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none';")
    assert "allow-same-origin" not in policy
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert (await browser.get(f"{RUN}/actions/a0/attempts/2/report")).status_code == 404
