"""API keys: an endpoint, a client and its secret in one line of text."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field, replace

from remote_client._client.auth.options import AuthOptions, AuthType
from remote_client._client.endpoint import Endpoint, EndpointError

__all__ = ["ApiKey"]

# endpoint : client id : client secret : org. Only the secret may hold colons of its own, besides
# those of the endpoint (scheme, port, IPv6).
_PARTS = re.compile(
    r"(?P<endpoint>(?:[A-Za-z][A-Za-z0-9+.-]*://[^/:]*/?)?(?:\[[^\]]*\]|[^:\[\]/]+)"
    r"(?::(?P<port>\d{1,5})(?=/?:[^:]*:.*:))?/?)"
    r":(?P<client>[^:]*):(?P<secret>.*):(?P<org>[^:]*)",
    re.DOTALL,
)


@dataclass(frozen=True)
class ApiKey:
    """What an API key holds; `repr` shows no secret."""

    endpoint: Endpoint
    client_id: str
    client_secret: str = field(repr=False)
    org: str | None = None

    @classmethod
    def decode(cls, text: str, *, insecure: bool | None = None) -> ApiKey:
        """Read a key: base64 (either alphabet, padded or not) of endpoint:client:secret:org.

        The endpoint may have a scheme and a port, the secret may have colons. Raises ValueError,
        which never repeats the secret.
        """
        match = _PARTS.fullmatch(_decoded(text))
        if match is None or not match["client"] or not match["secret"]:
            raise ValueError(
                "This is no API key: it does not hold endpoint, client id, client secret and org. "
                "Create a new one."
            )
        try:
            endpoint = Endpoint.parse(match["endpoint"], insecure=insecure)
        except EndpointError as error:
            raise ValueError(f"The endpoint in this API key cannot be used: {error}") from None
        org = match["org"] if match["org"] not in ("", "None") else None
        return cls(endpoint, match["client"], match["secret"], org)

    def auth_options(self, base: AuthOptions | None = None) -> AuthOptions:
        """`base` with this key's client credentials in it."""
        return replace(
            base or AuthOptions(),
            auth_type=AuthType.CLIENT_SECRET,
            client_id=self.client_id,
            client_secret=self.client_secret,
        )


def _decoded(text: str) -> str:
    compact = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise ValueError("This is no API key: it is not base64 text. Copy the whole key.") from None
