"""What keeps strangers out beside roles: limits, tokens of forms, headers, production settings."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from axes.models import AccessAttempt
from django.test import AsyncClient
from django.urls import URLPattern, URLResolver, get_resolver

from dashboard.asgi import pages
from dashboard.models import AuditEntry, Person
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.people import browser_of, person_with

ROOT = Path(__file__).resolve().parents[3]
RIGHT = {"username": "ana", "password": "a long password"}
WRONG = {"username": "ana", "password": "a wrong password"}


# --- guessing passwords -------------------------------------------------------------------------


@pytest.fixture
async def guessed(person: Person, platform: FakePlatform) -> AsyncClient:
    """A browser in which five wrong passwords were tried."""
    browser = AsyncClient()
    for _ in range(5):
        response = await browser.post("/sign-in", WRONG)
    assert response.status_code == 429
    return browser


async def test_after_five_wrong_passwords_the_right_one_is_refused_too(
    guessed: AsyncClient,
) -> None:
    response = await guessed.post("/sign-in", RIGHT)
    assert response.status_code == 429
    assert "Too many tries" in response.content.decode()
    assert (await guessed.get("/v2/projects")).status_code == 302
    refused = AuditEntry.objects.filter(action="sign-in", person="ana", result="refused")
    assert await refused.acount() == 6


async def test_the_limit_ends_by_itself(guessed: AsyncClient) -> None:
    async for attempt in AccessAttempt.objects.all():
        attempt.attempt_time -= timedelta(minutes=16)
        await attempt.asave()
    assert (await guessed.post("/sign-in", RIGHT)).status_code == 302


async def test_nobody_is_locked_out_by_the_guesses_of_others(guessed: AsyncClient) -> None:
    elsewhere = httpx.ASGITransport(app=pages, client=("192.0.2.7", 1))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://localhost") as other:
        form = await other.get("/sign-in")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)
        assert token is not None
        answer = await other.post("/sign-in", data={**RIGHT, "csrfmiddlewaretoken": token[1]})
        assert answer.status_code == 302


async def test_what_was_guessed_is_kept_nowhere(guessed: AsyncClient) -> None:
    kept = [str(vars(each)) async for each in AccessAttempt.objects.all()]
    kept += [str(vars(each)) async for each in AuditEntry.objects.all()]
    assert "a wrong password" not in "".join(kept)


# --- forms and headers --------------------------------------------------------------------------


def addresses(resolver: URLResolver, before: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for each in resolver.url_patterns:
        address = before + str(each.pattern)
        if isinstance(each, URLPattern):
            found.append((address, each.callback))
        else:
            found += addresses(each, address)
    return found


def path_of_pattern(path: str) -> str:
    """One that a regular expression matches: the first of its words, the least of its lengths."""
    path = re.sub(r"\(\?P<\w+>(\w+)[^)]*\)", r"\1", path)
    path = re.sub(r"\(\?P<\w+>\[[^\]]+\]\{(\d+)[^)]*\)", lambda found: "x" * int(found[1]), path)
    return path.replace("^", "").replace("$", "").replace("\\", "")


async def test_no_form_is_taken_without_its_token(person: Person, platform: FakePlatform) -> None:
    strict = AsyncClient(enforce_csrf_checks=True)
    await strict.aforce_login(person)
    filled = {"<int:": "1", "<str:": "x", "<path:": "x"}
    tried = 0
    for address, _ in addresses(get_resolver()):
        if address.startswith("api/"):
            continue  # no cookie counts there, so there is nothing to forge
        path = "/" + re.sub(r"(<\w+:)\w+>", lambda found: filled[found[1]], address)
        path = path_of_pattern(path)
        response = await strict.post(path)
        assert response.status_code in (403, 405), path
        tried += response.status_code == 403
    assert tried >= 8
    assert not platform.aborted


@pytest.mark.parametrize("path", ["/people", "/audit", "/tokens", "/v2/projects", "/sign-in"])
async def test_no_page_holds_inline_script_or_style(
    path: str, transactional_db: None, platform: FakePlatform, upstreams: None
) -> None:
    admin = await browser_of(await person_with("ad", ("admin", "")))
    response = await admin.get(path, follow=True)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    page = response.content.decode()
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|javascript:", page)


# --- in production ------------------------------------------------------------------------------

PRODUCTION = {
    "FLIGHTBOARD_HTTPS": "1",
    "ALLOWED_HOSTS": "board.example.org",
    "SECRET_KEY": "a-key-of-sixty-four-characters-0123456789-abcdefghijklmnopqrstuv",
}


def in_production(home: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    environment = {**kept, **PRODUCTION, "FLIGHTBOARD_HOME": str(home)}
    return subprocess.run(
        [sys.executable, *argv], cwd=ROOT, env=environment, capture_output=True, text=True
    )


def test_the_documented_production_settings_pass_djangos_own_check(tmp_path: Path) -> None:
    done = in_production(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_in_production_cookies_and_pages_travel_over_tls_alone(tmp_path: Path) -> None:
    program = """
import django; django.setup()
from django.test import Client
plain, tls = Client(SERVER_NAME="board.example.org"), {"HTTP_X_FORWARDED_PROTO": "https"}
from django.core.management import call_command
call_command("migrate", verbosity=0)
print(plain.get("/sign-in")["Location"])
print(plain.get("/healthz").status_code)
page = plain.get("/sign-in", **tls)
print(page["Strict-Transport-Security"])
print(all(cookie["secure"] for cookie in page.cookies.values()), len(page.cookies))
"""
    done = in_production(
        tmp_path,
        "-c",
        f"import os; os.environ['DJANGO_SETTINGS_MODULE']='dashboard.settings'\n{program}",
    )
    assert done.stdout.splitlines() == [
        "https://board.example.org/sign-in",
        "200",
        "max-age=31536000; includeSubDomains",
        "True 1",
    ], done.stderr
