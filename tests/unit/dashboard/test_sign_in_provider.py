"""Signing in at an OpenID Connect provider, and everything that is tried to get in without it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from social_django.models import UserSocialAuth

from dashboard.identity import announcement
from dashboard.models import Grant, Person, SignIn
from tests.unit.dashboard.fake_issuer import Issuer, begin, fake_issuer
from tests.unit.dashboard.fake_platform import FakePlatform


@pytest.fixture
async def issuer(settings: Any, platform: FakePlatform) -> AsyncIterator[Issuer]:
    async with fake_issuer() as made:
        settings.OIDC_ISSUER = made.url
        announcement.forget()
        yield made
    announcement.forget()


@pytest.fixture
def stranger(issuer: Issuer, transactional_db: None, upstreams: None, settings: Any) -> AsyncClient:
    settings.DEFAULT_ROLE = None
    return AsyncClient()


async def signed_in_as(browser: AsyncClient) -> str:
    """The user name of the browser's session; empty for a stranger."""
    session = await sync_to_async(lambda: browser.session)()
    key = await session.aget("_auth_user_id")
    return (await Person.objects.aget(pk=key)).username if key else ""


async def test_it_signs_in_with_pkce_as_a_public_client(
    stranger: AsyncClient, issuer: Issuer
) -> None:
    address = await begin(stranger, next="/v2/projects")
    back = await stranger.get(issuer.approve(address))
    assert (back.status_code, back.headers["Location"]) == (302, "/v2/projects")
    assert await signed_in_as(stranger) == "anabel"
    asked = issuer.asked[0]
    assert asked["code_challenge_method"] == "S256"
    assert asked["response_type"] == "code"
    assert len(asked["state"]) >= 32
    assert len(asked["nonce"]) >= 32
    assert "client_secret" not in issuer.grants[0]
    assert len(issuer.grants[0]["code_verifier"]) >= 43


async def test_a_person_is_made_once_and_known_again(stranger: AsyncClient, issuer: Issuer) -> None:
    await stranger.get(issuer.approve(await begin(stranger)))
    other = AsyncClient()
    await other.get(issuer.approve(await begin(other)))
    person = await Person.objects.aget()
    assert str(person) == "Anabel Ruiz"
    assert not person.has_usable_password()


async def test_groups_become_roles_and_go_again(
    stranger: AsyncClient, issuer: Issuer, settings: Any
) -> None:
    from dashboard.access import mapping

    settings.ROLE_GROUPS = mapping.group_roles("ROLE_GROUPS", "crew=operator")
    await stranger.get(issuer.approve(await begin(stranger)))
    assert (await Grant.objects.aget()).role == "operator"
    issuer.person["groups"] = []
    other = AsyncClient()
    await other.get(issuer.approve(await begin(other)))
    assert not await Grant.objects.aexists()


async def test_tokens_that_no_call_carries_are_not_kept(
    stranger: AsyncClient, issuer: Issuer
) -> None:
    await stranger.get(issuer.approve(await begin(stranger)))
    assert not await SignIn.objects.aexists()
    assert (await UserSocialAuth.objects.aget()).extra_data == {}


async def test_a_name_that_a_local_account_has_does_not_lead_into_it(
    stranger: AsyncClient, issuer: Issuer
) -> None:
    local = await Person.objects.acreate(username="anabel", is_superuser=True)
    await stranger.get(issuer.approve(await begin(stranger)))
    assert await signed_in_as(stranger) != "anabel"
    assert await UserSocialAuth.objects.filter(user=local).acount() == 0


async def test_the_same_subject_of_another_issuer_is_another_person(
    stranger: AsyncClient, issuer: Issuer, settings: Any
) -> None:
    await stranger.get(issuer.approve(await begin(stranger)))
    async with fake_issuer() as second:
        settings.OIDC_ISSUER = second.url
        other = AsyncClient()
        await other.get(second.approve(await begin(other)))
    assert await Person.objects.acount() == 2


# --- what is tried -------------------------------------------------------------------------------


async def refused(browser: AsyncClient, address: str, title: str, status: int = 400) -> None:
    response = await browser.get(address)
    assert response.status_code == status
    assert response.context["page"].title == title
    assert not await signed_in_as(browser)


async def test_it_begins_by_a_form_alone(stranger: AsyncClient) -> None:
    assert (await stranger.get("/sign-in/with/oidc")).status_code == 405


async def test_a_form_of_another_site_does_not_begin_it(issuer: Issuer, stranger: Any) -> None:
    strict = AsyncClient(enforce_csrf_checks=True)
    assert (await strict.post("/sign-in/with/oidc")).status_code == 403


async def test_the_way_back_of_one_browser_does_not_sign_another_one_in(
    stranger: AsyncClient, issuer: Issuer
) -> None:
    """Login CSRF: an attacker's code and state, brought to the victim's browser."""
    address = issuer.approve(await begin(AsyncClient()))
    await begin(stranger)
    await refused(stranger, address, "This sign-in did not begin here")


async def test_a_way_back_works_once(stranger: AsyncClient, issuer: Issuer) -> None:
    address = issuer.approve(await begin(stranger))
    await stranger.get(address)
    assert await signed_in_as(stranger)
    await stranger.post("/sign-out")
    await refused(stranger, address, "This sign-in did not begin here")
    assert len(issuer.grants) == 1


async def test_a_code_works_once(stranger: AsyncClient, issuer: Issuer) -> None:
    address = await begin(stranger)
    back = issuer.approve(address)
    await stranger.get(back)
    other = AsyncClient()
    state = parse_qs(urlsplit(await begin(other)).query)["state"][0]
    used = parse_qs(urlsplit(back).query)["code"][0]
    again = f"/complete/oidc/?code={used}&state={state}&iss={issuer.url}"
    await refused(other, again, "The server did not accept the code")


async def test_a_wrong_state_is_refused(stranger: AsyncClient, issuer: Issuer) -> None:
    code = issuer.code(await begin(stranger))
    address = f"/complete/oidc/?code={code}&state=guessed&iss={issuer.url}"
    await refused(stranger, address, "This sign-in did not begin here")
    assert not issuer.grants


async def test_a_missing_state_is_refused(stranger: AsyncClient, issuer: Issuer) -> None:
    code = issuer.code(await begin(stranger))
    await refused(stranger, f"/complete/oidc/?code={code}", "This sign-in is not complete")


async def test_a_code_of_another_sign_in_lacks_its_verifier(
    stranger: AsyncClient, issuer: Issuer
) -> None:
    """The attacker's own code, put into the victim's answer: the verifier does not fit it."""
    stolen = issuer.code(await begin(AsyncClient()))
    state = parse_qs(urlsplit(await begin(stranger)).query)["state"][0]
    address = f"/complete/oidc/?code={stolen}&state={state}&iss={issuer.url}"
    await refused(stranger, address, "The server did not accept the code")


@pytest.mark.parametrize("said", ["", "&iss=https://evil.example"])
async def test_an_answer_of_another_server_is_refused(
    stranger: AsyncClient, issuer: Issuer, said: str
) -> None:
    address = issuer.approve(await begin(stranger))
    swapped = address.partition("&iss=")[0] + said
    await refused(stranger, swapped, "Another server answered")
    assert not issuer.grants


async def test_an_id_token_of_another_issuer_is_refused(
    stranger: AsyncClient, issuer: Issuer
) -> None:
    issuer.claims["iss"] = "https://evil.example"
    await refused(stranger, issuer.approve(await begin(stranger)), "Another server answered")


@pytest.mark.parametrize(
    "claims", [{"nonce": "another"}, {"nonce": None}, {"aud": "somebody-else"}, {"sub": ""}]
)
async def test_an_id_token_that_does_not_belong_here_is_refused(
    stranger: AsyncClient, issuer: Issuer, claims: dict[str, Any]
) -> None:
    issuer.claims.update(claims)
    response = await stranger.get(issuer.approve(await begin(stranger)))
    assert response.status_code == 400
    assert not await signed_in_as(stranger)


@pytest.mark.parametrize("skew_s", [-50, 50])
async def test_clocks_may_differ_by_a_minute(
    stranger: AsyncClient, issuer: Issuer, skew_s: float
) -> None:
    issuer.skew_s = skew_s
    await stranger.get(issuer.approve(await begin(stranger)))
    assert await signed_in_as(stranger)


@pytest.mark.parametrize("skew_s", [75, -700])
async def test_clocks_may_not_differ_by_more(
    stranger: AsyncClient, issuer: Issuer, skew_s: float
) -> None:
    issuer.skew_s = skew_s
    await refused(stranger, issuer.approve(await begin(stranger)), "The clocks do not agree")


async def test_whoever_refuses_is_told_so(stranger: AsyncClient, issuer: Issuer) -> None:
    address = issuer.refuse(await begin(stranger))
    await refused(stranger, address, "You were not signed in", 403)


async def test_an_account_that_was_switched_off_stays_out(
    stranger: AsyncClient, issuer: Issuer
) -> None:
    await stranger.get(issuer.approve(await begin(stranger)))
    await Person.objects.aupdate(is_active=False)
    other = AsyncClient()
    await refused(
        other, issuer.approve(await begin(other)), "This account is switched off", status=403
    )


@pytest.mark.parametrize(
    "next_url",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"],
)
async def test_it_leads_nowhere_but_to_its_own_pages(
    stranger: AsyncClient, issuer: Issuer, next_url: str
) -> None:
    address = issuer.approve(await begin(stranger, next=next_url))
    back = await stranger.get(f"{address}&next=https://evil.example")
    assert back.headers["Location"] == "/"


async def test_the_session_before_is_not_the_session_after(
    stranger: AsyncClient, issuer: Issuer
) -> None:
    """A fixed session: whoever planted its key does not share what it became."""
    address = await begin(stranger)
    planted = stranger.cookies["flightboard_session"].value
    await stranger.get(issuer.approve(address))
    assert await signed_in_as(stranger)
    assert stranger.cookies["flightboard_session"].value != planted
    thief = AsyncClient()
    thief.cookies["flightboard_session"] = planted
    assert (await thief.get("/v2/projects")).status_code == 302


async def test_two_tabs_each_go_on_to_their_own_page(stranger: AsyncClient, issuer: Issuer) -> None:
    one = issuer.approve(await begin(stranger, next="/v2/projects?tab=1"))
    issuer.approve(await begin(stranger, next="/v2/projects?tab=2"))
    assert (await stranger.get(one)).headers["Location"] == "/v2/projects?tab=1"


async def test_a_client_with_a_secret_sends_it_by_basic_authentication(
    stranger: AsyncClient, issuer: Issuer, settings: Any
) -> None:
    settings.OIDC_CLIENT_SECRET = "s3cret of the client"
    issuer.document["token_endpoint_auth_methods_supported"] = ["client_secret_basic"]
    await stranger.get(issuer.approve(await begin(stranger)))
    sent = [seen for seen in issuer.server.seen if seen.target == "/token"]
    assert sent[0].headers["authorization"].startswith("Basic ")
    assert "client_secret" not in issuer.grants[0]
    assert await signed_in_as(stranger)


async def test_a_server_that_is_away_is_told_so(stranger: AsyncClient, issuer: Issuer) -> None:
    address = issuer.approve(await begin(stranger))
    issuer.is_down = True
    await refused(stranger, address, "The server can't be asked", 502)


async def test_a_server_that_says_it_is_another_one_is_not_offered(
    stranger: AsyncClient, issuer: Issuer
) -> None:
    issuer.document["issuer"] = "https://evil.example"
    page = (await stranger.get("/sign-in")).context["page"]
    assert page.provider == ""
    assert "evil.example" in page.notes[0]
    assert (await stranger.post("/sign-in/with/oidc")).status_code == 503


async def test_codes_do_not_leave_this_machine_in_plain_text(
    stranger: AsyncClient, issuer: Issuer
) -> None:
    issuer.document["token_endpoint"] = "http://example.com/token"
    page = (await stranger.get("/sign-in")).context["page"]
    assert page.provider == ""
    assert "not a https address" in page.notes[0]


async def test_an_unknown_kind_of_sign_in_is_no_page(stranger: AsyncClient) -> None:
    assert (await stranger.post("/sign-in/with/google")).status_code == 404
    assert (await stranger.get("/complete/google/")).status_code == 404


async def test_the_page_says_that_the_roles_are_the_only_gate(stranger: AsyncClient) -> None:
    response = await stranger.get("/sign-in")
    assert "only gate" in response.content.decode()
