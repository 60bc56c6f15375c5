"""Sign-in of a program with its own id and secret: the client credentials grant."""

from __future__ import annotations

from urllib.parse import quote_plus

from remote_client._client.auth.client_config import ClientConfig
from remote_client._client.auth.credentials import Credentials
from remote_client._client.auth.token_authenticator import TokenAuthenticator
from remote_client._client.auth.token_endpoint import request_tokens

__all__ = ["ClientCredentialsAuthenticator"]


class ClientCredentialsAuthenticator(TokenAuthenticator):
    """Buys an access token with `client_id` and `client_secret` of the options.

    Nobody is asked, so the first token is got before the first call, and the tokens are not
    written to disk unless a token store was chosen. Raises ValueError without an id or a secret.
    """

    quiet = True

    def _check_options(self) -> None:
        if not self._options.client_id or not self._options.client_secret:
            raise ValueError("Client credentials need client_id and client_secret.")

    async def _sign_in(self) -> Credentials:
        config = await self._required_config()
        url = self._trusted(config.token_endpoint, "token endpoint")
        form = {"grant_type": "client_credentials"}
        if config.scopes:
            form["scope"] = " ".join(config.scopes)
        if config.audience:
            form["audience"] = config.audience
        basic = None
        if _takes_basic(config):
            basic = self._basic_pair()
        else:
            form |= {"client_id": self._client_id, "client_secret": self._client_secret}
        async with self._sessions.open() as session:
            answer = await request_tokens(session, url, form, basic=basic)
        return answer.credentials(now=self._clock.now())

    async def _refresh(self, credentials: Credentials) -> Credentials:
        # RFC 6749, 4.4.3: a refresh token is not for this grant, even if a server gives one.
        return await self._sign_in()

    def _identity(self) -> str:
        return self._options.identity or f"client {self._options.client_id}"

    def _basic_pair(self) -> tuple[str, str]:
        # RFC 6749, 2.3.1: each part form-encoded first, so that a colon in one is no separator.
        return quote_plus(self._client_id), quote_plus(self._client_secret)

    @property
    def _client_id(self) -> str:
        return self._options.client_id or ""

    @property
    def _client_secret(self) -> str:
        return self._options.client_secret or ""


def _takes_basic(config: ClientConfig) -> bool:
    """HTTP Basic, which every server must offer, unless this one says that it takes a form only."""
    methods = config.token_auth_methods
    return "client_secret_basic" in methods or "client_secret_post" not in methods
