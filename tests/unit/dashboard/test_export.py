"""What a list finds as CSV and JSON, parsed back."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.test import AsyncClient

from dashboard.run_lists import export
from dashboard.run_lists.export import safe_cell
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.people import browser_of, person_with
from tests.unit.dashboard.things import details, run

RUNS = "/v2/domain/development/project/shop/runs"


async def text(response: Any) -> str:
    return "".join([chunk.decode() async for chunk in response.streaming_content])


@pytest.fixture
async def some(platform: FakePlatform) -> FakePlatform:
    platform.runs_there["r1"] = run("r1", "failed", start=0, end=90, label='=HYPERLINK("x")')
    platform.runs_there["r1"]._pb.labels["team"] = "ml"
    platform.runs_there["r2"] = run("r2", "running", start=60)
    platform.runs_there["r3"] = run("r3", "succeeded", start=120)
    platform.details_there["a0"] = details("a0", "failed", error=("ValueError", '@no, "price"'))
    return platform


async def test_csv_holds_what_the_query_finds(browser: AsyncClient, some: FakePlatform) -> None:
    response = await browser.get(f"{RUNS}.csv", {"q": "phase:failed"})
    rows = list(csv.DictReader(io.StringIO(await text(response))))
    assert [row["run"] for row in rows] == ["r1"]
    row = rows[0]
    assert (row["phase"], row["duration_s"], row["labels"]) == ("failed", "90.0", "team=ml")
    assert row["started"] == "2026-05-04T12:00:00.000Z"
    assert '@no, "price"' in row["error"]
    assert row["url"].endswith(f"{RUNS}/r1")
    assert response["Content-Encoding"] == "identity"
    name = response["Content-Disposition"]
    assert name.startswith('attachment; filename="runs-shop-development-20')
    assert name.endswith('Z.csv"')


async def test_json_tells_the_question_and_whether_it_is_all(
    browser: AsyncClient, some: FakePlatform
) -> None:
    response = await browser.get(f"{RUNS}.json", {"q": "-phase:failed", "sort": "started"})
    found = json.loads(await text(response))
    assert [each["run"] for each in found["runs"]] == ["r2", "r3"]
    assert (found["query"], found["sort"]) == ("-phase:failed", "started")
    assert found["is_complete"] is True
    assert found["runs"][0]["duration_s"] is None


async def test_nothing_found_is_a_file_too(browser: AsyncClient, platform: FakePlatform) -> None:
    assert json.loads(await text(await browser.get(f"{RUNS}.json")))["runs"] == []
    assert len((await text(await browser.get(f"{RUNS}.csv"))).splitlines()) == 1


async def test_a_file_takes_all_pages_up_to_its_limit_and_says_so(
    browser: AsyncClient, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(230):
        platform.runs_there[f"r{number:03}"] = run(f"r{number:03}", "succeeded", start=number)
    whole = json.loads(await text(await browser.get(f"{RUNS}.json")))
    assert [each["run"] for each in whole["runs"]] == [f"r{n:03}" for n in range(229, -1, -1)]
    monkeypatch.setattr(export, "MOST_ROWS", 150)
    cut = json.loads(await text(await browser.get(f"{RUNS}.json")))
    assert (len(cut["runs"]), cut["is_complete"]) == (150, False)
    lines = (await text(await browser.get(f"{RUNS}.csv"))).splitlines()
    assert len(lines) == 152
    assert lines[-1] == "Only the first 150 runs: narrow the query for the rest."


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(sign: str) -> None:
    assert safe_cell(f"{sign}1+1") == f"'{sign}1+1"
    assert safe_cell(f"  {sign}1") == f"'  {sign}1"
    assert safe_cell("a=b") == "a=b"
    assert safe_cell(-3.5) == "-3.5"


async def test_what_goes_wrong_at_once_is_a_page(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    assert (await browser.get(f"{RUNS}.csv", {"q": "fase:x"})).status_code == 400
    stranger = await browser_of(await person_with("eve", ("viewer", "other")))
    assert (await stranger.get(f"{RUNS}.csv")).status_code == 404
    assert (await browser.head(f"{RUNS}.json")).headers["Content-Type"] == "application/json"
