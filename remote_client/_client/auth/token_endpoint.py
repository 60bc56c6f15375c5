"""One question to an OAuth endpoint: a form goes out, tokens or a clear error come back."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

import httpx

from remote_client._client.auth.credentials import Credentials
from remote_client._client.auth.errors import (
    AccessTokenNotFoundError,
    AuthenticationError,
    AuthenticationPending,
    AuthenticationSlowDown,
    AuthenticationTransientError,
    InvalidGrantError,
    OAuthError,
)
from remote_client.errors import scrub

__all__ = ["TokenAnswer", "post_form", "request_tokens"]

# Form fields whose values are secrets; a server that echoes one in its error must not leak it.
_SECRET_FIELDS = ("client_secret", "refresh_token", "code", "code_verifier", "device_code")
_LONGEST_DESCRIPTION = 200


@dataclass(frozen=True)
class TokenAnswer:
    """What a token endpoint gave. `repr` shows no token."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_in_s: float | None = None
    id_token: str | None = field(default=None, repr=False)

    def credentials(self, *, now: float, previous: Credentials | None = None) -> Credentials:
        """Credentials issued at `now`; keeps the previous refresh token when none came."""
        kept = previous.refresh_token if previous else None
        bare = Credentials.from_token(self.access_token, now=now)
        return Credentials(
            access_token=self.access_token,
            refresh_token=self.refresh_token or kept,
            issued_at=now,
            expires_at=bare.expires_at if self.expires_in_s is None else now + self.expires_in_s,
        )


async def request_tokens(
    session: httpx.AsyncClient,
    url: str,
    form: Mapping[str, str],
    *,
    basic: tuple[str, str] | None = None,
) -> TokenAnswer:
    """Ask the token endpoint. `basic` is an already form-encoded client id and secret.

    Raises InvalidGrantError, AuthenticationPending, AuthenticationSlowDown, OAuthError (the
    server said no), AuthenticationTransientError (network, 429, 5xx), AuthenticationError
    (something else than a token endpoint answered).
    """
    values = await post_form(session, url, form, basic=basic)
    access_token = values.get("access_token")
    if not isinstance(access_token, str) or not access_token:
        raise AccessTokenNotFoundError(f"The token endpoint {url} answered without a token.")
    return TokenAnswer(
        access_token=access_token,
        refresh_token=_text(values.get("refresh_token")),
        expires_in_s=seconds(values.get("expires_in")),
        id_token=_text(values.get("id_token")),
    )


async def post_form(
    session: httpx.AsyncClient,
    url: str,
    form: Mapping[str, str],
    *,
    basic: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """The JSON object that an OAuth endpoint answers to a form; raises as `request_tokens`."""
    secrets = [form[name] for name in _SECRET_FIELDS if form.get(name)]
    if basic:
        secrets += [basic[1], unquote_plus(basic[1])]
    request = _request(session, url, form)
    if basic:
        # Not the session's `auth=`, which may be busy with proxy authentication.
        pair = base64.b64encode(":".join(basic).encode()).decode("ascii")
        request.headers["authorization"] = f"Basic {pair}"
    try:
        response = await session.send(request)
    except httpx.UnsupportedProtocol as error:
        raise _not_an_endpoint(url) from error
    except httpx.TransportError as error:
        raise AuthenticationTransientError(
            f"The authorization server at {url} cannot be reached ({_reason(error)}). "
            "Check the network, the proxy and the CA file, then try again."
        ) from error
    except httpx.HTTPError as error:
        raise _not_an_endpoint(url) from error
    return _understood(response, url, secrets)


def _request(session: httpx.AsyncClient, url: str, form: Mapping[str, str]) -> httpx.Request:
    try:
        return session.build_request("POST", url, data=dict(form))
    except httpx.InvalidURL as error:
        raise _not_an_endpoint(url) from error


def _not_an_endpoint(url: str) -> AuthenticationError:
    return AuthenticationError(
        f"{url!r} is not a usable OAuth endpoint. Check what the platform announces."
    )


def _understood(response: httpx.Response, url: str, secrets: Iterable[str]) -> dict[str, Any]:
    values = _json_object(response)
    code = _text(values.get("error")) if values else None
    if code is not None:
        raise _refusal(code, _described(values, secrets), url, response.status_code)
    if response.status_code == 429 or response.status_code >= 500:
        raise AuthenticationTransientError(
            f"The authorization server at {url} is in trouble (HTTP {response.status_code}). "
            "Try again later."
        )
    if response.status_code >= 300 or values is None:
        what = "JSON without an error code" if values is not None else "something else than JSON"
        raise AuthenticationError(
            f"{url} answered HTTP {response.status_code} with {what}. "
            "Check that the platform's endpoint and its authentication settings are right."
        )
    return values


def _refusal(code: str, description: str, url: str, status: int) -> AuthenticationError:
    said = f" ({description})" if description else ""
    if code == "authorization_pending":
        return AuthenticationPending("The sign-in on the other device is not finished yet.")
    if code == "slow_down":
        return AuthenticationSlowDown("The authorization server wants to be asked less often.")
    if code == "invalid_grant":
        return InvalidGrantError(f"The sign-in is no longer valid{said}. Sign in again.")
    if status >= 500 or code in ("server_error", "temporarily_unavailable"):
        return AuthenticationTransientError(
            f"The authorization server at {url} is in trouble: {code}{said}. Try again later."
        )
    if code == "invalid_client":
        return OAuthError(
            f"The authorization server at {url} does not accept this client{said}. "
            "Check the client id and the client secret.",
            code,
        )
    return OAuthError(f"The authorization server at {url} refused: {code}{said}.", code)


def _json_object(response: httpx.Response) -> dict[str, Any] | None:
    try:
        values = response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return None
    return values if isinstance(values, dict) else None


def _described(values: Mapping[str, Any] | None, secrets: Iterable[str]) -> str:
    text = _text((values or {}).get("error_description")) or ""
    return clean(text, secrets)


def clean(text: str, secrets: Iterable[str] = ()) -> str:
    """A server's or a program's words on one line, short, without the secrets."""
    for secret in secrets:
        text = text.replace(secret, "…")
    text = scrub(" ".join(text.split()))
    return text if len(text) <= _LONGEST_DESCRIPTION else text[:_LONGEST_DESCRIPTION] + "…"


def _reason(error: httpx.TransportError) -> str:
    kind = "no answer in time" if isinstance(error, httpx.TimeoutException) else clean(str(error))
    return kind or type(error).__name__


def seconds(value: object) -> float | None:
    """A duration from JSON, as number or text; None for anything that is not a positive one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if 0 < number < float("inf") else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
