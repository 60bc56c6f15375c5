"""Files that a caller hands to the platform, to be the input of a run."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, BinaryIO

import httpx
from flyteidl2.dataproxy import dataproxy_service_pb2

from remote_client._client.calls import call
from remote_client._context import resolve
from remote_client._scope import Scope
from remote_client.errors import Unavailable
from remote_client.syncify import syncify

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

_CHUNK = 1024 * 1024
# A large file on a slow line takes its time; only a line that stands still is given up.
_TIMEOUT = httpx.Timeout(30.0, write=120.0, read=120.0)


@syncify.function
async def upload_file(
    file: BinaryIO,
    name: str,
    *,
    folder: str = "",
    client: ClientSet | None = None,
    project: str | None = None,
    domain: str | None = None,
    org: str | None = None,
) -> str:
    """Store an open file on the platform; gives its address there, for a File or a DataFrame.

    Files of one `folder` lie beside each other, and the address without the name is a Dir's;
    without one the folder is named after the content. Raises Unavailable when the store does not
    take it.
    """
    client, scope = resolve(client, project=project, domain=domain, org=org)
    digest, size = await asyncio.to_thread(_measure, file)
    location = await _location(client, scope.required(), name, folder, digest, size)
    file.seek(0)
    headers = {"Content-Length": str(size), **dict(location.headers)}
    # Errors are raised without a cause: httpx puts the signed address into its texts.
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT) as http:
            body = _chunks(file)
            answer = await http.put(location.signed_url, content=body, headers=headers)
    except httpx.HTTPError as error:
        reason = type(error).__name__
        raise Unavailable(f"Could not upload {name!r}: {reason}.") from None
    if not answer.is_success:
        raise Unavailable(f"Could not upload {name!r}: the store answered {answer.status_code}.")
    return str(location.native_url)


async def _location(
    client: ClientSet, scope: Scope, name: str, folder: str, digest: bytes, size: int
) -> dataproxy_service_pb2.CreateUploadLocationResponse:
    request = dataproxy_service_pb2.CreateUploadLocationRequest(
        org=scope.org,
        project=scope.project,
        domain=scope.domain,
        filename=name,
        filename_root=folder,
        content_md5=digest,
        content_length=size,
    )
    asked = f"find a place for {name!r} in {scope.label}"
    answer: dataproxy_service_pb2.CreateUploadLocationResponse = await call(
        client, "dataproxy_service", "CreateUploadLocation", request, asked=asked
    )
    return answer


def _measure(file: BinaryIO) -> tuple[bytes, int]:
    """MD5 and size; the platform checks both."""
    digest = hashlib.md5(usedforsecurity=False)
    file.seek(0)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.digest(), file.seek(0, os.SEEK_END)


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(file.read, _CHUNK):
        yield chunk
