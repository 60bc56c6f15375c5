"""The four ways to get tokens: what Authlib's grants check, over our store."""

from __future__ import annotations

from typing import Any

from joserfc.jwk import KeySet

from local_platform.authorization.clients import Client
from local_platform.authorization.library import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    CodeChallenge,
    DeviceCodeGrant,
    InvalidGrantError,
    InvalidRequestError,
    OpenIDCode,
    RefreshTokenGrant,
)
from local_platform.authorization.people import Person
from local_platform.authorization.records import Code, Device, RefreshToken, SignedIn, SignIn
from local_platform.authorization.server import OAuthRequest, Server
from local_platform.authorization.settings import CODE_LIFETIME_S
from local_platform.authorization.tokens import ALGORITHM

_CONFIDENTIAL = ["client_secret_basic", "client_secret_post"]
_CHALLENGE_LENGTH = 43  # of a SHA-256 digest in base64url
# How much earlier than asked a device may come back: clocks and networks are not exact.
_POLL_TOLERANCE_S = 0.2
_SLOW_DOWN_S = 5  # RFC 8628, 3.5


def register_grants(server: Server, keys: KeySet) -> None:
    """Gives the server its four grants."""
    extensions = [S256Required(), IdToken(server.settings.issuer, keys)]
    server.register_grant(CodeGrant, extensions)
    server.register_grant(RefreshGrant)
    server.register_grant(DeviceGrant)
    server.register_grant(ServiceGrant)


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    """Authorization code, for public clients with PKCE."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

    def save_authorization_code(self, code: str, request: OAuthRequest) -> None:
        store, data = self.server.store, request.payload.data
        person: Person = request.user
        sign_in = store.sign_ins.begin(request.client.client_id, person.subject, request.scope)
        record = Code(
            sign_in, data["redirect_uri"], data["code_challenge"], data.get("nonce") or ""
        )
        store.sign_ins.add_code(code, record, CODE_LIFETIME_S)

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        found: Code | None = self.server.store.sign_ins.take_code(code, client.client_id)
        return found

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """It was used up when it was presented, and stays known in case it comes again."""

    def authenticate_user(self, authorization_code: Code) -> SignedIn | None:
        return _signed_in(self.server, authorization_code.sign_in)


class S256Required(CodeChallenge):  # type: ignore[misc]
    """PKCE without a way around it: a challenge in every request, and never a plain one."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge"):
            raise InvalidRequestError("Missing 'code_challenge': PKCE is required.")
        if data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("The 'code_challenge_method' must be S256.")
        if len(data["code_challenge"]) != _CHALLENGE_LENGTH:
            raise InvalidRequestError("Invalid 'code_challenge'")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDCode):  # type: ignore[misc]
    """Adds an id token, with the request's nonce, for the scope `openid`."""

    def __init__(self, issuer: str, keys: KeySet) -> None:
        super().__init__(require_nonce=False)
        self._issuer = issuer
        self._keys = keys

    def exists_nonce(self, nonce: str, request: OAuthRequest) -> bool:
        """False: whoever goes back and chooses another person repeats it. Clients check it."""
        return False

    def resolve_client_private_key(self, client: Client) -> KeySet:
        return self._keys

    def get_client_algorithm(self, client: Client) -> str:
        return ALGORITHM

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": self._issuer, "aud": client.client_id}

    def get_encode_header(self, client: Client) -> dict[str, str]:
        return {"alg": ALGORITHM}

    def generate_user_info(self, user: SignedIn, scope: str) -> dict[str, Any]:
        return user.person.claims(scope)


class RefreshGrant(RefreshTokenGrant):  # type: ignore[misc]
    """Each refresh token counts once; the answer holds the next one."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshToken | None:
        found: RefreshToken | None = self.server.store.sign_ins.take_refresh_token(refresh_token)
        return found

    def authenticate_user(self, refresh_token: RefreshToken) -> SignedIn | None:
        return _signed_in(self.server, refresh_token.sign_in)

    def revoke_old_credential(self, refresh_token: RefreshToken) -> None:
        self.server.store.sign_ins.use_refresh_token(refresh_token)


class DeviceGrant(DeviceCodeGrant):  # type: ignore[misc]
    """A device asks until a person has decided."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

    def query_device_credential(self, device_code: str) -> Device:
        device: Device | None = self.server.store.devices.get(device_code)
        if device is not None and device.used:
            self.server.store.sign_ins.revoke(device.sign_in)
            device = None
        if device is None:
            raise InvalidGrantError("Invalid 'device_code' in request.")
        return device

    def query_user_grant(self, user_code: str) -> tuple[SignedIn | None, bool] | None:
        """The person who decided and how; None while nobody did. Uses a consent up."""
        store = self.server.store
        device = store.devices.get(self.request.form["device_code"])
        if device.refused:
            return None, False
        if not device.sign_in:
            return None
        store.devices.change(device, used=1)
        sign_in = store.sign_ins.get(device.sign_in)
        user = _signed_in(self.server, sign_in) if sign_in else None
        return user, user is not None

    def should_slow_down(self, credential: Device) -> bool:
        now = self.server.settings.now()
        early: bool = now - credential.polled_at < credential.interval_s - _POLL_TOLERANCE_S
        interval_s = credential.interval_s + (_SLOW_DOWN_S if early else 0)
        self.server.store.devices.change(credential, polled_at=now, interval_s=interval_s)
        return early


class ServiceGrant(ClientCredentialsGrant):  # type: ignore[misc]
    """A program with a secret acts as itself."""

    TOKEN_ENDPOINT_AUTH_METHODS = _CONFIDENTIAL


def _signed_in(server: Server, sign_in: SignIn) -> SignedIn | None:
    """The person as known now: a group that was taken away is gone from the next token."""
    person = server.store.person(sign_in.subject)
    return SignedIn(person, sign_in) if person else None
