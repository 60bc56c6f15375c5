"""The plain HTTP routes for files: PUT of an upload, GET of a report or of a code bundle."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from contextlib import suppress
from pathlib import Path

from local_platform.asgi import Receive, Scope, Send, answer, read_body
from local_platform.links import Grant, Links

# A report is a page made by a task: it may run scripts, but as nobody, in no site.
_SANDBOX = [
    (b"content-security-policy", b"sandbox allow-scripts allow-popups"),
    (b"x-content-type-options", b"nosniff"),
]


class Files:
    def __init__(self, links: Links) -> None:
        self._links = links

    async def upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`PUT /upload/<token>`: 200 when the file is there, whole and with the right MD5."""
        grant = self._links.grant(_token(scope), "put") if scope["method"] == "PUT" else None
        path = self._links.path(grant) if grant else None
        if grant is None or path is None:
            await read_body(receive, 0)
            await answer(send, 403, b"this upload address is not valid (any more)\n")
            return
        status = await _receive_file(scope, receive, grant, path)
        words = b"" if status == 200 else b"the content is not what was announced\n"
        await answer(send, status, words)

    async def download(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`GET /download/<token>`: the file, as a page that belongs to no site."""
        await read_body(receive, 0)
        grant = self._links.grant(_token(scope), "get") if scope["method"] == "GET" else None
        path = self._links.path(grant) if grant else None
        if path is None:
            await answer(send, 403, b"this download address is not valid (any more)\n")
            return
        try:
            body = await asyncio.to_thread(path.read_bytes)
        except OSError:
            await answer(send, 404, b"the file is gone\n")
            return
        is_page = path.suffix == ".html"
        kind = "text/html; charset=utf-8" if is_page else "application/octet-stream"
        await answer(send, 200, body, kind, _SANDBOX)


async def _receive_file(scope: Scope, receive: Receive, grant: Grant, path: Path) -> int:
    """Takes the file in; answers the HTTP status. Only a whole and right one gets its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.urandom(6).hex()}.part")
    try:
        digest = await _store(receive, part)
        if digest is None or not _expected(digest, grant, scope):
            return 400
        part.replace(path)
        return 200
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


async def _store(receive: Receive, part: Path) -> str | None:
    """Writes the request body as it comes; answers its MD5 in hex, None when it broke off."""
    digest = hashlib.md5(usedforsecurity=False)
    with part.open("wb") as file:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            chunk = message.get("body", b"")
            digest.update(chunk)
            file.write(chunk)
            if not message.get("more_body", False):
                return digest.hexdigest()


def _expected(digest: str, grant: Grant, scope: Scope) -> bool:
    """Whether the content is what was announced, in the grant and in its header."""
    if grant.md5 and grant.md5 != digest:
        return False
    header = dict(scope["headers"]).get(b"content-md5")
    if not header:
        return True
    try:
        return base64.b64decode(header, validate=True).hex() == digest
    except ValueError:
        return False


def _token(scope: Scope) -> str:
    return str(scope["path"]).rpartition("/")[2]
