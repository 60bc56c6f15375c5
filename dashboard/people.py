"""Who is signed in, as the sign-in middleware found it."""

from __future__ import annotations

from django.http import HttpRequest

from dashboard.models import Person


def person_of(request: HttpRequest) -> Person | None:
    """The person who makes the request; None for a stranger. Asks no database."""
    person = getattr(request, "person", None)
    return person if isinstance(person, Person) else None
