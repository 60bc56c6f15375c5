"""The launch form in a browser: by keyboard, with lists and variants, errors, and reruns."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from flyteidl2.workflow import run_service_pb2
from playwright.async_api import BrowserContext, Page, expect

from remote_client import ClientSet, Run
from tests.browser.axe import assert_accessible, is_of_axe
from tests.browser.dashboard_process import DashboardProcess
from tests.browser.pages import SCOPE, expect_live, has_reloaded, is_wider_than_the_window, mark
from tests.browser.test_launch_types import client, kinds  # noqa: F401 - fixtures, found by name


async def open_form(page: Page, dashboard: DashboardProcess, task: str, query: str = "") -> None:
    await page.goto(f"{dashboard.url}{SCOPE}/tasks/kinds.{task}/latest/launch{query}")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(f"Launch kinds.{task}")
    await expect(page.locator(".launch-page[data-ready]")).to_be_visible()


async def outputs_of(page: Page, client: ClientSet) -> dict[str, object]:  # noqa: F811
    """Of the run whose page the form led to."""
    await page.wait_for_url("**/runs/*")
    run = await Run.get.aio(page.url.partition("?")[0].rpartition("/")[2], client=client)
    await run.wait.aio(quiet=True)
    outputs: dict[str, object] = (await run.outputs.aio()).named_outputs
    return outputs


async def test_the_whole_form_goes_by_keyboard(
    kinds: None,  # noqa: F811
    page: Page,
    dashboard: DashboardProcess,
    client: ClientSet,  # noqa: F811
) -> None:
    watchdog = page.context.watchdog  # type: ignore[attr-defined]
    watchdog.expected = lambda text: "422" in text  # how Chromium tells of a refused form
    await open_form(page, dashboard, "scalars")
    await page.get_by_label("b", exact=True).focus()
    await page.keyboard.type("t")  # true, as a list is chosen from by its first letter
    await page.get_by_label("i", exact=True).focus()
    await page.keyboard.type("41")
    await page.keyboard.press("Control+Enter")
    # What is missing is said at the top, where the focus goes, with a link to each field.
    summary = page.locator("#problems")
    await expect(summary).to_be_focused()
    await expect(page.locator(".launch-page[data-ready]")).to_be_visible()
    await summary.get_by_role("link", name="f", exact=True).focus()
    await page.keyboard.press("Enter")
    field = page.get_by_label("f", exact=True)
    await expect(field).to_be_focused()
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_label("i", exact=True)).to_have_value("41")
    await page.keyboard.type("-inf")
    await page.get_by_label("c", exact=True).focus()
    await page.keyboard.type("B")
    await page.get_by_label("s", exact=True).focus()
    await page.keyboard.type("two")
    await page.keyboard.press("Enter")
    await page.keyboard.type("lines")
    await page.keyboard.press("Control+Enter")
    back = await outputs_of(page, client)
    assert [back[f"o{n}"] for n in range(5)] == [41, float("-inf"), "two\nlines", True, "BLUE"]


async def test_items_and_variants_come_without_loading_the_page(
    kinds: None,  # noqa: F811
    page: Page,
    dashboard: DashboardProcess,
    client: ClientSet,  # noqa: F811
) -> None:
    await open_form(page, dashboard, "containers")
    await mark(page)
    await page.get_by_role("button", name="Add an item to xs").click()
    first = page.get_by_label("xs: item 1")
    await expect(first).to_be_focused()
    await page.keyboard.type("1")
    await page.get_by_role("button", name="Add an item to xs").click()
    await expect(page.get_by_label("xs: item 2")).to_be_focused()
    await page.keyboard.type("2")
    await page.get_by_role("button", name="Move item 2 of xs up").click()
    await expect(first).to_have_value("2")
    await page.get_by_role("button", name="Add a key to deep").click()
    await expect(page.get_by_label("deep: key 1")).to_be_focused()
    await page.keyboard.type("k")
    await (
        page.get_by_role("button", name="Add an item to deep: value 1")
        .or_(page.get_by_role("button", name="Add an item to value 1"))
        .click()
    )
    choice = page.get_by_label("item 1: which type")
    await choice.select_option(label="int")
    inner = page.locator('[name="i.0.0.0.0"], [name="i.1.0.0.0"], [name="i.2.0.0.0"]')
    await inner.fill("7")
    assert not await has_reloaded(page)
    await page.get_by_role("button", name="Launch", exact=True).click()
    back = await outputs_of(page, client)
    assert back["o0"] == [2, 1]
    assert back["o2"] == {"k": [7]}


async def test_json_and_fields_show_the_same_values(
    kinds: None,  # noqa: F811
    page: Page,
    dashboard: DashboardProcess,
) -> None:
    await open_form(page, dashboard, "defaults")
    await page.get_by_label("i", exact=True).fill("12345678901234567")
    await page.get_by_role("button", name="JSON", exact=True).click()
    box = page.get_by_label("Inputs as JSON")
    text = await box.input_value()
    assert '"i": 12345678901234567' in text
    await box.fill(text.replace("[\n    1,", "[\n    9007199254740993,"))
    await page.get_by_role("button", name="Fields", exact=True).click()
    await expect(page.get_by_label("xs: item 1")).to_have_value("9007199254740993")


async def test_a_file_is_uploaded_when_it_is_chosen(
    kinds: None,  # noqa: F811
    page: Page,
    dashboard: DashboardProcess,
) -> None:
    await open_form(page, dashboard, "files")
    chosen = {"name": "rows.csv", "mimeType": "text/csv", "buffer": b"1,2"}
    await page.get_by_label("or upload a file").set_input_files(files=[chosen])  # type: ignore[list-item]
    await expect(page.get_by_label("f", exact=True)).to_have_value(re.compile(r"/rows\.csv$"))


async def test_a_run_is_run_again_with_a_change(
    kinds: None,  # noqa: F811
    page: Page,
    dashboard: DashboardProcess,
    client: ClientSet,  # noqa: F811
) -> None:
    inputs = quote('{"i": 3, "xs": []}')
    await open_form(page, dashboard, "defaults", f"?inputs={inputs}")
    await page.get_by_text("Labels", exact=True).click()
    await page.get_by_label("Labels: name 1").fill("team")
    await page.get_by_label("Labels: value 1").fill("ml")
    await page.get_by_role("button", name="Launch", exact=True).click()
    first = await outputs_of(page, client)
    assert str(first["o0"]).startswith("(3, ")
    name = page.url.rpartition("/")[2]

    await page.goto(f"{dashboard.url}{SCOPE}/runs/{name}/rerun/edit")
    await expect(page.get_by_role("heading", name=f"No change against {name}")).to_be_visible()
    await page.get_by_label("i", exact=True).fill("4")
    await page.get_by_role("button", name="Check").click()
    await expect(page.get_by_role("heading", name=f"1 change against {name}")).to_be_visible()
    await expect(page.locator(".changes del")).to_have_text("3")
    await page.get_by_role("button", name="Rerun with 1 change").click()
    second = await outputs_of(page, client)
    assert str(second["o0"]).startswith("(4, ")
    details = await client.run_service.GetRunDetails(_run_id(page, client))
    spec = details.details.run_spec
    assert dict(spec.labels.values) == {"team": "ml"}
    assert spec.relation.related_to.name == name


def _run_id(page: Page, client: ClientSet) -> object:  # noqa: F811
    scope = client.scope
    return run_service_pb2.GetRunDetailsRequest(run_id=scope.run_id(page.url.rpartition("/")[2]))


async def test_what_was_typed_outlives_a_server_that_is_out_of_reach(
    kinds: None,  # noqa: F811
    page: Page,
    dashboard: DashboardProcess,
) -> None:
    watchdog = page.context.watchdog  # type: ignore[attr-defined]
    watchdog.expected = lambda text: "net::ERR_" in text or "WebSocket" in text
    await open_form(page, dashboard, "scalars")
    await page.get_by_label("i", exact=True).fill("41")
    await page.context.set_offline(True)
    await page.get_by_role("button", name="Check").click()
    await expect(page.get_by_role("alert").filter(has_text="not reachable")).to_be_visible()
    await expect(page.get_by_label("i", exact=True)).to_have_value("41")
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Check").click()
    await expect(page.locator("#problems")).to_be_focused()
    await expect(page.get_by_label("i", exact=True)).to_have_value("41")


async def test_the_list_of_tasks_follows_a_run(
    kinds: None,  # noqa: F811
    page: Page,
    dashboard: DashboardProcess,
    new_context: Callable[..., object],
) -> None:
    await page.goto(f"{dashboard.url}{SCOPE}/tasks?q=kinds.nothing")
    await expect_live(page)
    marks = page.locator('[data-task="kinds.nothing"] [data-strip] li')
    before = await marks.count()
    other: BrowserContext = await new_context()  # type: ignore[misc]
    beside = await other.new_page()
    await open_form(beside, dashboard, "nothing")
    await beside.get_by_role("button", name="Launch", exact=True).click()
    await beside.wait_for_url("**/runs/*")
    await expect(marks).to_have_count(min(before + 1, 10), timeout=15_000)
    await expect(marks.last.locator("a")).to_have_class("phase-succeeded", timeout=20_000)


async def test_a_task_leads_to_its_form_and_its_versions(
    kinds: None,  # noqa: F811
    page: Page,
    dashboard: DashboardProcess,
) -> None:
    await page.goto(f"{dashboard.url}{SCOPE}/tasks")
    await page.get_by_role("link", name="kinds.models", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("kinds.models")
    await expect(page.locator("table.interface").first).to_contain_text("Outer")
    await page.get_by_role("link", name="Launch", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Launch kinds.models")


async def test_no_page_is_wider_than_a_phone(
    kinds: None,  # noqa: F811
    dashboard: DashboardProcess,
    new_context: Callable[..., object],
) -> None:
    context: BrowserContext = await new_context(viewport={"width": 400, "height": 800})  # type: ignore[misc]
    page = await context.new_page()
    for address in ("tasks", "tasks/kinds.models", "tasks/kinds.models/latest/launch"):
        await page.goto(f"{dashboard.url}{SCOPE}/{address}")
        await expect(page.locator("h1")).to_be_visible()
        assert not await is_wider_than_the_window(page), address


async def test_everybody_can_use_these_pages(
    kinds: None,  # noqa: F811
    dashboard: DashboardProcess,
    new_context: Callable[..., object],
) -> None:
    inputs = quote('{"xs": [1], "names": {"a": "b"}, "deep": {"k": [1, null]}, "rows": [{"n": 1}]}')
    addresses = (
        "tasks",
        "tasks/kinds.models",
        f"tasks/kinds.containers/latest/launch?inputs={inputs}",
        "tasks/kinds.files/latest/launch",
        "tasks/kinds.moments/latest/launch",
    )
    for scheme in ("light", "dark"):
        context: BrowserContext = await new_context(color_scheme=scheme)  # type: ignore[misc]
        context.watchdog.expected = is_of_axe  # type: ignore[attr-defined]
        page = await context.new_page()
        for address in addresses:
            await page.goto(f"{dashboard.url}{SCOPE}/{address}")
            await expect(page.locator("h1")).to_be_visible()
            await page.evaluate(
                "document.querySelectorAll('main details').forEach((fold) => { fold.open = true; })"
            )
            await assert_accessible(page)
