"""For whom runs are looked up: what they may see, and who "me" is."""

from __future__ import annotations

from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from social_django.models import UserSocialAuth

from dashboard.access.rights import Rights, of_request
from dashboard.identity.announcement import PLATFORM
from dashboard.models import Person
from dashboard.pages import Scope
from dashboard.people import person_of
from dashboard.run_lists.query import RunQuery
from dashboard.run_lists.query_terms import ME, Term
from dashboard.upstream import platform
from remote_client import Project


@dataclass(frozen=True)
class Viewer:
    """A person with their rights; the platform is asked as whoever acts (`upstream.act_as`)."""

    rights: Rights
    person: Person | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> Viewer:
        return cls(of_request(request), person_of(request))

    async def scopes(self) -> list[Scope]:
        """Every project and domain whose runs they may see: by their roles here, and by what the
        platform shows to them."""
        return scopes_of(await platform().projects_known(), self.rights)

    async def resolved(self, query: RunQuery) -> RunQuery:
        """The query with `owner:me` turned into names that runs carry."""
        if not query.asks_for_me or self.person is None:
            return query.resolved(())
        subjects = await sync_to_async(_subjects)(self.person)
        return resolved_for(self.person, subjects, query)


def scopes_of(projects: list[Project], rights: Rights) -> list[Scope]:
    return [
        Scope(project=project.id, domain=domain.id)
        for project in projects
        if rights.may("run.list", project.id)
        for domain in project.domains
    ]


def resolved_for(person: Person, subjects: list[str], query: RunQuery) -> RunQuery:
    """By the token's subject where it is known, for the platform can be asked for that."""
    mine = [term for term in query.terms if term.field == "owner" and ME in term.values]
    if subjects and all(term.values == (ME,) for term in mine):
        others = [term for term in query.terms if term not in mine]
        own = [Term("owner-id", tuple(sorted(subjects)), term.is_negated) for term in mine]
        return RunQuery.of((*others, *own), query.sort)
    return query.resolved((person.username, person.email, person.get_full_name(), *subjects))


def _subjects(person: Person) -> list[str]:
    """Whom the platform takes them for."""
    kept = UserSocialAuth.objects.filter(user=person, provider=PLATFORM)
    return list(kept.values_list("uid", flat=True))
