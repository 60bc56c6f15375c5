"""Starts, stops and deletes apps for the pages and for the API, and writes it down."""

from __future__ import annotations

from collections.abc import Awaitable

from django.http import HttpRequest

from dashboard.access import audit
from dashboard.errors import PageProblem, home_link
from dashboard.pages import ErrorPage, Scope
from dashboard.upstream import platform
from remote_client import App
from remote_client.errors import NotFound, RemoteError, Unimplemented


async def found_app(scope: Scope, name: str) -> App:
    """Raises PageProblem for one that isn't there, and where apps are not served."""
    try:
        return await platform().app(scope, name)
    except (NotFound, Unimplemented):
        raise PageProblem(no_app(scope, name)) from None


async def switch(request: HttpRequest, scope: Scope, app: App, *, active: bool) -> None:
    word = "start" if active else "stop"
    doing = platform().switch_app(app, active)
    await _written(request, "app.switch", scope, app.name, word, doing)


async def delete(request: HttpRequest, scope: Scope, app: App) -> None:
    doing = platform().delete_app(app)
    await _written(request, "app.delete", scope, app.name, "", doing)


async def _written(
    request: HttpRequest, action: str, scope: Scope, name: str, word: str, doing: Awaitable[None]
) -> None:
    thing = f"{scope.project}/{scope.domain}/{name}"
    try:
        await doing
    except RemoteError as error:
        await audit.record(request, action, thing, result=audit.FAILED, detail=error.message)
        raise
    await audit.record(request, action, thing, detail=word)


def no_app(scope: Scope, name: str) -> ErrorPage:
    return ErrorPage(
        404,
        "No such app",
        f"There is no app {name!r} in {scope.project}/{scope.domain}.",
        "It may have been deleted.",
        links=(("Apps of this project", f"{scope.base_url}/apps"), home_link()),
    )
