"""Signed addresses for uploads and downloads: the token is the permission.

A token says what it allows, for which path below the data folder and until when, and carries a
signature made with a key that only this platform has, so none can be guessed or altered.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

UPLOAD_ROUTE = "/upload"
DOWNLOAD_ROUTE = "/download"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows. `path` is relative to the data folder, `md5` in hex or ""."""

    verb: Literal["put", "get"]
    path: str
    expires: int  # seconds since the epoch
    md5: str = ""


class Links:
    def __init__(self, root: Path, key: bytes) -> None:
        self._root = root
        self._key = key

    def token(self, verb: Literal["put", "get"], path: Path, *, ttl_s: float, md5: str = "") -> str:
        """A token for one file below the data folder."""
        place = str(path.relative_to(self._root))
        grant = Grant(verb, place, int(time.time() + ttl_s), md5)
        payload = json.dumps(asdict(grant), separators=(",", ":")).encode()
        return f"{_text(payload)}.{_text(self._sign(payload))}"

    def grant(self, token: str, verb: str) -> Grant | None:
        """What a token allows; None when it is forged, expired or for something else."""
        payload_text, _, signature_text = token.partition(".")
        try:
            payload, signature = _bytes(payload_text), _bytes(signature_text)
        except ValueError:
            return None
        if not hmac.compare_digest(signature, self._sign(payload)):
            return None
        grant = Grant(**json.loads(payload))
        if grant.verb != verb or grant.expires < time.time():
            return None
        return grant

    def path(self, grant: Grant) -> Path | None:
        """The file that a grant is for; None when it would lie outside the data folder."""
        path = (self._root / grant.path).resolve()
        return path if path.is_relative_to(self._root) else None

    def _sign(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, payload, hashlib.sha256)


def signing_key(file: Path) -> bytes:
    """The platform's key, made at first use and readable by its owner alone."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        key = secrets.token_bytes(32)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(key)
        return key


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
