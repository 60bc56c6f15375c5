"""The connection that every call to the platform goes through, and whether it answers."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from dashboard.pages import Scope
from remote_client import AuthOptions, ClientSet, Project
from remote_client.core.identifier import ActionIdentifier, RunIdentifier
from remote_client.errors import DeadlineExceeded, RemoteError, Unavailable

T = TypeVar("T")
Batches = AsyncGenerator[list[T], None]

OnState = Callable[[Any], None]
"""Takes each `remote_client.StreamState` of a stream: connecting, live or reconnecting."""


class Connection:
    """One platform as one identity sees it; opened at the first question, closed by `close()`.

    Calls of a noun are a subclass: inside `with self.asking():` for an answer, and inside
    `with self.streaming():` for a stream, which takes `self.hearing(on_state)`. Each stream is an
    async generator, which whoever leaves it early must close (`aclosing`).
    """

    def __init__(
        self,
        endpoint: str,
        *,
        insecure: bool = False,
        ca_cert: str | None = None,
        identity: str = "service",
        auth: AuthOptions | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.identity = identity
        self.last_used = time.monotonic()
        self.open_streams = 0
        self.unreachable_since: datetime | None = None
        """The first failure since the platform last answered; None while it answers."""
        # A server never opens a browser to sign in, which is what the client does over TLS if let.
        self._options: dict[str, Any] = {
            "insecure": insecure,
            "auth": auth or AuthOptions(auth_type="None"),
        }
        if ca_cert:
            self._options["ca_cert_file_path"] = ca_cert
        self._client: ClientSet | None = None
        self._projects: dict[str, tuple[float, Project]] = {}

    async def client(self) -> ClientSet:
        self.last_used = time.monotonic()
        if self._client is None:
            opened = await ClientSet.for_endpoint.aio(self.endpoint, **self._options)
            if self._client is not None:  # another request was first
                await opened.close()
                return self._client
            self._client = opened
        return self._client

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def domains_known(self, project_id: str) -> tuple[str, ...]:
        """The domains of a project that was asked for lately; asks nothing itself."""
        _, project = self._projects.get(project_id, (0.0, None))
        return tuple(domain.id for domain in project.domains) if project else ()

    # --- tools for calls ------------------------------------------------------------------------

    @contextmanager
    def streaming(self) -> Iterator[None]:
        self.open_streams += 1
        try:
            yield
        finally:
            self.open_streams -= 1
            self.last_used = time.monotonic()

    async def within(self, scope: Scope) -> dict[str, Any]:
        return {
            "client": await self.client(),
            "project": scope.project,
            "domain": scope.domain,
        }

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Notes whether the platform answered; a refusal is an answer too."""
        try:
            yield
        except RemoteError as error:
            self._note(error)
            raise
        self._note(None)

    def hearing(self, on_state: OnState) -> OnState:
        def hear(state: Any) -> None:
            if state.kind != "connecting":
                self._note(state.error)
            on_state(state)

        return hear

    def _note(self, error: RemoteError | None) -> None:
        if not isinstance(error, Unavailable | DeadlineExceeded):
            self.unreachable_since = None
        elif self.unreachable_since is None:
            self.unreachable_since = datetime.now(UTC)


def action_id(scope: Scope, run: str, action: str) -> ActionIdentifier:
    within = RunIdentifier(project=scope.project, domain=scope.domain, name=run)
    return ActionIdentifier(run=within, name=action)
