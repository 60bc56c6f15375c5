"""Topics: what the platform streams becomes what viewers get, through the one hub."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from dashboard.live import registry
from dashboard.live.hub import Viewer
from dashboard.live.protocol import ActionArgs, Args, LogArgs, RunArgs, RunsArgs
from remote_client._values import TypedValue
from remote_client.errors import LogsGoneError, LogsNotYetAvailableError, NotFound, Unavailable
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.things import action, details, lines, run
from tests.unit.dashboard.waiting import until

RUNS = RunsArgs("shop", "development")
RUN = RunArgs("shop", "development", "r1")
ACTION = ActionArgs("shop", "development", "r1", "a0")
LOG = LogArgs("shop", "development", "r1", "a0", 1)


class Page:
    """A viewer that keeps what it was sent, as a page does."""

    def __init__(self, args: Args, cursor: str | None = None) -> None:
        self.viewer: Viewer = registry.join(args, cursor=cursor, wake=lambda: None)
        self.frames: list[dict[str, Any]] = []
        self.rows: dict[str, dict[str, Any]] = {}
        self.parts: dict[str, str] = {}
        self.lines: list[list[Any]] = []
        self.state = ""
        self.error = ""
        self.last: dict[str, Any] = {}

    def read(self) -> Page:
        while (body := self.viewer.next_body()) is not None:
            self._take(json.loads("{" + body + "}"))
        return self

    def _take(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        if frame["type"] == "state":
            self.state = frame["state"]
        elif frame["type"] == "error":
            self.error = frame["code"]
        else:
            self._merge(frame)

    def _merge(self, frame: dict[str, Any]) -> None:
        self.last = frame
        if frame["type"] == "snapshot":
            self.rows, self.parts, self.lines = {}, {}, []
        self.rows.update((row["key"], row) for row in frame.get("rows", []))
        self.parts.update(frame.get("parts", {}))
        self.lines += frame.get("lines", [])

    @property
    def texts(self) -> list[str]:
        return [line[2] for line in self.lines]


@pytest.fixture(autouse=True)
async def hub(platform: FakePlatform, upstreams: None) -> None:
    platform.runs_there["r1"] = run("r1")
    return


# --- runs -------------------------------------------------------------------------------------


async def test_runs_arrive_newest_first_and_change_in_place(platform: FakePlatform) -> None:
    await platform.runs.give([run("old", start=1), run("new", start=2)])
    page = Page(RUNS)
    await until(lambda: page.read().rows)
    assert list(page.rows) == ["new", "old"]
    await platform.runs.give([run("old", "succeeded", start=1)])
    await until(lambda: "Succeeded" in page.read().rows["old"]["html"])
    assert page.last["type"] == "update"
    assert [row["key"] for row in page.last["rows"]] == ["old"]


async def test_a_hundred_viewers_of_runs_are_one_stream(platform: FakePlatform) -> None:
    await platform.runs.give([run("r1")])
    pages = [Page(RunsArgs("shop", "development", first=n % 2 == 0)) for n in range(100)]
    await until(lambda: all(page.read().rows for page in pages))
    assert (platform.runs.opened, platform.runs.open) == (1, 1)


async def test_an_older_page_never_gets_a_snapshot(platform: FakePlatform) -> None:
    await platform.runs.give([run("r1")])
    page = Page(RunsArgs("shop", "development", first=False))
    await until(lambda: page.read().rows)
    assert {frame["type"] for frame in page.frames} == {"state", "update"}


async def test_a_snapshot_of_runs_is_one_page_long(platform: FakePlatform) -> None:
    await platform.runs.give([run(f"r{n}", start=n) for n in range(150)])
    page = Page(RUNS)
    await until(lambda: page.read().rows)
    assert len(page.rows) == 100
    assert next(iter(page.rows)) == "r149"


async def test_a_failed_run_gets_its_error_line_and_it_is_read_once(
    platform: FakePlatform,
) -> None:
    platform.details_there["a0"] = details("a0", "failed", error=("ValueError", "no price"))
    await platform.runs.give([run("r1", "failed")])
    page = Page(RUNS)
    await until(lambda: "ValueError: no price" in page.read().rows.get("r1", {}).get("html", ""))
    await platform.runs.give([run("r1", "failed", label="renamed")])
    await until(lambda: "renamed" in page.read().rows["r1"]["html"])
    assert "ValueError: no price" in page.rows["r1"]["html"]
    assert platform.asked["action"] == 1


async def test_an_unknown_project_is_an_error_and_opens_no_stream(platform: FakePlatform) -> None:
    page = Page(RunsArgs("nope", "development"))
    await until(lambda: page.read().error)
    assert (page.error, platform.runs.opened) == ("not_found", 0)


async def test_losing_the_platform_and_getting_it_back_are_told(platform: FakePlatform) -> None:
    await platform.runs.give([run("r1")])
    page = Page(RUNS)
    await until(lambda: page.read().rows)
    platform.runs.tell("reconnecting", Unavailable("gone"))
    assert page.read().state == "reconnecting"
    await platform.runs.give([run("r1", "succeeded")])
    await until(lambda: page.read().state == "live")
    await until(lambda: "Succeeded" in page.read().rows["r1"]["html"])


# --- one run ----------------------------------------------------------------------------------


async def test_a_run_arrives_with_header_tree_and_title(platform: FakePlatform) -> None:
    await platform.actions.give(
        [action("a0", below={"running": 1}, label="main"), action("b", parent="a0")]
    )
    page = Page(RUN)
    await until(lambda: page.read().rows)
    assert [(row["key"], row["parent"]) for row in page.rows.values()] == [("a0", ""), ("b", "a0")]
    assert "env.main" in page.parts["header"]
    assert page.parts["failure"] == ""
    assert (page.last["phase"], page.last["title"]) == ("running", "Running · env.main · r1")


async def test_changes_that_come_together_are_one_message(platform: FakePlatform) -> None:
    await platform.actions.give([action("a0", below={"queued": 20})])
    page = Page(RUN)
    await until(lambda: page.read().rows)
    before = len(page.frames)
    for n in range(20):
        await platform.actions.give([action(f"c{n}", "queued", parent="a0")])
    await until(lambda: len(page.read().rows) == 21)
    assert len(page.frames) - before <= 3


async def test_a_viewer_that_comes_late_sees_what_one_sees_who_was_there(
    platform: FakePlatform,
) -> None:
    await platform.actions.give([action("a0", below={"queued": 1})])
    early = Page(RUN)
    await until(lambda: early.read().rows)
    for phase in ("queued", "running", "succeeded"):
        await platform.actions.give([action("c", phase, parent="a0", group="g")])
        await until(lambda phase=phase: phase in early.read().rows.get("c", {}).get("html", ""))
    late = Page(RUN).read()
    assert late.rows == early.read().rows
    assert late.parts == early.parts


async def test_the_stream_is_closed_once_nothing_can_change(platform: FakePlatform) -> None:
    await platform.actions.give([action("a0", below={"running": 1}), action("b", parent="a0")])
    page = Page(RUN)
    await until(lambda: page.read().rows)
    await platform.actions.give(
        [action("b", "succeeded", parent="a0"), action("a0", "succeeded", below={"succeeded": 1})]
    )
    await until(lambda: page.read().state == "ended")
    assert platform.actions.open == 0
    assert page.last["phase"] == "succeeded"


async def test_a_failed_run_tells_its_cause_with_the_last_lines_of_its_log(
    platform: FakePlatform,
) -> None:
    platform.details_there["b"] = details("b", "failed", error=("ValueError", "no price"))
    await platform.log.give(lines(*(f"line {n}" for n in range(20))))
    await platform.log.end()
    await platform.actions.give(
        [action("a0", "failed", below={"failed": 1}), action("b", "failed", parent="a0")]
    )
    page = Page(RUN)
    await until(lambda: "line 19" in page.read().parts.get("failure", ""))
    assert "ValueError: no price" in page.parts["failure"]
    assert "line 12" in page.parts["failure"]
    assert "line 11" not in page.parts["failure"]
    await until(lambda: page.read().state == "ended")


async def test_a_failure_is_told_even_when_its_log_is_gone(platform: FakePlatform) -> None:
    platform.details_there["a0"] = details("a0", "failed", error=("ValueError", "no price"))
    await platform.log.give(LogsGoneError("gone"))
    await platform.actions.give([action("a0", "failed")])
    page = Page(RUN)
    await until(lambda: "no price" in page.read().parts.get("failure", ""))
    await until(lambda: page.read().state == "ended")


async def test_a_page_does_not_wait_for_actions_that_are_counted_but_never_told(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.live.run.QUIET_S", 0.001)
    await platform.actions.give([action("a0", below={"running": 7})])
    assert await Page(RUN).viewer.topic.ready(60)


async def test_an_unknown_run_is_an_error(platform: FakePlatform) -> None:
    page = Page(RunArgs("shop", "development", "nope"))
    await until(lambda: page.read().error)
    assert (page.error, platform.actions.opened) == ("not_found", 0)


# --- one action -------------------------------------------------------------------------------


async def test_an_action_brings_its_inputs_and_then_its_outputs(platform: FakePlatform) -> None:
    platform.values["inputs"] = [TypedValue("city", "str", "Bremen", "Bremen")]
    platform.values["outputs"] = [TypedValue("o0", "str", "sunny", "sunny")]
    await platform.action_details.give(details("a0", "running"))
    page = Page(ACTION)
    await until(lambda: "Bremen" in page.read().parts.get("action-inputs", ""))
    assert "sunny" not in page.parts["action-outputs"]
    assert platform.asked["outputs"] == 0
    await platform.action_details.give(details("a0", "succeeded"))
    await until(lambda: "sunny" in page.read().parts["action-outputs"])
    await until(lambda: page.read().state == "ended")
    assert platform.asked["inputs"] == 1


async def test_a_part_that_did_not_change_is_not_sent_again(platform: FakePlatform) -> None:
    platform.values["inputs"] = [TypedValue("city", "str", "Bremen", "Bremen")]
    await platform.action_details.give(details("a0", "queued"))
    page = Page(ACTION)
    await until(lambda: "Bremen" in page.read().parts.get("action-inputs", ""))
    await platform.action_details.give(details("a0", "running"))
    await until(lambda: "Running" in page.read().parts["action-summary"])
    assert "action-inputs" not in page.last["parts"]


async def test_inputs_are_not_drawn_again_when_the_action_ends(platform: FakePlatform) -> None:
    platform.values["inputs"] = [TypedValue("city", "str", "Bremen", "Bremen")]
    platform.values["outputs"] = [TypedValue("o0", "str", "sunny", "sunny")]
    await platform.action_details.give(details("a0", "running"))
    page = Page(ACTION)
    await until(lambda: "Bremen" in page.read().parts.get("action-inputs", ""))
    page.parts["action-inputs"] = "opened by the reader"
    await platform.action_details.give(details("a0", "succeeded"))
    await until(lambda: "sunny" in page.read().parts["action-outputs"])
    await until(lambda: page.read().state == "ended")
    assert page.parts["action-inputs"] == "opened by the reader"


async def test_inputs_that_cannot_be_read_are_a_note(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.live.action.READ_PAUSE_S", 0)
    monkeypatch.setattr("dashboard.live.action.LATE_ERROR_S", 0)

    async def nothing(action: Any) -> Any:
        raise NotFound("no data")

    monkeypatch.setattr(platform, "inputs", nothing)
    await platform.action_details.give(details("a0", "failed"))
    page = Page(ACTION)
    await until(lambda: "no data" in page.read().parts.get("action-inputs", ""))
    await until(lambda: page.read().state == "ended")


async def test_an_error_that_comes_late_is_shown(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.live.action.LATE_ERROR_S", 0)
    platform.details_there["a0"] = details("a0", "failed", error=("ValueError", "no price"))
    await platform.action_details.give(details("a0", "failed"))
    page = Page(ACTION)
    await until(lambda: page.read().state == "ended")
    assert "no price" in page.parts["action-summary"]


# --- a log ------------------------------------------------------------------------------------


async def test_lines_arrive_in_order_each_once(platform: FakePlatform) -> None:
    await platform.log.give(lines("a", "b"))
    page = Page(LOG, cursor="0")
    await until(lambda: len(page.read().lines) == 2)
    await platform.log.give(lines("c", start=2))
    await until(lambda: len(page.read().lines) == 3)
    assert [line[0] for line in page.lines] == [1, 2, 3]
    assert page.texts == ["a", "b", "c"]
    assert not page.last["ended"]
    await platform.log.end()
    await until(lambda: page.read().state == "ended")
    assert page.last["ended"]


async def test_a_viewer_that_lags_still_gets_every_line(platform: FakePlatform) -> None:
    page = Page(LOG, cursor="0")
    for start in range(0, 5000, 100):
        await platform.log.give(lines(*(f"line {start + n}" for n in range(100)), start=start))
    await platform.log.end()
    await until(lambda: page.viewer.topic.is_over)
    assert page.read().texts == [f"line {n}" for n in range(5000)]
    assert page.last["ended"]
    assert page.state == "ended"


async def test_a_page_resumes_after_the_last_line_that_it_has(platform: FakePlatform) -> None:
    await platform.log.give(lines("a", "b", "c"))
    await until(lambda: Page(LOG, cursor="0").read().lines)
    page = Page(LOG, cursor="2").read()
    assert page.lines[0][:1] + page.lines[0][2:3] == [3, "c"]
    assert page.last["cursor"] == "3"


async def test_a_page_without_lines_gets_the_newest_as_a_snapshot(platform: FakePlatform) -> None:
    await platform.log.give(lines(*(f"line {n}" for n in range(1200))))
    await platform.log.end()
    first = Page(LOG, cursor="0")
    await until(lambda: first.read().state == "ended")
    page = Page(LOG).read()
    assert page.last["type"] == "snapshot"
    assert [line[0] for line in page.lines] == list(range(701, 1201))


async def test_a_page_that_reads_further_up_is_told_only_how_many_lines_there_are(
    platform: FakePlatform,
) -> None:
    await platform.log.give(lines(*(f"line {n}" for n in range(700))))
    whole = Page(LOG, cursor="0")
    await until(lambda: len(whole.read().lines) == 700)
    page = Page(replace(LOG, upto=40), cursor="30").read()
    assert [line[0] for line in page.lines] == list(range(31, 41))
    assert (page.last["total"], page.last["ended"]) == (700, False)
    await platform.log.give(lines("more", start=700))
    await until(lambda: len(whole.read().lines) == 701)
    assert page.read().last["total"] == 701
    assert len(page.lines) == 10
    await platform.log.end()
    await until(lambda: page.read().state == "ended")
    assert page.last["ended"]


async def test_a_page_that_follows_the_end_skips_to_it_when_it_falls_behind(
    platform: FakePlatform,
) -> None:
    follower, whole = Page(replace(LOG, skips=True), cursor="0"), Page(LOG, cursor="0")
    await platform.log.give(lines(*(f"line {n}" for n in range(5000))))
    await until(lambda: len(whole.read().lines) == 5000)
    follower.read()
    assert follower.last["type"] == "snapshot"
    assert [line[0] for line in follower.lines] == list(range(4501, 5001))
    await platform.log.give(lines("more", start=5000))
    await until(lambda: len(whole.read().lines) == 5001)
    assert follower.read().lines[-1][0] == 5001
    assert platform.log.opened == 1


async def test_a_log_without_lines_says_so_until_there_is_one(platform: FakePlatform) -> None:
    page = Page(LOG)
    assert page.read().last["note"] == "No line yet."
    await platform.log.give(lines("a"))
    await until(lambda: page.read().lines)
    assert page.last["note"] == ""


async def test_an_attempt_that_wrote_nothing_ends_with_a_note(platform: FakePlatform) -> None:
    await platform.log.give(LogsNotYetAvailableError("never had one"))
    page = Page(LOG)
    await until(lambda: page.read().state == "ended")
    assert page.last["note"] == "This attempt wrote no log."


async def test_a_complete_log_is_never_asked_for_again(platform: FakePlatform) -> None:
    await platform.log.give(lines("a", "b"))
    await platform.log.end()
    page = Page(LOG)
    await until(lambda: page.read().state == "ended")
    await registry.close()
    again = Page(LOG)
    await until(lambda: again.read().state == "ended")
    assert again.texts == ["a", "b"]
    assert platform.log.opened == 1


async def test_a_restarted_server_neither_loses_nor_repeats_lines(platform: FakePlatform) -> None:
    log = lines(*"abcdef")
    await platform.log.give(log[:3])
    page = Page(LOG, cursor="0")
    await until(lambda: len(page.read().lines) == 3)
    await registry.close()
    platform.log.replace(log)
    resumed = Page(LOG, cursor="3")
    await until(lambda: len(resumed.read().lines) == 3)
    assert page.texts + resumed.texts == list("abcdef")
    assert resumed.lines[0][0] == 4


async def test_a_log_that_the_platform_forgot_is_kept(platform: FakePlatform) -> None:
    await platform.log.give(lines("a", "b"))
    await until(lambda: Page(LOG, cursor="0").read().lines)
    await registry.close()
    platform.log.replace(LogsGoneError("gone"))
    page = Page(LOG)
    await until(lambda: page.read().state == "ended")
    assert page.texts == ["a", "b"]
    assert "saved" in page.last["note"]
