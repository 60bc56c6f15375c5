"""The list of runs as served: filters, order, columns, pages, and queries that make no sense."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import AsyncClient, RequestFactory

from dashboard.access.permissions import Role
from dashboard.access.rights import Rights
from dashboard.models import Person
from dashboard.run_lists.filters import form_of, query_of
from dashboard.run_lists.lists import embedded_list
from dashboard.run_lists.query import RunQuery
from remote_client import Page
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.things import SCOPE, run

RUNS = "/v2/domain/development/project/shop/runs"


@pytest.fixture
async def three(platform: FakePlatform) -> FakePlatform:
    for number, phase in enumerate(("failed", "running", "succeeded"), start=1):
        name = f"r{number}"
        platform.runs_there[name] = run(name, phase, start=number * 60, label=f"task{number}")
    return platform


def names(response: Any) -> list[str]:
    return [row.name for row in response.context["page"].list.rows]


def q_of(url: str) -> str:
    return parse_qs(urlsplit(url).query, keep_blank_values=True)["q"][0]


async def test_the_list_shows_every_run_newest_first(
    browser: AsyncClient, three: FakePlatform
) -> None:
    response = await browser.get(RUNS)
    assert names(response) == ["r3", "r2", "r1"]
    assert b'aria-sort="descending"' in response.content


async def test_a_query_and_the_older_filters_narrow_it(
    browser: AsyncClient, three: FakePlatform
) -> None:
    assert names(await browser.get(RUNS, {"q": "phase:failed"})) == ["r1"]
    assert names(await browser.get(RUNS, {"q": "-phase:failed task:*task3"})) == ["r3"]
    assert names(await browser.get(RUNS, {"phase": "running"})) == ["r2"]
    assert names(await browser.get(RUNS, {"task": "env.task1"})) == ["r1"]


async def test_the_live_list_is_narrowed_alike(browser: AsyncClient, three: FakePlatform) -> None:
    page = (await browser.get(RUNS, {"q": "phase:failed"})).context["page"]
    args = json.loads(page.list.live_args)
    assert args == {
        "project": "shop", "domain": "development", "first": True, "query": "phase:failed",
    }  # fmt: skip


async def test_each_filter_that_is_on_can_be_taken_away(
    browser: AsyncClient, three: FakePlatform
) -> None:
    page = (await browser.get(RUNS, {"q": "phase:failed since:7d"})).context["page"]
    assert [chip.text for chip in page.chips] == ["phase:failed", "since:7d"]
    assert [q_of(chip.url) for chip in page.chips] == ["since:7d", "phase:failed"]


async def test_the_filter_form_leads_to_one_address_with_one_query(browser: AsyncClient) -> None:
    chosen = {
        "filter": "1", "phase": ["failed", "timed_out"], "owner": "ana, bo", "task": "etl*",
        "longer": "10m", "words": "price", "rest": "-label:team=ml", "sort": "duration",
    }  # fmt: skip
    response = await browser.get(RUNS, chosen)
    address = parse_qs(urlsplit(response.headers["Location"]).query)
    assert response.status_code == 302
    assert address["sort"] == ["duration"]
    wanted = RunQuery.parse(
        "phase:failed,timed_out owner:ana,bo task:etl* longer:10m price -label:team=ml"
    )
    assert RunQuery.parse(address["q"][0]) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "phase:failed,timed_out owner:me task:etl* name:r1* since:7d longer:10m",
        'task:"a b",c version:"x, y" label:team=ml label:env',
        "-phase:failed trigger:nightly source:web,cli until:2026-05-04 shorter:1h",
        'two words "and three more" -without',
        "ended-since:1h owner-id:u1",
    ],
)
def test_the_filter_form_says_what_the_query_says(text: str) -> None:
    query = RunQuery.parse(text)
    form = form_of(query)
    given = QueryDict(mutable=True)
    given.setlist("phase", [box.style.key for box in form.phases if box.is_chosen])
    given.setlist("source", [source for source, is_chosen in form.sources if is_chosen])
    for field in (
        "task", "name", "owner", "trigger", "version", "label", "since", "until", "longer",
        "shorter", "words", "rest",
    ):  # fmt: skip
        given[field] = getattr(form, field)
    assert RunQuery.parse(query_of(given)) == query


async def test_a_query_that_makes_no_sense_is_told_beside_the_field(
    browser: AsyncClient, three: FakePlatform
) -> None:
    response = await browser.get(RUNS, {"q": 'fase:failed "<b>', "sort": "-duration"})
    body = response.content.decode()
    assert response.status_code == 400
    assert 'aria-invalid="true"' in body
    assert "fase:failed &quot;&lt;b&gt;" in body
    assert 'name="sort" value="-duration"' in body
    assert three.asked["runs_where"] == 0
    unclear = (await browser.get(RUNS, {"q": "fase:failed"})).context["page"]
    assert "Did you mean phase?" in unclear.advice


async def test_heads_sort_and_say_how(browser: AsyncClient, three: FakePlatform) -> None:
    page = (await browser.get(RUNS, {"q": "phase:failed"})).context["page"]
    by_key = {head.key: head for head in page.list.heads}
    assert by_key["started"].sorted == "descending"
    assert "sort=started" in by_key["started"].url
    assert "sort=-duration" in by_key["duration"].url
    assert q_of(by_key["duration"].url) == "phase:failed"
    assert by_key["labels"].url == ""
    turned = (await browser.get(RUNS, {"sort": "started"})).context["page"]
    assert [row.name for row in turned.list.rows] == ["r1", "r2", "r3"]
    assert json.loads(turned.list.live_args)["first"] is False


async def test_pages_lead_to_older_runs_and_back(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    for number in range(205):
        name = f"r{number:03}"
        platform.runs_there[name] = run(name, "succeeded", start=number)
    first = await browser.get(RUNS)
    second = await browser.get(first.context["page"].list.older_url)
    third = await browser.get(second.context["page"].list.older_url)
    assert names(first)[0] == "r204"
    assert names(second) == [f"r{n:03}" for n in range(104, 4, -1)]
    assert names(third) == [f"r{n:03}" for n in range(4, -1, -1)]
    assert third.context["page"].list.older_url == ""
    back = await browser.get(third.context["page"].list.newer_url)
    assert names(back) == names(second)
    to_first = await browser.get(back.context["page"].list.newer_url)
    again = (
        await browser.get(to_first.headers["Location"]) if to_first.status_code == 302 else to_first
    )
    assert names(again) == names(first)
    assert json.loads(second.context["page"].list.live_args)["first"] is False


async def test_columns_are_chosen_and_remembered(browser: AsyncClient, three: FakePlatform) -> None:
    chosen = {
        "remember": "1",
        "columns": ["phase", "labels", "ended", "no-such"],
        "q": "phase:failed",
    }
    response = await browser.get(RUNS, chosen)
    assert response.headers["Location"] == f"{RUNS}?q=phase%3Afailed"
    page = (await browser.get(RUNS, {"q": ""})).context["page"]
    assert page.list.columns == "phase what ended labels"
    once = (await browser.get(RUNS, {"q": "", "columns": "owner,version"})).context["page"]
    assert once.list.columns == "phase what owner version"


async def test_an_empty_list_teaches(browser: AsyncClient, platform: FakePlatform) -> None:
    empty = (await browser.get(RUNS)).content.decode()
    assert "flyte --endpoint fake:1" in empty
    nothing = (await browser.get(RUNS, {"q": "phase:failed"})).content.decode()
    assert "No run here matches" in nothing
    assert f'href="{RUNS}?q="' in nothing


async def test_rows_name_trigger_version_and_labels_as_text(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    made = run("r1", "failed")
    made._pb.action.metadata.trigger_name = "<i>nightly"
    made._pb.labels["team"] = "<b>ml"
    platform.pages[""] = Page([made], "")
    body = (await browser.get(RUNS)).content.decode()
    assert "&lt;i&gt;nightly" in body
    assert "team=&lt;b&gt;ml" in body
    assert "<b>ml" not in body


async def test_a_full_page_of_failures_is_light(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    """The budget of a first visit is 80 KiB; style sheets and scripts take 25 of them."""
    for number in range(100):
        unlike = hashlib.sha256(str(number).encode()).hexdigest()
        name = f"r{unlike[:19]}"
        made = run(name, "failed", start=number, label=f"train_{unlike[20:24]}")
        made._pb.action.metadata.task.id.version = unlike[:32]
        made._pb.labels["team"] = unlike[30:36]
        platform.runs_there[name] = made
    body = (await browser.get(RUNS)).content
    assert body.count(b'class="run-row"') == 100
    assert len(gzip.compress(body)) < 40 * 1024


async def test_another_page_includes_the_list_of_its_own_runs(
    three: FakePlatform, person: Person, upstreams: None
) -> None:
    request = RequestFactory().get("/")
    request.person = person  # type: ignore[attr-defined]
    request.rights = Rights(Role.VIEWER)  # type: ignore[attr-defined]
    three.runs_there["r4"] = run("r4", "succeeded", start=240, label="task1")
    found = await embedded_list(request, SCOPE, "task:env.task1", limit=1)
    assert [row.name for row in found.rows] == ["r4"]
    assert q_of(found.older_url) == "task:env.task1"
    assert json.loads(found.live_args)["query"] == "task:env.task1"
    drawn = render_to_string("runs/_list.html", {"list": found}, request)
    assert 'data-key="r4"' in drawn
    assert 'id="bulk"' not in drawn
