"""Credentials of a TLS channel: the system's roots, a CA file, or whatever the server shows."""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from remote_client._client.endpoint import Endpoint
from remote_client.errors import Unavailable

# For the one handshake that looks at the certificates of a server that is not to be verified.
LOOK_S = 10.0


@dataclass(frozen=True, slots=True)
class Tls:
    """What a channel needs for TLS: credentials (None is plaintext), and channel arguments."""

    credentials: grpc.ChannelCredentials | None = None
    options: tuple[tuple[str, Any], ...] = ()


async def tls_for(
    endpoint: Endpoint,
    ca_cert_file: str | Path | None = None,
    insecure_skip_verify: bool = False,
) -> Tls:
    """How to reach the endpoint.

    `ca_cert_file` is a PEM file used instead of the system's roots; OSError when unreadable.
    `insecure_skip_verify` trusts the certificates that the server shows now, whatever they are;
    Unavailable when it shows none.
    """
    if endpoint.insecure:
        return Tls()
    if insecure_skip_verify:
        return await asyncio.to_thread(_trusting, endpoint)
    roots = await asyncio.to_thread(Path(ca_cert_file).read_bytes) if ca_cert_file else None
    return Tls(grpc.ssl_channel_credentials(root_certificates=roots))


def _trusting(endpoint: Endpoint) -> Tls:
    """gRPC cannot leave out verification, so the server's own chain becomes the root of trust."""
    try:
        chain = _chain(endpoint)
        names = _names(endpoint, chain)
    except (OSError, ssl.SSLError) as error:
        raise Unavailable(
            f"Could not read the certificate of {endpoint.address}: {error}"
        ) from None
    named = (("grpc.ssl_target_name_override", names[0]),) if names else ()
    return Tls(grpc.ssl_channel_credentials(root_certificates=chain.encode()), named)


def _chain(endpoint: Endpoint) -> str:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with _handshake(endpoint, context) as connection:
        # Public from Python 3.13 on; before that on the object beneath.
        source: Any = connection
        if not hasattr(source, "get_unverified_chain"):
            source = connection._sslobj  # type: ignore[attr-defined]
        chain = source.get_unverified_chain()
    return "".join(ssl.DER_cert_to_PEM_cert(_der(certificate)) for certificate in chain)


def _der(certificate: Any) -> bytes:
    if isinstance(certificate, bytes):
        return certificate
    encoded = certificate.public_bytes(2)  # 2 is DER in OpenSSL's numbering of encodings
    return bytes(encoded)


def _names(endpoint: Endpoint, chain: str) -> list[str]:
    """The names that the server's certificate is made out to, the endpoint's own name first."""
    context = ssl.create_default_context(cadata=chain)
    context.check_hostname = False
    # A server's own certificate is trusted as it is, also when another one has signed it.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    with _handshake(endpoint, context) as connection:
        certificate: Any = connection.getpeercert() or {}
    alternatives = [value for kind, value in certificate.get("subjectAltName", ()) if kind == "DNS"]
    subject = [value for part in certificate.get("subject", ()) for key, value in part]
    names = [name.replace("*", "any") for name in alternatives or subject[-1:]]
    return sorted(names, key=lambda name: name != endpoint.host)


def _handshake(endpoint: Endpoint, context: ssl.SSLContext) -> ssl.SSLSocket:
    raw = socket.create_connection((endpoint.host, endpoint.port), timeout=LOOK_S)
    try:
        return context.wrap_socket(raw, server_hostname=endpoint.host)
    except BaseException:
        raw.close()
        raise
