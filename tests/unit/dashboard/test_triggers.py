"""Triggers: the list, one trigger, the form, switches with a result each, and what is written."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from dashboard.models import AuditEntry
from dashboard.triggers.typed_json import BadInputs, parse, to_json, to_typed_json
from remote_client import Cron, FixedRate, RunOptions
from remote_client.errors import Unavailable
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.fake_triggers import task_details, trigger
from tests.unit.dashboard.people import browser_of, person_with
from tests.unit.dashboard.things import run

LIST = "/v2/domain/development/project/shop/triggers"
ONE = f"{LIST}/env.main/nightly"
FORM = {
    "task": "env.main",
    "version": "v1",
    "name": "hourly",
    "kind": "rate",
    "every": "2",
    "unit": "hours",
    "inputs": '{"x": 3}',
    "env": "A=1\nB=two=2",
    "labels": "team=ml",
    "active": "on",
}


@pytest.fixture(autouse=True)
def there(platform: FakePlatform) -> None:
    platform.triggers_there = {
        "env.main/nightly": trigger("nightly", schedule=Cron("0 2 * * *", "Europe/Berlin")),
        "env.main/often": trigger("often", schedule=FixedRate(timedelta(minutes=5)), active=False),
    }


async def page(browser: AsyncClient, address: str = LIST, status: int = 200) -> str:
    response = await browser.get(address)
    assert response.status_code == status, response.content.decode()
    return response.content.decode()


async def entries() -> list[tuple[str, str, str, str]]:
    fields = ("action", "thing", "result", "detail")
    found = AuditEntry.objects.filter(action__startswith="trigger").order_by("pk")
    return await sync_to_async(list)(found.values_list(*fields))


# --- the list ---------------------------------------------------------------------------------


async def test_the_list_tells_schedules_in_words_with_the_last_run(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    failed = run("r7", "failed")
    failed._pb.action.metadata.trigger_name = "nightly"
    failed._pb.action.metadata.task.id.name = "env.main"
    platform.trigger_runs_there = [failed]
    html = await page(browser)
    assert "At 02:00 every day" in html
    assert "Every 5 minutes" in html
    assert "Europe/Berlin" in html
    assert f"{LIST.removesuffix('/triggers')}/runs/r7" in html
    assert "ana" in html


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["nightly", "often"]),
        ("?status=off", ["often"]),
        ("?q=berlin nightly", []),
        ("?q=02:00", ["nightly"]),
        ("?sort=-name", ["often", "nightly"]),
        ("?status=nonsense&sort=nonsense", ["nightly", "often"]),
        ("?last=failed", []),
        ("?task=env.other", []),
    ],
)
async def test_search_filters_and_order_are_in_the_address(
    browser: AsyncClient, query: str, names: list[str]
) -> None:
    html = await page(browser, LIST + query)
    found = [part.split('"')[0] for part in html.split('data-key="env.main/')[1:]]
    assert found == names


async def test_an_empty_list_shows_the_program_that_fills_it(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.triggers_there = {}
    assert "flyte.Trigger(" in await page(browser)


async def test_hostile_names_stay_text(browser: AsyncClient, platform: FakePlatform) -> None:
    bad = "<img src=x onerror=alert(1)>"
    platform.triggers_there = {"k": trigger("n", description=bad, by=bad)}
    html = await page(browser)
    assert bad not in html
    assert "&lt;img" in html


async def test_an_unreachable_platform_says_so(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.error = Unavailable("gone")
    await page(browser, status=503)


# --- switches ---------------------------------------------------------------------------------


async def test_each_of_many_switched_has_a_result_and_all_can_be_undone(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.trigger_errors["env.main/broken"] = Unavailable("gone")
    chosen = ["env.main/nightly", "env.main/often", "env.main/broken", "env.main/never"]
    await browser.post(f"{LIST}/switch", {"act": "off", "trigger": chosen})
    assert not platform.triggers_there["env.main/nightly"].is_active
    html = await page(browser)
    for words in ("1 of 4 switched off", "was off already", "is gone", "gone", "Undo"):
        assert words in html
    assert await entries() == [
        ("trigger.switch", "shop/development/env.main/nightly", "done", "off"),
        ("trigger.switch", "shop/development/env.main/broken", "failed", "gone"),
    ]
    assert "switched off" not in await page(browser)  # told once


async def test_one_switch_goes_back_to_its_own_page_and_to_no_other_host(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    where = {"one": "off:env.main/nightly", "back": f"{ONE}?tab=json"}
    response = await browser.post(f"{LIST}/switch", where)
    assert response["Location"] == f"{ONE}?tab=json"
    assert not platform.triggers_there["env.main/nightly"].is_active
    for back in ("https://elsewhere.example/", "//elsewhere.example", "/people"):
        response = await browser.post(f"{LIST}/switch", {**where, "back": back})
        assert response["Location"] == LIST


async def test_nothing_chosen_is_told(browser: AsyncClient) -> None:
    response = await browser.post(f"{LIST}/switch", {"act": "on"}, follow=True)
    assert "Choose triggers first" in response.content.decode()


# --- one trigger ------------------------------------------------------------------------------


async def test_its_page_tells_the_next_five_times_and_its_definition(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    options = RunOptions(env_vars={"MODE": "full"}, labels={"team": "ml"})
    platform.triggers_there["env.main/nightly"] = trigger(
        schedule=Cron("0 2 * * *", "Europe/Berlin"), inputs={"x": 3}, options=options
    )
    html = await page(browser, f"{ONE}?tab=definition")
    assert html.count("02:00 Europe/Berlin") == 5
    for words in ("MODE", "full", "team", "<code>3</code>"):
        assert words in html


async def test_a_revision_is_compared_with_the_one_before(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.triggers_there["env.main/nightly"] = trigger(revision=3, inputs={"x": 4})
    platform.trigger_pasts = {2: trigger(revision=2, inputs={"x": 3}), 1: trigger(revision=1)}
    html = await page(browser, f"{ONE}?tab=history&revision=3")
    assert "Revision 3 compared with 2." in html
    assert "<del><code>3</code></del>" in html
    assert "<ins><code>4</code></ins>" in html
    assert "Revision 1 was the first." in await page(browser, f"{ONE}?revision=1")
    await page(browser, f"{ONE}?revision=99")


async def test_a_trigger_whose_version_is_gone_warns(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.triggers_there["env.main/nightly"] = trigger(version="v9")
    assert "this trigger can&#x27;t start a run" in await page(browser, ONE)


async def test_no_such_trigger_is_a_page_that_leads_on(browser: AsyncClient) -> None:
    assert "has no trigger" in await page(browser, f"{LIST}/env.main/none", 404)


async def test_it_runs_now(browser: AsyncClient, platform: FakePlatform) -> None:
    response = await browser.post(f"{ONE}/run")
    assert response["Location"].endswith("/runs/r-fired")


async def test_deleting_says_what_it_does_and_is_written_down(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    assert "The runs that it started stay" in await page(browser, f"{ONE}/delete")
    assert "env.main/nightly" in platform.triggers_there
    await browser.post(f"{ONE}/delete")
    assert "env.main/nightly" not in platform.triggers_there
    assert (await entries())[-1][:3] == (
        "trigger.delete",
        "shop/development/env.main/nightly",
        "done",
    )


# --- the form ---------------------------------------------------------------------------------


async def test_the_form_creates_a_trigger(browser: AsyncClient, platform: FakePlatform) -> None:
    assert "env.main" in await page(browser, f"{LIST}/new")
    assert "x: int" in await page(browser, f"{LIST}/new?task=env.main")
    response = await browser.post(f"{LIST}/new", FORM)
    assert response["Location"] == f"{LIST}/env.main/hourly"
    (draft,) = platform.drafts
    assert draft.schedule == FixedRate(timedelta(hours=2))
    assert (draft.inputs, draft.is_active, draft.revision) == ({"x": 3}, True, 0)
    assert draft.options.env_vars == {"A": "1", "B": "two=2"}
    assert draft.options.labels == {"team": "ml"}
    assert (await entries())[-1][:3] == (
        "trigger.write",
        "shop/development/env.main/hourly",
        "done",
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "A name has 1 to 255 characters"),
        ({"name": "a/b"}, "no slash"),
        ({"kind": "cron", "cron": "often"}, "five fields"),
        ({"kind": "cron", "cron": "0 2 * * *", "zone": "Mars/Olympus"}, "no time zone"),
        ({"every": "0"}, "at least 1"),
        ({"start": "soon"}, "a date and a time"),
        ({"inputs": "{"}, "no JSON"),
        ({"inputs": "[]"}, "one JSON object"),
        ({"inputs": "{}"}, "also needs x"),
        ({"inputs": '{"x": 1, "z": 2}'}, "no input"),
        ({"inputs": '{"x": "three"}'}, "x: "),
        ({"inputs": '{"x": 1, "at": "soon"}'}, "at: "),
        ({"inputs": '{"x": 1, "at": "2026-01-01"}', "time_input": "at"}, "leave it out"),
        ({"time_input": "x"}, "for a moment"),
        ({"env": "no sign"}, "NAME=value"),
    ],
)
async def test_what_is_wrong_is_told_and_what_was_typed_stays(
    browser: AsyncClient, platform: FakePlatform, changes: dict[str, str], words: str
) -> None:
    response = await browser.post(f"{LIST}/new", {**FORM, **changes})
    html = response.content.decode()
    assert response.status_code == 422
    assert words in html
    assert "two=2" in html or "env" in changes
    assert not platform.drafts


async def test_a_change_keeps_what_the_form_does_not_show(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    options = RunOptions(env_vars={"OLD": "1"}, queue="fast", annotations={"a": "b"})
    platform.triggers_there["env.main/nightly"] = trigger(
        revision=4, inputs={"x": 1}, options=options
    )
    assert "OLD=1" in await page(browser, f"{ONE}/edit")
    await browser.post(f"{ONE}/edit", {**FORM, "revision": "4"})
    (draft,) = platform.drafts
    assert (draft.name, draft.revision) == ("nightly", 4)
    assert draft.options.queue == "fast"
    assert draft.options.annotations == {"a": "b"}
    assert draft.options.env_vars == {"A": "1", "B": "two=2"}


async def test_somebody_elses_change_is_not_undone_unknowingly(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.triggers_there["env.main/nightly"] = trigger(revision=5, by="otto")
    response = await browser.post(f"{ONE}/edit", {**FORM, "revision": "4"})
    html = response.content.decode()
    assert response.status_code == 409
    assert "otto made revision 5 of this trigger meanwhile. Nothing was saved." in html
    assert not platform.drafts
    response = await browser.post(f"{ONE}/edit", {**FORM, "revision": "5"})
    assert response.status_code == 302


async def test_a_name_that_is_taken_is_told(browser: AsyncClient, platform: FakePlatform) -> None:
    response = await browser.post(f"{LIST}/new", {**FORM, "name": "nightly"})
    assert response.status_code == 409
    assert "has a trigger nightly already" in response.content.decode()


async def test_the_preview_says_when_it_would_fire(browser: AsyncClient) -> None:
    html = await page(browser, f"{LIST}/preview?kind=cron&cron=0 2 * * *&zone=Europe/Berlin")
    assert html.count("02:00 Europe/Berlin") == 5
    assert "five fields" in await page(browser, f"{LIST}/preview?kind=cron&cron=soon")


async def test_a_task_that_is_not_there_is_told(browser: AsyncClient) -> None:
    assert "There is no task" in await page(browser, f"{LIST}/new?task=nope", 404)


async def test_a_viewer_sees_no_control(
    platform: FakePlatform, upstreams: None, transactional_db: None
) -> None:
    viewer = await browser_of(await person_with("vi", ("viewer", "shop")))
    for address in (LIST, ONE):
        html = await page(viewer, address)
        for control in ("New trigger", ">Edit<", "Delete…", "Run now"):
            assert control not in html
    await page(viewer, f"{ONE}/edit", 403)


# --- inputs as JSON ---------------------------------------------------------------------------


def test_inputs_go_to_json_and_back() -> None:
    interface = task_details().interface
    values = parse('{"x": 3, "at": "2026-05-04T12:00:00+02:00"}', interface)
    assert json.loads(json.dumps(to_json(values))) == {"x": 3, "at": "2026-05-04T10:00:00Z"}
    again = json.dumps(to_typed_json(values, interface))
    assert parse(again, interface) == values


@pytest.mark.parametrize("text", ['{"x": NaN}', "null", '"x"', '{"x": Infinity}'])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(BadInputs):
        parse(text, task_details().interface)


def test_what_json_cannot_say_is_left_out() -> None:
    odd: dict[str, Any] = {"a": float("nan"), "b": object(), "c": [1, object()], "d": b"\x00"}
    assert to_json(odd) == {"d": "AA=="}
