"""The frame: the rail leads where the reader was, and shows no one what they may not see."""

from __future__ import annotations

import pytest
from django.test import AsyncClient

from dashboard import bundles, places
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.people import browser_of, person_with

RUNS = "/v2/domain/development/project/shop/runs"


async def test_the_rail_leads_to_the_place_of_the_page(browser: AsyncClient) -> None:
    frame = (await browser.get(RUNS)).context["frame"]
    links = {link.key: link.url for link in frame.rail}
    assert links["runs"] == RUNS
    assert [link.key for link in frame.rail if link.is_current] == ["runs"]


async def test_without_a_place_the_rail_leads_to_the_last_one(browser: AsyncClient) -> None:
    before = (await browser.get("/patterns")).context["frame"]
    assert "runs" not in {link.key for link in before.rail}
    await browser.get(RUNS)
    after = (await browser.get("/patterns")).context["frame"]
    assert {link.key: link.url for link in after.rail}["runs"] == RUNS
    assert after.scope is None


async def test_another_persons_places_are_not_shown(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    await browser.get(RUNS)
    stranger = await browser_of(await person_with("ben", ("viewer", "other")))
    stranger.cookies[places.COOKIE] = browser.cookies[places.COOKIE].value
    frame = (await stranger.get("/patterns")).context["frame"]
    assert frame.near is None
    assert not frame.recent


async def test_a_page_that_was_refused_is_no_place(browser: AsyncClient) -> None:
    await browser.get("/v2/domain/nowhere/project/shop/runs")
    assert places.COOKIE not in browser.cookies


@pytest.mark.parametrize("text", ["x", "a/b/c", "../etc", "shop/<b>", "." * 5000, "a/b." * 3000])
async def test_a_cookie_of_nonsense_leads_nowhere(browser: AsyncClient, text: str) -> None:
    browser.cookies[places.COOKIE] = text
    response = await browser.get("/patterns")
    assert response.status_code == 200
    assert "<b>" not in response.content.decode()


async def test_another_domain_keeps_the_kind_of_page(browser: AsyncClient) -> None:
    frame = (await browser.get(f"{RUNS}?q=phase:failed")).context["frame"]
    assert [(place.label, place.url, place.is_current) for place in frame.domains] == [
        ("development", RUNS, True),
        ("production", "/v2/domain/production/project/shop/runs", False),
    ]


async def test_what_one_may_not_do_is_not_in_the_rail(
    platform: FakePlatform, person: object
) -> None:
    viewer = await browser_of(await person_with("ben", ("viewer", "shop")))
    frame = (await viewer.get(RUNS)).context["frame"]
    keys = {link.key for link in (*frame.rail, *frame.more)}
    assert "runs" in keys
    assert not keys & {"people", "audit", "secrets"}


async def test_crumbs_lead_up_to_the_list(browser: AsyncClient) -> None:
    page = (await browser.get(f"{RUNS}/no-such-run")).content.decode()
    assert f'<a href="{RUNS}" data-up>Runs</a>' in page
    assert '<code title="no-such-run">no-such-run</code>' in page


async def test_moments_say_their_zone(browser: AsyncClient) -> None:
    page = (await browser.get(RUNS)).content.decode()
    assert 'data-zone="local"' in page
    browser.cookies["zone"] = "utc"
    assert 'data-zone="utc"' in (await browser.get(RUNS)).content.decode()


# --- what every page needs, in one file -----------------------------------------------------------

SOURCES = {
    "css/everywhere.css": '@import url("a.css");\n@import url("b/c.css");\np {}',
    "css/a.css": "a {}\n",
    "css/b/c.css": "c {}\n",
    "js/core.js": 'export * from "./one.js";\nexport * from "./two.js";\n',
    "js/one.js": "export const one = 1;\n",
    "js/two.js": (
        'import { one } from "./one.js";\nimport { x } from "./x.js";\nexport const two = one;\n'
    ),
}


def test_a_style_sheet_takes_in_what_it_imports() -> None:
    joined = bundles.joined_style("css/everywhere.css", SOURCES.__getitem__)
    assert joined == "a {}\nc {}\np {}"


def test_the_core_holds_its_modules_and_imports_none_of_them() -> None:
    joined = bundles.joined_core(SOURCES.__getitem__)
    assert "./one.js" not in joined
    assert 'from "./x.js"' in joined
    assert joined.index("one = 1") < joined.index("two = one")


def test_others_ask_the_core_for_what_is_in_it() -> None:
    text = 'import { one } from "./one.js";\nimport { y } from "./y.js";\n'
    assert bundles.importing_core(text, ("one.js", "two.js")) == (
        'import { one } from "./core.js";\nimport { y } from "./y.js";\n'
    )
