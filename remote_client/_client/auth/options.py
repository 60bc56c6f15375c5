"""What a caller may say about authentication, as one value."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from remote_client._client.auth.authenticator import Authenticator
    from remote_client._client.auth.client_config import ClientConfigStore
    from remote_client._client.auth.token_store import TokenStore

__all__ = ["AuthOptions", "AuthType", "BrowserOpener"]

# Opens a link for the person; says whether it could.
BrowserOpener = Callable[[str], bool | Awaitable[bool]]


class AuthType(StrEnum):
    """How access tokens are got; the values are the SDK's spellings."""

    PKCE = "Pkce"
    CLIENT_SECRET = "ClientSecret"  # noqa: S105 - the name of a flow
    EXTERNAL_COMMAND = "ExternalCommand"
    DEVICE_FLOW = "DeviceFlow"
    PASSTHROUGH = "Passthrough"
    NONE = "None"

    @classmethod
    def parse(cls, text: str | AuthType) -> AuthType:
        """Read any documented spelling, whatever its case, hyphens and underscores.

        Raises ValueError, which lists the spellings, for any other text.
        """
        if isinstance(text, AuthType):
            return text
        known = _SPELLINGS.get("".join(char for char in text.lower() if char.isalnum()))
        if known is None:
            names = ", ".join(kind.value for kind in cls)
            raise ValueError(f"Unknown auth type {text!r}. Use one of {names}.")
        return known


_SPELLINGS = {
    "pkce": AuthType.PKCE,
    "standard": AuthType.PKCE,
    "browser": AuthType.PKCE,
    "clientsecret": AuthType.CLIENT_SECRET,
    "clientcredentials": AuthType.CLIENT_SECRET,
    "basic": AuthType.CLIENT_SECRET,
    "externalcommand": AuthType.EXTERNAL_COMMAND,
    "externalprocess": AuthType.EXTERNAL_COMMAND,
    "command": AuthType.EXTERNAL_COMMAND,
    "deviceflow": AuthType.DEVICE_FLOW,
    "devicecode": AuthType.DEVICE_FLOW,
    "device": AuthType.DEVICE_FLOW,
    "headless": AuthType.DEVICE_FLOW,
    "passthrough": AuthType.PASSTHROUGH,
    "none": AuthType.NONE,
}


@dataclass(frozen=True, kw_only=True)
class AuthOptions:
    """Everything about authentication that a caller can choose; secrets are masked in `repr`.

    auth_type: any spelling of `AuthType.parse`; None means PKCE over TLS, nothing in plaintext.
    identity: whose tokens these are. Tokens are kept per endpoint and identity; "" is the one user
        of this machine.
    authenticator: a ready one, used as it is and never closed by the client.
    client_id, scopes, audience, redirect_uri, header_key: override what the platform announces.
    client_secret: with `client_id`, for client credentials.
    command, command_timeout_s: the external command that prints an access token, and its seconds.
    proxy_command: prints the token for `proxy-authorization`, with the same timeout.
    ca_cert_file, insecure_skip_verify, http_proxy_url: apply to the OAuth requests (and, by the
        channel's own options, to gRPC).
    http_timeout_s: seconds for one OAuth request; login_timeout_s: for the person in the browser.
    token_store: where tokens are kept; None means the system keyring, else a file of mode 0600.
    disable_keyring: never ask the keyring, use the file.
    client_config_store: replaces asking the platform's AuthMetadataService.
    open_browser: opens the sign-in link, returns False when it could not (the link is then
        announced). announce: shows a line to the person; None prints it to stderr.
    """

    auth_type: AuthType | str | None = None
    identity: str = ""
    authenticator: Authenticator | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] | None = None
    audience: str | None = None
    redirect_uri: str | None = None
    header_key: str | None = None
    # A command line may carry a secret among its arguments.
    command: tuple[str, ...] = field(default=(), repr=False)
    proxy_command: tuple[str, ...] = field(default=(), repr=False)
    command_timeout_s: float = 30.0
    ca_cert_file: Path | None = None
    insecure_skip_verify: bool = False
    http_proxy_url: str | None = field(default=None, repr=False)
    http_timeout_s: float = 10.0
    login_timeout_s: float = 300.0
    token_store: TokenStore | None = None
    disable_keyring: bool = False
    client_config_store: ClientConfigStore | None = None
    open_browser: BrowserOpener | None = None
    announce: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        # Lists and other spellings are welcome; equal options must be equal and hashable values.
        if self.auth_type is not None:
            object.__setattr__(self, "auth_type", AuthType.parse(self.auth_type))
        for name in ("scopes", "command", "proxy_command"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, _strings(name, value))
        if self.ca_cert_file is not None:
            object.__setattr__(self, "ca_cert_file", Path(self.ca_cert_file))


def _strings(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise ValueError(f"{name} is a list of strings, not {type(value).__name__}.")
    return tuple(str(item) for item in value)
