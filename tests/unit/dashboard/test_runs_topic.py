"""Topic `runs` through a query: what matches is pushed, what no longer does is taken away."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashboard.live import registry, runs
from dashboard.live.protocol import BadMessage, RunsArgs
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.test_topics import Page
from tests.unit.dashboard.things import START, details, run
from tests.unit.dashboard.waiting import until

ALL = RunsArgs("shop", "development")


def through(query: str, *, first: bool = True) -> RunsArgs:
    return RunsArgs("shop", "development", first, query)


class List(Page):
    """A page that takes rows away when it is told to."""

    def _merge(self, frame: dict[str, object]) -> None:
        super()._merge(frame)
        for key in frame.get("removed", []):  # type: ignore[attr-defined]
            self.rows.pop(key, None)


@pytest.fixture(autouse=True)
async def hub(platform: FakePlatform, upstreams: None) -> None:
    return


async def test_rows_come_when_they_match_and_go_when_they_do_not(platform: FakePlatform) -> None:
    await platform.runs.give([run("a"), run("b", "succeeded")])
    page = List(through("phase:running"))
    await until(lambda: page.read().rows)
    assert set(page.rows) == {"a"}
    await platform.runs.give([run("c", start=5)])
    await until(lambda: "c" in page.read().rows)
    await platform.runs.give([run("a", "succeeded")])
    await until(lambda: "a" not in page.read().rows)
    assert {frame["type"] for frame in page.frames} == {"state", "update"}


async def test_any_number_of_queries_is_one_stream_and_one_drawing(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    whole = runs.draw.partial
    monkeypatch.setattr(
        runs.draw, "partial", lambda *a, **k: drawn.append(k["row"].name) or whole(*a, **k)
    )
    await platform.runs.give([run("a"), run("b", "failed")])
    texts = ["", "phase:running", "task:env*", "name:a", "source:unknown phase:running"]
    pages = [List(through(text)) for text in texts * 10]
    await until(lambda: all(page.read().rows for page in pages))
    assert (platform.runs.opened, platform.runs.open) == (1, 1)
    assert drawn.count("a") == 1


async def test_viewers_of_one_query_share_what_is_sent(platform: FakePlatform) -> None:
    await platform.runs.give([run("a")])
    pages = [List(through("phase:running")) for _ in range(2)]
    await until(lambda: all(page.read().rows for page in pages))
    topic = pages[0].viewer.topic
    assert topic.board.filtered(0, "phase:running", lambda key: False) != '"rows":[],"removed":[]'


async def test_an_error_that_is_read_later_decides_too(platform: FakePlatform) -> None:
    platform.details_there["a0"] = details("a0", "failed", error=("ValueError", "no price"))
    page = List(through("price"))
    await platform.runs.give([run("a", "failed"), run("b")])
    await until(lambda: page.read().rows)
    assert set(page.rows) == {"a"}


async def test_a_page_that_was_drawn_resumes_behind_what_it_has(platform: FakePlatform) -> None:
    await platform.runs.give([run("a")])
    async with registry.visited(ALL) as topic:
        await topic.ready(5)
        cursor = topic.cursor
        await platform.runs.give([run("a", "succeeded")])
        page = List(through("phase:running"), cursor)
        page.rows["a"] = {"key": "a"}  # as it was served
        await until(lambda: not page.read().rows)


async def test_time_alone_brings_a_row_in(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "TICK_S", 0.01)
    age = (datetime.now(UTC) - START).total_seconds()
    await platform.runs.give([run("young", start=age), run("old", start=age - 60)])
    page = List(through("longer:1s"))
    await until(lambda: page.read().rows)
    await until(lambda: set(page.read().rows) == {"young", "old"})


async def test_time_alone_takes_a_row_away(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "TICK_S", 0.01)
    age = (datetime.now(UTC) - START).total_seconds()
    await platform.runs.give([run("a", start=age)])
    page = List(through("shorter:1s"))
    await until(lambda: page.read().frames and page.viewer.topic.board.version)
    await until(lambda: not page.read().rows)
    assert page.viewer.topic.board.row_version("a") > 1


async def test_a_query_that_makes_no_sense_is_refused_before_anything_is_opened(
    platform: FakePlatform,
) -> None:
    with pytest.raises(BadMessage, match="Did you mean phase"):
        registry.join(through("phse:failed"), cursor=None, wake=lambda: None)
    assert registry.hub().open_keys == []


async def test_older_pages_keep_their_rows_up_to_date(platform: FakePlatform) -> None:
    await platform.runs.give([run("a")])
    page = List(through("-phase:aborted", first=False))
    await until(lambda: page.read().rows)
    await platform.runs.give([run("a", "succeeded")])
    await until(lambda: "Succeeded" in page.read().rows["a"]["html"])
