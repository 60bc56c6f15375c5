"""HTTP requests and answers of the authorization server, as plain values."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl

from local_platform.asgi import Receive, Scope, Send, answer, read_body

# The longest form is a token request with a code and its verifier.
_MAX_BODY = 64 * 1024
_FORM = "application/x-www-form-urlencoded"


class UnreadableRequestError(Exception):
    """The request is not what these endpoints take; the sentence says what is wrong."""


@dataclass(frozen=True, slots=True)
class Request:
    """`query` and `form` are pairs in the order in which they came; header names in lower case."""

    method: str
    path: str
    query: list[tuple[str, str]]
    form: list[tuple[str, str]]
    headers: dict[str, str]
    client: str
    raw_query: str

    @property
    def target(self) -> str:
        """Path and query as they were asked for."""
        return f"{self.path}?{self.raw_query}" if self.raw_query else self.path

    @property
    def is_local(self) -> bool:
        """Whether the browser or program is on this machine."""
        try:
            return ipaddress.ip_address(self.client).is_loopback
        except ValueError:
            return False

    @property
    def cookies(self) -> dict[str, str]:
        try:
            jar = SimpleCookie(self.headers.get("cookie", ""))
        except CookieError:
            return {}
        return {name: morsel.value for name, morsel in jar.items()}

    def field(self, name: str) -> str:
        """A field of the form; "" when it is missing."""
        return dict(self.form).get(name, "")


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that is sent as a whole."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def json(
        cls, value: Any, status: int = 200, headers: Iterable[tuple[str, str]] = ()
    ) -> Response:
        body = json.dumps(value).encode() + b"\n"
        return cls(status, body, "application/json", list(headers))

    @classmethod
    def redirect(cls, location: str) -> Response:
        """A redirect that is followed with a GET, and kept by nobody."""
        return cls(303, headers=[("location", location), ("cache-control", "no-store")])

    async def send(self, send: Send) -> None:
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers]
        await answer(send, self.status, self.body, self.content_type, pairs)


async def read_request(scope: Scope, receive: Receive) -> Request:
    """The request with its form. UnreadableRequestError for a body that is no small form."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    body = await read_body(receive, _MAX_BODY)
    if body is None:
        raise UnreadableRequestError("the request is too large")
    if body and headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise UnreadableRequestError(f"the content type must be {_FORM}")
    raw_query = scope["query_string"].decode("latin-1")
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=_pairs(raw_query),
        form=_pairs(body.decode("latin-1")),
        headers=headers,
        client=(scope.get("client") or ("",))[0],
        raw_query=raw_query,
    )


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=50, errors="strict")
    except (ValueError, UnicodeDecodeError):
        raise UnreadableRequestError("the parameters cannot be read") from None
