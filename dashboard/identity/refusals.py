"""Says in words why a sign-in at a server did not work, and what to do about it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse
from social_core.exceptions import (
    AuthCanceled,
    AuthCredentialError,
    AuthInputError,
    AuthPolicyError,
    AuthProviderError,
    AuthResponseError,
    AuthSessionError,
    SocialAuthBaseException,
)

from dashboard.pages import ErrorPage

AGAIN = "Begin again from the sign-in page."


def page_for(error: SocialAuthBaseException, next_url: str) -> ErrorPage:
    """The page for what social-auth refused. It repeats nothing of what came from outside."""
    status, title, message, advice = _words(error)
    query = f"?{urlencode({'next': next_url})}" if next_url else ""
    links = (("Sign in", reverse("sign-in") + query),)
    return ErrorPage(status, title, message, advice, links=links)


def unreachable(why: str) -> ErrorPage:
    """Nobody knows how to sign in, or the server cannot be asked."""
    return ErrorPage(
        503,
        "Signing in is not possible now",
        why,
        "Try again in a moment.",
        links=(("Sign in", reverse("sign-in")),),
    )


def _words(error: SocialAuthBaseException) -> tuple[int, str, str, str]:
    if isinstance(error, AuthResponseError):
        return _bad_answer(error)
    for kind, words in _KNOWN:
        if isinstance(error, kind):
            return words
    return (
        502,
        "Signing in is set up wrongly",
        "The authorization server and Flightboard do not agree about this client.",
        "Whoever runs Flightboard finds the reason in its log.",
    )


def _bad_answer(error: AuthResponseError) -> tuple[int, str, str, str]:
    if error.code in ("response_expired", "response_not_yet_valid") or error.claim in (
        "exp",
        "iat",
    ):
        return (
            400,
            "The clocks do not agree",
            "The server's answer is from another time than this machine's, by more than a minute.",
            "Set the clocks of both machines, then sign in again.",
        )
    if error.claim == "iss":
        return (
            400,
            "Another server answered",
            "The answer does not come from the server at which this sign-in began.",
            "Nothing was accepted. " + AGAIN,
        )
    return (
        400,
        "The server's answer cannot be trusted",
        "It does not belong to this sign-in, or was changed on the way.",
        "Nothing was accepted. " + AGAIN,
    )


_KNOWN: tuple[tuple[type[SocialAuthBaseException], tuple[int, str, str, str]], ...] = (
    (
        AuthCanceled,
        (403, "You were not signed in", "The sign-in was refused or cancelled.", AGAIN),
    ),
    (
        AuthSessionError,
        (
            400,
            "This sign-in did not begin here",
            "It was begun in another browser, was used already, or took too long.",
            AGAIN,
        ),
    ),
    (
        AuthInputError,
        (400, "This sign-in is not complete", "The address lacks what the server adds.", AGAIN),
    ),
    (
        AuthCredentialError,
        (
            400,
            "The server did not accept the code",
            "It was used already, is too old, or belongs to another sign-in.",
            AGAIN,
        ),
    ),
    (
        AuthPolicyError,
        (
            403,
            "This account is switched off",
            "You are known, but may not come in.",
            "Ask whoever runs Flightboard.",
        ),
    ),
    (
        AuthProviderError,
        (502, "The server can't be asked", "It did not answer as it should.", "Try again."),
    ),
)
