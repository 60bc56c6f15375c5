"""Calls about who asks: sign-in and the token's bearer."""

from __future__ import annotations

from typing import Any

from google.protobuf import json_format
from grpc.aio import AioRpcError

from dashboard.calls.connection import Connection
from remote_client import User
from remote_client._client.auth import ClientConfig, RemoteClientConfigStore, auth_metadata
from remote_client.errors import from_grpc


class PersonCalls(Connection):
    """How people sign in at the platform, and whom it takes them for."""

    async def sign_in_config(self) -> ClientConfig | None:
        """What AuthMetadataService announces; None for a platform without authentication."""
        channels = (await self.client())._connection.pool.settings
        with self.asking():
            try:
                return await RemoteClientConfigStore(channels.open).get_client_config()
            except AioRpcError as error:
                asked = "ask how people sign in"
                raise from_grpc(error, asked=asked, endpoint=self.endpoint) from None

    async def user_info(self, header_key: str, token: str) -> dict[str, Any]:
        """Whom the platform takes the bearer of a token for. Raises Unauthenticated."""
        with self.asking(), auth_metadata((header_key, f"Bearer {token}")):
            user = await User.get.aio(client=await self.client())
        return {
            **json_format.MessageToDict(user._pb.additional_claims),
            "sub": user.subject,
            "name": user.name,
            "preferred_username": user.username,
            "email": user.email,
        }

    async def renewed(self, opened_at: float) -> bool:
        """Whether a stream that was refused as unauthenticated may be tried again.

        `opened_at` is when it was opened, by `time.monotonic`. Raises SignedOut for a person whose
        sign-in has ended.
        """
        renew = getattr(self._options["auth"].authenticator, "renewed", None)
        return bool(await renew(opened_at)) if renew else False
