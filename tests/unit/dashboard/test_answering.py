"""Answers to conditions, and aborts of single actions."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import AsyncClient
from flyteidl2.core import types_pb2

from dashboard.action_tabs.answering import answer_of
from dashboard.models import AuditEntry
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.people import browser_of, person_with
from tests.unit.dashboard.test_access_matrix import content
from tests.unit.dashboard.things import action, condition, condition_details, details, run

RUN = "/v2/domain/development/project/shop/runs/r1"


async def open_question(platform: FakePlatform, **more: Any) -> None:
    """A run that waits with a condition."""
    platform.runs_there["r1"] = run("r1")
    platform.conditions_there["go"] = condition("go", **more)
    await platform.runs.give([run("r1")])
    await platform.actions.give([action("a0", below={"paused": 1}), action("go", parent="a0")])
    await platform.action_details.give(condition_details("go", **more))


@pytest.mark.parametrize(
    ("text", "kind", "answer"),
    [
        ("true", "bool", True),
        ("false", "bool", False),
        ("-3", "int", -3),
        ("2.5", "float", 2.5),
        ("3", "float", 3.0),
        ("", "str", ""),
        ("two\r\nlines", "str", "two\nlines"),
    ],
)
def test_a_forms_text_is_read_by_the_questions_type(text: str, kind: str, answer: Any) -> None:
    got = answer_of(text, kind)
    assert (got, type(got)) == (answer, type(answer))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("yes", "bool"),
        ("", "int"),
        ("1.5", "int"),
        (str(2**63), "int"),
        ("nan", "float"),
        ("inf", "float"),
        ("x" * 10_001, "str"),
        ("1", "datetime"),
    ],
)
def test_what_is_no_answer_is_refused_in_words(text: str, kind: str) -> None:
    with pytest.raises(ValueError, match=r"[.]$"):
        answer_of(text, kind)


async def test_the_form_fits_the_type_and_the_prompt_is_text(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    await open_question(platform, prompt="<b>Ship</b> it?", simple=types_pb2.INTEGER)
    page = await content(await browser.get(f"{RUN}?i=go"))
    assert "&lt;b&gt;Ship&lt;/b&gt; it?" in page
    assert "<b>Ship" not in page
    assert 'type="number" step="1"' in page
    assert f'action="{RUN}/actions/go/signal"' in page


async def test_an_answer_reaches_the_platform_and_the_audit_log(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    await open_question(platform)
    response = await browser.post(f"{RUN}/actions/go/signal", {"answer": "false"})
    assert response.headers["Location"] == f"{RUN}?i=go"
    assert platform.answered == [("go", False)]
    entry = await AuditEntry.objects.alast()
    assert entry is not None
    assert (entry.action, entry.thing, entry.detail) == (
        "action.signal",
        "shop/development/r1/go",
        "answer: False",
    )


async def test_the_words_of_an_answer_stay_out_of_the_audit_log(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    await open_question(platform, simple=types_pb2.STRING)
    await browser.post(f"{RUN}/actions/go/signal", {"answer": "between us"})
    entry = await AuditEntry.objects.alast()
    assert entry is not None
    assert "between us" not in entry.detail


async def test_who_comes_late_is_told_so(browser: AsyncClient, platform: FakePlatform) -> None:
    await open_question(platform)
    platform.is_answered_already = True
    await browser.post(f"{RUN}/actions/go/signal", {"answer": "true"})
    entry = await AuditEntry.objects.alast()
    assert entry is not None
    assert entry.result == "failed"
    assert "answered already" in await content(await browser.get(f"{RUN}?i=go"))


async def test_a_wrong_answer_asks_nothing_of_the_platform(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    await open_question(platform)
    await browser.post(f"{RUN}/actions/go/signal", {"answer": "maybe"})
    assert platform.answered == []
    assert "wants yes or no" in await content(await browser.get(f"{RUN}?i=go"))


async def test_who_may_only_look_gets_no_form_to_answer_with(
    transactional_db: None, platform: FakePlatform, upstreams: None
) -> None:
    await open_question(platform)
    viewer = await browser_of(await person_with("vera", ("viewer", "shop")))
    page = await content(await viewer.get(f"{RUN}?i=go"))
    assert "Ship it?" in page
    assert "/actions/go/signal" not in page
    response = await viewer.post(f"{RUN}/actions/go/signal", {"answer": "true"})
    assert response.status_code == 403
    assert platform.answered == []


async def test_what_is_no_condition_takes_no_answer(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    response = await browser.post(f"{RUN}/actions/a0/signal", {"answer": "true"})
    assert response.status_code == 404


async def test_one_action_is_aborted_with_its_reason(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.details_there["fit"] = details("fit", "running")
    response = await browser.post(f"{RUN}/actions/fit/abort", {"reason": "too slow"})
    assert response.headers["Location"] == f"{RUN}?i=fit"
    assert platform.aborted_actions == [("fit", "too slow")]
    entry = await AuditEntry.objects.alast()
    assert entry is not None
    assert (entry.action, entry.thing) == ("run.abort", "shop/development/r1/fit")


async def test_an_action_that_has_ended_is_left_alone(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.details_there["fit"] = details("fit", "failed")
    await browser.post(f"{RUN}/actions/fit/abort", {})
    assert platform.aborted_actions == []
