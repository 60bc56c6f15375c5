"""The authorization server's HTTP routes."""

from __future__ import annotations

import logging
from collections.abc import Callable

from joserfc.jwk import KeySet

from local_platform.asgi import Handler, Receive, Scope, Send
from local_platform.authorization import metadata, pages
from local_platform.authorization.consent import Consent
from local_platform.authorization.endpoints import DEVICE_PAGE
from local_platform.authorization.forms import Forms
from local_platform.authorization.messages import (
    Request,
    Response,
    UnreadableRequestError,
    read_request,
)
from local_platform.authorization.server import Server
from local_platform.authorization.verifier import InvalidTokenError, Verifier

_Answer = Callable[[Request], Response]
_log = logging.getLogger(__name__)
# Pages on which one click makes somebody an admin.
_LOCAL_ONLY = frozenset({metadata.AUTHORIZE, DEVICE_PAGE})


class Routes:
    def __init__(self, server: Server, verifier: Verifier, keys: KeySet) -> None:
        self._server = server
        self._verifier = verifier
        consent = Consent(server, Forms(secure=server.settings.issuer.startswith("https:")))
        document = metadata.metadata(server.settings)
        self._pages: dict[str, tuple[str, _Answer]] = {
            metadata.OAUTH_METADATA: ("GET", lambda _: Response.json(document)),
            metadata.OPENID_METADATA: ("GET", lambda _: Response.json(document)),
            metadata.JWKS: ("GET", lambda _: Response.json(metadata.public_keys(keys))),
            metadata.AUTHORIZE: ("GET POST", consent.authorize),
            metadata.TOKEN: ("POST", server.token_response),
            metadata.DEVICE_AUTHORIZATION: ("POST", self._endpoint("device_authorization")),
            metadata.REVOKE: ("POST", self._endpoint("revocation")),
            metadata.INTROSPECT: ("POST", self._endpoint("introspection")),
            metadata.USERINFO: ("GET POST", self._userinfo),
            DEVICE_PAGE: ("GET POST", consent.device),
            pages.STYLE_PATH: ("GET", lambda _: pages.style()),
        }

    def handlers(self) -> dict[str, Handler]:
        """The handler by the first part of the path."""
        return {"/oauth2": self.handle, "/.well-known": self.handle}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        try:
            request = await read_request(scope, receive)
        except UnreadableRequestError as error:
            words = {"error": "invalid_request", "error_description": str(error)}
            await Response.json(words, 400).send(send)
            return
        await self._answer(request).send(send)

    def _answer(self, request: Request) -> Response:
        methods, answer = self._pages.get(request.path, ("", None))
        if answer is None:
            return Response(404, b"no such page\n")
        if request.method not in methods.split():
            return Response(
                405, b"not in this way\n", headers=[("allow", methods.replace(" ", ", "))]
            )
        if request.path in _LOCAL_ONLY and not request.is_local:
            return Response(403, b"people sign in on this machine only\n")
        response = answer(request)
        # Neither the query nor the form: they hold codes and tokens.
        _log.debug("%s %s %s", request.method, request.path, response.status)
        return response

    def _endpoint(self, name: str) -> _Answer:
        return lambda request: self._server.endpoint_response(name, request)

    def _userinfo(self, request: Request) -> Response:
        """Who the token's person is now (OpenID Connect core, 5.3)."""
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise InvalidTokenError("a bearer token is needed")
            token = self._verifier.verify(text.strip())
            person = self._server.store.person(token.subject)
            if person is None or token.action:
                raise InvalidTokenError("this token is not a person's")
        except InvalidTokenError as error:
            challenge = f'Bearer error="invalid_token", error_description="{error}"'
            refusal = {"error": "invalid_token", "error_description": str(error)}
            return Response.json(refusal, 401, [("www-authenticate", challenge)])
        return Response.json(person.claims(token.scope), headers=[("cache-control", "no-store")])
