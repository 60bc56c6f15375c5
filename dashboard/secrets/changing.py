"""Writes secrets for the pages and for the API. No value goes anywhere but to the platform."""

from __future__ import annotations

import re
from collections.abc import Awaitable

from django.http import HttpRequest

from dashboard.access import audit
from dashboard.access.guard import require
from dashboard.access.rights import Rights
from dashboard.errors import PageProblem, home_link
from dashboard.pages import ErrorPage, Scope
from dashboard.secrets.merging import place, where
from dashboard.secrets.pages import AT_ORG, AT_PROJECT, REACHES
from dashboard.upstream import platform
from remote_client.errors import RemoteError

MOST_BYTES = 1_000_000
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,252}")


class BadSecret(ValueError):
    """What was typed can't be a secret; `field` says where."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def may(rights: Rights, action: str, scope: Scope, reach: str) -> bool:
    """Secrets beyond a project are everybody's: to change them takes the role everywhere."""
    return rights.may(action, scope.project if reach == AT_PROJECT else "")


async def require_reach(
    request: HttpRequest, action: str, scope: Scope, reach: str, name: str = ""
) -> None:
    """Raises PageProblem for a reach that isn't one, or that the reader may not change."""
    if reach not in REACHES:
        raise PageProblem(_no_secret(name, reach))
    await require(request, action, scope.project, thing(scope, reach, name))
    if reach != AT_PROJECT:
        await require(request, action, "", thing(scope, reach, name))


def thing(scope: Scope, reach: str, name: str) -> str:
    """How the audit log names it."""
    there = where(scope, reach)
    parts = [part for part in (there.project, there.domain) if part] or ["org"]
    return "/".join((*parts, name))


def checked(name: str, value: str | bytes, kind: str, reach: str) -> None:
    """Raises BadSecret; the sentence never holds what was typed as the value."""
    if not _NAME.fullmatch(name):
        raise BadSecret("name", "A name has letters, digits, “.”, “_” and “-”, at most 253.")
    if not value:
        raise BadSecret("value", "Type the value, or choose a file that is not empty.")
    size = len(value.encode() if isinstance(value, str) else value)
    if size > MOST_BYTES:
        raise BadSecret(
            "value", f"A value has at most {MOST_BYTES:,} bytes; this one has {size:,}."
        )
    if kind not in ("regular", "image_pull"):
        raise BadSecret("kind", "A secret is regular, or for pulling images.")
    if kind == "image_pull" and reach != AT_ORG:
        raise BadSecret("kind", "A secret for pulling images belongs to every project.")


async def create(
    request: HttpRequest, scope: Scope, reach: str, name: str, value: str | bytes, kind: str
) -> None:
    """Raises BadSecret, AlreadyExists and the platform's other errors."""
    checked(name, value, kind, reach)
    doing = platform().create_secret(where(scope, reach), name, value, kind)
    await _written(request, "secret.write", thing(scope, reach, name), "created", doing)


async def update(
    request: HttpRequest, scope: Scope, reach: str, name: str, value: str | bytes, kind: str
) -> None:
    """Raises BadSecret, NotFound and the platform's other errors."""
    checked(name, value, kind, reach)
    doing = platform().update_secret(where(scope, reach), name, value, kind)
    await _written(request, "secret.write", thing(scope, reach, name), "updated", doing)


async def delete(request: HttpRequest, scope: Scope, reach: str, name: str) -> None:
    """Raises NotFound and the platform's other errors."""
    doing = platform().delete_secret(where(scope, reach), name)
    await _written(request, "secret.delete", thing(scope, reach, name), "deleted", doing)


async def _written(
    request: HttpRequest, action: str, thing: str, word: str, doing: Awaitable[None]
) -> None:
    try:
        await doing
    except RemoteError as error:
        # The code alone: a platform's sentence might hold what it was sent.
        failed = f"not {word}: {error.code().name}"
        await audit.record(request, action, thing, result=audit.FAILED, detail=failed)
        raise
    await audit.record(request, action, thing, detail=word)


def _no_secret(name: str, reach: str) -> ErrorPage:
    return ErrorPage(
        404,
        "No such secret",
        f"There is no secret {name!r} at {reach!r}.",
        f"Secrets are kept at {', '.join(REACHES)}.",
        links=(home_link(),),
    )


def no_secret(scope: Scope, reach: str, name: str) -> ErrorPage:
    return ErrorPage(
        404,
        "No such secret",
        f"There is no secret {name!r} for {place(scope, reach)}.",
        "It may have been deleted.",
        links=(("Secrets of this project", f"{scope.base_url}/secrets"), home_link()),
    )
