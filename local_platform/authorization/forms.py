"""Makes sure that a consent was given on our own page, by the browser that it was shown to."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from local_platform.authorization.messages import Request

COOKIE = "flightboard_authorization"
FIELD = "form_token"
_VALUE = re.compile(r"[A-Za-z0-9_-]{22}")


class Forms:
    """Form tokens for this process: worth nothing after a restart, in another browser, or for
    another request than the one that the page showed."""

    def __init__(self, *, secure: bool) -> None:
        self._key = secrets.token_bytes(32)
        self._attributes = "Path=/oauth2; HttpOnly; SameSite=Strict" + (
            "; Secure" if secure else ""
        )
        self._scheme = "https" if secure else "http"

    def open(self, request: Request) -> tuple[str, tuple[str, str]]:
        """The token for the page that answers `request`, and the header that sets its cookie."""
        browser = _browser(request) or secrets.token_urlsafe(16)
        cookie = f"{COOKIE}={browser}; {self._attributes}"
        return self._token(browser, request), ("set-cookie", cookie)

    def is_ours(self, request: Request) -> bool:
        """Whether a submitted form came from our page."""
        browser = _browser(request)
        right = self._token(browser, request)
        matches = hmac.compare_digest(right.encode(), request.field(FIELD).encode())
        return bool(browser) and matches and self._from_here(request)

    def _from_here(self, request: Request) -> bool:
        """What browsers say of a request's origin, where they say it."""
        site = request.headers.get("sec-fetch-site", "same-origin")
        here = f"{self._scheme}://{request.headers.get('host', '')}"
        return site == "same-origin" and request.headers.get("origin", here) == here

    def _token(self, browser: str, request: Request) -> str:
        words = f"{browser}\n{request.target}".encode()
        return hmac.new(self._key, words, hashlib.sha256).hexdigest()


def _browser(request: Request) -> str:
    """What the cookie says, when it is one of ours."""
    value = request.cookies.get(COOKIE, "")
    return value if _VALUE.fullmatch(value) else ""
