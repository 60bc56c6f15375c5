"""Topic `ends`: who comes hears of the runs that have ended, each once, whenever they come back."""

from __future__ import annotations

import pytest

from dashboard.live import ends
from dashboard.live.protocol import EndsArgs
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.test_topics import Page
from tests.unit.dashboard.things import run
from tests.unit.dashboard.waiting import until

HERE = EndsArgs("shop", "development")


def heard(page: Page) -> list[tuple[str, str]]:
    page.read()
    told = [end for frame in page.frames for end in frame.get("ended", [])]
    return [(end["run"], end["words"]) for end in told]


async def test_an_end_is_told_once(platform: FakePlatform, upstreams: None) -> None:
    await platform.runs.give([run("r1", "running"), run("r2", "succeeded")])
    page = Page(HERE)
    await until(lambda: heard(page) == [("r2", "succeeded")])
    await platform.runs.give([run("r1", "failed"), run("r2", "succeeded")])
    await until(lambda: heard(page) == [("r2", "succeeded"), ("r1", "failed")])


async def test_who_comes_back_hears_what_came_since(
    platform: FakePlatform, upstreams: None
) -> None:
    await platform.runs.give([run("r1", "succeeded")])
    first = Page(HERE)
    await until(lambda: len(heard(first)) == 1)
    cursor = first.last["cursor"]
    await platform.runs.give([run("r2", "aborted")])
    await until(lambda: len(heard(first)) == 2)
    assert heard(Page(HERE, cursor)) == [("r2", "was aborted")]


@pytest.mark.parametrize("cursor", ["", "x", "x:9", ":", "x:-1", "x:" + "9" * 99])
async def test_a_cursor_of_another_life_means_from_the_beginning(
    platform: FakePlatform, upstreams: None, cursor: str
) -> None:
    await platform.runs.give([run("r1", "succeeded")])
    page = Page(HERE, cursor)
    await until(lambda: heard(page) == [("r1", "succeeded")])


async def test_old_ends_are_forgotten(
    platform: FakePlatform, upstreams: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ends, "KEPT_ENDS", 3)
    await platform.runs.give([run(f"r{number}", "succeeded") for number in range(9)])
    page = Page(HERE)
    await until(lambda: [name for name, _ in heard(page)] == ["r6", "r7", "r8"])
