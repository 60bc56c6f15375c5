"""Secrets that the platform keeps: create, read about, list, change and delete them.

The other `Secret`, in `_secret_request.py`, is how a task asks for one. Values are never read back.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from flyteidl2.secret import definition_pb2, payload_pb2

from remote_client._client.calls import call
from remote_client._context import resolve
from remote_client._entity import ScopedEntity
from remote_client._listing import PAGE_SIZE, Page, pages
from remote_client._scope import Scope
from remote_client._times import instant
from remote_client.syncify import Series, syncify

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

__all__ = ["Secret", "SecretTypes"]

SecretTypes = Literal["regular", "image_pull"]

_TYPES: tuple[SecretTypes, ...] = ("regular", "image_pull")
_STATUSES = ("unspecified", "partially_present", "fully_present", "unknown")
_PRESENCES = ("unknown", "missing", "present")


class Secret(ScopedEntity):
    """What the platform tells of a secret.

    A secret belongs to a project and domain, to a domain, or to the whole org: calls take the
    client's project and domain, and "" means none.
    """

    def __init__(self, pb: Any, client: ClientSet, scope: Scope) -> None:
        place = Scope(pb.id.organization or scope.org, pb.id.project, pb.id.domain)
        super().__init__(pb, client, place)

    @property
    def name(self) -> str:
        """Its name."""
        return str(self._pb.id.name)

    @property
    def type(self) -> str:
        """ "regular" or "image_pull" (for pulling container images)."""
        number = int(self._pb.secret_metadata.type)
        return _TYPES[number] if number < len(_TYPES) else f"unknown ({number})"

    @property
    def scope(self) -> Literal["project", "domain", "org"]:
        """How far it reaches."""
        if self.project:
            return "project"
        return "domain" if self.domain else "org"

    @property
    def created_at(self) -> datetime | None:
        """When it was created; None when the platform does not say."""
        return instant(self._pb.secret_metadata.created_time)

    @property
    def status(self) -> str:
        """ "fully_present", "partially_present", "unknown" or "unspecified"."""
        number = int(self._pb.secret_metadata.secret_status.overall_status)
        return _STATUSES[number] if number < len(_STATUSES) else f"unknown ({number})"

    @property
    def cluster_status(self) -> dict[str, str]:
        """ "present", "missing" or "unknown" for each cluster that reports on it."""
        reports = self._pb.secret_metadata.secret_status.cluster_status
        return {
            report.cluster.name: _PRESENCES[report.presence_status]
            if report.presence_status < len(_PRESENCES)
            else "unknown"
            for report in reports
        }

    @syncify.classmethod
    @classmethod
    async def create(
        cls,
        name: str,
        value: str | bytes,
        type: SecretTypes = "regular",
        *,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> None:
        """Store a secret. One for pulling images belongs to the org alone.

        Raises AlreadyExists, and ValueError for a project without a domain or an image secret with
        a project or domain.
        """
        client, scope = _resolve(client, project, domain, org, type)
        await call(
            client,
            "secrets_service",
            "CreateSecret",
            payload_pb2.CreateSecretRequest(id=_id(scope, name), secret_spec=_spec(value, type)),
            asked=f"create secret {name!r} in {_label(scope)}",
            idempotent=False,
        )

    @syncify.classmethod
    @classmethod
    async def update(
        cls,
        name: str,
        value: str | bytes,
        type: SecretTypes = "regular",
        *,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> None:
        """Put another value in place of a secret's. Raises NotFound."""
        client, scope = _resolve(client, project, domain, org, type)
        await call(
            client,
            "secrets_service",
            "UpdateSecret",
            payload_pb2.UpdateSecretRequest(id=_id(scope, name), secret_spec=_spec(value, type)),
            asked=f"update secret {name!r} in {_label(scope)}",
        )

    @syncify.classmethod
    @classmethod
    async def get(
        cls,
        name: str,
        *,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> Secret:
        """What is known of a secret, never its value. Raises NotFound."""
        client, scope = _resolve(client, project, domain, org)
        answer = await call(
            client,
            "secrets_service",
            "GetSecret",
            payload_pb2.GetSecretRequest(id=_id(scope, name)),
            asked=f"read about secret {name!r} in {_label(scope)}",
        )
        return cls(answer.secret, client, scope)

    @syncify.classmethod
    @classmethod
    async def delete(
        cls,
        name: str,
        *,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> None:
        """Remove a secret. Raises NotFound."""
        client, scope = _resolve(client, project, domain, org)
        await call(
            client,
            "secrets_service",
            "DeleteSecret",
            payload_pb2.DeleteSecretRequest(id=_id(scope, name)),
            asked=f"delete secret {name!r} in {_label(scope)}",
            idempotent=False,
        )

    @syncify.series
    @classmethod
    def listall(
        cls,
        *,
        limit: int | None = None,
        page_size: int = PAGE_SIZE,
        exact: bool = False,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> Series[Secret]:
        """The secrets that the project and domain can use: their own, the domain's, the org's.

        Where a name exists more than once, the nearest one comes. `exact` lists the secrets of the
        named scope alone.
        """
        client, scope = _resolve(client, project, domain, org)
        scopes = [scope] if exact else _reaching(scope)

        def batches() -> AsyncGenerator[list[Secret], None]:
            return _list(client, scopes, limit, page_size)

        return Series(batches)

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "name", self.name
        yield "scope", _label(self._scope)
        yield "type", self.type
        yield "created_at", self.created_at
        yield "status", self.status


async def _list(
    client: ClientSet, scopes: list[Scope], limit: int | None, page_size: int
) -> AsyncGenerator[list[Secret], None]:
    seen: set[str] = set()
    for scope in scopes:
        left = None if limit is None else limit - len(seen)
        found = pages(
            _fetcher(client, scope, seen),
            key=lambda secret: secret.name,
            limit=left,
            page_size=page_size,
            what="secrets",
        )
        async with aclosing(found) as listed:
            async for batch in listed:
                seen.update(secret.name for secret in batch)
                yield batch


def _fetcher(client: ClientSet, scope: Scope, seen: set[str]) -> Any:
    async def fetch(size: int, token: str) -> Page[Secret]:
        request = payload_pb2.ListSecretsRequest(
            organization=scope.org,
            domain=scope.domain,
            project=scope.project,
            limit=size,
            token=token,
        )
        asked = f"list the secrets of {_label(scope)}"
        answer = await call(client, "secrets_service", "ListSecrets", request, asked=asked)
        found = [Secret(pb, client, scope) for pb in answer.secrets if pb.id.name not in seen]
        return Page(found, answer.token)

    return fetch


def _reaching(scope: Scope) -> list[Scope]:
    """The scopes whose secrets a task in this scope can use, the nearest first."""
    wider = [scope, replace(scope, project=""), replace(scope, project="", domain="")]
    return list(dict.fromkeys(wider))


def _resolve(
    client: ClientSet | None,
    project: str | None,
    domain: str | None,
    org: str | None,
    type: SecretTypes = "regular",
) -> tuple[ClientSet, Scope]:
    if type not in _TYPES:
        raise ValueError(f"A secret's type is one of {', '.join(_TYPES)}, not {type!r}.")
    client, scope = resolve(client, project=project, domain=domain, org=org)
    if type == "image_pull":
        if project or domain:
            raise ValueError("A secret for pulling images belongs to the org: no project, domain.")
        scope = Scope(org=scope.org)
    if scope.project and not scope.domain:
        raise ValueError("A secret of a project needs a domain too; pass domain=.")
    return client, scope


def _id(scope: Scope, name: str) -> Any:
    return definition_pb2.SecretIdentifier(
        name=name, organization=scope.org, domain=scope.domain, project=scope.project
    )


def _spec(value: str | bytes, type: SecretTypes) -> Any:
    held = {"string_value": value} if isinstance(value, str) else {"binary_value": value}
    return definition_pb2.SecretSpec(**held, type=_TYPES.index(type))


def _label(scope: Scope) -> str:
    return scope.label if scope.domain else "the whole org"
