"""What a caller may write for authentication."""

from __future__ import annotations

import pytest

from remote_client._client.auth import (
    AsyncCommandAuthenticator,
    AuthOptions,
    AuthType,
    ClientCredentialsAuthenticator,
    DeviceCodeAuthenticator,
    PassthroughAuthenticator,
    PKCEAuthenticator,
    auth_metadata,
    create_authenticator,
    get_auth_metadata,
    open_auth,
)
from remote_client._client.auth.factory import interceptors_for
from remote_client._client.endpoint import Endpoint

TLS, PLAIN = Endpoint.parse("h:1"), Endpoint.parse("http://h:1")


@pytest.mark.parametrize(
    ("kind", "spellings"),
    [
        (PKCEAuthenticator, ["Pkce", "pkce", "PKCE", "standard"]),
        (
            ClientCredentialsAuthenticator,
            ["ClientSecret", "clientSecret", "client_credentials", "client-secret", "basic"],
        ),
        (AsyncCommandAuthenticator, ["ExternalCommand", "external_command", "ExternalProcess"]),
        (DeviceCodeAuthenticator, ["DeviceFlow", "device_code", "device-flow", "headless"]),
        (PassthroughAuthenticator, ["Passthrough", "pass-through"]),
    ],
)
def test_it_accepts_every_documented_spelling(kind: type, spellings: list[str]) -> None:
    options = AuthOptions(client_id="a", client_secret="b", command=("c",))
    assert {type(create_authenticator("h", name, options)) for name in spellings} == {kind}


def test_it_lists_the_spellings_when_it_knows_none() -> None:
    for make in (
        lambda: create_authenticator("h", "magic"),
        lambda: AuthOptions(auth_type="magic"),
    ):
        with pytest.raises(ValueError, match="Pkce, ClientSecret, ExternalCommand, DeviceFlow"):
            make()
    with pytest.raises(ValueError, match="no authenticator"):
        create_authenticator("h", "none")


def test_equal_options_are_equal_values() -> None:
    one = AuthOptions(auth_type="client_credentials", scopes=["a"], command=["x"])  # type: ignore[arg-type]
    other = AuthOptions(auth_type=AuthType.CLIENT_SECRET, scopes=("a",), command=("x",))
    assert one == other
    assert hash(one) == hash(other)
    with pytest.raises(ValueError, match="scopes is a list"):
        AuthOptions(scopes="all")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("endpoint", "said", "kind"),
    [
        (TLS, {}, PKCEAuthenticator),
        (PLAIN, {}, type(None)),
        (TLS, {"auth_type": "none"}, type(None)),
        (PLAIN, {"auth_type": "Passthrough"}, PassthroughAuthenticator),
        (PLAIN, {"auth_type": "Pkce"}, PKCEAuthenticator),
        (PLAIN, {"client_id": "a", "client_secret": "b"}, ClientCredentialsAuthenticator),
        (TLS, {"command": ("x",)}, AsyncCommandAuthenticator),
    ],
)
async def test_it_chooses_the_flow_that_fits(endpoint: Endpoint, said: dict, kind: type) -> None:
    auth = open_auth(endpoint, AuthOptions(**said))
    assert type(auth.authenticator) is kind
    assert len(auth.interceptors) == (4 if kind is type(None) else 8)
    await auth.aclose()


async def test_clients_of_equal_options_share_one_authenticator_until_the_last_one_closes() -> None:
    first, second = (open_auth(TLS, AuthOptions(identity="ana")) for _ in range(2))
    other = open_auth(TLS, AuthOptions(identity="bob"))
    assert first.authenticator is second.authenticator
    assert first.authenticator is not other.authenticator
    await first.aclose()
    third = open_auth(TLS, AuthOptions(identity="ana"))
    assert third.authenticator is second.authenticator
    for auth in (second, third, other):
        await auth.aclose()
    fresh = open_auth(TLS, AuthOptions(identity="ana"))
    assert fresh.authenticator is not second.authenticator
    await fresh.aclose()


async def test_closing_twice_takes_nothing_from_others() -> None:
    first, second = (open_auth(TLS, AuthOptions(identity="eve")) for _ in range(2))
    await first.aclose()
    await first.aclose()
    third = open_auth(TLS, AuthOptions(identity="eve"))
    assert third.authenticator is second.authenticator
    await second.aclose()
    await third.aclose()


async def test_it_uses_a_given_authenticator_as_it_is() -> None:
    given = PassthroughAuthenticator()
    auth = open_auth(PLAIN, AuthOptions(authenticator=given))
    assert auth.authenticator is given
    assert len(interceptors_for("h", "ana", AuthOptions(authenticator=given))) == 8
    await auth.aclose()


async def test_brought_metadata_is_seen_inside_the_block_only() -> None:
    authenticator = PassthroughAuthenticator()
    with auth_metadata(("Authorization", "Bearer a")):
        used = await authenticator.get_grpc_call_auth_metadata()
        assert used.pairs == (("authorization", "Bearer a"),)
        with auth_metadata(("x-a", "1"), ("x-b", "2")):
            assert get_auth_metadata() == (("x-a", "1"), ("x-b", "2"))
        assert await authenticator.refresh_credentials(used) is False
    assert (await authenticator.get_grpc_call_auth_metadata()).pairs == ()
    with pytest.raises(ValueError, match="at least one"), auth_metadata():
        pass
