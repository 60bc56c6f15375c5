"""Reports and code bundles: the files that a platform gives signed links to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
from flyteidl2.common import identifier_pb2
from flyteidl2.dataproxy import dataproxy_service_pb2
from google.protobuf import duration_pb2

from remote_client._client.calls import call
from remote_client.errors import NotFound, RemoteError, Unavailable

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

LINK_LIFE = timedelta(minutes=15)
# Reports hold whole plots; more than this is not something to show.
MOST_BYTES = 64 * 1024 * 1024


async def report_link(client: ClientSet, action_id: Any, attempt: int) -> str:
    """A link to the report, valid for some minutes: whoever holds it can read the report.

    Raises NotFound when the attempt wrote none.
    """
    kind = dataproxy_service_pb2.ARTIFACT_TYPE_REPORT
    return await _link(client, kind, action_id, attempt, _report_of(action_id, attempt))


async def read_report(client: ClientSet, action_id: Any, attempt: int) -> str:
    """The report as HTML. Raises NotFound, and Unavailable when it cannot be downloaded."""
    link = await report_link(client, action_id, attempt)
    body = await _download(client, link, _report_of(action_id, attempt), MOST_BYTES)
    return body.decode("utf-8", "replace")


async def read_code_bundle(client: ClientSet, action_id: Any, attempt: int, most: int) -> bytes:
    """The archive with the code that an attempt ran, up to `most` bytes and one.

    Raises NotFound, and InvalidArgument or Unimplemented where a platform links reports only.
    """
    kind = dataproxy_service_pb2.ARTIFACT_TYPE_CODE_BUNDLE
    what = f"the code of action {action_id.name!r} of run {action_id.run.name!r}"
    link = await _link(client, kind, action_id, attempt, what)
    return await _download(client, link, what, most + 1)


async def _link(client: ClientSet, kind: Any, action_id: Any, attempt: int, what: str) -> str:
    request = dataproxy_service_pb2.CreateDownloadLinkRequest(
        artifact_type=kind,
        expires_in=duration_pb2.Duration(seconds=int(LINK_LIFE.total_seconds())),
        action_attempt_id=identifier_pb2.ActionAttemptIdentifier(
            action_id=action_id, attempt=attempt
        ),
    )
    asked = f"find {what}"
    answer = await call(client, "dataproxy_service", "CreateDownloadLink", request, asked=asked)
    links = answer.pre_signed_urls.signed_url
    if not links:
        raise NotFound(f"Could not {asked}: there is none.")
    return str(links[0])


async def _download(client: ClientSet, link: str, what: str, most: int) -> bytes:
    # Errors are raised without a cause: httpx puts the signed link into its texts.
    try:
        async with (
            httpx.AsyncClient(timeout=client.timeout_s) as http,
            http.stream("GET", link) as response,
        ):
            _check(response.status_code, what)
            return await _first_bytes(response, most)
    except httpx.HTTPError as error:
        raise Unavailable(f"Could not read {what}: {type(error).__name__}.") from None


async def _first_bytes(response: httpx.Response, most: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) >= most:
            break
    return bytes(body[:most])


def _check(status: int, what: str) -> None:
    if status == httpx.codes.OK:
        return
    kind: type[RemoteError] = NotFound if status == httpx.codes.NOT_FOUND else Unavailable
    raise kind(f"Could not read {what}: the store answered {status}.")


def _report_of(action_id: Any, attempt: int) -> str:
    return (
        f"the report of attempt {attempt} of action {action_id.name!r} "
        f"of run {action_id.run.name!r}"
    )
