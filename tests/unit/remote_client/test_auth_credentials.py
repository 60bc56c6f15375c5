"""Tokens know when to renew them, and show themselves to nobody."""

from __future__ import annotations

import base64
import json

from remote_client._client.auth import AuthOptions, ClientConfig, Credentials, GrpcAuthMetadata
from remote_client._client.auth.credentials import jwt_claims

NOW = 1_000_000.0


def jwt(claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"eyJh.{payload}.c2ln"


def test_it_renews_a_minute_before_the_end() -> None:
    credentials = Credentials(access_token="a", issued_at=NOW, expires_at=NOW + 3600)
    assert not credentials.should_renew(NOW + 3539)
    assert credentials.should_renew(NOW + 3540)
    assert not credentials.is_expired(NOW + 3599)
    assert credentials.is_expired(NOW + 3600)


def test_it_gives_away_at_most_a_fifth_of_a_short_life() -> None:
    credentials = Credentials(access_token="a", issued_at=NOW, expires_at=NOW + 30)
    assert not credentials.should_renew(NOW + 23)
    assert credentials.should_renew(NOW + 24)


def test_it_never_renews_early_without_a_known_end() -> None:
    credentials = Credentials(access_token="a")
    assert not credentials.should_renew(NOW)
    assert not credentials.is_expired(NOW)


def test_it_takes_the_end_of_a_jwt_from_the_jwt() -> None:
    assert Credentials.from_token(jwt({"exp": NOW + 5}), now=NOW).expires_at == NOW + 5
    assert Credentials.from_token(jwt({"exp": "soon"}), now=NOW).expires_at is None
    assert Credentials.from_token("opaque", now=NOW).expires_at is None


def test_it_reads_no_claims_from_what_is_no_jwt() -> None:
    for text in ("", "a.b", "a.b.c", "a.!!!.c", jwt([1]), "ä.ö.ü"):
        assert jwt_claims(text) == {}


def test_it_comes_back_from_json_and_takes_garbage_for_nothing() -> None:
    credentials = Credentials(access_token="a", refresh_token="r", issued_at=1.0, expires_at=2.0)
    assert Credentials.from_json(credentials.to_json()) == credentials
    for text in ("", "[]", "{}", '{"access_token": 3}', "null"):
        assert Credentials.from_json(text) is None


def test_no_repr_shows_a_secret() -> None:
    shown = [
        Credentials(access_token="s3cret", refresh_token="s3cret"),
        GrpcAuthMetadata((("authorization", "Bearer s3cret"),), 1),
        AuthOptions(
            client_secret="s3cret",
            command=("cat", "s3cret"),
            proxy_command=("s3cret",),
            http_proxy_url="http://u:s3cret@p",
        ),
        ClientConfig(client_id="visible"),
    ]
    assert "s3cret" not in repr(shown)
