"""What the store gives out, in the forms that Authlib asks for."""

from __future__ import annotations

from dataclasses import dataclass

from local_platform.authorization.library import (
    AuthorizationCodeMixin,
    ClientMixin,
    DeviceCredentialMixin,
    TokenMixin,
)
from local_platform.authorization.people import Person


@dataclass(frozen=True, slots=True)
class SignIn:
    """One consent: who, to which client, for what, and when (seconds since the epoch)."""

    id: str
    client_id: str
    subject: str
    scope: str
    at: int


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person together with the consent that tokens are issued from."""

    person: Person
    sign_in: SignIn

    def get_user_id(self) -> str:
        """The subject of tokens, as Authlib asks for it."""
        return self.person.subject


@dataclass(frozen=True)
class Code(AuthorizationCodeMixin):  # type: ignore[misc]
    """An authorization code that was presented for the first time and in time."""

    sign_in: SignIn
    redirect_uri: str
    code_challenge: str
    nonce: str
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.sign_in.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.sign_in.at


@dataclass(frozen=True)
class RefreshToken(TokenMixin):  # type: ignore[misc]
    """A refresh token. `digest` is how it is kept, `used` says that it was exchanged."""

    digest: str
    sign_in: SignIn
    expires_at: int
    used: bool = False
    expired: bool = False

    def check_client(self, client: ClientMixin) -> bool:
        return bool(self.sign_in.client_id == client.get_client_id())

    def get_scope(self) -> str:
        return self.sign_in.scope

    def is_expired(self) -> bool:
        return self.expired

    def is_revoked(self) -> bool:
        return self.used


@dataclass(frozen=True)
class Device(DeviceCredentialMixin):  # type: ignore[misc]
    """A device that waits for a person. `digest` and `user_code` are how its codes are kept."""

    digest: str
    user_code: str
    client_id: str
    scope: str
    expires_at: int
    interval_s: int
    polled_at: float
    refused: int
    sign_in: str
    used: int
    expired: bool = False

    @property
    def waits(self) -> bool:
        """Whether a person may still decide."""
        return not (self.expired or self.refused or self.sign_in or self.used)

    def get_client_id(self) -> str:
        return self.client_id

    def get_scope(self) -> str:
        return self.scope

    def get_user_code(self) -> str:
        return self.user_code

    def is_expired(self) -> bool:
        return self.expired
