"""People and their roles, for admins: the list, giving, taking away, closing an account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import audit, granting
from dashboard.access.guard import require
from dashboard.access.pages import GrantRow, PeoplePage, PersonRow
from dashboard.access.permissions import GRANTABLE, Role
from dashboard.errors import PageProblem, home_link
from dashboard.models import Grant, Person
from dashboard.pages import ErrorPage
from dashboard.people import person_of
from dashboard.upstream import platform

PAGE_PEOPLE = 100


class GrantForm(forms.Form):
    role = forms.ChoiceField(choices=[(role.key, role.key) for role in GRANTABLE])
    project = forms.CharField(max_length=255, required=False)


@require_safe
async def people(request: HttpRequest) -> HttpResponse:
    await require(request, "people.manage")
    search = request.GET.get("q", "").strip()
    rows, following = await sync_to_async(_rows)(request, search, request.GET.get("after", ""))
    query = urlencode({"q": search, "after": following})
    page = PeoplePage(
        people=rows,
        search=search,
        next_url=f"{reverse('people')}?{query}" if following else "",
        roles=tuple(role.key for role in GRANTABLE),
        default_role=settings.DEFAULT_ROLE,
        is_gate=platform().identity == "service",
    )
    return render(request, "people/list.html", {"page": page})


@require_POST
async def give(request: HttpRequest, person: int) -> HttpResponse:
    await require(request, "people.manage", thing=f"person {person}")
    found = await _person(person)
    form = GrantForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a role; a project's name has at most 255 characters.")
        return redirect("people")
    role, project = Role.named(form.cleaned_data["role"]), form.cleaned_data["project"]
    by = person_of(request)
    assert by is not None
    place = f"in {project}" if project else "everywhere"
    thing = f"{found.username}: {role.key} {place}"
    done = lambda: granting.give(found, role, project, by=by)  # noqa: E731
    said = f"{found} is {role.key} {place} now."
    return await _change(request, "grant.give", thing, done, said)


@require_POST
async def take(request: HttpRequest, person: int, grant: int) -> HttpResponse:
    await require(request, "people.manage", thing=f"person {person}")
    found = await _person(person)
    given = await Grant.objects.filter(person=found, pk=grant).afirst()
    if given is None:
        messages.info(request, "That role had been taken away already.")
        return redirect("people")
    thing, said = f"{found.username}: {given}", f"{found} is no longer {given}."
    return await _change(request, "grant.take", thing, lambda: granting.take(given), said)


@require_POST
async def set_active(request: HttpRequest, person: int) -> HttpResponse:
    """Close an account, or open it again: field `active`, 0 or 1."""
    await require(request, "people.manage", thing=f"person {person}")
    found = await _person(person)
    is_active = request.POST.get("active") == "1"
    word = "open" if is_active else "closed"
    done = lambda: granting.set_active(found, is_active)  # noqa: E731
    action = "person.open" if is_active else "person.close"
    return await _change(request, action, found.username, done, f"{found}'s account is {word}.")


async def _change(
    request: HttpRequest, action: str, thing: str, do: Callable[[], Any], said: str
) -> HttpResponse:
    """Do it, write it down, and say so on the list."""
    try:
        await sync_to_async(do)()
    except granting.LastAdmin as refusal:
        await audit.record(request, action, thing, result=audit.REFUSED, detail=str(refusal))
        messages.error(request, str(refusal))
    else:
        await audit.record(request, action, thing)
        messages.success(request, said)
    return redirect("people")


async def _person(person_id: int) -> Person:
    found = await Person.objects.filter(pk=person_id).afirst()
    if found is None:
        raise PageProblem(_no_person())
    return found


def _rows(request: HttpRequest, search: str, after: str) -> tuple[tuple[PersonRow, ...], str]:
    """A page of people by name, and the name that the next page begins after."""
    people = Person.objects.order_by("username").prefetch_related("grants")
    if search:
        people = people.filter(username__icontains=search)
    found = list(people.filter(username__gt=after)[: PAGE_PEOPLE + 1])
    following = found[PAGE_PEOPLE - 1].username if len(found) > PAGE_PEOPLE else ""
    own = person_of(request)
    return tuple(_row(person, own) for person in found[:PAGE_PEOPLE]), following


def _row(person: Person, own: Person | None) -> PersonRow:
    return PersonRow(
        id=person.pk,
        username=person.username,
        name=person.get_full_name(),
        is_active=person.is_active,
        is_self=person == own,
        is_superuser=person.is_superuser,
        last_seen_at=person.last_login,
        grants=tuple(
            GrantRow(
                id=grant.pk,
                role=grant.role,
                project=grant.project,
                is_from_group=grant.origin == Grant.BY_GROUP,
                given_by=grant.given_by,
            )
            for grant in person.grants.all()
        ),
    )


def _no_person() -> ErrorPage:
    return ErrorPage(
        404,
        "No such person",
        "There is no account of that number.",
        "Look at the list of people.",
        links=(("People", reverse("people")), home_link()),
    )
