"""The log viewer in a real browser: any length, any text, every way to a line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest
from playwright.async_api import BrowserContext, Page, WebSocketRoute, expect

from tests.browser.dashboard_process import DashboardProcess
from tests.browser.log_page import lines_in_sight, read_through, save_log
from tests.browser.pages import SCOPE, expect_live, open_run
from tests.contract.platform_process import PlatformProcess
from tests.flyte_command import FlyteCommand

LINES = 200_000
LOGS = "?i=a0&tab=logs"
HEAP_MB = 60
ENDED = 60_000

HOSTILE = {
    3: "</span></div><script>window.hurt = 1</script><img src=x onerror='window.hurt = 2'>",
    4: "invoice\u202egpj.exe \x07\u200bend",
    5: "\x1b[31mred\x1b[0m \x1b[48;5;22mground\x1b[0m \x1b]0;title\x07plain",
    6: "long " + "x" * 1_000_000,
    7: "10%\r50%\r100%",
    8: "wide " * 400,
}


def written(number: int) -> str:
    level = "ERROR" if number % 1000 == 777 else "INFO"
    return HOSTILE.get(number, f"{level} worker {number % 7} did item {number}")


@pytest.fixture(scope="session")
def long_log(
    platform: PlatformProcess, dashboard: DashboardProcess, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The run of a task whose log has 200,000 lines."""
    command = FlyteCommand(platform.port, tmp_path_factory.mktemp("long"))
    run = command.run("hello", "--name", "long").name
    save_log(dashboard.home, platform.endpoint, run, LINES, written)
    return run


async def until_line(page: Page, number: int) -> None:
    """Wait until a line so far down is in the page; which of them is, changes as the log grows."""
    await page.wait_for_function(
        """number => {
            const last = [...document.querySelectorAll(".log-line")].at(-1);
            return last && Number(last.id.slice(1)) >= number;
        }""",
        arg=number,
        timeout=ENDED,
    )


async def open_log(page: Page, dashboard: DashboardProcess, run: str, rest: str = "") -> None:
    await open_run(page, dashboard, run, LOGS + rest)
    await expect(page.locator(".log.is-live")).to_be_visible()
    await expect(page.locator(".log-line").first).to_be_visible()


async def test_a_long_log_opens_at_its_end_and_any_line_is_one_jump_away(
    page: Page, dashboard: DashboardProcess, long_log: str
) -> None:
    await open_log(page, dashboard, long_log)
    assert (await lines_in_sight(page))[-1] == LINES
    await expect(page.locator("[data-follow]")).to_have_text("end · 200,000 lines")
    for number in (100_000, 1, 199_990, 54_321):
        await page.evaluate(f"location.hash = '#L{number}'")
        await expect(page.locator(f"#L{number}.is-target > .log-text")).to_have_text(
            written(number)
        )
        assert number in await lines_in_sight(page)
        assert await page.locator(".log-line").count() < 200
    await expect(page.locator("[data-follow]")).to_contain_text("below ↓")
    await page.locator("[data-follow]").click()
    assert (await lines_in_sight(page))[-1] == LINES


async def test_scrolling_goes_line_by_line_and_the_bar_goes_everywhere(
    page: Page, dashboard: DashboardProcess, long_log: str
) -> None:
    await open_log(page, dashboard, long_log, "#L5000")
    box = page.locator(".log-box")
    await box.hover()
    before = (await lines_in_sight(page))[0]
    for _ in range(5):
        await page.mouse.wheel(0, 180)
    await page.wait_for_function(
        f"() => document.getElementById('L{before + 50}')?.getBoundingClientRect().top"
        " - document.querySelector('.log-box').getBoundingClientRect().top < 18"
    )
    after = await lines_in_sight(page)
    assert after == list(range(after[0], after[0] + len(after)))
    await box.focus()
    await page.keyboard.press("Home")
    await expect(page.locator("#L1")).to_be_visible()
    await page.keyboard.press("End")
    await expect(page.locator(f"#L{LINES}")).to_be_visible()
    await box.evaluate("box => { box.scrollTop = box.scrollHeight / 2 }")
    middle = (await lines_in_sight(page))[0]
    assert abs(middle - LINES / 2) < LINES / 100


async def test_a_search_counts_what_grep_counts_and_steps_through_it(
    page: Page, dashboard: DashboardProcess, long_log: str
) -> None:
    await open_log(page, dashboard, long_log, "#L1000")
    expected = [n for n in range(1, LINES + 1) if "item 1999" in written(n)]
    await page.locator(".log-box").focus()
    await page.keyboard.press("/")
    await page.keyboard.type("ITEM 1999")
    count = page.locator("[data-count]")
    await expect(count).to_have_text(f"1 of {len(expected):,}", timeout=15_000)
    await expect(page.locator(f"#L{expected[0]}.is-current")).to_be_visible()
    assert "q=ITEM+1999" in page.url
    await page.keyboard.press("Enter")
    await expect(page.locator(f"#L{expected[1]}.is-current")).to_be_visible()
    await page.keyboard.press("Shift+Enter")
    await page.locator(".log-box").focus()
    await page.keyboard.press("n")
    await page.keyboard.press("n")
    await expect(count).to_have_text(f"3 of {len(expected):,}")
    await page.keyboard.press("N")
    await expect(page.locator(f"#L{expected[1]}.is-current")).to_be_visible()
    await page.wait_for_function("() => CSS.highlights.get('log-match')?.size >= 1")


async def test_patterns_cases_and_filters_narrow_and_stay_in_the_address(
    page: Page, dashboard: DashboardProcess, long_log: str
) -> None:
    await open_log(page, dashboard, long_log)
    count = page.locator("[data-count]")
    await page.locator(".log-q").fill("item [0-9]{3}777$")
    await expect(count).to_have_text("0 lines", timeout=15_000)
    await page.get_by_label("Regular expression").check(force=True)
    expected = list(range(100_777, LINES, 1000))
    await expect(count).to_contain_text(f"of {len(expected)}", timeout=15_000)
    await page.get_by_label("Only matches").check(force=True)
    await expect(page.locator(f"#L{expected[3]}")).to_be_visible()
    assert (await lines_in_sight(page))[:3] == expected[:3]
    await page.get_by_label("Lines around each").select_option("1")
    await expect(page.locator(f"#L{expected[0] + 1}.is-context")).to_be_visible()
    assert (await lines_in_sight(page))[:4] == [100_776, 100_777, 100_778, 101_776]
    await page.reload()
    await expect(page.locator(f"#L{expected[-1] + 1}.is-context")).to_be_visible(timeout=15_000)
    assert (await lines_in_sight(page))[-3:] == [n + expected[-1] for n in (-1, 0, 1)]
    await page.get_by_label("Match case").check(force=True)
    await page.locator(".log-q").fill("ITEM [0-9]{3}777$")
    await expect(count).to_have_text("0 lines", timeout=15_000)
    page.context.watchdog.expected = lambda text: "422" in text  # type: ignore[attr-defined]
    await page.locator(".log-q").fill("item (")
    await expect(count).to_contain_text("can't be read")
    await page.locator(".log-clear").click()
    await expect(count).to_have_text("")
    assert page.url.endswith(LOGS)
    await page.get_by_role("checkbox", name="error").check(force=True)
    await expect(count).to_have_text("200 lines", timeout=15_000)
    assert all(n % 1000 == 777 for n in await lines_in_sight(page))
    assert "level=error" in page.url


async def test_the_last_error_is_one_click_away_and_the_map_leads_anywhere(
    page: Page, dashboard: DashboardProcess, long_log: str
) -> None:
    await open_log(page, dashboard, long_log)
    button = page.locator("[data-last-error]")
    await expect(button).to_have_text("200 errors", timeout=15_000)
    await button.click()
    await expect(page.locator("#L199777.is-current.is-error")).to_be_visible()
    await button.click()
    await expect(page.locator("#L198777.is-current")).to_be_visible()
    box = await page.locator("[data-map]").bounding_box()
    assert box is not None
    await page.mouse.click(box["x"] + 5, box["y"] + box["height"] / 4)
    assert abs((await lines_in_sight(page))[0] - LINES / 4) < LINES / 50


async def test_a_range_of_lines_has_an_address_and_can_be_copied(
    new_context: Callable[..., object], dashboard: DashboardProcess, long_log: str
) -> None:
    context: BrowserContext = await new_context(  # type: ignore[misc]
        permissions=["clipboard-read", "clipboard-write"]
    )
    page = await context.new_page()
    await open_log(page, dashboard, long_log, "#L1000")
    await page.locator("#L1001 > .log-no").click()
    assert page.url.endswith("#L1001")
    await page.locator("#L1003 > .log-no").click(modifiers=["Shift"])
    assert page.url.endswith("#L1001-L1003")
    button = page.locator("[data-copy-range]")
    await expect(button).to_have_text("Copy lines 1001 to 1003")
    await button.click()
    await expect(button).to_have_text("Copied 3 lines")
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied == "".join(f"{written(n)}\n" for n in (1001, 1002, 1003))
    await page.reload()
    await expect(page.locator(".log-line.is-target")).to_have_count(3)
    await lines_in_sight(page)  # the lines themselves may come after their numbers
    await page.evaluate(
        """() => getSelection().setBaseAndExtent(document.querySelector("#L1001 > .log-text"), 0,
            document.querySelector("#L1002 > .log-text"), 1)"""
    )
    selected = await page.evaluate("getSelection().toString()")
    assert selected.split("\n") == [written(1001), written(1002)]


async def test_text_stays_text_whatever_it_is(
    page: Page, dashboard: DashboardProcess, long_log: str
) -> None:
    await open_log(page, dashboard, long_log, "#L1")
    await expect(page.locator("#L3 > .log-text")).to_have_text(HOSTILE[3])
    assert await page.evaluate("window.hurt") is None
    await expect(page.locator("#L4 > .log-text")).to_have_text(
        "invoiceU+202Egpj.exe \\x07 U+200Bend"
    )
    await expect(page.locator("#L5 > .log-text")).to_have_text("red ground plain")
    await expect(page.locator("#L5 .a-1")).to_have_text("red")
    await expect(page.locator("#L7 > .log-text")).to_have_text("100%")
    more = page.locator("#L6 > .log-more")
    await expect(more).to_have_text("all 1,000,005 characters")
    assert (await page.locator("#L6").bounding_box() or {})["height"] < 200
    await page.locator("#L8 > .log-more").click()
    await expect(page.locator("#L8 > .log-more")).to_have_count(0)
    await page.get_by_role("button", name="Wrap").click()
    assert (await page.locator("#L8").bounding_box() or {})["height"] < 30
    wide = await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert wide


async def test_a_million_lines_leave_the_heap_as_it_was(
    page: Page, dashboard: DashboardProcess, platform: PlatformProcess, flyte_cli: FlyteCommand
) -> None:
    run = (await asyncio.to_thread(flyte_cli.run, "hello", "--name", "million")).name
    args = (dashboard.home, platform.endpoint, run, 1_000_000, lambda n: f"line {n}")
    await asyncio.to_thread(save_log, *args)
    await open_log(page, dashboard, run)
    assert (await lines_in_sight(page))[-1] == 1_000_000
    await page.locator(".log-q").fill("line 9")
    await expect(page.locator("[data-count]")).to_contain_text("of 111,111", timeout=20_000)
    for part in range(21):
        await page.locator(".log-box").evaluate(
            "(box, part) => { box.scrollTop = box.scrollHeight * part / 20 }", part
        )
        await lines_in_sight(page)
    assert (await lines_in_sight(page))[-1] == 1_000_000
    session = await page.context.new_cdp_session(page)
    await session.send("HeapProfiler.collectGarbage")
    used = (await session.send("Runtime.getHeapUsage"))["usedSize"]
    assert used < HEAP_MB * 1e6
    assert await page.locator("*").count() < 1500


async def test_it_follows_until_the_reader_scrolls_and_again_on_demand(
    page: Page, dashboard: DashboardProcess, flyte_cli: FlyteCommand
) -> None:
    run = (await asyncio.to_thread(flyte_cli.run, "chatty", "--lines", "900")).name
    await open_log(page, dashboard, run)
    follow = page.locator("[data-follow]")
    await expect(follow).to_have_text("following")
    await until_line(page, 150)
    await page.locator(".log-box").evaluate("box => { box.scrollTop = 0 }")
    await expect(follow).to_contain_text("below ↓")
    await expect(page.locator("#L1")).to_be_visible()
    seen = await lines_in_sight(page)
    total = int((await follow.inner_text()).split()[0].replace(",", ""))
    await page.wait_for_function(
        f"() => parseInt(document.querySelector('[data-follow]').textContent) > {total + 20}"
    )
    assert await lines_in_sight(page) == seen
    await follow.click()
    await expect(follow).to_contain_text("end ·", timeout=ENDED)
    await expect(page.locator(".log-text", has_text="00899").first).to_be_attached()


async def test_no_line_is_lost_or_repeated_over_a_dropped_socket(
    page: Page, dashboard: DashboardProcess, flyte_cli: FlyteCommand
) -> None:
    sockets: list[WebSocketRoute] = []

    def through(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    await page.route_web_socket("**", through)
    run = (await asyncio.to_thread(flyte_cli.run, "chatty", "--lines", "700")).name
    await open_log(page, dashboard, run)
    await expect_live(page)
    for number in (50, 200):
        await until_line(page, number)
        known = len(sockets)
        await sockets[-1].close(code=1012, reason="cut")
        await expect(page.locator("#live")).not_to_have_attribute("data-state", "live")
        await expect_live(page)
        assert len(sockets) == known + 1
    await expect(page.locator("[data-follow]")).to_contain_text("end ·", timeout=ENDED)
    texts = await read_through(page)
    assert sorted(texts) == list(range(1, len(texts) + 1))
    counted = [int(text.split()[-3]) for _, text in sorted(texts.items()) if "of 700" in text]
    assert counted == list(range(700))


async def test_a_reader_without_scripts_reads_searches_and_links(
    new_context: Callable[..., object], dashboard: DashboardProcess, long_log: str
) -> None:
    context: BrowserContext = await new_context(java_script_enabled=False)  # type: ignore[misc]
    page = await context.new_page()
    await page.goto(f"{dashboard.url}{SCOPE}/runs/{long_log}{LOGS}")
    await expect(page.locator(f"#L{LINES}")).to_be_attached()
    await page.get_by_role("link", name="Older lines").click()
    await expect(page.locator(f"#L{LINES - 500}")).to_be_attached()
    await page.locator(".log-q").fill("item 1777")
    await page.locator("[data-submit]").click()
    await expect(page.locator("#L177700")).to_be_attached()
    expected = sum("item 1777" in written(n) for n in range(1, LINES + 1))
    await expect(page.locator("[data-count]")).to_have_text(f"{expected} lines")
    await page.locator("#L1777 > .log-no").click()
    await expect(page.locator("#L1778")).to_be_attached()
    assert page.url.endswith("&line=1777#L1777")


async def test_the_raw_log_is_the_whole_log(
    page: Page, dashboard: DashboardProcess, long_log: str
) -> None:
    url = f"{dashboard.url}{SCOPE}/runs/{long_log}/actions/a0/attempts/1/log.txt"
    answer = await page.request.get(url)
    lines = (await answer.text()).split("\n")
    assert (len(lines), lines[LINES - 1]) == (LINES + 1, written(LINES))
    part = await page.request.get(url, headers={"Range": "bytes=-20"})
    assert part.status == 206
    assert (await answer.text()).endswith(await part.text())
    window = await page.request.get(url.replace("log.txt", "log.json?from=5&to=5"))
    assert json.loads(await window.text())["lines"][0][2] == HOSTILE[5]
