"""What surrounds every page: headers, request ids, static files, tags, the frame."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.template import Context, Template
from django.test import AsyncClient
from django.urls import get_resolver

from dashboard import errors
from dashboard.phases import PHASES
from dashboard.templatetags.board import duration, in_words
from tests.unit.dashboard.fake_platform import FakePlatform

ROOT = Path(__file__).resolve().parents[3]
RUNS = "/v2/domain/development/project/shop/runs"


async def test_every_page_keeps_to_its_own_host(browser: AsyncClient) -> None:
    headers = (await browser.get("/v2/projects")).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in headers["Cache-Control"]


async def test_a_request_id_is_kept_when_a_proxy_gave_one(browser: AsyncClient) -> None:
    given = await browser.get("/healthz", headers={"x-request-id": "proxy-12345"})
    assert given.headers["X-Request-ID"] == "proxy-12345"
    strange = await browser.get("/healthz", headers={"x-request-id": "<script>"})
    assert re.fullmatch("[0-9a-f]{16}", strange.headers["X-Request-ID"])


async def test_a_host_name_that_is_not_ours_is_refused(browser: AsyncClient) -> None:
    response = await browser.get("/v2/projects", headers={"host": "evil.example"})
    assert response.status_code == 400


async def test_static_files_need_no_sign_in(platform: FakePlatform) -> None:
    response = await AsyncClient().get("/static/css/tokens.css")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/css")
    assert len(response.content) == (ROOT / "static/css/tokens.css").stat().st_size


async def test_an_error_page_survives_broken_templates(
    browser: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(errors, "render", broken)
    response = await browser.get("/no/such/page")
    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/plain")


async def test_the_frame_says_who_is_where(browser: AsyncClient) -> None:
    frame = (await browser.get(RUNS)).context["frame"]
    assert frame.person == "ana"
    assert (frame.scope.project, frame.scope.domain) == ("shop", "development")
    current = {link.key: link.is_current for link in frame.rail}
    assert (current["home"], current["runs"]) == (False, True)


def test_every_address_has_a_name() -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert names >= {
        *("home", "projects", "runs", "run", "run-abort", "log-raw"),
        *("sign-in", "sign-in-link", "sign-out", "health"),
    }


@pytest.mark.django_db
def test_the_models_and_their_migrations_agree() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "dashboard.md").read_text()
    source = (ROOT / "dashboard" / "settings.py").read_text()
    names = re.findall(r'environment\.\w+\("([A-Z_]+)"', source)
    assert len(names) >= 9
    for name in names:
        assert f"`{name}`" in page, name


# --- tags ---------------------------------------------------------------------------------------


def drawn(text: str, **context: object) -> str:
    return Template("{% load board %}" + text).render(Context(context))


@pytest.mark.parametrize("style", PHASES.values(), ids=str)
def test_a_phase_is_told_by_icon_and_word(style: object) -> None:
    html = drawn("{% phase style %}", style=style)
    assert f"#icon-{style.icon}" in html  # type: ignore[attr-defined]
    assert style.label in html  # type: ignore[attr-defined]


def test_a_duration_carries_what_ticks_it() -> None:
    start = datetime(2026, 5, 4, 12, tzinfo=UTC)
    ended = duration(start, start + timedelta(seconds=252))
    assert 'data-start="2026-05-04T12:00:00.000Z"' in ended
    assert ">4m 12s<" in ended
    assert 'data-end=""' in duration(start, None)
    assert duration(None, None) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0ms"),
        (0.84, "840ms"),
        (12.46, "12.4s"),
        (252, "4m 12s"),
        (7500, "2h 05m"),
        (273_600, "3d 4h"),
    ],
)
def test_durations_are_told_in_their_two_largest_units(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


def test_a_moment_is_utc_for_machines() -> None:
    at = datetime(2020, 5, 4, 14, 30, tzinfo=UTC)
    html = drawn("{% moment at %}", at=at)
    assert html == (
        '<time class="moment" datetime="2020-05-04T14:30:00.000Z" title="2020-05-04 14:30:00 UTC">'
        "2020-05-04 14:30</time>"
    )


def test_texts_are_escaped_and_plain() -> None:
    assert drawn("{{ t|plain }}", t="\x1b[31m<b>\x1b[0m") == "&lt;b&gt;"
