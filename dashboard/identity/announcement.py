"""Where people sign in: what the settings, the platform and the issuer announce, checked.

An OIDC provider that the settings name comes first; else the platform's AuthMetadataService is
asked, and its issuer for what that lacks (RFC 8414, OpenID Connect discovery). None is an answer
too: a platform without authentication.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import httpx
from asgiref.sync import async_to_sync
from django.conf import settings

from dashboard import environment
from dashboard.upstream import service_platform
from remote_client.errors import RemoteError

PLATFORM, PROVIDER = "platform", "oidc"
"""Names of the two kinds of sign-in, as they stand in addresses."""

KNOWN_S = 300.0
"""How long an announcement is believed; servers change theirs seldom."""

TIMEOUT_S = 5.0
_MOST_BYTES = 256 * 1024
_ALGORITHMS = ("RS256", "ES256", "PS256", "RS384", "RS512", "ES384", "ES512", "EdDSA")


class AnnouncementError(Exception):
    """Nobody can sign in now; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """One authorization server and this dashboard as its client. "" is "not announced".

    carries_tokens: calls to the platform carry the person's own access token, under `header_key`.
    names_itself: answers hold the issuer (RFC 9207), so one that does not is refused.
    """

    name: str
    issuer: str
    client_id: str
    authorization_endpoint: str
    token_endpoint: str
    client_secret: str = field(default="", repr=False)
    revocation_endpoint: str = ""
    userinfo_endpoint: str = ""
    jwks_uri: str = ""
    scopes: tuple[str, ...] = ()
    audience: str = ""
    header_key: str = "authorization"
    auth_methods: tuple[str, ...] = ()
    algorithms: tuple[str, ...] = ("RS256",)
    names_itself: bool = False

    @property
    def carries_tokens(self) -> bool:
        return self.name == PLATFORM

    @property
    def title(self) -> str:
        """What the button says: the server's host."""
        return urlsplit(self.issuer or self.authorization_endpoint).netloc

    @property
    def is_local(self) -> bool:
        """Whether the server runs on this machine."""
        return environment.is_loopback(self.authorization_endpoint)


_known: tuple[tuple[Any, ...], float, Announcement | None] | None = None


async def announced() -> Announcement | None:
    """The way to sign in; None for a platform without authentication. AnnouncementError."""
    global _known
    asked = (service_platform(), settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID)
    if _known is not None and _known[0] == asked and time.monotonic() < _known[1]:
        return _known[2]
    found = await (_of_provider() if settings.OIDC_ISSUER else _of_platform())
    _known = (asked, time.monotonic() + KNOWN_S, found)
    return found


def announced_in_thread() -> Announcement | None:
    """`announced`, for code that runs in a thread."""
    found: Announcement | None = async_to_sync(announced)()
    return found


def forget() -> None:
    """Ask again at the next question."""
    global _known
    _known = None


async def _of_provider() -> Announcement:
    issuer = settings.OIDC_ISSUER
    document = await _document(issuer)
    if document is None:
        raise AnnouncementError(f"{issuer} does not say how to sign in.")
    return _filled(
        Announcement(
            name=PROVIDER,
            issuer=issuer,
            client_id=settings.OIDC_CLIENT_ID,
            client_secret=settings.OIDC_CLIENT_SECRET,
            authorization_endpoint="",
            token_endpoint="",
            scopes=tuple(settings.OIDC_SCOPES),
        ),
        document,
    )


async def _of_platform() -> Announcement | None:
    try:
        said = await service_platform().sign_in_config()
    except RemoteError as error:
        raise AnnouncementError(error.message) from error
    if said is None:
        return None
    here = Announcement(
        name=PLATFORM,
        issuer=said.issuer,
        client_id=settings.SIGN_IN_CLIENT_ID or said.client_id,
        authorization_endpoint=said.authorization_endpoint,
        token_endpoint=said.token_endpoint,
        scopes=said.scopes,
        audience=said.audience,
        header_key=said.header_key,
        auth_methods=said.token_auth_methods,
    )
    document = await _document(said.issuer) if said.issuer else None
    return _filled(here, document or {})


def _filled(here: Announcement, document: dict[str, Any]) -> Announcement:
    """With what the issuer's document adds. AnnouncementError when something needed is missing."""
    algorithms = _words(document, "id_token_signing_alg_values_supported")
    here = replace(
        here,
        authorization_endpoint=here.authorization_endpoint
        or _text(document, "authorization_endpoint"),
        token_endpoint=here.token_endpoint or _text(document, "token_endpoint"),
        revocation_endpoint=_text(document, "revocation_endpoint"),
        userinfo_endpoint=_text(document, "userinfo_endpoint"),
        jwks_uri=_text(document, "jwks_uri"),
        auth_methods=here.auth_methods or _words(document, "token_endpoint_auth_methods_supported"),
        algorithms=tuple(a for a in _ALGORITHMS if a in algorithms) or ("RS256",),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )
    here = replace(here, scopes=_scopes(here, _words(document, "scopes_supported")))
    if not (here.client_id and here.authorization_endpoint and here.token_endpoint):
        raise AnnouncementError(f"{here.title} does not say enough to sign in there.")
    for url in (here.authorization_endpoint, here.token_endpoint, here.jwks_uri):
        _check_address(url)
    return here


def _scopes(here: Announcement, supported: tuple[str, ...]) -> tuple[str, ...]:
    """What is asked for: who the person is, and tokens that last where calls carry them."""
    wanted = ["openid", "profile", "email", "groups"] if here.jwks_uri else []
    if here.carries_tokens:
        wanted.append("offline_access")
        return tuple(dict.fromkeys([*here.scopes, *(s for s in wanted if s in supported)]))
    return tuple(dict.fromkeys(["openid", *here.scopes]))


async def _document(issuer: str) -> dict[str, Any] | None:
    """What the issuer says of itself; None when it has no such document."""
    _check_address(issuer)
    parts = urlsplit(issuer)
    root, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    places = (
        f"{root}{path}/.well-known/openid-configuration",
        f"{root}/.well-known/oauth-authorization-server{path}",
    )
    # A proxy of the environment is for other machines.
    outside = not environment.is_loopback(issuer)
    verify = await asyncio.to_thread(_trust)
    async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=outside, verify=verify) as session:
        for place in places:
            document = await _fetched(session, place)
            if document is not None:
                _check_issuer(document, issuer)
                return document
    return None


async def _fetched(session: httpx.AsyncClient, place: str) -> dict[str, Any] | None:
    try:
        answer = await session.get(place, headers={"accept": "application/json"})
    except httpx.HTTPError as error:
        why = "did not answer in time" if isinstance(error, httpx.TimeoutException) else "is away"
        raise AnnouncementError(f"{urlsplit(place).netloc} {why}.") from error
    if answer.status_code != 200 or len(answer.content) > _MOST_BYTES:
        return None
    try:
        document = answer.json()
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _trust() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.FLYTE_CA_CERT)


def _check_issuer(document: dict[str, Any], issuer: str) -> None:
    """Whoever answers for an issuer must be it (RFC 8414, 3.3)."""
    said = document.get("issuer")
    if said != issuer:
        raise AnnouncementError(
            f"The server at {issuer} says that it is {str(said)[:200]!r}. Nobody signs in there."
        )


def _check_address(url: str) -> None:
    """Codes and tokens travel over TLS, or not beyond this machine."""
    if url and not url.startswith("https://"):
        is_here = url.startswith("http://") and environment.is_loopback(url)
        if not is_here:
            raise AnnouncementError(f"{url[:200]} is not a https address.")


def _text(document: dict[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""


def _words(document: dict[str, Any], name: str) -> tuple[str, ...]:
    value = document.get(name)
    return tuple(str(item) for item in value) if isinstance(value, list) else ()
