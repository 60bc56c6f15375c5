"""A person's credentials for the client: the token of their newest sign-in with every call."""

from __future__ import annotations

import time

from dashboard.identity.keeper import Held, keeper
from dashboard.upstream import SignedOut
from remote_client._client.auth import Authenticator, GrpcAuthMetadata

PATIENCE_S = 5.0
"""A platform that refuses a token which was renewed so lately is not to be convinced."""


class PersonAuthenticator(Authenticator):
    """Hands out what the keeper has; a call without a token is never sent."""

    def __init__(self, person_id: int) -> None:
        self._person_id = person_id
        self._renewed_at = 0.0

    async def get_grpc_call_auth_metadata(self) -> GrpcAuthMetadata:
        """Raises SignedOut, which is an Unauthenticated, and Unavailable."""
        held = await keeper.of_person(self._person_id)
        pairs = ((held.header_key, f"Bearer {held.tokens.access}"),)
        return GrpcAuthMetadata(pairs, held.generation)

    async def refresh_credentials(self, used: GrpcAuthMetadata | None = None) -> bool:
        """The platform refused a token: it was revoked, or it expired early."""
        held = await keeper.of_person(self._person_id)
        if used is None or used.generation == held.generation:
            await self._renew(held)
        return True

    async def renewed(self, opened_at: float) -> bool:
        """The platform ended a stream as unauthenticated: is there a token to open it with?

        `opened_at` is when the stream was opened (`time.monotonic`): a person has several, which
        all end with their token, and the first to ask renews for the others too. Raises SignedOut
        when the sign-in has ended.
        """
        if opened_at <= self._renewed_at:
            return True
        if time.monotonic() - self._renewed_at < PATIENCE_S:
            return False
        await self._renew(await keeper.of_person(self._person_id))
        return True

    async def _renew(self, held: Held) -> None:
        try:
            await keeper.renewed(held)
            self._renewed_at = time.monotonic()
        except SignedOut:
            # Another browser of theirs may be signed in still.
            await keeper.of_person(self._person_id)
