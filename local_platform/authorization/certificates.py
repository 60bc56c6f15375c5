"""TLS for loopback: a private authority, made once, and a certificate that it signs."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_AUTHORITY_DAYS = 3650
_SERVER_DAYS = 365
# A server that stays up for a month must not outlive its certificate.
_RENEW_DAYS = 60
_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Certificates:
    """`authority` is what clients trust; `server` holds the whole chain."""

    authority: Path
    server: Path
    key: Path


def certificates(folder: Path, host: str) -> Certificates:
    """The files in `folder`, made or renewed where needed. `host` is a name beside the usual."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = Certificates(folder / "ca.pem", folder / "server.pem", folder / "server-key.pem")
    authority_key = folder / "ca-key.pem"
    if not (files.authority.exists() and authority_key.exists()):
        _make_authority(files.authority, authority_key)
    names = [*_NAMES, *([] if host in _NAMES else [host])]
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    if not _serves(files, authority, names):
        _make_server(files, authority, _load_key(authority_key), names)
    return files


def _make_authority(file: Path, key_file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Flightboard local authority")])
    usage = _usage(key_cert_sign=True, crl_sign=True)
    certificate = (
        _builder(name, name, key.public_key(), _AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        # Whoever trusts it trusts it for no other host name. (Addresses cannot be listed as well:
        # gRPC's TLS takes no certificate with a constraint on them.)
        .add_extension(x509.NameConstraints([x509.DNSName("localhost")], None), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_key(key_file, key)
    _write(file, certificate.public_bytes(Encoding.PEM), 0o644)


def _make_server(
    files: Certificates,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    names: Iterable[str],
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Flightboard local platform")])
    certificate = (
        _builder(subject, authority.subject, key.public_key(), _SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(map(_general, names)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )
    chain = certificate.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM)
    _write_key(files.key, key)
    _write(files.server, chain, 0o644)


def _serves(files: Certificates, authority: x509.Certificate, names: Iterable[str]) -> bool:
    """Whether the certificate that is there fits its key, its authority, the names and the time."""
    if not (files.server.exists() and files.key.exists()):
        return False
    certificate = x509.load_pem_x509_certificate(files.server.read_bytes())
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    has = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    renew_at = certificate.not_valid_after_utc - timedelta(days=_RENEW_DAYS)
    fits = certificate.public_key() == _load_key(files.key).public_key()
    return fits and datetime.now(UTC) < renew_at and all(_general(name) in has for name in names)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(**allowed: bool) -> x509.KeyUsage:
    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: allowed.get(name, False) for name in every})


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _load_key(file: Path) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{file} holds another kind of key than was put there")
    return key


def _write_key(file: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write(file, pem, 0o600)


def _write(file: Path, content: bytes, mode: int) -> None:
    """Whole or not at all, and never readable by more than `mode` says."""
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
        out.write(content)
    part.replace(file)
