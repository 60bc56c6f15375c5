"""Sign-in on another device: the device authorization grant (RFC 8628)."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from remote_client._client.auth.client_config import ClientConfig
from remote_client._client.auth.credentials import Credentials
from remote_client._client.auth.errors import (
    AuthenticationError,
    AuthenticationPending,
    AuthenticationSlowDown,
    AuthenticationTransientError,
    OAuthError,
)
from remote_client._client.auth.token_authenticator import TokenAuthenticator
from remote_client._client.auth.token_endpoint import (
    TokenAnswer,
    clean,
    post_form,
    request_tokens,
    seconds,
)

__all__ = ["DeviceCodeAuthenticator"]

_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
# RFC 8628, 3.2 and 3.5: the pause when the server names none, and what slow_down adds to it.
_DEFAULT_INTERVAL_S = 5.0
_SLOW_DOWN_S = 5.0
# The longest pause after failures on the way (RFC 8628, 3.5 asks for exponential back-off).
_LONGEST_PAUSE_S = 60.0
# `expires_in` is required; for a server that leaves it out, as long as people usually get.
_DEFAULT_LIFETIME_S = 600.0


@dataclass(frozen=True)
class _DeviceCode:
    device_code: str = field(repr=False)
    user_code: str
    link: str
    link_complete: str
    interval_s: float
    lifetime_s: float


class DeviceCodeAuthenticator(TokenAuthenticator):
    """Shows a link and a code, and waits until the person has entered it anywhere.

    For machines without a browser. Needs a platform that announces a device authorization
    endpoint.
    """

    async def _sign_in(self) -> Credentials:
        config = await self._required_config()
        self._trusted(config.device_authorization_endpoint, "device authorization endpoint")
        self._trusted(config.token_endpoint, "token endpoint")
        async with self._sessions.open() as session:
            code = await _ask_code(session, config)
            deadline = self._clock.monotonic() + code.lifetime_s
            self._announce(
                f"To sign in to {self.endpoint.address}, open {code.link_complete or code.link} "
                f"and enter the code {code.user_code}"
            )
            answer = await self._wait_for_person(session, config, code, deadline)
        return answer.credentials(now=self._clock.now())

    async def _wait_for_person(
        self, session: httpx.AsyncClient, config: ClientConfig, code: _DeviceCode, deadline: float
    ) -> TokenAnswer:
        interval_s = pause_s = code.interval_s
        while (left_s := deadline - self._clock.monotonic()) > 0:
            await self._clock.sleep(min(pause_s, left_s))
            try:
                return await _ask_tokens(session, config, code)
            except AuthenticationSlowDown:
                pause_s = interval_s = interval_s + _SLOW_DOWN_S
            except AuthenticationPending:
                pause_s = interval_s
            except AuthenticationTransientError:
                # A gateway's error page or a dropped connection says nothing about the sign-in.
                pause_s = max(interval_s, min(pause_s * 2, _LONGEST_PAUSE_S))
        raise self._expired(code)

    def _expired(self, code: _DeviceCode) -> AuthenticationError:
        return AuthenticationError(
            f"Nobody entered the code {code.user_code} in time, so it is no longer valid. "
            f"Start again to sign in to {self.endpoint.address}."
        )


async def _ask_code(session: httpx.AsyncClient, config: ClientConfig) -> _DeviceCode:
    form = {"client_id": config.client_id}
    if config.scopes:
        form["scope"] = " ".join(config.scopes)
    if config.audience:
        form["audience"] = config.audience
    url = config.device_authorization_endpoint
    values = await post_form(session, url, form)
    texts = {name: value for name, value in values.items() if isinstance(value, str) and value}
    # Some servers still say `verification_url`, as a draft of the RFC did.
    link = texts.get("verification_uri") or texts.get("verification_url")
    if not link or "device_code" not in texts or "user_code" not in texts:
        raise AuthenticationError(f"{url} answered without a device code or a link.")
    return _DeviceCode(
        device_code=texts["device_code"],
        user_code=texts["user_code"],
        link=link,
        link_complete=texts.get("verification_uri_complete", ""),
        interval_s=seconds(values.get("interval")) or _DEFAULT_INTERVAL_S,
        lifetime_s=seconds(values.get("expires_in")) or _DEFAULT_LIFETIME_S,
    )


async def _ask_tokens(
    session: httpx.AsyncClient, config: ClientConfig, code: _DeviceCode
) -> TokenAnswer:
    form = {
        "grant_type": _GRANT,
        "device_code": code.device_code,
        "client_id": config.client_id,
    }
    try:
        return await request_tokens(session, config.token_endpoint, form)
    except OAuthError as error:
        if error.code == "access_denied":
            raise AuthenticationError("The sign-in was refused on the other device.") from error
        if error.code == "expired_token":
            raise AuthenticationError(
                f"The code {clean(code.user_code)} is no longer valid. Start the sign-in again."
            ) from error
        raise
