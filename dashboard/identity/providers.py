"""The two kinds of sign-in as social-auth backends: it checks codes, states, nonces and tokens.

What is added here: the endpoints come from the announcement, a public client sends no secret, the
issuer in an answer is checked (RFC 9207), and a platform without OpenID Connect is asked for the
person by its own IdentityService.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit

from asgiref.sync import async_to_sync
from social_core.backends.oauth import BaseOAuth2
from social_core.backends.open_id_connect import OpenIdConnectAuth
from social_core.exceptions import AuthConfigurationError, AuthResponseError
from social_core.utils import constant_time_compare
from social_django.strategy import DjangoStrategy

from dashboard.identity import announcement
from dashboard.identity.announcement import PLATFORM, PROVIDER, Announcement
from dashboard.identity.records import SignIn
from dashboard.upstream import user_info

CLOCK_SKEW_S = 60
"""How far the server's clock may be off ours."""

MAX_HINT_CHARS = 64


class Strategy(DjangoStrategy):
    """Runs a sign-in's steps without Django's list of backends, which is for passwords alone."""

    def authenticate(self, backend: Any, **kwargs: Any) -> Any:
        kwargs.pop("request", None)
        known = {"strategy": self, "storage": self.storage, "backend": backend}
        return backend.run_authentication(self.request, **{**kwargs, **known})


class Provider(OpenIdConnectAuth[Any]):
    """Authorization code with PKCE S256 at the server that was announced."""

    REDIRECT_STATE = False
    DEFAULT_USE_PKCE = True
    STATE_LIFETIME = 900
    NONCE_LIFETIME = 900
    JWT_LEEWAY = CLOCK_SKEW_S

    kept: SignIn | None = None
    """The record of this sign-in's tokens, once there is one."""

    @cached_property
    def here(self) -> Announcement:
        """Where this sign-in takes place."""
        found = announcement.announced_in_thread()
        if found is None or found.name != self.name:
            raise AuthConfigurationError(self, code="backend_missing")
        return found

    # --- what the announcement says -----------------------------------------------------------

    def oidc_config(self) -> dict[str, Any]:
        here = self.here
        return {
            "issuer": here.issuer,
            "authorization_endpoint": here.authorization_endpoint,
            "token_endpoint": here.token_endpoint,
            "revocation_endpoint": here.revocation_endpoint,
            "userinfo_endpoint": here.userinfo_endpoint,
            "jwks_uri": here.jwks_uri,
            "token_endpoint_auth_methods_supported": list(here.auth_methods),
        }

    def get_key_and_secret(self) -> tuple[str, str]:
        return self.here.client_id, self.here.client_secret

    def get_scope(self) -> list[str]:
        return list(self.here.scopes)

    def setting(self, name: str, default: Any = None) -> Any:
        if name == "JWT_ALGORITHMS":
            return list(self.here.algorithms)
        return super().setting(name, default)

    # --- where to, afterwards ------------------------------------------------------------------

    def auth_url_to(self, next_url: str) -> str:
        """The address at the server; this attempt leads on to `next_url`, whatever others do."""
        url: str = self.auth_url()
        state = parse_qs(urlsplit(url).query)["state"][0]
        key = self.transaction_key(state)
        self.strategy.session_set(key, {**self.strategy.session_get(key), "next": next_url})
        return url

    def next_url(self) -> str:
        """Where the attempt that came back leads on to; empty for one that is not this browser's.

        To be asked before `complete`, which uses the attempt up.
        """
        state = self.get_request_state()  # type: ignore[no-untyped-call]
        known = self.strategy.session_get(self.transaction_key(state)) if state else None
        return str(known.get("next", "")) if isinstance(known, dict) else ""

    # --- the way there -------------------------------------------------------------------------

    def auth_params(self, state: str | None = None) -> dict[str, Any]:
        here = self.here
        self.USE_NONCE = bool(here.jwks_uri)
        params: dict[str, Any] = super().auth_params(state)  # type: ignore[no-untyped-call]
        if here.audience:
            params["audience"] = here.audience
        hint = self.data.get("login_hint", "")
        if hint and len(hint) <= MAX_HINT_CHARS and hint.isprintable():
            params["login_hint"] = hint
        return params

    # --- the way back --------------------------------------------------------------------------

    def validate_state(self) -> str | None:
        state: str | None = super().validate_state()
        self._check_sender()
        return state

    def _check_sender(self) -> None:
        """The answer must come from the server that was asked, not from another one's mix-up."""
        here, said = self.here, self.data.get("iss")
        if (said or here.names_itself) and not constant_time_compare(said or "", here.issuer):
            raise AuthResponseError(self, claim="iss", code="invalid_claim", stage="callback")

    def use_basic_auth(self) -> bool:
        here = self.here
        methods = here.auth_methods or ("client_secret_basic",)
        return bool(here.client_secret) and "client_secret_basic" in methods

    def auth_complete_params(self, state: str | None = None) -> dict[str, Any]:
        params = super().auth_complete_params(state)  # type: ignore[no-untyped-call]
        return self._public(params)

    def refresh_token_params(self, token: str, *args: Any, **kwargs: Any) -> dict[str, str]:
        return self._public(super().refresh_token_params(token, *args, **kwargs))

    def refresh_token_auth(self) -> Any:
        return self.get_key_and_secret() if self.use_basic_auth() else None

    def _public(self, params: dict[str, Any]) -> dict[str, Any]:
        """Without an empty secret, which servers refuse; the id alone names a public client."""
        if not params.get("client_secret") or self.use_basic_auth():
            params.pop("client_secret", None)
        params["client_id"] = self.here.client_id
        return params

    def request_access_token(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        if self.here.jwks_uri:
            return super().request_access_token(*args, **kwargs)
        # No OpenID Connect: there is no id token to check, and the platform says who it is.
        return BaseOAuth2.request_access_token(self, *args, **kwargs)

    def process_refresh_token_response(self, response: Any, *args: Any, **kwargs: Any) -> Any:
        if self.here.jwks_uri:
            return super().process_refresh_token_response(response, *args, **kwargs)
        return BaseOAuth2.process_refresh_token_response(self, response, *args, **kwargs)

    def validate_temporal_claims(self, id_token: dict[str, Any]) -> None:
        # `nbf` was checked with the clocks' tolerance; social-auth checks it again without.
        super().validate_temporal_claims({k: v for k, v in id_token.items() if k != "nbf"})

    # --- who it is ------------------------------------------------------------------------------

    def user_data(self, access_token: str, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        here = self.here
        if here.jwks_uri:
            if not here.userinfo_endpoint:
                return None
            found: dict[str, Any] | None = super().user_data(access_token, *args, **kwargs)
            return found
        said: dict[str, Any] = async_to_sync(user_info)(here.header_key, access_token)
        return said

    def get_user_id(self, details: Any, response: Any) -> str:
        """The subject, together with whose subject it is: two servers may both have an `ada`."""
        subject = self._subject(response)
        issuer = self.here.issuer or self.here.token_endpoint
        return f"{hashlib.sha256(issuer.encode()).hexdigest()[:16]}:{subject}"

    def get_user_details(self, response: Any) -> dict[str, Any]:
        details: dict[str, Any] = super().get_user_details(response)  # type: ignore[no-untyped-call]
        # A name that people recognise in a list, even where the server has no user names.
        details["username"] = details["username"] or details["email"] or self._subject(response)
        return details

    def _subject(self, response: Any) -> str:
        return str(super().get_user_id({}, response))  # type: ignore[no-untyped-call]

    def claims_now(self, access_token: str) -> dict[str, Any]:
        """What the server says of the bearer now: its user info, and a renewed id token."""
        endpoint = self.here.userinfo_endpoint
        headers = {"Authorization": f"Bearer {access_token}"}
        told = self.get_json(endpoint, headers=headers) if endpoint else {}
        return self.claims(told if isinstance(told, dict) else {})

    def claims(self, response: dict[str, Any]) -> dict[str, Any]:
        """Everything that was told of the person; the id token, which is signed, wins."""
        told = {k: v for k, v in response.items() if not k.endswith("_token")}
        return {**told, **(self.id_token or {})}


class PlatformSignIn(Provider):
    """At the platform's own authorization server; calls carry the person's token."""

    name = PLATFORM


class ProviderSignIn(Provider):
    """At the OIDC provider that the settings name; calls carry the service identity."""

    name = PROVIDER
