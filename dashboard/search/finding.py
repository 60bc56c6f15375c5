"""Finds things by a text: projects, runs everywhere, and tasks, triggers and secrets of one place.

Each kind is asked for by itself, at the same time and for no longer than `PATIENCE_S`: one that is
slow or fails says so and keeps none of the others back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import reverse

from dashboard import links
from dashboard.access.rights import of_request
from dashboard.pages import Scope
from dashboard.phases import style_of
from dashboard.run_lists.finding import find_runs
from dashboard.run_lists.query import RunQuery
from dashboard.run_lists.query_words import BadQuery
from dashboard.search.pages import Group, Item
from dashboard.upstream import platform
from remote_client.errors import RemoteError

logger = logging.getLogger(__name__)

PATIENCE_S = 3.0
MOST = 8
"""Of each kind: whoever looks for more opens its list."""
MOST_CHARS = 200

KINDS = ("runs", "tasks", "triggers", "projects", "secrets")


async def find(
    request: HttpRequest, text: str, scope: Scope | None, kind: str
) -> tuple[Group, ...]:
    """Groups of what the reader may see, in the order of `KINDS`; only `kind` if it names one."""
    text = text.strip()[:MOST_CHARS]
    if not text:
        return ()
    wanted = [name for name in KINDS if kind in ("", name) and _may(request, name, scope)]
    return tuple(await asyncio.gather(*(_group(request, name, text, scope) for name in wanted)))


_TITLES = {
    "runs": "Runs",
    "tasks": "Tasks",
    "triggers": "Triggers",
    "projects": "Projects",
    "secrets": "Secrets",
}
_NEEDED = {"tasks": "task.see", "triggers": "trigger.see", "secrets": "secret.list"}


def _may(request: HttpRequest, kind: str, scope: Scope | None) -> bool:
    """Projects and runs are narrowed to what the reader may see where they are found."""
    needed = _NEEDED.get(kind)
    if needed is None:
        return True
    return scope is not None and of_request(request).may(needed, scope.project)


async def _group(request: HttpRequest, kind: str, text: str, scope: Scope | None) -> Group:
    finders: dict[str, Callable[[], Awaitable[Group]]] = {
        "runs": lambda: _runs(request, text),
        "projects": lambda: _projects(request, text),
    }
    if scope is not None:
        finders["tasks"] = lambda: _tasks(scope, text)
        finders["triggers"] = lambda: _triggers(scope, text)
        finders["secrets"] = lambda: _secrets(scope, text)
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await finders[kind]()
    except TimeoutError:
        return Group(kind, _TITLES[kind], note="The platform takes too long to answer.")
    except RemoteError as error:
        logger.info("Search for %s: %s", kind, error)
        return Group(kind, _TITLES[kind], note=error.message or "The platform can't answer.")


async def _runs(request: HttpRequest, text: str) -> Group:
    """By the language of the runs list where the text is in it, else by the text's own words."""
    try:
        found = await find_runs(request, None, RunQuery.parse(text), limit=MOST)
    except BadQuery:
        words = " ".join(f'"{word}"' for word in text.replace('"', " ").split())
        found = await find_runs(request, None, RunQuery.parse(words), limit=MOST)
    items = []
    for run in found.runs:
        more = f"{run.name} · {run.project} / {run.domain}"
        if run.error_line:
            more = f"{run.error_line} · {more}"
        style = style_of(run.phase)
        url = links.run_url(run.scope, run.name)
        items.append(Item(run.task or run.name, url, more, style.icon, style.key))
    return Group("runs", "Runs", tuple(items), found.note if not items else "")


async def _projects(request: HttpRequest, text: str) -> Group:
    rights, wanted = of_request(request), text.lower()
    items = [
        Item(
            f"{project.id} / {domain.id}",
            links.runs_url(Scope(project=project.id, domain=domain.id)),
            project.name if project.name != project.id else "",
            "projects",
        )
        for project in await platform().projects()
        if rights.may("project.see", project.id)
        for domain in project.domains
        if wanted in f"{project.id} {project.name} {domain.id} {project.id}/{domain.id}".lower()
    ]
    return Group("projects", "Projects", tuple(items[:MOST]), more_url=reverse("projects"))


async def _tasks(scope: Scope, text: str) -> Group:
    names = await platform().task_names(scope, text, MOST)
    base = f"{scope.base_url}/tasks"
    items = [Item(name, f"{base}/{quote(name, safe='')}", _where(scope), "tasks") for name in names]
    return Group("tasks", "Tasks", tuple(items), more_url=base)


async def _triggers(scope: Scope, text: str) -> Group:
    pairs = await platform().trigger_names(scope, text, MOST)
    base = f"{scope.base_url}/triggers"
    items = [
        Item(name, f"{base}/{quote(task, safe='')}/{quote(name, safe='')}", task, "triggers")
        for task, name in pairs
    ]
    return Group("triggers", "Triggers", tuple(items), more_url=base)


async def _secrets(scope: Scope, text: str) -> Group:
    names = await platform().secret_names(scope, text, MOST)
    base = f"{scope.base_url}/secrets"
    items = [Item(name, base, _where(scope), "secrets") for name in names]
    return Group("secrets", "Secrets", tuple(items), more_url=base)


def _where(scope: Scope) -> str:
    return f"{scope.project} / {scope.domain}"
