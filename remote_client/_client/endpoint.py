"""The address of a platform: every spelling that people use becomes one `Endpoint` value."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ["Endpoint", "EndpointError"]

# The SDK's convention: a platform on this machine's 8090 has its console on 8080.
_LOCAL_PLATFORM_PORT = 8090
_LOCAL_CONSOLE = "http://localhost:8080"

_SECURE_SCHEMES = {"https", "grpcs"}
_PLAIN_SCHEMES = {"http", "grpc"}
# Resolver schemes of gRPC itself; they say nothing about TLS.
_RESOLVER_SCHEMES = {"dns", "ipv4", "ipv6", "passthrough"}
_SPELLINGS = "host, host:port, dns:///host:port, http://host:port or https://host:port"
_HOST = re.compile(r"[\w.\-]+", re.ASCII)


class EndpointError(ValueError):
    """The text does not name a platform's address; the message says what would."""


@dataclass(frozen=True)
class Endpoint:
    """Where a platform answers, and whether the way there is plaintext.

    host: a name or an IP address, lower case, without brackets.
    port: 1..65535 (443 over TLS and 80 in plaintext where the spelling has none).
    insecure: True for plaintext, False for TLS.
    """

    host: str
    port: int
    insecure: bool = False

    @classmethod
    def parse(cls, text: str | Endpoint, *, insecure: bool | None = None) -> Endpoint:
        """Read any spelling: `host`, `host:port`, `dns:///host:port`, `http(s)://host[:port][/…]`.

        insecure: None takes what the spelling says (only `http` and `grpc` say plaintext).
        Raises EndpointError for anything else, and for a flag that contradicts the scheme.
        """
        if isinstance(text, Endpoint):
            return text if insecure is None else cls(text.host, text.port, insecure)
        scheme, authority = _split_scheme(text.strip())
        plaintext = _plaintext(scheme, insecure)
        host, port = _host_and_port(authority)
        return cls(host, port or (80 if plaintext else 443), plaintext)

    @property
    def address(self) -> str:
        """`host:port`, an IPv6 host in brackets; also the name under which tokens are kept."""
        return f"{self._bracketed_host}:{self.port}"

    @property
    def target(self) -> str:
        """The target for a gRPC channel, `dns:///host:port`."""
        return f"dns:///{self.address}"

    @property
    def is_loopback(self) -> bool:
        """Whether the host names this machine itself."""
        return is_loopback_host(self.host)

    @property
    def default_org(self) -> str | None:
        """The organisation that a hosted address implies: its first of three or more labels."""
        labels = self.host.split(".")
        return labels[0] if len(labels) > 2 and not _is_ip(self.host) else None

    def console_url(self, console_endpoint: str | None = None) -> str:
        """The base of console links, without a slash at its end.

        console_endpoint: another address for the console (`console.endpoint` of the config file),
        in any spelling.
        """
        if console_endpoint:
            said = _split_scheme(console_endpoint.strip())[0] in _SECURE_SCHEMES | _PLAIN_SCHEMES
            return Endpoint.parse(
                console_endpoint, insecure=None if said else self.insecure
            ).base_url()
        if self.is_loopback and self.port == _LOCAL_PLATFORM_PORT:
            return _LOCAL_CONSOLE
        return self.base_url()

    def base_url(self) -> str:
        """`https://host` or `http://host:port`: a default port is left out."""
        scheme, default = ("http", 80) if self.insecure else ("https", 443)
        port = "" if self.port == default else f":{self.port}"
        return f"{scheme}://{self._bracketed_host}{port}"

    @property
    def _bracketed_host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    def __str__(self) -> str:
        return self.address


def is_loopback_host(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return _is_ip(host) and ipaddress.ip_address(host).is_loopback


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _split_scheme(text: str) -> tuple[str, str]:
    """The scheme in lower case ("" where there is none), and the authority after it."""
    if not text:
        raise EndpointError(f"The endpoint is empty. Write it as {_SPELLINGS}.")
    if "://" in text:
        scheme, _, rest = text.partition("://")
        # dns://resolver/host:port names a resolver first; dns:///host:port does not.
        if scheme.lower() in _RESOLVER_SCHEMES:
            rest = rest.partition("/")[2] if "/" in rest else rest
        return scheme.lower(), rest.partition("/")[0].partition("?")[0].partition("#")[0]
    scheme, separator, rest = text.partition(":")
    if separator and scheme.lower() in _RESOLVER_SCHEMES and not rest.isdigit():
        return scheme.lower(), rest.strip("/")
    return "", text.partition("/")[0]


def _plaintext(scheme: str, insecure: bool | None) -> bool:
    known = _SECURE_SCHEMES | _PLAIN_SCHEMES | _RESOLVER_SCHEMES | {""}
    if scheme not in known:
        raise EndpointError(f"Unknown scheme {scheme!r} in the endpoint. Write it as {_SPELLINGS}.")
    if scheme in _PLAIN_SCHEMES and insecure is False:
        raise EndpointError(
            f"The endpoint says {scheme}:// (plaintext), but insecure=False asks for TLS. "
            "Change one."
        )
    if scheme in _SECURE_SCHEMES and insecure is True:
        raise EndpointError(
            f"The endpoint says {scheme}:// (TLS), but insecure=True asks for plaintext. "
            "Change one."
        )
    return scheme in _PLAIN_SCHEMES if insecure is None else insecure


def _host_and_port(authority: str) -> tuple[str, int | None]:
    if "@" in authority:
        # The text is not repeated: what stands before the @ may be a password.
        raise EndpointError("An endpoint holds no user or password. Use the auth options for them.")
    if authority.count(":") > 1 and not authority.startswith("["):
        authority = f"[{authority}]"  # a bare IPv6 address
    try:
        parts = urlsplit(f"//{authority}")
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _unreadable(authority) from error
    if not (_HOST.fullmatch(host) or _is_ip(host)) or port == 0 or authority.endswith(":"):
        raise _unreadable(authority)
    return host, port


def _unreadable(authority: str) -> EndpointError:
    return EndpointError(f"{authority!r} is not an address. Write the endpoint as {_SPELLINGS}.")
