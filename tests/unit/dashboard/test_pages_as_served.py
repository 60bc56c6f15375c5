"""Every page is complete as served, and says plainly what is missing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import AsyncClient

from dashboard.live import registry
from remote_client import Page
from remote_client._values import TypedValue
from remote_client.errors import (
    DeadlineExceeded,
    Internal,
    InvalidArgument,
    PermissionDenied,
    Unauthenticated,
    Unavailable,
)
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.things import START, action, details, lines, project, run

RUNS = "/v2/domain/development/project/shop/runs"
RUN = f"{RUNS}/r1"


@pytest.fixture
async def ran(platform: FakePlatform) -> FakePlatform:
    """A run of two actions that failed in `fit`."""
    platform.runs_there["r1"] = run("r1", "failed", label="main")
    platform.details_there["fit"] = details("fit", "failed", error=("ValueError", "no price"))
    await platform.actions.give(
        [
            action("a0", "failed", below={"failed": 1}, label="main"),
            action("fit", "failed", parent="a0", label="fit"),
        ]
    )
    platform.values["inputs"] = [TypedValue("city", "str", "Bremen", "Bremen")]
    await platform.action_details.give(
        details("a0", "failed", error=("ValueError", "no price"), attempt_phases=("failed",) * 2)
    )
    await platform.log.give(lines("first line", "second line"))
    await platform.log.end()
    return platform


def text(response: Any) -> str:
    return str(response.content.decode())


# --- projects and runs --------------------------------------------------------------------------


async def test_the_first_page_leads_to_the_projects(browser: AsyncClient) -> None:
    assert 'href="/v2/projects"' in text(await browser.get("/"))


async def test_projects_lead_to_the_runs_of_each_domain(browser: AsyncClient) -> None:
    response = await browser.get("/v2/projects")
    assert f'href="{RUNS}"' in text(response)
    assert "/v2/domain/production/project/shop/runs" in text(response)


async def test_runs_are_listed_with_the_reason_of_a_failure(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.pages[""] = Page([run("r2", "failed"), run("r1", "succeeded")], "2")
    platform.details_there["a0"] = details("a0", "failed", error=("ValueError", "no price"))
    response = await browser.get(RUNS)
    assert text(response).index('data-key="r2"') < text(response).index('data-key="r1"')
    assert "ValueError: no price" in text(response)
    assert json.loads(response.context["page"].list.live_args)["first"] is True


async def test_a_platform_that_cannot_explain_a_failure_still_gives_the_list(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.pages[""] = Page([run("r2", "failed")], "")
    assert 'data-key="r2"' in text(await browser.get(RUNS))


async def test_the_list_and_its_socket_share_one_stream(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    for _ in range(5):
        await browser.get(RUNS)
    assert platform.runs.opened <= 1


# --- one run ----------------------------------------------------------------------------------


async def test_a_run_is_served_whole(browser: AsyncClient, ran: FakePlatform) -> None:
    response = await browser.get(RUN)
    page = response.context["page"]
    assert response.status_code == 200
    assert [line.key for line in page.tree.lines] == ["a0", "fit"]
    assert page.failure.headline == "ValueError: no price"
    assert page.failure.log_lines[-1].text == "second line"
    assert page.selected.name == "a0"
    assert page.header.abort_url == ""
    assert page.title == "Failed · env.main · r1"
    assert "second line" in text(response)


async def test_a_reload_opens_no_second_stream(browser: AsyncClient, ran: FakePlatform) -> None:
    for _ in range(3):
        await browser.get(RUN)
    assert (ran.actions.opened, ran.action_details.opened, ran.log.opened) == (1, 1, 1)


async def test_what_is_served_equals_what_the_socket_would_send(
    browser: AsyncClient, ran: FakePlatform
) -> None:
    page = (await browser.get(RUN)).context["page"]
    key = registry.key_for(registry.RunArgs("shop", "development", "r1"))
    topic: Any = registry.hub().join(key, key.args).topic
    body, _ = topic.next_body(topic.start_at(None), key.args)
    sent = json.loads("{" + body + "}")
    assert page.tree.cursor == sent["cursor"]
    assert [(line.key, line.html) for line in page.tree.lines] == [
        (row["key"], row["html"]) for row in sent["rows"]
    ]


async def test_tabs_show_inputs_and_the_log_of_an_attempt(
    browser: AsyncClient, ran: FakePlatform
) -> None:
    assert "Bremen" in text(await browser.get(f"{RUN}?tab=inputs"))
    log = (await browser.get(f"{RUN}?tab=logs&attempt=1")).context["page"].log
    assert [line.text for line in log.lines] == ["first line", "second line"]
    assert (log.attempt, log.is_ended, log.total) == (1, True, 2)
    assert [number for number, _ in log.attempts] == [1, 2]
    latest = (await browser.get(f"{RUN}?tab=logs&attempt=99")).context["page"].log
    assert latest.attempt == 2


async def test_an_action_that_the_run_does_not_have_is_named(
    browser: AsyncClient, ran: FakePlatform
) -> None:
    page = (await browser.get(f"{RUN}?i=gone&tab=nonsense")).context["page"]
    assert (page.missing_action, page.selected.name, page.tab) == ("gone", "a0", "summary")


async def test_a_raw_log_is_all_of_it_as_plain_text(
    browser: AsyncClient, ran: FakePlatform
) -> None:
    many = lines(*(f"line {n} \x1b[31mred" for n in range(20_000)))
    ran.log.replace(many)
    await ran.log.end()
    ran.details_there["a0"] = details("a0", "succeeded")
    response = await browser.get(f"{RUN}/actions/a0/attempts/1/log.txt")
    content = b"".join([chunk async for chunk in response.streaming_content])
    assert content.decode().splitlines() == [f"line {n} \x1b[31mred" for n in range(20_000)]
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


# --- aborting -----------------------------------------------------------------------------------


async def test_an_abort_goes_to_the_platform_with_its_reason(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.runs_there["r1"] = run("r1", "running")
    response = await browser.post(f"{RUN}/abort", {"reason": " wrong data "})
    assert response.headers["Location"] == RUN
    assert platform.aborted == [("r1", "wrong data")]


async def test_an_abort_without_a_reason_names_the_person(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.runs_there["r1"] = run("r1", "running")
    await browser.post(f"{RUN}/abort")
    assert platform.aborted == [("r1", "Aborted by ana in Flightboard.")]


async def test_a_run_that_has_ended_is_not_aborted(browser: AsyncClient, ran: FakePlatform) -> None:
    response = await browser.post(f"{RUN}/abort", {"reason": "late"}, follow=True)
    assert ran.aborted == []
    assert "had already ended (failed)" in text(response)


async def test_reading_the_abort_address_aborts_nothing(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.runs_there["r1"] = run("r1", "running")
    assert (await browser.get(f"{RUN}/abort")).status_code == 405
    assert platform.aborted == []


# --- what is missing --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/v2/domain/development/project/nope/runs", "nope"),
        ("/v2/domain/nope/project/shop/runs", "nope"),
        (f"{RUNS}/nope", "nope"),
        (f"{RUNS}/nope/actions/a0/attempts/1/log.txt", "nope"),
        ("/no/such/page", "/no/such/page"),
    ],
)
async def test_what_does_not_exist_is_a_page_that_says_so(
    browser: AsyncClient, platform: FakePlatform, path: str, named: str
) -> None:
    response = await browser.get(path)
    assert response.status_code == 404
    assert named in text(response)
    assert response.context["page"].links


async def test_an_empty_list_of_domains_hides_nothing(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.projects_there["shop"] = project("shop", domains=())
    assert (await browser.get(RUNS)).status_code == 200


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (PermissionDenied("not for you"), 403),
        (InvalidArgument("bad token"), 400),
        (Internal("broken inside"), 502),
        (Unavailable("gone"), 503),
        (DeadlineExceeded("slow"), 503),
    ],
)
async def test_each_refusal_of_the_platform_has_its_page(
    browser: AsyncClient, platform: FakePlatform, error: Exception, status: int
) -> None:
    platform.error = error
    response = await browser.get(RUNS)
    assert response.status_code == status
    assert response.context["page"].request_id == response.headers["X-Request-ID"]


async def test_a_platform_that_is_gone_is_told_with_the_time_and_asked_again(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.error, platform.unreachable_since = Unavailable("gone"), START
    response = await browser.get(RUN)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "since 12:00:00 UTC" in text(response)


async def test_credentials_that_the_platform_refuses_lead_to_the_sign_in_but_not_in_a_circle(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.error = Unauthenticated("no")
    response = await browser.get(RUNS, follow=True)
    assert response.status_code == 200
    assert "credentials" in response.context["page"].error
    assert response.context["page"].next_url == RUNS


async def test_a_fault_of_our_own_is_a_page_without_a_traceback(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    browser.raise_request_exception = False
    platform.error = ZeroDivisionError("secret detail")
    response = await browser.get(RUNS)
    assert response.status_code == 500
    assert "secret detail" not in text(response)
    assert "Traceback" not in text(response)
