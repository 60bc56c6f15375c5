"""Binds a browser's session to a sign-in: at its beginning, at each request, and at its end."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import login, logout
from django.http import HttpRequest
from social_django.models import UserSocialAuth

from dashboard.identity.announcement import PLATFORM
from dashboard.identity.keeper import keeper
from dashboard.identity.records import SignIn
from dashboard.models import Person

KEY = "sign_in"
"""Where a session holds the id of its sign-in; there is none without a token of the platform's."""

BACKEND = "django.contrib.auth.backends.ModelBackend"


def begin(
    request: HttpRequest, person: Person, kept: SignIn | None = None, lifetime_s: int | None = None
) -> None:
    """Sign the person in. The session gets a new key, and what it was bound to before ends."""
    old = request.session.pop(KEY, None)
    login(request, person, backend=BACKEND)
    if kept is not None:
        request.session[KEY] = kept.pk
    request.session.set_expiry(lifetime_s)
    if old:
        keeper.end_in_thread(old)


async def abegin(request: HttpRequest, person: Person) -> None:
    """`begin` on the loop, for a sign-in without tokens."""
    await sync_to_async(begin)(request, person)


async def end(request: HttpRequest) -> None:
    """Sign out: the session is gone, and so are its tokens, here and at their server."""
    sign_in_id = await request.session.aget(KEY)
    await sync_to_async(logout)(request)
    if sign_in_id:
        await keeper.end(sign_in_id)


async def is_kept(session: Any) -> bool:
    """Whether what the session is bound to still counts, as far as this server knows."""
    sign_in_id = await session.aget(KEY)
    return not sign_in_id or await keeper.is_kept(sign_in_id)


async def counts(session: Any) -> bool:
    """The same, with the platform asked: for what stays open long after it was allowed."""
    sign_in_id = await session.aget(KEY)
    return not sign_in_id or await keeper.counts(sign_in_id)


async def acting_person(session: Any, person: Person) -> int | None:
    """In whose name calls go to the platform; None for the service identity's."""
    return person.pk if await session.aget(KEY) else None


async def acting_without_session(person: Person) -> int | None:
    """The same for a script that calls for the person, with a token of the dashboard's own.

    Whoever is known from the platform is never anybody else there: without a sign-in of theirs
    nothing is asked.
    """
    at_platform = UserSocialAuth.objects.filter(user=person, provider=PLATFORM)
    return person.pk if await at_platform.aexists() else None
