"""The way to the platform: every question that the dashboard asks, under its own identity.

Views and live topics ask `platform()` and nothing else, so a test replaces this one object. Calls
run on the loop that they are made on. Errors are `remote_client.errors.RemoteError`.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.conf import settings

from dashboard.pages import Scope
from remote_client import (
    Action,
    ActionDetails,
    AuthOptions,
    ClientSet,
    LogLine,
    Logs,
    Page,
    Project,
    Run,
)
from remote_client.core.identifier import ActionIdentifier, RunIdentifier
from remote_client.errors import DeadlineExceeded, RemoteError, Unavailable

T = TypeVar("T")
Batches = AsyncGenerator[list[T], None]

OnState = Callable[[Any], None]
"""Takes each `remote_client.StreamState` of a stream: connecting, live or reconnecting."""

PROJECT_KNOWN_S = 30.0
"""How long a project that was found counts as existing; asking again on every page is waste."""


class Platform:
    """One platform as one identity sees it; opened at the first question, closed by `close()`."""

    def __init__(
        self, endpoint: str, *, insecure: bool = False, ca_cert: str | None = None
    ) -> None:
        self.endpoint = endpoint
        self.identity = "service"
        self.unreachable_since: datetime | None = None
        """The first failure since the platform last answered; None while it answers."""
        # A server never opens a browser to sign in, which is what the client does over TLS if let.
        self._options: dict[str, Any] = {
            "insecure": insecure,
            "auth": AuthOptions(auth_type="None"),
        }
        if ca_cert:
            self._options["ca_cert_file_path"] = ca_cert
        self._client: ClientSet | None = None
        self._projects: dict[str, tuple[float, Project]] = {}

    async def client(self) -> ClientSet:
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

    # --- one thing, or a page of them ---------------------------------------------------------

    async def projects(self) -> list[Project]:
        with self._asking():
            return [p async for p in Project.listall(client=await self.client())]

    async def project(self, project_id: str) -> Project:
        """Raises NotFound: every other question about a project that isn't there says "nothing"."""
        found_at, project = self._projects.get(project_id, (0.0, None))
        if project is not None and time.monotonic() - found_at < PROJECT_KNOWN_S:
            return project
        with self._asking():
            project = await Project.get.aio(project_id, client=await self.client())
        self._projects[project_id] = (time.monotonic(), project)
        return project

    async def runs_page(
        self, scope: Scope, *, token: str, limit: int, phase: str, task: str
    ) -> Page[Run]:
        """A page (`items`, `next_token`) of runs, newest first; "" for no filter."""
        filters: dict[str, Any] = {}
        if phase:
            filters["in_phase"] = (phase,)
        if task:
            filters["task_name"] = task
        with self._asking():
            return await Run.listpage.aio(
                limit=limit,
                token=token,
                sort_by=("created_at", "desc"),
                **filters,
                **await self._within(scope),
            )

    async def run(self, scope: Scope, name: str) -> Run:
        with self._asking():
            return await Run.get.aio(name, **await self._within(scope))

    async def action(self, scope: Scope, run: str, name: str) -> ActionDetails:
        with self._asking():
            return await ActionDetails.get.aio(run_name=run, name=name, **await self._within(scope))

    async def inputs(self, action: ActionDetails) -> list[Any]:
        """`RenderedValue`s of what the action was called with."""
        with self._asking():
            return list((await action.inputs()).rendered())

    async def outputs(self, action: ActionDetails) -> list[Any]:
        """`RenderedValue`s of what the action returned."""
        with self._asking():
            return list((await action.outputs()).rendered())

    async def abort(self, run: Run, reason: str) -> None:
        with self._asking():
            await run.abort.aio(reason)

    # --- streams: they reconnect by themselves, and say so to `on_state` --------------------------
    #
    # Each is an async generator, which whoever leaves it early must close (`aclosing`).

    async def watch_runs(self, scope: Scope, on_state: OnState) -> Batches[Run]:
        """Batches of runs to merge by name: a snapshot, then changes, for ever."""
        watch = Run.watchall(**await self._within(scope), on_state=self._hearing(on_state))
        async with aclosing(watch.aio()) as batches:
            async for batch in batches:
                yield batch

    async def watch_actions(self, scope: Scope, run: str, on_state: OnState) -> Batches[Action]:
        """Batches of a run's actions to merge by name: a snapshot, then changes, for ever."""
        within = await self._within(scope)
        watch = Action.watchall(for_run_name=run, **within, on_state=self._hearing(on_state))
        async with aclosing(watch.aio()) as batches:
            async for batch in batches:
                yield batch

    async def watch_action(
        self, scope: Scope, run: str, name: str, on_state: OnState
    ) -> AsyncGenerator[ActionDetails, None]:
        """Whole details at each change; ends when the action is terminal."""
        watch = ActionDetails.watch(
            action_id=_action_id(scope, run, name),
            client=await self.client(),
            on_state=self._hearing(on_state),
        )
        async with aclosing(watch.aio()) as changes:
            async for details in changes:
                yield details

    async def tail_log(
        self, scope: Scope, run: str, action: str, attempt: int, on_state: OnState
    ) -> Batches[LogLine]:
        """Batches of lines from the attempt's first; ends when its log is complete."""
        tail = Logs.tail_batches(
            action_id=_action_id(scope, run, action),
            attempt=attempt,
            client=await self.client(),
            on_state=self._hearing(on_state),
        )
        async with aclosing(tail) as batches:
            async for batch in batches:
                yield batch

    # --- reachability -------------------------------------------------------------------------

    async def _within(self, scope: Scope) -> dict[str, Any]:
        return {
            "client": await self.client(),
            "project": scope.project,
            "domain": scope.domain,
        }

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Notes whether the platform answered; a refusal is an answer too."""
        try:
            yield
        except RemoteError as error:
            self._note(error)
            raise
        self._note(None)

    def _hearing(self, on_state: OnState) -> OnState:
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


def _action_id(scope: Scope, run: str, action: str) -> ActionIdentifier:
    within = RunIdentifier(project=scope.project, domain=scope.domain, name=run)
    return ActionIdentifier(run=within, name=action)


_platform: Platform | None = None


def platform() -> Platform:
    """The platform that the settings name; one for the whole process."""
    global _platform
    if _platform is None:
        _platform = Platform(
            settings.FLYTE_ENDPOINT,
            insecure=settings.FLYTE_INSECURE,
            ca_cert=settings.FLYTE_CA_CERT,
        )
    return _platform


def replace_platform(other: Platform | None) -> Platform | None:
    """Put another in its place (a test's fake, or None to start afresh); returns the old one."""
    global _platform
    old, _platform = _platform, other
    return old
