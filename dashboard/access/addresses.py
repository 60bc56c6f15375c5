"""The network address that a request came from, for the audit log and for sign-in limits."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The browser's address as far as it can be trusted; empty when there is none.

    Behind the proxy that ends TLS (FLIGHTBOARD_HTTPS) it is the last one in X-Forwarded-For, which
    that proxy wrote itself; what stands before it may be anybody's invention.
    """
    return _address(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", ""))


def address_for_limits(request: HttpRequest) -> str | None:
    """The same for the limits on sign-ins, which take None for no address."""
    return address_of(request) or None


def address_of_socket(scope: dict[str, object]) -> str:
    """The same for a socket's ASGI scope."""
    client = scope.get("client")
    peer = str(client[0]) if isinstance(client, list | tuple) and client else ""
    headers = scope.get("headers")
    given = dict(headers).get(b"x-forwarded-for", b"") if isinstance(headers, list) else b""
    return _address(peer, given.decode("latin1"))


def _address(peer: str, forwarded: str) -> str:
    passed_on = forwarded.rpartition(",")[2].strip() if settings.FLIGHTBOARD_HTTPS else ""
    for candidate in (passed_on, peer):
        try:
            return str(ip_address(candidate))
        except ValueError:
            continue
    return ""
