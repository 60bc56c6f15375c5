"""Signing in, by password and by one-time link, and what strangers get."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from urllib.parse import urlsplit

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.test import AsyncClient, Client

from dashboard import sign_in_links
from dashboard.asgi import pages
from dashboard.models import Person, SignInLink
from tests.unit.dashboard.fake_platform import FakePlatform

RUNS = "/v2/domain/development/project/shop/runs"


@pytest.fixture
def stranger(person: Person, platform: FakePlatform, upstreams: None) -> AsyncClient:
    """A browser in which nobody is signed in."""
    return AsyncClient()


async def is_signed_in(browser: AsyncClient) -> bool:
    return (await browser.get("/v2/projects")).status_code == 200


async def token_for(person: Person) -> str:
    return await sync_to_async(sign_in_links.make)(person)


@pytest.mark.parametrize("path", ["/", "/v2/projects", RUNS, f"{RUNS}/r1?tab=logs"])
async def test_a_stranger_is_sent_to_the_sign_in_and_back(stranger: AsyncClient, path: str) -> None:
    response = await stranger.get(path)
    assert response.status_code == 302
    address = urlsplit(response.headers["Location"])
    assert address.path == "/sign-in"
    form = await stranger.get(response.headers["Location"])
    assert form.context["page"].next_url == path


async def test_a_stranger_asks_nothing_of_the_platform(
    stranger: AsyncClient, platform: FakePlatform
) -> None:
    await stranger.get(RUNS)
    await stranger.post(f"{RUNS}/r1/abort")
    assert not platform.asked


async def test_health_needs_no_sign_in(stranger: AsyncClient) -> None:
    assert (await stranger.get("/healthz")).content == b"ok\n"


async def test_a_password_signs_in_and_leads_on(stranger: AsyncClient) -> None:
    form = {"username": "ana", "password": "a long password", "next": RUNS}
    response = await stranger.post("/sign-in", form)
    assert response.headers["Location"] == RUNS
    assert await is_signed_in(stranger)


@pytest.mark.parametrize(
    "next_url", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "\\\\evil"]
)
async def test_it_leads_nowhere_but_to_its_own_pages(stranger: AsyncClient, next_url: str) -> None:
    form = {"username": "ana", "password": "a long password", "next": next_url}
    assert (await stranger.post("/sign-in", form)).headers["Location"] == "/"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"username": "ana", "password": "wrong"}, "No account"),
        ({"username": "nobody", "password": "a long password"}, "No account"),
        ({"username": "ana"}, "needed"),
    ],
)
async def test_a_wrong_password_is_told_without_telling_which_half(
    stranger: AsyncClient, form: dict[str, str], said: str
) -> None:
    response = await stranger.post("/sign-in", form)
    assert response.status_code == 400
    assert said in response.context["page"].error
    assert not await is_signed_in(stranger)


async def test_signing_out_takes_a_form(browser: AsyncClient) -> None:
    assert (await browser.get("/sign-out")).status_code == 405
    assert await is_signed_in(browser)
    await browser.post("/sign-out")
    assert not await is_signed_in(browser)


async def test_forms_of_other_sites_are_refused(person: Person, platform: FakePlatform) -> None:
    strict = AsyncClient(enforce_csrf_checks=True)
    await strict.aforce_login(person)
    response = await strict.post(f"{RUNS}/r1/abort", {"reason": "x"})
    assert response.status_code == 403
    assert "out of date" in response.content.decode()
    assert platform.aborted == []


# --- one-time links -----------------------------------------------------------------------------


async def test_a_link_signs_in_once(stranger: AsyncClient, person: Person) -> None:
    link = f"/sign-in/link/{await token_for(person)}"
    assert (await stranger.get(link)).headers["Location"] == "/"
    assert await is_signed_in(stranger)
    other = AsyncClient()
    assert (await other.get(link)).status_code == 410
    assert not await is_signed_in(other)


async def test_the_database_does_not_hold_the_token(person: Person) -> None:
    token = await token_for(person)
    link = await SignInLink.objects.aget()
    assert token not in (link.token_hash, str(link))


async def test_an_old_link_is_dead(stranger: AsyncClient, person: Person) -> None:
    token = await token_for(person)
    link = await SignInLink.objects.aget()
    link.expires_at -= timedelta(days=1)
    await link.asave()
    assert (await stranger.get(f"/sign-in/link/{token}")).status_code == 410


async def test_an_unknown_link_is_dead(stranger: AsyncClient) -> None:
    response = await stranger.get("/sign-in/link/nonsense")
    assert response.status_code == 410
    assert "local_account" in response.content.decode()


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("192.0.2.7", {}),
        ("not an address", {}),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}),
    ],
)
async def test_a_link_works_on_this_machine_alone_and_is_not_used_up_elsewhere(
    stranger: AsyncClient, person: Person, address: str, headers: dict[str, str]
) -> None:
    link = f"/sign-in/link/{await token_for(person)}"
    elsewhere = httpx.ASGITransport(app=pages, client=(address, 1))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://localhost") as other:
        assert (await other.get(link, headers=headers)).status_code == 410
    assert (await stranger.get(link)).status_code == 302


async def test_a_look_at_the_head_does_not_use_a_link_up(
    stranger: AsyncClient, person: Person
) -> None:
    link = f"/sign-in/link/{await token_for(person)}"
    assert (await stranger.head(link)).status_code == 405
    assert (await stranger.get(link)).status_code == 302


async def test_an_account_that_was_closed_cannot_use_its_link(
    stranger: AsyncClient, person: Person
) -> None:
    token = await token_for(person)
    person.is_active = False
    await sync_to_async(person.save)()
    assert (await stranger.get(f"/sign-in/link/{token}")).status_code == 410


@pytest.mark.django_db
def test_the_command_makes_an_account_once_and_prints_a_link_each_time(
    platform: FakePlatform,
) -> None:
    printed = [StringIO(), StringIO()]
    for out in printed:
        call_command("local_account", "--port", "9000", stdout=out)
    links = [out.getvalue().strip() for out in printed]
    assert all(link.startswith("http://localhost:9000/sign-in/link/") for link in links)
    assert links[0] != links[1]
    local = Person.objects.get(username="local")
    assert not local.has_usable_password()
    assert Client().get(urlsplit(links[1]).path).status_code == 302


@pytest.mark.django_db
def test_making_a_link_sweeps_out_the_expired_ones() -> None:
    local = Person.objects.create(username="local")
    sign_in_links.make(local)
    SignInLink.objects.update(expires_at=sign_in_links.timezone.now() - timedelta(days=1))
    sign_in_links.make(local)
    assert SignInLink.objects.count() == 1
