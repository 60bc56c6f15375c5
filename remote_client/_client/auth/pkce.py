"""Sign-in with the person's browser: authorization code with PKCE (RFC 7636, RFC 8252)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import inspect
import logging
import os
import secrets
import sys
import webbrowser
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from remote_client._client.auth.client_config import ClientConfig
from remote_client._client.auth.credentials import Credentials, jwt_claims
from remote_client._client.auth.errors import AuthenticationError
from remote_client._client.auth.loopback import Callback, LoopbackListener
from remote_client._client.auth.token_authenticator import TokenAuthenticator
from remote_client._client.auth.token_endpoint import clean, request_tokens

__all__ = ["PKCEAuthenticator"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Login:
    """The secrets of one sign-in; never used for a second one."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(64), repr=False)

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode("ascii")).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


class PKCEAuthenticator(TokenAuthenticator):
    """Opens the person's browser, and receives the answer on this machine.

    The link is shown instead where no browser opens. A sign-in that is refused, or that nobody
    finishes within `login_timeout_s`, ends with an AuthenticationError; strangers' requests to
    the callback address do not end it.
    """

    async def _sign_in(self) -> Credentials:
        config = await self._required_config()
        self._trusted(config.authorization_endpoint, "authorization endpoint")
        self._trusted(config.token_endpoint, "token endpoint")
        if not config.client_id:
            raise AuthenticationError(
                f"The platform at {self.endpoint.address} announces no client id for sign-ins. "
                "Pass client_id."
            )
        login = _Login()
        async with LoopbackListener(config.redirect_uri, login.state) as listener:
            link = _authorization_link(config, login, listener.redirect_uri)
            opening = asyncio.create_task(self._show(link))
            try:
                query = await self._callback(listener)
                credentials = await self._finish(config, login, listener, query)
            finally:
                opening.cancel()
            return credentials

    async def _callback(self, listener: LoopbackListener) -> Callback:
        timeout_s = self._options.login_timeout_s
        try:
            async with asyncio.timeout(timeout_s):
                return await listener.callback()
        except TimeoutError:
            raise AuthenticationError(
                f"Nobody finished the sign-in in the browser within {timeout_s:g} s."
                f"{listener.stray} Try again; on a machine without a browser use "
                "auth_type='DeviceFlow'."
            ) from None

    async def _finish(
        self, config: ClientConfig, login: _Login, listener: LoopbackListener, query: Callback
    ) -> Credentials:
        """Buy tokens with the callback's code, and tell the person in the browser how it went."""
        try:
            credentials = await self._exchange(
                config, login, _code(query, self.endpoint.address), listener.redirect_uri
            )
        except AuthenticationError as error:
            listener.show("Sign-in failed", str(error), failed=True)
            raise
        listener.show(
            "Signed in", f"You are signed in to {self.endpoint.address}. This page can be closed."
        )
        return credentials

    async def _exchange(
        self, config: ClientConfig, login: _Login, code: str, redirect_uri: str
    ) -> Credentials:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": config.client_id,
            "code_verifier": login.verifier,
        }
        async with self._sessions.open() as session:
            answer = await request_tokens(session, config.token_endpoint, form)
        nonce = jwt_claims(answer.id_token or "").get("nonce", login.nonce)
        if nonce != login.nonce:
            raise AuthenticationError(
                "The authorization server answered with the tokens of another sign-in. Try again."
            )
        return answer.credentials(now=self._clock.now())

    async def _show(self, link: str) -> None:
        """Open the link for the person, or show it where that does not work."""
        try:
            opened = await self._open(link)
        except Exception as error:
            _log.info("The browser could not be opened: %s", type(error).__name__)
            opened = False
        if not opened:
            self._announce(f"To sign in to {self.endpoint.address}, open this link:\n{link}")

    async def _open(self, link: str) -> bool:
        opener = self._options.open_browser or open_browser
        if inspect.iscoroutinefunction(opener):
            return bool(await opener(link))
        opened = await asyncio.to_thread(opener, link)
        return bool(await opened if inspect.isawaitable(opened) else opened)


def _authorization_link(config: ClientConfig, login: _Login, redirect_uri: str) -> str:
    parts = urlsplit(config.authorization_endpoint)
    query = [
        *parse_qsl(parts.query, keep_blank_values=True),
        ("client_id", config.client_id),
        ("response_type", "code"),
        ("redirect_uri", redirect_uri),
        ("state", login.state),
        ("nonce", login.nonce),
        ("code_challenge", login.challenge),
        ("code_challenge_method", "S256"),
    ]
    if config.scopes:
        query.append(("scope", " ".join(config.scopes)))
    if config.audience:
        query.append(("audience", config.audience))
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))


def _code(query: Callback, address: str) -> str:
    """The authorization code of the callback. Raises AuthenticationError where there is none."""
    error, said = query.get("error"), clean(query.get("error_description", ""))
    if error == "access_denied":
        reason = f" ({said})" if said else ""
        raise AuthenticationError(f"The sign-in to {address} was refused{reason}.")
    if error:
        described = f": {said}" if said else ""
        raise AuthenticationError(
            f"The authorization server ended the sign-in to {address} with {clean(error)}"
            f"{described}. Try again, or ask who runs it."
        )
    if not query.get("code"):
        raise AuthenticationError(
            f"The browser came back from the sign-in to {address} without a code. Try again."
        )
    return query["code"]


def open_browser(link: str) -> bool:
    """Open a new tab of the person's browser; False where there is no graphical one.

    Blocks until the browser was asked.
    """
    graphical = sys.platform in ("darwin", "win32") or bool(
        # Without these a text browser would take over the terminal.
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    return graphical and webbrowser.open_new_tab(link)
