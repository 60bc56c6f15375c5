"""People's own tokens: sealed, carried by each call, renewed once, and worthless after the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import AsyncClient
from django.utils import timezone

from dashboard import upstream
from dashboard.access import mapping
from dashboard.access import tokens as api_tokens
from dashboard.access.permissions import Role
from dashboard.asgi import application
from dashboard.identity import announcement, records, sealing
from dashboard.identity.keeper import Keeper, keeper
from dashboard.live import consumer
from dashboard.models import Grant, Person, SignIn
from dashboard.upstream import SignedOut
from remote_client import User
from remote_client.errors import Unavailable
from tests.oidc.grpc_server import BearerServer, bearer_server
from tests.oidc.settings import until
from tests.unit.dashboard.fake_issuer import Issuer, begin, fake_issuer


class Ground:
    """A platform that wants tokens, the issuer that it announces, and who was signed in there."""

    def __init__(self, issuer: Issuer, server: BearerServer) -> None:
        self.issuer, self.server = issuer, server
        self.revoked: set[str] = set()

    def is_good(self, token: str) -> bool:
        return token in self.issuer.issued and token not in self.revoked

    async def sign_in(self, browser: AsyncClient) -> SignIn:
        back = await browser.get(self.issuer.approve(await begin(browser, "platform")))
        assert back.status_code == 302, back.content.decode()
        return await SignIn.objects.alatest("pk")

    def access_tokens(self) -> list[str]:
        return [token for token in self.issuer.issued if token.startswith("access-")]


@pytest.fixture
async def ground(settings: Any, transactional_db: None, upstreams: None) -> AsyncIterator[Ground]:
    async with fake_issuer() as issuer, bearer_server(BearerServer()) as server:
        made = Ground(issuer, server)
        server.accepts = made.is_good
        server.announced = {
            "issuer": issuer.url,
            "authorization_endpoint": f"{issuer.url}/authorize",
            "token_endpoint": f"{issuer.url}/token",
            "client_id": "flightboard",
            "scopes": ["all"],
            "authorization_metadata_key": "authorization",
        }
        settings.FLYTE_ENDPOINT, settings.FLYTE_INSECURE = f"127.0.0.1:{server.port}", True
        settings.DEFAULT_ROLE = None
        old = upstream.replace_platform(None)
        announcement.forget()
        keeper.forget()
        yield made
        await upstream.close_platforms()
        upstream.replace_platform(old)
        announcement.forget()


@pytest.fixture
def browser(ground: Ground) -> AsyncClient:
    return AsyncClient()


async def call_as(person_id: int) -> User:
    upstream.act_as(person_id)
    return await User.get.aio(client=await upstream.platform().client())


async def set_expiry(sign_in: SignIn, seconds: float) -> None:
    """As if the token had only so long to live."""
    moment = timezone.now() + timedelta(seconds=seconds)
    began = timezone.now() - timedelta(hours=1)
    await SignIn.objects.filter(pk=sign_in.pk).aupdate(expires_at=moment, renewed_at=began)
    keeper.forget()


# --- calls ----------------------------------------------------------------------------------------


async def test_a_call_carries_the_persons_own_token(browser: AsyncClient, ground: Ground) -> None:
    row = await ground.sign_in(browser)
    assert (await call_as(row.person_id)).subject == "ana"
    assert ground.server.values("authorization") == [f"Bearer {ground.access_tokens()[0]}"]


async def test_two_people_never_share_a_connection(ground: Ground) -> None:
    ana = await ground.sign_in(AsyncClient())
    ground.issuer.person = {"sub": "bo-1", "preferred_username": "bo"}
    bo = await ground.sign_in(AsyncClient())
    upstream.act_as(ana.person_id)
    first = upstream.platform()
    upstream.act_as(bo.person_id)
    assert upstream.platform() is not first
    assert upstream.platform().identity != first.identity
    await call_as(bo.person_id)
    assert ground.server.values("authorization") == [f"Bearer {ground.access_tokens()[1]}"]


async def test_whoever_has_no_token_calls_as_the_service(ground: Ground) -> None:
    upstream.act_as(None)
    assert upstream.platform() is upstream.service_platform()


async def test_nothing_is_sent_for_a_person_whose_sign_in_has_ended(
    browser: AsyncClient, ground: Ground
) -> None:
    row = await ground.sign_in(browser)
    await keeper.end(row.pk)
    before = len(ground.server.seen)
    with pytest.raises(SignedOut):
        await call_as(row.person_id)
    assert len(ground.server.seen) == before


async def test_a_platform_without_openid_connect_says_itself_who_it_is(
    browser: AsyncClient, ground: Ground
) -> None:
    """As a platform's own OAuth 2 server: no keys, no id token, no nonce."""
    ground.issuer.document["jwks_uri"] = None
    row = await ground.sign_in(browser)
    assert (await Person.objects.aget(pk=row.person_id)).username == "ana"  # UserInfo's answer
    assert "nonce" not in ground.issuer.asked[0]
    assert ground.issuer.asked[0]["scope"] == "all offline_access"
    await set_expiry(row, -1)
    assert (await call_as(row.person_id)).subject == "ana"


async def api_token(person_id: int) -> dict[str, str]:
    """Headers of a script that calls for the person."""
    person = await Person.objects.aget(pk=person_id)
    make = sync_to_async(api_tokens.make)
    _, text = await make(person, name="script", role=Role.VIEWER, project="", days=1)
    return {"Authorization": f"Bearer {text}"}


async def test_a_script_calls_as_its_owner_and_not_at_all_when_they_are_signed_out(
    browser: AsyncClient, ground: Ground, settings: Any
) -> None:
    settings.DEFAULT_ROLE = "viewer"
    row = await ground.sign_in(browser)
    headers = await api_token(row.person_id)
    await AsyncClient().get("/api/v1/projects", headers=headers)
    assert upstream.platform().identity == f"person:{row.person_id}"
    await browser.post("/sign-out")
    response = await AsyncClient().get("/api/v1/projects", headers=headers)
    assert response.status_code == 401
    assert "signed out" in response.json()["error"]


async def test_a_script_in_a_browser_does_not_borrow_its_token(
    browser: AsyncClient, ground: Ground, settings: Any
) -> None:
    settings.DEFAULT_ROLE = "viewer"
    await ground.sign_in(browser)
    local = await Person.objects.acreate(username="local")
    await browser.get("/api/v1/projects", headers=await api_token(local.pk))
    assert upstream.platform().identity == "service"


# --- renewal --------------------------------------------------------------------------------------


async def test_a_token_is_renewed_before_it_expires_while_calls_go_on(
    browser: AsyncClient, ground: Ground
) -> None:
    row = await ground.sign_in(browser)
    await set_expiry(row, 30)
    await call_as(row.person_id)
    assert ground.server.values("authorization") == [f"Bearer {ground.access_tokens()[0]}"]
    await until(lambda: len(ground.access_tokens()) == 2)
    await keeper._renewing[row.pk]
    await call_as(row.person_id)
    assert ground.server.values("authorization") == [f"Bearer {ground.access_tokens()[1]}"]


async def test_many_calls_with_an_expired_token_renew_it_once(
    browser: AsyncClient, ground: Ground
) -> None:
    row = await ground.sign_in(browser)
    await set_expiry(row, -1)
    await asyncio.gather(*(call_as(row.person_id) for _ in range(20)))
    assert [form["grant_type"] for form in ground.issuer.grants].count("refresh_token") == 1
    assert "client_secret" not in ground.issuer.grants[-1]


async def test_two_processes_renew_once(browser: AsyncClient, ground: Ground) -> None:
    row = await ground.sign_in(browser)
    await set_expiry(row, -1)
    one, other = Keeper(), Keeper()
    found = await asyncio.gather(one.usable(row.pk), other.usable(row.pk))
    assert len({held.tokens.access for held in found}) == 1
    assert [form["grant_type"] for form in ground.issuer.grants].count("refresh_token") == 1


async def test_a_token_that_was_revoked_early_is_renewed(
    browser: AsyncClient, ground: Ground
) -> None:
    row = await ground.sign_in(browser)
    ground.revoked.add(ground.access_tokens()[0])
    assert (await call_as(row.person_id)).subject == "ana"
    assert (await SignIn.objects.aget(pk=row.pk)).renewals == 1


async def test_an_expired_refresh_token_ends_the_sign_in(
    browser: AsyncClient, ground: Ground
) -> None:
    row = await ground.sign_in(browser)
    await set_expiry(row, -1)
    ground.issuer.refuses_refresh = True
    with pytest.raises(SignedOut):
        await call_as(row.person_id)
    page = await browser.get("/v2/projects?x=1")
    assert page.headers["Location"] == "/sign-in?reason=ended&next=%2Fv2%2Fprojects%3Fx%3D1"
    form = await browser.get(page.headers["Location"])
    assert "sign-in has ended" in form.content.decode()
    assert form.context["page"].next_url == "/v2/projects?x=1"
    assert (await SignIn.objects.aget(pk=row.pk)).sealed == ""


async def test_a_server_in_trouble_ends_nothing(browser: AsyncClient, ground: Ground) -> None:
    row = await ground.sign_in(browser)
    await set_expiry(row, -1)
    ground.issuer.is_down = True
    with pytest.raises(Unavailable):
        await call_as(row.person_id)
    ground.issuer.is_down = False
    assert (await call_as(row.person_id)).subject == "ana"


async def test_tokens_that_come_after_the_sign_out_are_revoked_and_not_kept(
    browser: AsyncClient, ground: Ground
) -> None:
    row = await ground.sign_in(browser)
    tokens = (await SignIn.objects.aget(pk=row.pk)).tokens
    await sync_to_async(records.end)(row.pk)
    assert not await sync_to_async(records.renew)(row.pk, tokens)
    assert (await SignIn.objects.aget(pk=row.pk)).sealed == ""


async def test_a_renewal_takes_roles_that_the_server_no_longer_tells_of(
    browser: AsyncClient, ground: Ground, settings: Any
) -> None:
    settings.ROLE_GROUPS = mapping.group_roles("ROLE_GROUPS", "crew=operator")
    row = await ground.sign_in(browser)
    assert await Grant.objects.filter(person_id=row.person_id).acount() == 1
    ground.issuer.person["groups"] = ["passengers"]
    await set_expiry(row, -1)
    await call_as(row.person_id)
    assert await Grant.objects.filter(person_id=row.person_id).acount() == 0


async def test_a_renewal_that_tells_of_somebody_else_changes_no_role(
    browser: AsyncClient, ground: Ground, settings: Any
) -> None:
    settings.ROLE_GROUPS = mapping.group_roles("ROLE_GROUPS", "crew=operator;captains=admin")
    row = await ground.sign_in(browser)
    ground.issuer.person = {"sub": "bo-1", "groups": ["captains"]}
    await set_expiry(row, -1)
    await call_as(row.person_id)
    assert (await Grant.objects.aget(person_id=row.person_id)).role == "operator"


# --- the end --------------------------------------------------------------------------------------


async def test_signing_out_revokes_at_the_server_and_deletes(
    browser: AsyncClient, ground: Ground
) -> None:
    row = await ground.sign_in(browser)
    given = {t for t in ground.issuer.issued if not t.startswith("code-")}
    await browser.post("/sign-out")
    assert set(ground.issuer.revoked) == given
    assert (await SignIn.objects.aget(pk=row.pk)).sealed == ""
    assert (await browser.get("/v2/projects")).status_code == 302


async def test_signing_out_of_one_browser_leaves_the_other_alone(ground: Ground) -> None:
    one, other = AsyncClient(), AsyncClient()
    row = await ground.sign_in(one)
    await ground.sign_in(other)
    await one.post("/sign-out")
    assert (await call_as(row.person_id)).subject == "ana"
    assert ground.server.values("authorization") == [f"Bearer {ground.access_tokens()[1]}"]


async def test_signing_in_again_ends_the_sign_in_before(
    browser: AsyncClient, ground: Ground
) -> None:
    first = await ground.sign_in(browser)
    second = await ground.sign_in(browser)
    assert (await SignIn.objects.aget(pk=first.pk)).ended_at is not None
    assert (await SignIn.objects.aget(pk=second.pk)).ended_at is None


@pytest.fixture
async def socket(
    browser: AsyncClient, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[WebsocketCommunicator]:
    monkeypatch.setattr(consumer, "RECHECK_TOKENS_S", 0.05)
    monkeypatch.setattr("dashboard.identity.keeper.KNOWN_S", 0.0)
    await ground.sign_in(browser)
    key = browser.cookies["flightboard_session"].value
    headers = [
        (b"host", b"localhost:8080"),
        (b"origin", b"http://localhost:8080"),
        (b"cookie", f"flightboard_session={key}".encode()),
    ]
    made = WebsocketCommunicator(application, "/ws", headers)
    assert (await made.connect())[0]
    yield made
    await made.disconnect()


async def signed_out(socket: WebsocketCommunicator) -> str:
    """The socket's last words; it must close then."""
    text: str = await socket.receive_from(timeout=10)
    assert (await socket.receive_output(timeout=10))["code"] == consumer.SIGNED_OUT
    return text


async def test_a_token_that_was_revoked_at_the_server_ends_the_persons_sockets(
    socket: WebsocketCommunicator, ground: Ground
) -> None:
    ground.issuer.refuses_refresh = True
    ground.revoked.update(ground.access_tokens())
    assert '"code":"signed_out"' in await signed_out(socket)


async def test_an_expired_sign_in_ends_the_persons_sockets(
    socket: WebsocketCommunicator, ground: Ground
) -> None:
    ground.issuer.refuses_refresh = True
    await set_expiry(await SignIn.objects.alatest("pk"), -1)
    assert '"code":"signed_out"' in await signed_out(socket)


async def test_the_pauses_leave_no_socket_open_for_ten_seconds() -> None:
    from dashboard.identity.keeper import KNOWN_S

    assert 2 * KNOWN_S + consumer.RECHECK_TOKENS_S < 10


# --- at rest --------------------------------------------------------------------------------------


async def test_no_token_stands_in_the_database_or_in_a_log(
    browser: AsyncClient, ground: Ground, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    row = await ground.sign_in(browser)
    await set_expiry(row, -1)
    await call_as(row.person_id)
    page = await browser.get("/v2/projects")
    text = await sync_to_async(_everything_in_the_database)()
    assert "ana-1" in text
    assert len(ground.issuer.issued) >= 5
    for token in ground.issuer.issued:
        assert token not in text
        assert token not in caplog.text
        assert token not in page.content.decode()
    assert repr(row.tokens).count("access") == 0


def _everything_in_the_database() -> str:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += cursor.fetchall()
    return repr(rows)


def test_a_new_key_seals_and_an_old_one_still_opens(settings: Any) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.TOKEN_KEYS = (old,)
    sealed = sealing.seal("a token")
    settings.TOKEN_KEYS = (new, old)
    assert sealing.unseal(sealed) == "a token"
    again = sealing.seal("a token")
    settings.TOKEN_KEYS = (new,)
    assert sealing.unseal(again) == "a token"
    with pytest.raises(sealing.UnreadableError):
        sealing.unseal(sealed)


def test_the_key_is_made_once_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOKEN_KEYS", raising=False)
    keys = sealing.read_keys("TOKEN_KEYS", tmp_path)
    assert sealing.read_keys("TOKEN_KEYS", tmp_path) == keys
    assert (tmp_path / "token_key").stat().st_mode & 0o777 == 0o600


def test_a_bad_key_stops_the_start_and_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN_KEYS", "hunter2")
    with pytest.raises(ImproperlyConfigured, match="TOKEN_KEYS") as refusal:
        sealing.read_keys("TOKEN_KEYS", tmp_path)
    assert "hunter2" not in str(refusal.value)


async def test_tokens_whose_key_is_gone_ask_for_a_new_sign_in(
    browser: AsyncClient, ground: Ground, settings: Any
) -> None:
    await ground.sign_in(browser)
    settings.TOKEN_KEYS = (Fernet.generate_key().decode(),)
    keeper.forget()
    page = await browser.get("/v2/projects")
    assert page.headers["Location"].startswith("/sign-in?reason=ended")
    assert await Person.objects.acount() == 1
