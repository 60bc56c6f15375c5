"""Credentials that expire: loaded once, renewed before their end, one renewal for all callers."""

from __future__ import annotations

import logging
import sys
from abc import abstractmethod
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import grpc

from remote_client._client.auth.authenticator import Authenticator, GrpcAuthMetadata
from remote_client._client.auth.client_config import (
    DEFAULT_HEADER_KEY,
    ClientConfig,
    ClientConfigStore,
)
from remote_client._client.auth.clock import Clock
from remote_client._client.auth.credentials import Credentials
from remote_client._client.auth.errors import (
    AuthenticationError,
    InvalidGrantError,
    OAuthError,
)
from remote_client._client.auth.http_session import HttpOptions, HttpSessions
from remote_client._client.auth.options import AuthOptions
from remote_client._client.auth.single_flight import SingleFlight
from remote_client._client.auth.stored_tokens import StoredTokens
from remote_client._client.auth.token_endpoint import request_tokens
from remote_client._client.auth.token_store import TokenKey
from remote_client._client.endpoint import Endpoint, is_loopback_host

__all__ = ["TokenAuthenticator"]

_log = logging.getLogger(__name__)

# After an early renewal failed on the network, the token that still works is used this many
# seconds before the next try: an outage of the authorization server must not slow every call.
_EARLY_RETRY_S = 10.0


@dataclass(frozen=True)
class _State:
    """Everything that changes, swapped as one value so that any thread reads it whole."""

    credentials: Credentials | None = None
    generation: int = 0
    failure: Exception | None = field(default=None, repr=False)


class _NothingAnnounced(AuthenticationError):
    """The platform does not say how to sign in."""


class TokenAuthenticator(Authenticator):
    """Base of the flows that end in an access token.

    endpoint: the platform. options: see `AuthOptions`. config_store: where to learn how to sign
    in. sessions: HTTP towards the authorization server. now: seconds since 1970, for tests.
    """

    # Whether a token can be had without a person: then it is got before the first call.
    quiet = False
    # What the tokens are for; part of the key under which they are kept.
    kind = "platform"

    def __init__(
        self,
        endpoint: Endpoint | str,
        options: AuthOptions | None = None,
        *,
        config_store: ClientConfigStore | None = None,
        sessions: HttpSessions | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.endpoint = Endpoint.parse(endpoint)
        self._options = options or AuthOptions()
        self._check_options()
        self._config_store = self._options.client_config_store or config_store
        self._sessions = sessions or HttpSessions(HttpOptions.of(self._options))
        self._clock = clock or Clock()
        self._stored = StoredTokens.for_options(self._options, self._key(), keep=not self.quiet)
        self._state = _State()
        self._loaded = False
        self._config: ClientConfig | None = None
        self._announces_nothing = False
        self._no_early_renewal_before = 0.0
        self._loads: SingleFlight[None] = SingleFlight()
        self._configs: SingleFlight[ClientConfig | None] = SingleFlight()
        self._renewals: SingleFlight[None] = SingleFlight()

    # --- what a flow adds --------------------------------------------------------------------

    @abstractmethod
    async def _sign_in(self) -> Credentials:
        """Get credentials from nothing. Raises AuthenticationError."""

    async def _refresh(self, credentials: Credentials) -> Credentials:
        """Get new credentials by the refresh token. Raises as `request_tokens`."""
        config = await self._required_config()
        assert credentials.refresh_token is not None
        form = {
            "grant_type": "refresh_token",
            "refresh_token": credentials.refresh_token,
            "client_id": config.client_id,
        }
        url = self._trusted(config.token_endpoint, "token endpoint")
        async with self._sessions.open() as session:
            answer = await request_tokens(session, url, form)
        return answer.credentials(now=self._clock.now(), previous=credentials)

    def _check_options(self) -> None:
        """Refuse options that cannot work. Raises ValueError or AuthenticationError."""

    def _identity(self) -> str:
        return self._options.identity

    def _announce(self, text: str) -> None:
        """Show a line to the person who has to do something."""
        (self._options.announce or _print)(text)

    # --- what interceptors use ---------------------------------------------------------------

    async def get_grpc_call_auth_metadata(self) -> GrpcAuthMetadata:
        """The header for the next call; none before the first sign-in of a flow with a person.

        Such a call goes out bare, so that a platform without authentication never opens a
        browser; UNAUTHENTICATED then starts the sign-in.
        """
        await self._make_ready()
        state = self._state
        if state.credentials is None:
            return GrpcAuthMetadata(generation=state.generation)
        pair = (await self._header_key(), f"Bearer {state.credentials.access_token}")
        return GrpcAuthMetadata((pair,), state.generation)

    async def refresh_credentials(self, used: GrpcAuthMetadata | None = None) -> bool:
        """Renew, or take the renewal that ended since `used` was made. See `Authenticator`."""
        if not self._has_news_for(used):
            # Loaded first: only then is what another process stored told from our own.
            await self._load_once()
            await self._renewals.run(lambda: self._renew(used))
        return True

    async def sign_out(self) -> None:
        """Forget the tokens, in memory and in the token store."""
        self._state = _State(None, self._state.generation + 1)
        self._loaded = True
        await self._stored.delete()

    async def aclose(self) -> None:
        """End a sign-in under way; those who wait for it get CancelledError."""
        for flight in (self._renewals, self._configs, self._loads):
            await flight.cancel()

    # --- how credentials come to be ----------------------------------------------------------

    async def _make_ready(self) -> None:
        """Load what is stored, sign in where that needs nobody, renew what is about to end."""
        await self._load_once()
        state = self._state
        if state.credentials is None:
            if self.quiet and not self._announces_nothing:
                await self._sign_in_quietly(state)
        elif state.credentials.should_renew(self._clock.now()):
            await self._renew_early(state, state.credentials)

    async def _load_once(self) -> None:
        if not self._loaded:
            await self._loads.run(self._load)

    async def _load(self) -> None:
        credentials = await self._stored.load()
        if self._state.credentials is None and not self._loaded:
            self._state = replace(self._state, credentials=credentials)
        self._loaded = True

    async def _sign_in_quietly(self, state: _State) -> None:
        try:
            await self.refresh_credentials(GrpcAuthMetadata(generation=state.generation))
        except _NothingAnnounced:
            # Perhaps the platform wants no token at all. It will say if it does.
            self._announces_nothing = True

    async def _renew_early(self, state: _State, credentials: Credentials) -> None:
        if not self.quiet and credentials.refresh_token is None:
            return  # only a person could renew it; used until the platform refuses it
        expired = credentials.is_expired(self._clock.now())
        if not expired and self._clock.now() < self._no_early_renewal_before:
            return
        try:
            await self.refresh_credentials(GrpcAuthMetadata(generation=state.generation))
        except (AuthenticationError, grpc.aio.AioRpcError) as error:
            if expired or self._state.credentials is None:
                raise
            self._no_early_renewal_before = self._clock.now() + _EARLY_RETRY_S
            _log.warning(
                "Renewing early failed, the present token is used until its end: %s", error
            )

    def _has_news_for(self, used: GrpcAuthMetadata | None) -> bool:
        """Whether a renewal ended since `used` was made. Raises when that renewal failed."""
        state = self._state
        if used is None or used.generation == state.generation:
            return False
        if state.failure is not None:
            raise state.failure
        return True

    async def _renew(self, used: GrpcAuthMetadata | None) -> None:
        if self._has_news_for(used):  # it ended on another thread a moment ago
            return
        generation = self._state.generation + 1
        try:
            credentials = await self._renewed()
        except Exception as error:
            self._state = _State(self._state.credentials, generation, error)
            raise
        self._state = _State(credentials, generation)

    async def _renewed(self) -> Credentials:
        current, stored = self._state.credentials, await self._stored.load()
        if _is_newer(stored, current):
            assert stored is not None
            if not stored.should_renew(self._clock.now()):
                return stored  # another process on this machine renewed it
            current = stored
        fresh = await self._refreshed(current) if current and current.refresh_token else None
        if fresh is None:
            fresh = await self._sign_in()
        await self._stored.save(fresh)
        return fresh

    async def _refreshed(self, current: Credentials) -> Credentials | None:
        """Renewed credentials; None when the refresh token cannot be used and one must sign in."""
        try:
            return await self._refresh(current)
        except InvalidGrantError:
            rival = await self._stored.load()
            if rival is not None and rival.refresh_token != current.refresh_token:
                # Another process was faster with the same, single-use refresh token.
                return rival
            self._state = replace(self._state, credentials=None)
            await self._stored.delete()
            return None
        except OAuthError as error:
            if error.code == "invalid_client":
                raise  # signing in again would fail in the same way
            _log.warning("%s A new sign-in is needed.", error)
            return None

    # --- how to sign in ----------------------------------------------------------------------

    async def _header_key(self) -> str:
        if self._options.header_key:
            return self._options.header_key.lower()
        config = await self._resolved_config()
        return config.header_key if config else DEFAULT_HEADER_KEY

    async def _required_config(self) -> ClientConfig:
        config = await self._resolved_config()
        if config is None:
            raise _NothingAnnounced(
                f"The platform at {self.endpoint.address} asks for a sign-in, but does not say "
                "how to sign in (its AuthMetadataService does not answer). Configure one there, or "
                "use auth_type='ExternalCommand' or 'Passthrough'."
            )
        return config

    async def _resolved_config(self) -> ClientConfig | None:
        if self._config is None:
            self._config = await self._configs.run(self._ask_config)
        return self._config

    async def _ask_config(self) -> ClientConfig | None:
        if self._config_store is None:
            return None
        announced = await self._config_store.get_client_config()
        options = self._options
        return announced and announced.with_override(
            client_id=options.client_id,
            redirect_uri=options.redirect_uri,
            scopes=options.scopes,
            audience=options.audience,
            header_key=options.header_key,
        )

    def _trusted(self, url: str, what: str) -> str:
        """The URL, unless it is missing or would carry secrets in plaintext over the network."""
        if not url:
            raise AuthenticationError(
                f"The platform at {self.endpoint.address} announces no {what}, which this way of "
                "signing in needs. Choose another auth_type."
            )
        try:
            parts = urlsplit(url)
            private = is_loopback_host(parts.hostname or "") or self.endpoint.insecure
        except ValueError:
            raise AuthenticationError(
                f"The platform at {self.endpoint.address} announces {url!r} as its {what}, which "
                "is no URL."
            ) from None
        if parts.scheme != "https" and not private and not self._options.insecure_skip_verify:
            raise AuthenticationError(
                f"The {what} {url} is not https, so the sign-in could be read on its way. "
                "Nothing was sent."
            )
        return url

    def _key(self) -> TokenKey:
        return TokenKey(self.endpoint.address, self._identity(), self.kind)


def _is_newer(stored: Credentials | None, current: Credentials | None) -> bool:
    if stored is None or current is None:
        return stored is not None
    return (stored.issued_at or 0.0) > (current.issued_at or 0.0)


def _print(text: str) -> None:
    # Not stdout: that may be a program's result.
    print(text, file=sys.stderr, flush=True)
