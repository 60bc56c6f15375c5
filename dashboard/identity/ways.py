"""What the sign-in page offers: the server that was announced, its people, local accounts."""

from __future__ import annotations

from django.conf import settings

from dashboard.identity.announcement import Announcement, AnnouncementError, announced
from dashboard.pages import SignInPage


async def sign_in_page(next_url: str, error: str, *, is_local: bool) -> SignInPage:
    """The page for a browser; `is_local` says that it runs on this machine."""
    notes = []
    try:
        here = await announced()
    except AnnouncementError as trouble:
        here, notes = None, [f"Only local accounts can sign in now: {trouble}"]
    if here is None or not here.carries_tokens:
        notes.append(
            "The platform asks nobody who they are: calls go out as Flightboard itself, and its "
            "roles are the only gate."
        )
    return SignInPage(
        next_url=next_url,
        error=error,
        provider=here.name if here else "",
        provider_title=here.title if here else "",
        demo_people=_demo_people(here, is_local, settings.DEMO_PEOPLE),
        has_form=settings.LOCAL_ACCOUNTS,
        notes=tuple(notes),
    )


def _demo_people(
    here: Announcement | None, is_local: bool, people: dict[str, str]
) -> tuple[tuple[str, str], ...]:
    """One click makes anybody an admin, so browser and server must both be on this machine."""
    if here is None or not (is_local and here.is_local):
        return ()
    return tuple(people.items())
