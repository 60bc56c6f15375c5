"""A log over HTTP: windows, searches, ranges of the raw text, and a page that needs no script."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import AsyncClient

from dashboard.log_asks import LogAsk
from dashboard.templatetags.log_text import seen
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.things import action, details, lines, run

RUN = "/v2/domain/development/project/shop/runs/r1"
LOGS = f"{RUN}?i=a0&tab=logs&attempt=1"
LOG = f"{RUN}/actions/a0/attempts/1"


def line(n: int) -> str:
    level = "ERROR" if n % 100 == 7 else "INFO"
    return f"{level} item {n}"


@pytest.fixture
async def logged(platform: FakePlatform) -> FakePlatform:
    """An attempt that wrote 3,000 lines."""
    platform.runs_there["r1"] = run("r1", "succeeded", label="main")
    platform.details_there["a0"] = details("a0", "succeeded")
    await platform.actions.give([action("a0", "succeeded", label="main")])
    await platform.action_details.give(
        details("a0", "succeeded", attempt_phases=("failed", "succeeded"))
    )
    await platform.log.give(lines(*(line(n) for n in range(1, 3001))))
    await platform.log.end()
    return platform


async def streamed(response: Any) -> bytes:
    return b"".join([chunk async for chunk in response.streaming_content])


async def log_of(browser: AsyncClient, query: str = "") -> Any:
    return (await browser.get(LOGS + query)).context["page"].log


async def test_a_window_is_read_by_number(browser: AsyncClient, logged: FakePlatform) -> None:
    response = await browser.get(f"{LOG}/log.json?from=1207&to=1208")
    answer = json.loads(response.content)
    assert [(each[0], each[2], each[4]) for each in answer["lines"]] == [
        (1207, "ERROR item 1207", "error"),
        (1208, "INFO item 1208", "info"),
    ]
    assert (answer["total"], answer["ended"], answer["note"]) == (3000, True, "")
    assert response.headers["Content-Type"] == "application/json"


async def test_lines_far_apart_are_read_at_once(browser: AsyncClient, logged: FakePlatform) -> None:
    response = await browser.get(f"{LOG}/log.json?at=2900,7,8,x,7,0,4000")
    answer = json.loads(response.content)
    assert [(each[0], each[2]) for each in answer["lines"]] == [(n, line(n)) for n in (7, 8, 2900)]
    assert answer["total"] == 3000


@pytest.mark.parametrize(
    ("query", "first", "count"),
    [
        ("from=2999&to=99999", 2999, 2),
        ("", 1, 2000),
        ("from=-1&to=x", 1, 2000),
        ("from=3001", None, 0),
        ("from=20&to=10", None, 0),
    ],
)
async def test_a_window_holds_no_more_than_there_is_and_no_more_than_it_may(
    browser: AsyncClient, logged: FakePlatform, query: str, first: int | None, count: int
) -> None:
    answer = json.loads((await browser.get(f"{LOG}/log.json?{query}")).content)["lines"]
    assert len(answer) == count
    assert not answer or answer[0][0] == first


async def test_a_long_line_comes_cut_in_a_window_and_whole_by_itself(
    browser: AsyncClient, logged: FakePlatform
) -> None:
    logged.log.replace(lines("a", "x" * 100_000))
    await logged.log.end()
    both = json.loads((await browser.get(f"{LOG}/log.json")).content)["lines"]
    assert (len(both[1][2]), both[1][5]) == (16 * 1024, 100_000)
    [alone] = json.loads((await browser.get(f"{LOG}/log.json?from=2&to=2")).content)["lines"]
    assert (len(alone[2]), len(alone)) == (100_000, 5)


async def test_a_search_tells_what_it_finds_as_distances(
    browser: AsyncClient, logged: FakePlatform
) -> None:
    response = await browser.get(f"{LOG}/log.found?q=item+100&from=2")
    findings = [json.loads(text) for text in (await streamed(response)).splitlines()]
    number, numbers = 1, []
    for finding in findings:
        for distance in finding["found"]:
            number += distance
            numbers.append(number)
    assert numbers == [100, *range(1000, 1010)]
    assert findings[-1]["done"]
    assert findings[-1]["count"] == 11
    assert sum(findings[-1]["histogram"]) == 11


async def test_a_pattern_that_can_not_be_read_is_told_at_once(
    browser: AsyncClient, logged: FakePlatform
) -> None:
    response = await browser.get(f"{LOG}/log.found?q=(&regex=1")
    assert response.status_code == 422
    assert "missing" in json.loads(response.content)["error"]


@pytest.mark.parametrize(
    ("header", "first", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=100-", 100, None),
        ("bytes=-5", -5, None),
        ("bytes=0-", 0, None),
    ],
)
async def test_a_part_of_the_raw_log_can_be_asked_for(
    browser: AsyncClient, logged: FakePlatform, header: str, first: int, end: int | None
) -> None:
    whole = "".join(f"{line(n)}\n" for n in range(1, 3001)).encode()
    response = await browser.get(f"{LOG}/log.txt", headers={"range": header})
    assert response.status_code == 206
    content = await streamed(response)
    assert content == whole[first:end]
    begin = first % len(whole)
    wanted = f"bytes {begin}-{begin + len(content) - 1}/{len(whole)}"
    assert response.headers["Content-Range"] == wanted
    assert response.headers["Content-Length"] == str(len(content))


async def test_a_part_beyond_the_end_is_refused_with_the_size(
    browser: AsyncClient, logged: FakePlatform
) -> None:
    response = await browser.get(f"{LOG}/log.txt", headers={"range": "bytes=9999999-"})
    assert response.status_code == 416
    assert response.headers["Content-Range"].startswith("bytes */")


async def test_a_download_has_a_name_and_a_length(
    browser: AsyncClient, logged: FakePlatform
) -> None:
    response = await browser.get(f"{LOG}/log.txt?download")
    assert response.headers["Content-Disposition"] == 'attachment; filename="r1-a0-1.log"'
    assert len(await streamed(response)) == int(response.headers["Content-Length"])


# --- without scripts ----------------------------------------------------------------------------


async def test_the_page_begins_at_the_end_and_leads_to_every_line(
    browser: AsyncClient, logged: FakePlatform
) -> None:
    log = await log_of(browser)
    assert [row.number for row in log.lines] == list(range(2501, 3001))
    assert log.newer_url == ""
    numbers: list[int] = []
    while True:
        numbers = [row.number for row in log.lines] + numbers
        if not log.older_url:
            break
        log = (await browser.get(log.older_url)).context["page"].log
        assert log.newer_url
    assert numbers == list(range(1, 3001))


async def test_a_permalink_opens_at_its_line(browser: AsyncClient, logged: FakePlatform) -> None:
    response = await browser.get(f"{LOGS}&line=1200")
    log = response.context["page"].log
    assert (log.lines[0].number, log.lines[-1].number) == (1100, 1599)
    assert b'id="L1200"' in response.content
    assert b"&amp;line=1200#L1200" in response.content
    assert (await log_of(browser, "&line=99999")).lines[-1].number == 3000


async def test_a_search_without_scripts_lists_what_it_found(
    browser: AsyncClient, logged: FakePlatform
) -> None:
    response = await browser.get(f"{LOGS}&q=item+.*7$&regex=1&level=error&level=warn")
    log = response.context["page"].log
    assert [row.number for row in log.lines] == list(range(7, 3001, 100))
    assert log.found == 30
    assert b"30 lines" in response.content
    assert (log.older_url, log.newer_url) == ("", "")


async def test_what_was_found_is_paged_too(browser: AsyncClient, logged: FakePlatform) -> None:
    log = await log_of(browser, "&q=info")
    assert (log.found, len(log.lines), log.older_url) == (2970, 500, "")
    second = (await browser.get(log.newer_url)).context["page"].log
    assert second.lines[0].number > log.lines[-1].number
    back = (await browser.get(second.older_url)).context["page"].log
    assert [row.number for row in back.lines] == [row.number for row in log.lines]


async def test_a_search_that_can_not_be_done_says_why(
    browser: AsyncClient, logged: FakePlatform
) -> None:
    response = await browser.get(f"{LOGS}&q=(&regex=1")
    assert "can&#x27;t be read" in response.content.decode()
    assert "No line of" not in response.content.decode()
    assert "No line of 3,000 matches" in (await browser.get(f"{LOGS}&q=zzz")).content.decode()


async def test_nothing_in_a_log_becomes_markup(browser: AsyncClient, logged: FakePlatform) -> None:
    nasty = ["</div><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7|add:7 }}"]
    logged.log.replace(lines(*nasty, "a\u202eb\x07c\u200bd\x1b[31mred\x1b[0m"))
    await logged.log.end()
    html = (await browser.get(LOGS)).content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "{{ 7|add:7 }}" in html
    assert "a[U+202E]b\\x07c[U+200B]dred" in html


def test_what_can_not_be_seen_is_named() -> None:
    assert seen("10%\r20%\r") == "20%"
    assert seen("\u2066x\u2069 \x00 \x7f tab\t") == "[U+2066]x[U+2069] \\x00 \\x7f tab\t"
    assert seen("\u0627\u0644 \u200d \U0001f6eb") == "\u0627\u0644 \u200d \U0001f6eb"


def test_an_address_is_read_and_written_alike() -> None:
    given = {
        **{"q": "a b", "regex": "1", "case": "1", "level": "error,warn", "source": "user"},
        **{"only": "1", "context": "2", "line": "12-40", "from": "3"},
    }
    ask = LogAsk.of(given)
    assert (ask.line, ask.first, ask.context, ask.levels) == (12, 3, 2, ("error", "warn"))
    again = dict(pair.split("=") for pair in ask.query().split("&"))
    assert again["q"] == "a+b"
    assert again["level"] == "error%2Cwarn"
    nonsense = {"level": "loud", "source": "x", "context": "-1", "line": "x", "from": "9" * 40}
    assert LogAsk.of(nonsense) == LogAsk()
