"""SecretService as the backend answers it: labels match exactly, so a scope hides the others."""

from typing import Any

import grpc
from flyteidl2.secret import definition_pb2, payload_pb2

from tests.quirks.listing import Refused, invalid
from tests.quirks.run_calls import not_found
from tests.quirks.world import World

_Key = tuple[str, str, str]


class Secrets:
    """Values are never given back, types are not kept, and the status is always the best."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def CreateSecret(self, request: Any) -> Any:
        key = _key(request.id)
        if key in self._world.secrets:
            raise Refused(grpc.StatusCode.ALREADY_EXISTS, "secret already exists")
        self._world.secrets[key] = self._world.now
        return payload_pb2.CreateSecretResponse()

    async def UpdateSecret(self, request: Any) -> Any:
        self._known(request.id)
        return payload_pb2.UpdateSecretResponse()

    async def GetSecret(self, request: Any) -> Any:
        return payload_pb2.GetSecretResponse(secret=self._secret(self._known(request.id)))

    async def DeleteSecret(self, request: Any) -> Any:
        del self._world.secrets[self._known(request.id)]
        return payload_pb2.DeleteSecretResponse()

    async def ListSecrets(self, request: Any) -> Any:
        """Only those of exactly this project and domain: global ones must be asked for apart."""
        scope = (request.domain, request.project)
        keys = sorted(key for key in self._world.secrets if key[:2] == scope)
        offset = int(request.token or 0)
        chosen = keys[offset : offset + request.limit] if request.limit else keys[offset:]
        after = offset + len(chosen)
        return payload_pb2.ListSecretsResponse(
            secrets=[self._secret(key) for key in chosen],
            token=str(after) if after < len(keys) else "",
        )

    def _known(self, identifier: Any) -> _Key:
        key = _key(identifier)
        if key not in self._world.secrets:
            raise not_found(f"secret {identifier.name}")
        return key

    def _secret(self, key: _Key) -> Any:
        domain, project, name = key
        secret = definition_pb2.Secret(id={"name": name, "domain": domain, "project": project})
        secret.secret_metadata.created_time.FromDatetime(self._world.secrets[key])
        status = definition_pb2.OverallStatus.FULLY_PRESENT
        secret.secret_metadata.secret_status.overall_status = status
        return secret


def _key(identifier: Any) -> _Key:
    if identifier.project and not identifier.domain:
        raise invalid("a project needs a domain")
    return identifier.domain, identifier.project, identifier.name
