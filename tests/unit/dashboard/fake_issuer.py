"""An OpenID Connect issuer inside the test, which checks PKCE and lies when it is told to."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import AsyncClient

from tests.oidc.http_server import Answer, HttpServer, Seen, as_json, http_server

_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_PUBLIC = jwt.algorithms.RSAAlgorithm.to_jwk(_KEY.public_key(), as_dict=True)


@dataclass
class Issuer:
    """`skew_s` is how far its clock is ahead; `claims` go over those of each id token.

    asked: the query of each authorization. grants: the form of each token request. issued: every
    token that it gave. revoked: what clients told it to forget.
    """

    server: HttpServer
    person: dict[str, Any] = field(
        default_factory=lambda: {
            "sub": "ana-1",
            "preferred_username": "anabel",
            "name": "Anabel Ruiz",
            "given_name": "Anabel",
            "family_name": "Ruiz",
            "groups": ["crew"],
        }
    )
    claims: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    skew_s: float = 0.0
    lifetime_s: int = 900
    refuses_refresh: bool = False
    is_down: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)
    grants: list[dict[str, str]] = field(default_factory=list)
    issued: list[str] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _refresh: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        return self.server.url

    # --- what a browser does ----------------------------------------------------------------------

    def approve(self, address: str) -> str:
        """A person agrees: the address, with a code, to which the browser is sent back."""
        return self._back(address, {"code": self.code(address)})

    def refuse(self, address: str) -> str:
        return self._back(address, {"error": "access_denied"})

    def code(self, address: str) -> str:
        """A code for what the authorization address asks."""
        query = {name: v[0] for name, v in parse_qs(urlsplit(address).query).items()}
        self.asked.append(query)
        code = self._new("code")
        self._codes[code] = query
        return code

    def _back(self, address: str, answer: dict[str, str]) -> str:
        query = {name: v[0] for name, v in parse_qs(urlsplit(address).query).items()}
        place = urlsplit(query["redirect_uri"])
        pairs = {**answer, "state": query["state"], "iss": self.url}
        return f"{place.path}?{urlencode(pairs)}"

    # --- what a client does -----------------------------------------------------------------------

    def answer(self, request: Seen) -> Answer:
        path = urlsplit(request.target).path
        if self.is_down:
            return Answer(503, b"down")
        if path == "/.well-known/openid-configuration":
            return as_json({**self._document(), **self.document})
        if path == "/jwks":
            return as_json({"keys": [{**_PUBLIC, "kid": "one", "alg": "RS256", "use": "sig"}]})
        if path == "/token":
            return self._token(request.form)
        if path == "/revoke":
            self.revoked.append(request.form["token"])
            self._refresh.discard(request.form["token"])
            return Answer(200)
        return Answer(404)

    def _document(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "revocation_endpoint": f"{self.url}/revoke",
            "jwks_uri": f"{self.url}/jwks",
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile", "offline_access"],
            "authorization_response_iss_parameter_supported": True,
            "token_endpoint_auth_methods_supported": ["none"],
        }

    def _token(self, form: dict[str, str]) -> Answer:
        self.grants.append(form)
        if "client_secret" in form:
            return as_json({"error": "invalid_client"}, 401)
        if form["grant_type"] == "refresh_token":
            known = form["refresh_token"] in self._refresh and not self.refuses_refresh
            self._refresh.discard(form["refresh_token"])
            return self._tokens({}) if known else as_json({"error": "invalid_grant"}, 400)
        asked = self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or asked.get("code_challenge") != challenge:
            return as_json({"error": "invalid_grant"}, 400)
        return self._tokens({"nonce": asked.get("nonce")})

    def _tokens(self, more: dict[str, Any]) -> Answer:
        now = time.time() + self.skew_s
        claims = {"iss": self.url, "aud": "flightboard", "iat": int(now), "exp": int(now) + 300}
        told = {**claims, **self.person, **more, **self.claims}
        id_token = jwt.encode(told, _KEY, "RS256", headers={"kid": "one"})
        refresh = self._new("refresh")
        self._refresh.add(refresh)
        return as_json(
            {
                "access_token": self._new("access"),
                "refresh_token": refresh,
                "id_token": id_token,
                "token_type": "Bearer",
                "expires_in": self.lifetime_s,
            }
        )

    def _new(self, kind: str) -> str:
        self.issued.append(f"{kind}-{secrets.token_urlsafe(16)}")
        return self.issued[-1]


@asynccontextmanager
async def fake_issuer() -> AsyncIterator[Issuer]:
    """An issuer on a free port."""
    async with http_server() as server:
        issuer = Issuer(server)
        server.answer = issuer.answer
        yield issuer


async def begin(browser: AsyncClient, kind: str = "oidc", **form: str) -> str:
    """Press the button of the sign-in page: the address at the issuer to which it leads."""
    response = await browser.post(f"/sign-in/with/{kind}", form)
    assert response.status_code == 200, response.content.decode()
    found = re.search(r'content="0;url=([^"]+)"', response.content.decode())
    assert found is not None
    return html.unescape(found[1])
