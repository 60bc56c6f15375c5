"""Files in buckets: below the named prefix alone, with what the environment says of the store."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from dashboard.action_tabs import stores
from dashboard.action_tabs.stores import Unreadable

OBJECTS = {
    "flows/p1/x.bin": bytes(range(256)) * 8,
    "flows/p1/d/a b.txt": b"hello",
    "other/secret": b"secret",
}


class Bucket(BaseHTTPRequestHandler):
    """As much of S3 as is asked for: HEAD, GET with a range, and a listing."""

    asked: list[str]

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def _answer(self, *, with_body: bool) -> None:
        address = urlsplit(self.path)
        key = unquote(address.path).removeprefix("/bucket").lstrip("/")
        type(self).asked.append(key)
        if "list-type" in parse_qs(address.query):
            return self._send(200, _listing(parse_qs(address.query).get("prefix", [""])[0]), {})
        body = OBJECTS.get(key)
        if body is None:
            return self._send(404, b"<Error><Code>NoSuchKey</Code></Error>", {})
        headers, status, size = {"ETag": '"1"'}, 200, len(body)
        headers["Last-Modified"] = "Thu, 01 Jan 2026 00:00:00 GMT"
        if given := re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", "")):
            start, last = int(given[1]), min(int(given[2]), size - 1)
            body, status = body[start : last + 1], 206
            headers["Content-Range"] = f"bytes {start}-{last}/{size}"
        return self._send(status, body, headers, with_body=with_body)

    def _send(
        self, status: int, body: bytes, headers: dict[str, str], *, with_body: bool = True
    ) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)


def _listing(prefix: str) -> bytes:
    found = "".join(
        f"<Contents><Key>{key}</Key><Size>{len(body)}</Size><ETag>1</ETag>"
        "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
        for key, body in OBJECTS.items()
        if key.startswith(prefix)
    )
    return f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>".encode()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[list[str]]:
    """A store that speaks S3 on this machine; what it was asked for."""
    Bucket.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    settings.FILE_STORES = ["s3://bucket/flows"]
    stores._bucket.cache_clear()
    yield Bucket.asked
    server.shutdown()
    server.server_close()
    stores._bucket.cache_clear()


async def test_a_file_is_read_whole_and_by_range(bucket: list[str]) -> None:
    found = await stores.find("s3://bucket/flows/p1/x.bin")
    whole = OBJECTS["flows/p1/x.bin"]
    assert found.size == len(whole)
    assert b"".join([c async for c in stores.chunks(found, 0, found.size)]) == whole
    assert b"".join([c async for c in stores.chunks(found, 100, 900)]) == whole[100:900]
    reader = stores.reader(found)
    reader.seek(-4, 2)
    assert reader.read() == whole[-4:]


async def test_a_folder_lists_what_is_below_it(bucket: list[str]) -> None:
    found, has_more = await stores.listing("s3://bucket/flows/p1")
    assert [each.uri for each in found] == [
        "s3://bucket/flows/p1/d/a b.txt",
        "s3://bucket/flows/p1/x.bin",
    ]
    assert not has_more
    again = await stores.find(found[0].uri)
    assert await stores.first_bytes(again, 99) == b"hello"


@pytest.mark.parametrize(
    "uri",
    [
        "s3://bucket/other/secret",
        "s3://bucket/flows/../other/secret",
        "s3://bucket/flowsy/x",
        "s3://elsewhere/flows/x",
        "gs://bucket/flows/x",
    ],
)
async def test_beside_the_named_prefix_nothing_is_asked_for(bucket: list[str], uri: str) -> None:
    with pytest.raises(Unreadable):
        await stores.find(uri)
    assert bucket == []


async def test_what_is_gone_says_so(bucket: list[str]) -> None:
    with pytest.raises(Unreadable, match="not there any more"):
        await stores.find("s3://bucket/flows/none")


async def test_a_store_that_fails_says_no_more_than_that(
    bucket: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("https://internal.host/?X-Amz-Signature=abc")

    monkeypatch.setattr(stores.obstore, "head_async", broken)
    with pytest.raises(Unreadable) as told:
        await stores.find("s3://bucket/flows/p1/x.bin")
    assert "internal" not in str(told.value)
