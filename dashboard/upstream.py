"""The way to the platform: every question that the dashboard asks, and as whom.

Views and live topics ask `platform()` and nothing else, so a test replaces this one object. It is
the platform as the acting person sees it (`act_as`), with a connection and a token of their own;
people without a token of the platform's share the service identity. Calls run on the loop that
they are made on. Errors are `remote_client.errors.RemoteError`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.conf import settings
from google.protobuf import json_format
from grpc.aio import AioRpcError

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
    User,
)
from remote_client._client.auth import (
    ClientConfig,
    MemoryTokenStore,
    RemoteClientConfigStore,
    auth_metadata,
)
from remote_client.core.identifier import ActionIdentifier, RunIdentifier
from remote_client.errors import (
    DeadlineExceeded,
    RemoteError,
    Unauthenticated,
    Unavailable,
    from_grpc,
)

T = TypeVar("T")
Batches = AsyncGenerator[list[T], None]

OnState = Callable[[Any], None]
"""Takes each `remote_client.StreamState` of a stream: connecting, live or reconnecting."""

PROJECT_KNOWN_S = 30.0
"""How long a project that was found counts as existing; asking again on every page is waste."""


class SignedOut(Unauthenticated):
    """The person's sign-in has ended: nothing is asked in their name any more."""

    def __init__(self) -> None:
        super().__init__("Your sign-in has ended.")


class Platform:
    """One platform as one identity sees it; opened at the first question, closed by `close()`."""

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

    async def rerun(self, run: Run) -> Run:
        """Start the run's task again as it was; returns the new run."""
        with self._asking():
            return await run.rerun.aio()

    # --- who asks -----------------------------------------------------------------------------

    async def sign_in_config(self) -> ClientConfig | None:
        """What AuthMetadataService announces; None for a platform without authentication."""
        channels = (await self.client())._connection.pool.settings
        with self._asking():
            try:
                return await RemoteClientConfigStore(channels.open).get_client_config()
            except AioRpcError as error:
                asked = "ask how people sign in"
                raise from_grpc(error, asked=asked, endpoint=self.endpoint) from None

    async def user_info(self, header_key: str, token: str) -> dict[str, Any]:
        """Whom the platform takes the bearer of a token for. Raises Unauthenticated."""
        with self._asking(), auth_metadata((header_key, f"Bearer {token}")):
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

    # --- streams: they reconnect by themselves, and say so to `on_state` --------------------------
    #
    # Each is an async generator, which whoever leaves it early must close (`aclosing`).

    @contextmanager
    def _streaming(self) -> Iterator[None]:
        self.open_streams += 1
        try:
            yield
        finally:
            self.open_streams -= 1
            self.last_used = time.monotonic()

    async def watch_runs(self, scope: Scope, on_state: OnState) -> Batches[Run]:
        """Batches of runs to merge by name: a snapshot, then changes, for ever."""
        watch = Run.watchall(**await self._within(scope), on_state=self._hearing(on_state))
        with self._streaming():
            async with aclosing(watch.aio()) as batches:
                async for batch in batches:
                    yield batch

    async def watch_actions(self, scope: Scope, run: str, on_state: OnState) -> Batches[Action]:
        """Batches of a run's actions to merge by name: a snapshot, then changes, for ever."""
        within = await self._within(scope)
        watch = Action.watchall(for_run_name=run, **within, on_state=self._hearing(on_state))
        with self._streaming():
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
        with self._streaming():
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
        with self._streaming():
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


# --- as whom ----------------------------------------------------------------------------------

IDLE_S = 600.0
"""A person's connection that nobody used for so long is closed; the next question opens one."""

ANONYMOUS, SERVICE = "anonymous", "service"

_acting: ContextVar[int | None] = ContextVar("acting_person", default=None)
_replaced: Platform | None = None
_open: dict[str, Platform] = {}
_closing: set[asyncio.Task[None]] = set()


def act_as(person_id: int | None) -> None:
    """From here on this request or socket calls as this person; None calls as the service."""
    _acting.set(person_id)


def platform() -> Platform:
    """The platform that the settings name, as the acting person sees it."""
    acting = _acting.get()
    return service_platform() if acting is None else _as(f"person:{acting}", acting)


def service_platform() -> Platform:
    """The platform as the service identity sees it: for people without a token, and for nobody."""
    return _as(SERVICE)


def _as(identity: str, person_id: int | None = None) -> Platform:
    if _replaced is not None:
        return _replaced
    found = _open.get(identity)
    if found is None:
        _close_idle()
        found = _open[identity] = Platform(
            settings.FLYTE_ENDPOINT,
            insecure=settings.FLYTE_INSECURE,
            ca_cert=settings.FLYTE_CA_CERT,
            identity=identity,
            auth=_auth(identity, person_id),
        )
    found.last_used = time.monotonic()
    return found


def _auth(identity: str, person_id: int | None) -> AuthOptions | None:
    if person_id is not None:
        # Imported here: who keeps tokens asks the platform about them.
        from dashboard.identity.authenticator import PersonAuthenticator

        return AuthOptions(authenticator=PersonAuthenticator(person_id))
    if identity == SERVICE and settings.FLYTE_SERVICE_CLIENT_ID:
        return AuthOptions(
            auth_type="ClientSecret",
            client_id=settings.FLYTE_SERVICE_CLIENT_ID,
            client_secret=settings.FLYTE_SERVICE_CLIENT_SECRET,
            token_store=MemoryTokenStore(),
        )
    # Nothing goes with a call but what the caller brings for it.
    return AuthOptions(auth_type="Passthrough") if identity == ANONYMOUS else None


def _close_idle() -> None:
    now = time.monotonic()
    for identity, each in list(_open.items()):
        if not each.open_streams and now - each.last_used > IDLE_S:
            del _open[identity]
            task = asyncio.ensure_future(each.close())
            _closing.add(task)
            task.add_done_callback(_closing.discard)


async def close_platforms() -> None:
    """Close every identity's connection."""
    gone = list(_open.values())
    _open.clear()
    await asyncio.gather(*(each.close() for each in gone), *_closing)


async def close_person(person_id: int) -> None:
    """Close a person's connection, and every stream on it; the next question opens another."""
    gone = _open.pop(f"person:{person_id}", None)
    if gone is not None:
        await gone.close()


async def sign_in_config() -> ClientConfig | None:
    """How the platform says that people sign in; None when it has no authentication."""
    return await _as(ANONYMOUS).sign_in_config()


async def user_info(header_key: str, token: str) -> dict[str, Any]:
    """Whom the platform takes the token's bearer for, as OpenID Connect names it."""
    return await _as(ANONYMOUS).user_info(header_key, token)


def replace_platform(other: Platform | None) -> Platform | None:
    """Put another in everybody's place (a test's fake), or None to start afresh; gives the old."""
    global _replaced
    old, _replaced = _replaced, other
    if other is None:
        _open.clear()
    return old
