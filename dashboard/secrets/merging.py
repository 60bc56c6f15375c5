"""One view of the secrets that a task could get: of its project, its domain and the whole org."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.urls import reverse

from dashboard.pages import Scope
from dashboard.secrets.pages import AT_DOMAIN, AT_ORG, AT_PROJECT, REACHES, Refusal, SecretRow
from dashboard.upstream import Platform
from remote_client import RemoteSecret
from remote_client.errors import DeadlineExceeded, PermissionDenied, RemoteError, Unavailable


@dataclass(frozen=True)
class Merged:
    rows: tuple[SecretRow, ...]
    refusals: tuple[Refusal, ...] = ()


def where(scope: Scope, reach: str) -> Scope:
    """The scope that a secret of this reach is kept in."""
    return {
        AT_PROJECT: scope,
        AT_DOMAIN: Scope(project="", domain=scope.domain),
        AT_ORG: Scope(project="", domain=""),
    }[reach]


def place(scope: Scope, reach: str) -> str:
    """The reach in words."""
    return {
        AT_PROJECT: f"{scope.project} / {scope.domain}",
        AT_DOMAIN: f"every project in {scope.domain}",
        AT_ORG: "every project",
    }[reach]


async def merged(platform: Platform, scope: Scope) -> Merged:
    """All secrets in reach, by name. Raises when the platform would list none of them."""
    found = await asyncio.gather(
        *(platform.secrets(where(scope, reach)) for reach in REACHES), return_exceptions=True
    )
    rows: list[SecretRow] = []
    refusals: list[Refusal] = []
    for reach, answer in zip(REACHES, found, strict=True):
        if isinstance(answer, BaseException):
            _forgivable(answer, reach)
            assert isinstance(answer, RemoteError)
            refusals.append(Refusal(place(scope, reach), answer.message))
        else:
            rows += [secret_row(scope, reach, secret) for secret in answer]
    return Merged(_with_overrides(rows), tuple(refusals))


def _forgivable(answer: BaseException, reach: str) -> None:
    """A wider scope may be closed to us; anything else is the page's problem."""
    is_refusal = isinstance(answer, RemoteError) and not isinstance(
        answer, Unavailable | DeadlineExceeded
    )
    if not is_refusal or (reach == AT_PROJECT and not isinstance(answer, PermissionDenied)):
        raise answer


def secret_row(scope: Scope, reach: str, secret: RemoteSecret) -> SecretRow:
    return SecretRow(
        key=f"{reach}:{secret.name}",
        name=secret.name,
        url=secret_url(scope, reach, secret.name),
        reach=reach,
        place=place(scope, reach),
        kind=secret.type,
        created_at=secret.created_at,
        status=secret.status,
        clusters=tuple(sorted(secret.cluster_status.items())),
    )


def secret_url(scope: Scope, reach: str, name: str, page: str = "secret") -> str:
    return reverse(
        page,
        kwargs={"domain": scope.domain, "project": scope.project, "at": reach, "name": name},
    )


def _with_overrides(rows: Sequence[SecretRow]) -> tuple[SecretRow, ...]:
    """By name, the nearest first; each says what it overrides, or what overrides it."""
    ordered = sorted(rows, key=lambda row: (row.name.casefold(), row.name, _rank(row)))
    by_name: dict[str, list[SecretRow]] = {}
    for row in ordered:
        by_name.setdefault(row.name, []).append(row)
    found: list[SecretRow] = []
    for same in by_name.values():
        nearest, wider = same[0], same[1:]
        found.append(replace(nearest, overrides=tuple(row.place for row in wider)))
        found += [replace(row, overridden_by=nearest.place) for row in wider]
    return tuple(found)


def _rank(row: SecretRow) -> int:
    return REACHES.index(row.reach)
