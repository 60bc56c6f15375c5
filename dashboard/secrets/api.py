"""The API's operations on secrets; none gives a value back."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import SecretStr

from dashboard.api.errors import error_json
from dashboard.api.schemas import ErrorOut
from dashboard.secrets import changing
from dashboard.secrets.merging import merged
from dashboard.secrets.pages import SecretRow
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope
from remote_client.errors import AlreadyExists

router = Router()

Name = Annotated[str, Query(min_length=1, max_length=255)]
Reach = Literal["project", "domain", "org"]
_ERRORS = dict.fromkeys((401, 403, 404, 409, 422, 502, 503), ErrorOut)


class SecretOut(Schema):
    name: str
    at: str
    """`project` (with the domain), `domain` or `org`."""
    type: str
    created_at: datetime | None
    status: str
    is_used: bool
    """Whether a task of the project and domain gets this one of its name."""

    @classmethod
    def of(cls, row: SecretRow) -> SecretOut:
        return cls(
            name=row.name,
            at=row.reach,
            type=row.kind,
            created_at=row.created_at,
            status=row.status,
            is_used=not row.overridden_by,
        )


class SecretsOut(Schema):
    items: list[SecretOut]


class SecretIn(Schema):
    value: SecretStr = SecretStr("")
    value_base64: SecretStr = SecretStr("")
    """For bytes; one of the two."""
    type: Literal["regular", "image_pull"] = "regular"

    def held(self) -> str | bytes:
        """The value. Raises BadSecret."""
        text, encoded = self.value.get_secret_value(), self.value_base64.get_secret_value()
        if not encoded:
            return text
        try:
            return base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error):
            raise changing.BadSecret("value_base64", "value_base64 is not base64.") from None


class WrittenOut(Schema):
    name: str
    at: str


@router.get("/secrets", response={200: SecretsOut, **_ERRORS}, operation_id="list_secrets")
async def secrets(request: HttpRequest, project: Name, domain: Name) -> Any:
    """All secrets that tasks of the project and domain could get; never their values."""
    scope = await existing_scope(request, project, domain, action="secret.list")
    found = await merged(platform(), scope)
    return SecretsOut(items=[SecretOut.of(row) for row in found.rows])


@router.post(
    "/secrets/{at}/{name}", response={201: WrittenOut, **_ERRORS}, operation_id="create_secret"
)
async def create(
    request: HttpRequest, at: Reach, name: str, project: Name, domain: Name, body: SecretIn
) -> Any:
    """Create a secret; 409 when there is one of that name."""
    scope = await existing_scope(request, project, domain, action="secret.write")
    await changing.require_reach(request, "secret.write", scope, at, name)
    try:
        await changing.create(request, scope, at, name, body.held(), body.type)
    except changing.BadSecret as bad:
        return error_json(request, 422, str(bad))
    except AlreadyExists:
        return error_json(request, 409, f"There is a secret {name!r} there already.")
    return 201, WrittenOut(name=name, at=at)


@router.put(
    "/secrets/{at}/{name}", response={200: WrittenOut, **_ERRORS}, operation_id="update_secret"
)
async def update(
    request: HttpRequest, at: Reach, name: str, project: Name, domain: Name, body: SecretIn
) -> Any:
    """Put another value in the place of a secret's."""
    scope = await existing_scope(request, project, domain, action="secret.write")
    await changing.require_reach(request, "secret.write", scope, at, name)
    try:
        await changing.update(request, scope, at, name, body.held(), body.type)
    except changing.BadSecret as bad:
        return error_json(request, 422, str(bad))
    return WrittenOut(name=name, at=at)


@router.delete(
    "/secrets/{at}/{name}", response={204: None, **_ERRORS}, operation_id="delete_secret"
)
async def delete(request: HttpRequest, at: Reach, name: str, project: Name, domain: Name) -> Any:
    """Delete a secret."""
    scope = await existing_scope(request, project, domain, action="secret.delete")
    await changing.require_reach(request, "secret.delete", scope, at, name)
    await changing.delete(request, scope, at, name)
    return 204, None
