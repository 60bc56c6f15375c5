"""The few pages that people see: who signs in, which code, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

from local_platform.authorization.forms import FIELD
from local_platform.authorization.messages import Response
from local_platform.authorization.people import Person

STYLE_PATH = "/oauth2/page.css"
_STYLE = Path(__file__).with_name("page.css")
PERSON, REFUSE = "person", "-"


def style() -> Response:
    """The pages' style sheet."""
    body = _STYLE.read_bytes()
    return Response(200, body, "text/css; charset=utf-8", [("cache-control", "no-cache")])


def consent(
    client: str, place: str, people: Iterable[Person], action: str, token: str, expected: str
) -> tuple[str, str]:
    """Who signs in to `client` at `place` (host and port)? Title and content.

    `expected` is the subject or the address of whom the client has in mind: Enter is enough then.
    """
    intro = (
        f"<p><strong>{escape(client)}</strong> at <code>{escape(place)}</code> asks who you are. "
        "Choose one of this machine’s demonstration people.</p>"
    )
    return "Sign in", intro + _people(people, action, token, expected)


def device(
    client: str, code: str, people: Iterable[Person], action: str, token: str
) -> tuple[str, str]:
    """Who signs the device with this code in? Title and content."""
    intro = (
        f"<p><strong>{escape(client)}</strong> shows this code on its screen:</p>"
        f'<p class="code">{escape(code)}</p>'
        "<p>Go on only if it is the same one: you then let that program act for the person whom "
        "you choose.</p>"
    )
    return "Sign in on another screen", intro + _people(people, action, token)


def ask_code(action: str, problem: str = "") -> tuple[str, str]:
    """Which code does the device show? Title and content."""
    said = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    form = (
        f'<form method="get" action="{escape(action)}"><label for="user_code">Code on the other '
        'screen</label><input id="user_code" name="user_code" autocomplete="off" '
        'autocapitalize="characters" spellcheck="false" maxlength="16" required autofocus>'
        '<button class="main">Continue</button></form>'
    )
    return "Sign in on another screen", said + form


def message(title: str, text: str) -> tuple[str, str]:
    """A page that only says something."""
    return title, f"<p>{escape(text)}</p>"


def page(
    content: tuple[str, str],
    status: int = 200,
    *,
    headers: Iterable[tuple[str, str]] = (),
    form_targets: Iterable[str] = (),
) -> Response:
    """A whole page. `form_targets` are the origins, beside our own, where a form may end up."""
    title, inner = content
    body = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)} · Flightboard</title>"
        f'<link rel="stylesheet" href="{STYLE_PATH}"></head><body><main>'
        f'<p class="mark">Flightboard</p><h1>{escape(title)}</h1>{inner}</main></body></html>'
    )
    safe = _safe_headers(form_targets)
    return Response(status, body.encode(), "text/html; charset=utf-8", [*safe, *headers])


def _people(people: Iterable[Person], action: str, token: str, expected: str = "") -> str:
    rows = "".join(
        f'<li><button name="{PERSON}" value="{escape(person.subject)}"'
        f"{' autofocus' if expected in (person.subject, person.email) else ''}>"
        f'<span class="name">{escape(person.name)}</span> '
        f'<span class="role">{escape(person.role)}</span></button></li>'
        for person in people
    )
    return (
        f'<form method="post" action="{escape(action)}">'
        f'<input type="hidden" name="{FIELD}" value="{escape(token)}">'
        f'<ul class="people">{rows}</ul>'
        f'<button class="plain" name="{PERSON}" value="{REFUSE}">Cancel</button></form>'
    )


def _safe_headers(form_targets: Iterable[str]) -> list[tuple[str, str]]:
    # Browsers hold the redirect that follows a form to this list as well.
    targets = " ".join(["'self'", *form_targets])
    policy = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action {targets}"
    )
    return [
        ("content-security-policy", policy),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        # Not "no-referrer": browsers would then hide the form's origin from us, too.
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
    ]
