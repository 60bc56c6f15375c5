"""Answers that carry what a task wrote: they belong to no site, whatever they hold.

An HTML page of a task's runs its scripts as nobody: no cookie, no parent, no address of ours. It
loads nothing from elsewhere but what `REPORT_HOSTS` allows.
"""

from __future__ import annotations

from django.conf import settings
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

# What a browser shows as a picture, by the bytes that such a file begins with.
_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
)


def picture_type(head: bytes, ending: str) -> str:
    """The media type of a picture, by its bytes; "" for what is none. SVG goes by its ending."""
    for start, kind in _PICTURES:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    return "image/svg+xml" if ending == "svg" and b"<svg" in head else ""


def as_page(response: HttpResponseBase) -> HttpResponseBase:
    """A page in a frame of ours: it may run its own scripts, as nobody."""
    hosts = " ".join(settings.REPORT_HOSTS)
    own = f"'unsafe-inline' data: blob: {hosts}".strip()
    parts = (
        "sandbox allow-scripts",
        "default-src 'none'",
        f"script-src 'unsafe-eval' {own}",
        f"style-src {own}",
        f"img-src data: blob: {hosts}".strip(),
        f"font-src data: {hosts}".strip(),
        "media-src data: blob:",
        f"connect-src {hosts or chr(39) + 'none' + chr(39)}",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
    response["Content-Security-Policy"] = "; ".join(parts)
    response["X-Frame-Options"] = "SAMEORIGIN"
    return _guarded(response)


def as_picture(response: HttpResponseBase) -> HttpResponseBase:
    """A picture: nothing in it runs, though somebody opens it by itself."""
    response["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    )
    return _guarded(response)


def as_download(response: HttpResponseBase, name: str) -> HttpResponseBase:
    """A file to keep, never to be shown by the browser."""
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    # Django would compress each chunk on its own, and browsers read no further than the first.
    response["Content-Encoding"] = "identity"
    return _guarded(response)


def _guarded(response: HttpResponseBase) -> HttpResponseBase:
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
