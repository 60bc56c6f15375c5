"""SecretService: names and scopes of secrets; no answer ever holds a value."""

from __future__ import annotations

import re

from flyteidl2.common.identifier_pb2 import ClusterIdentifier
from flyteidl2.secret import definition_pb2 as definition
from flyteidl2.secret import payload_pb2 as pb
from flyteidl2.secret import secret_connect as connect

from local_platform import clock
from local_platform.context import Call, Platform
from local_platform.errors import already_exists, invalid, missing
from local_platform.names import DOMAINS, require_scope
from local_platform.store import SecretRecord
from local_platform.wire import ORG

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,252}")
_DEFAULT_LIMIT = 100


class SecretService(connect.SecretService):  # type: ignore[misc]
    def __init__(self, platform: Platform) -> None:
        self._store = platform.store
        self._secrets = platform.store.secrets

    async def create_secret(
        self, request: pb.CreateSecretRequest, ctx: Call
    ) -> pb.CreateSecretResponse:
        project, domain, name = self._key(request.id)
        value = _value(request.secret_spec)
        record = SecretRecord(project, domain, name, request.secret_spec.type, clock.now())
        if not self._secrets.create(record, value):
            raise already_exists(f'secret "{name}" already exists in this scope')
        return pb.CreateSecretResponse()

    async def update_secret(
        self, request: pb.UpdateSecretRequest, ctx: Call
    ) -> pb.UpdateSecretResponse:
        key = self._key(request.id)
        value = _value(request.secret_spec)
        if not self._secrets.update(*key, request.secret_spec.type, value):
            raise missing("secret", key[2])
        return pb.UpdateSecretResponse()

    async def get_secret(self, request: pb.GetSecretRequest, ctx: Call) -> pb.GetSecretResponse:
        key = self._key(request.id)
        record = self._secrets.get(*key)
        if record is None:
            raise missing("secret", key[2])
        return pb.GetSecretResponse(secret=_message(record))

    async def delete_secret(
        self, request: pb.DeleteSecretRequest, ctx: Call
    ) -> pb.DeleteSecretResponse:
        key = self._key(request.id)
        if not self._secrets.delete(*key):
            raise missing("secret", key[2])
        return pb.DeleteSecretResponse()

    async def list_secrets(
        self, request: pb.ListSecretsRequest, ctx: Call
    ) -> pb.ListSecretsResponse:
        """Secrets of exactly the given scope, as on the real backend; the token is a name."""
        scope = self._scope(request.project, request.domain)
        limit = request.limit if request.limit > 0 else _DEFAULT_LIMIT
        records = self._secrets.page(*scope, request.token, limit + 1)
        page = records[:limit]
        return pb.ListSecretsResponse(
            secrets=[_message(record) for record in page],
            token=page[-1].name if len(records) > limit else "",
        )

    def _key(self, secret: definition.SecretIdentifier) -> tuple[str, str, str]:
        if not _NAME.fullmatch(secret.name):
            raise invalid(
                f'the secret name "{secret.name[:80]}" may only hold letters, digits, ".", "_" and'
                ' "-"'
            )
        return *self._scope(secret.project, secret.domain), secret.name

    def _scope(self, project: str, domain: str) -> tuple[str, str]:
        if project:
            if not domain:
                raise invalid("a secret of a project needs a domain as well")
            require_scope(self._store, project, domain)
        elif domain and domain not in DOMAINS:
            raise missing("domain", domain)
        return project, domain


def _value(spec: definition.SecretSpec) -> bytes:
    match spec.WhichOneof("value"):
        case "string_value":
            return str(spec.string_value).encode()
        case "binary_value":
            return bytes(spec.binary_value)
    raise invalid("secret_spec.value is empty")


def _message(record: SecretRecord) -> definition.Secret:
    present = definition.ClusterSecretStatus(
        cluster=ClusterIdentifier(organization=ORG, name="local"),
        presence_status=definition.PRESENT,
    )
    status = definition.SecretStatus(
        overall_status=definition.FULLY_PRESENT, cluster_status=[present]
    )
    return definition.Secret(
        id=definition.SecretIdentifier(
            organization=ORG, project=record.project, domain=record.domain, name=record.name
        ),
        secret_metadata=definition.SecretMetadata(
            created_time=clock.timestamp(record.created_at),
            secret_status=status,
            type=record.type,
        ),
    )
