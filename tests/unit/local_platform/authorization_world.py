"""An authorization server without a network, and a browser and a client to drive it with."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from local_platform.asgi import Receive, Scope, Send
from local_platform.authorization import authority
from local_platform.authorization.authority import Authority
from local_platform.authorization.settings import Settings
from local_platform.authorization.tokens import new_private_key, signing_keys
from local_platform.authorization.verifier import InvalidTokenError, Token
from local_platform.store.records import ActionKey

ISSUER = "http://localhost:8090"
REDIRECT = "http://localhost:8080/complete/flightboard/"
VERIFIER = "v" * 64
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_FORM_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]+)"')


@dataclass
class World:
    """`late_s` moves the server's clock; `open_attempts` are those whose processes may act."""

    folder: Path
    late_s: float = 0.0
    required: bool = True
    lifetimes: dict[str, int] = field(default_factory=dict)
    open_attempts: set[tuple[ActionKey, int]] = field(default_factory=set)
    address: str = "127.0.0.1"

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Start the server; after `close` it is a restart on the same folder."""
        settings = Settings(
            issuer=ISSUER,
            folder=self.folder,
            required=self.required,
            now=lambda: time.time() + self.late_s,
            **self.lifetimes,
        )
        with patch.multiple(authority, new_private_key=_one_key, signing_keys=_read_once):
            self.authority = Authority(settings, lambda key, n: (key, n) in self.open_attempts)
        self.browser = self.new_browser()

    def close(self) -> None:
        self.authority.close()

    def restart(self) -> None:
        self.close()
        self.open()

    def new_browser(self, address: str = "") -> httpx.AsyncClient:
        """Another browser, or a program: requests with cookies of their own."""
        client = (address or self.address, 40000)
        transport = httpx.ASGITransport(self._application, client=client)  # type: ignore[arg-type]
        return httpx.AsyncClient(transport=transport, base_url=ISSUER)

    async def _application(self, scope: Scope, receive: Receive, send: Send) -> None:
        handler = self.authority.handlers()["/" + scope["path"].split("/", 2)[1]]
        await handler(scope, receive, send)

    # --- what a browser does --------------------------------------------------------------------

    async def open_sign_in(self, **changes: str | None) -> httpx.Response:
        """The browser comes from the client."""
        return await self.browser.get("/oauth2/authorize", params=authorization(**changes))

    async def choose(
        self, page: httpx.Response, person: str = "otto", **headers: str
    ) -> httpx.Response:
        """The person clicks on the page that was shown."""
        form = {"form_token": form_token(page), "person": person}
        return await self.browser.post(str(page.url), data=form, headers=headers)

    async def code(self, person: str = "otto", **changes: str | None) -> str:
        """The code of a whole visit."""
        answer = await self.choose(await self.open_sign_in(**changes), person)
        return landing(answer)["code"]

    # --- what a client does ---------------------------------------------------------------------

    async def token(self, auth: Any = None, **form: str) -> httpx.Response:
        return await self.browser.post("/oauth2/token", data=form, auth=auth)

    async def exchange(self, code: str, /, **changes: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "client_id": "flightboard",
            "code_verifier": VERIFIER,
        }
        return await self.token(**(form | changes))

    async def refresh(self, token: str, /, **changes: str) -> httpx.Response:
        form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "flightboard"}
        return await self.token(**(form | changes))

    async def sign_in(self, person: str = "otto", **changes: str | None) -> dict[str, Any]:
        """The tokens of a whole sign-in."""
        answer = await self.exchange(await self.code(person, **changes))
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    @property
    def service(self) -> tuple[str, str]:
        """The confidential client's id and secret."""
        return ("flightboard-service", (self.folder / "service-secret").read_text().strip())

    # --- what the platform does -----------------------------------------------------------------

    def verify(self, token: str) -> Token:
        return self.authority.verifier.verify(token)

    def counts(self, token: str) -> bool:
        try:
            self.verify(token)
        except InvalidTokenError:
            return False
        return True


# Making a key, and reading one, takes longer than most tests.
_one_key = cache(new_private_key)
_read_once = cache(signing_keys)


def authorization(**changes: str | None) -> dict[str, str]:
    """The parameters of an authorization request; None leaves one out."""
    said: dict[str, str | None] = {
        "response_type": "code",
        "client_id": "flightboard",
        "redirect_uri": REDIRECT,
        "scope": "openid profile email groups offline_access all",
        "state": "s t/a+t&e=ü",
        "nonce": "n-0S6_WzA2Mj",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in (said | changes).items() if value is not None}


def form_token(page: httpx.Response) -> str:
    found = _FORM_TOKEN.search(page.text)
    assert found, page.text
    return found[1]


def landing(answer: httpx.Response) -> dict[str, str]:
    """The parameters with which the browser is sent back to the client."""
    assert answer.status_code == 303, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def as_query(pairs: list[tuple[str, str]]) -> str:
    return urlencode(pairs)
