"""Fills the frame that every page stands in: who is signed in, where, and what else there is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from dashboard import places
from dashboard.access.rights import of_request
from dashboard.pages import Scope
from dashboard.people import person_of
from dashboard.upstream import platform


@dataclass(frozen=True)
class RailLink:
    """A word of the rail; `key` is its icon and its letter's name in the shortcuts."""

    key: str
    label: str
    url: str
    is_current: bool
    needs: str = ""
    """The permission without which it is left out, and taken away while the page is open."""


@dataclass(frozen=True)
class Crumb:
    label: str
    url: str


@dataclass(frozen=True)
class Place:
    """A project and domain to go to: the page of the same kind there."""

    label: str
    url: str
    is_current: bool = False


@dataclass(frozen=True)
class Frame:
    """What `base.html` needs on every page."""

    endpoint: str
    person: str
    scope: Scope | None
    """Where the page is; None for one that belongs to no project."""
    near: Scope | None
    """Where the rail leads: the page's own scope, else the one that was last visited."""
    domains: tuple[Place, ...]
    recent: tuple[Place, ...]
    crumbs: tuple[Crumb, ...]
    here: str
    rail: tuple[RailLink, ...]
    more: tuple[RailLink, ...]
    may: frozenset[str]
    """What the reader may do here: actions of the permission table."""
    zone: str = "local"
    """`utc`, or `local` for the browser's own."""

    @property
    def may_words(self) -> str:
        """`may` for an attribute that style sheets and scripts ask."""
        return " ".join(sorted(self.may))

    @property
    def is_in_more(self) -> bool:
        return any(link.is_current for link in self.more)


def frame(request: HttpRequest) -> dict[str, Frame]:
    """Context processor: `frame` for `base.html`. Touches neither database nor platform."""
    scope = places.scope_of_address(request)
    seen = places.visited(request) if person_of(request) else ()
    near = scope or next(iter(seen), None)
    may = of_request(request).all_in(near.project if near else "")
    crumbs, here = _crumbs(request.path, scope)
    return {
        "frame": Frame(
            endpoint=settings.FLYTE_ENDPOINT,
            person=str(person_of(request) or ""),
            scope=scope,
            near=near,
            domains=_domains(request, scope),
            recent=_recent(request, seen, scope),
            crumbs=crumbs,
            here=here,
            rail=_links(_RAIL, request, near, may),
            more=_links(_MORE, request, near, may),
            may=of_request(request).all_in(_project(request)),
            zone="utc" if request.COOKIES.get("zone") == "utc" else "local",
        )
    }


def _project(request: HttpRequest) -> str:
    match = request.resolver_match
    return str(match.kwargs.get("project", "")) if match else ""


# --- the rail -------------------------------------------------------------------------------------

# Key, label, name of the address, whether it stands below a scope, what it needs.
_RAIL = (
    ("home", "Home", "home", False, ""),
    ("runs", "Runs", "runs", True, "run.list"),
    ("tasks", "Tasks", "tasks", True, "task.see"),
    ("triggers", "Triggers", "triggers", True, "trigger.see"),
)
_MORE = (
    ("apps", "Apps", "flyte-apps", True, "app.see"),
    ("secrets", "Secrets", "secrets", True, "secret.list"),
    ("settings", "Settings", "settings", True, "settings.see"),
    ("wall", "Wall", "scope-wall", True, "wall.see"),
    ("projects", "Projects", "projects", False, ""),
    ("people", "People", "people", False, "people.manage"),
    ("audit", "Audit log", "audit", False, "audit.read"),
    ("tokens", "API tokens", "tokens", False, "token.own"),
    ("patterns", "Patterns", "patterns", False, ""),
)


def _links(
    table: tuple[tuple[str, str, str, bool, str], ...],
    request: HttpRequest,
    near: Scope | None,
    may: frozenset[str],
) -> tuple[RailLink, ...]:
    if person_of(request) is None:
        return ()
    links = []
    for key, label, name, is_scoped, needs in table:
        if (needs and needs not in may) or (is_scoped and near is None):
            continue
        url = _address(name, near if is_scoped else None)
        if url:
            links.append(RailLink(key, label, url, _is_below(request.path, url), needs))
    return tuple(links)


@lru_cache(maxsize=512)
def _address(name: str, scope: Scope | None) -> str:
    kwargs = {"domain": scope.domain, "project": scope.project} if scope else {}
    try:
        return reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return ""


def _is_below(path: str, url: str) -> bool:
    return path == url or (url != "/" and path.startswith(f"{url}/"))


# --- the picker of project and domain -------------------------------------------------------------


def _domains(request: HttpRequest, scope: Scope | None) -> tuple[Place, ...]:
    """The domains of this project, each with the page of the same kind."""
    if scope is None:
        return ()
    known = platform().domains_known(scope.project) or (scope.domain,)
    kind = _kind(request.path, scope)
    return tuple(
        Place(domain, f"{Scope(scope.project, domain).base_url}/{kind}", domain == scope.domain)
        for domain in known
    )


def _recent(
    request: HttpRequest, seen: tuple[Scope, ...], scope: Scope | None
) -> tuple[Place, ...]:
    kind = _kind(request.path, scope) if scope else "runs"
    return tuple(
        Place(f"{each.project} / {each.domain}", f"{each.base_url}/{kind}")
        for each in seen
        if each != scope
    )


def _kind(path: str, scope: Scope) -> str:
    """What kind of page it is, as lists are spelled in addresses: `runs` for a run's page too."""
    return path.removeprefix(f"{scope.base_url}/").split("/")[0] or "runs"


def _crumbs(path: str, scope: Scope | None) -> tuple[tuple[Crumb, ...], str]:
    """The pages above this one, below its scope; and the last part of the address."""
    if scope is None or not path.startswith(f"{scope.base_url}/"):
        return (), ""
    parts = path.removeprefix(f"{scope.base_url}/").split("/")
    above = [f"{scope.base_url}/{'/'.join(parts[:count])}" for count in range(1, len(parts))]
    crumbs = [
        Crumb(part.capitalize() if not number else part, quote(url))
        for number, (part, url) in enumerate(zip(parts, above, strict=False))
        if _leads_somewhere(url)
    ]
    return tuple(crumbs), parts[-1] if len(parts) > 1 else ""


@lru_cache(maxsize=512)
def _leads_somewhere(url: str) -> bool:
    try:
        resolve(url)
    except Resolver404:
        return False
    return True
