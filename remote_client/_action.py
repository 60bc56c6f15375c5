"""Actions: the nodes of a run. The root action is `a0`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from flyteidl2.workflow import run_service_pb2

from remote_client._action_base import ActionBase, read_details, summary_of
from remote_client._action_details import ActionDetails, watch_series
from remote_client._action_io import ActionInputs, ActionOutputs
from remote_client._client.calls import call
from remote_client._context import resolve
from remote_client._filters import SortBy, TimeFilter, in_time, list_request
from remote_client._filters import in_phase as phase_filters
from remote_client._listing import PAGE_SIZE, Page, pages
from remote_client._phase import ActionPhase, PhaseChoice
from remote_client._scope import Scope
from remote_client._wait import WaitFor, wait_until
from remote_client._watch import OnState, patience_for
from remote_client.syncify import Series, syncify

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

__all__ = ["Action"]


class Action(ActionBase):
    """One action of a run, as it was when it was read; `wait` and `watch` bring it up to date.

    Actions that come from `listall` of the real backend know only their names, phase, parent and
    group; those of `get` and `watchall` know everything.
    """

    def __init__(
        self,
        pb: Any,
        client: ClientSet,
        scope: Scope,
        *,
        children_phase_counts: dict[ActionPhase, int] | None = None,
    ) -> None:
        super().__init__(pb, client, scope)
        self._children = children_phase_counts or {}

    @property
    def children_phase_counts(self) -> dict[ActionPhase, int]:
        """How many of all its descendants are in each phase; only `watchall` knows."""
        return dict(self._children)

    @syncify.classmethod
    @classmethod
    async def get(
        cls,
        uri: str | None = None,
        /,
        *,
        run_name: str,
        name: str,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> Action:
        """The action of that run. Raises NotFound. `uri` has no meaning and may be left out."""
        client, scope = resolve(client, project=project, domain=domain, org=org)
        details = await read_details(client, scope.required(), run_name, name)
        return cls(summary_of(details), client, scope)

    @syncify.series
    @classmethod
    def listall(
        cls,
        for_run_name: str,
        *,
        in_phase: PhaseChoice | None = None,
        sort_by: SortBy = ("created_at", "asc"),
        created_at: TimeFilter | None = None,
        updated_at: TimeFilter | None = None,
        limit: int | None = None,
        page_size: int = PAGE_SIZE,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> Series[Action]:
        """The actions of a run, oldest first: all, or at most `limit`."""
        client, scope = resolve(client, project=project, domain=domain, org=org)
        filters = [
            *phase_filters(in_phase),
            *in_time("created_at", created_at),
            *in_time("updated_at", updated_at),
        ]
        run_id = scope.required().run_id(for_run_name)

        async def fetch(size: int, token: str) -> Page[Action]:
            request = run_service_pb2.ListActionsRequest(
                run_id=run_id,
                request=list_request(limit=size, token=token, sort_by=sort_by, filters=filters),
            )
            asked = f"list the actions of run {for_run_name!r} in {scope.label}"
            answer = await call(client, "run_service", "ListActions", request, asked=asked)
            return Page([cls(action, client, scope) for action in answer.actions], answer.token)

        def batches() -> AsyncGenerator[list[Action], None]:
            return pages(
                fetch, key=lambda a: a.name, limit=limit, page_size=page_size, what="actions"
            )

        return Series(batches)

    @syncify.series
    @classmethod
    def watchall(
        cls,
        for_run_name: str,
        *,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
        on_state: OnState | None = None,
    ) -> Series[list[Action]]:
        """Lists of actions of a run: first all of them, in one list or several, then changes.

        Merge them by name. The stream reconnects for ever and never ends by itself: stop when the
        run has ended. `on_state` hears how the connection is doing. Raises NotFound for a run that
        does not exist.
        """
        from remote_client._action_watch import watch_actions

        client, scope = resolve(client, project=project, domain=domain, org=org)
        scope.required()
        return Series.of(lambda: watch_actions(client, scope, for_run_name, on_state))

    @syncify.method
    async def details(self) -> ActionDetails:
        """Everything the platform tells of it, as it is now."""
        return await self._details()

    @syncify.method
    async def inputs(self) -> ActionInputs:
        """What it was given."""
        return await (await self._details()).inputs.aio()

    @syncify.method
    async def outputs(self) -> ActionOutputs:
        """What it gave back.

        Raises OutputsNotReadyError before a terminal phase, ActionFailedError and
        ActionAbortedError when it ended without outputs.
        """
        return await (await self._details()).outputs.aio()

    @syncify.series
    def watch(
        self, cache_data_on_done: bool = False, *, on_state: OnState | None = None
    ) -> Series[ActionDetails]:
        """Its details now and after each change, until it is terminal; this object follows.

        With `cache_data_on_done` the last details have their inputs and outputs read already.
        """

        async def updates() -> AsyncGenerator[ActionDetails, None]:
            watch = watch_series(
                self._client,
                self._scope,
                self.run_name,
                self.name,
                on_state=on_state,
                patience_s=patience_for(on_state),
                cache_data_on_done=cache_data_on_done,
            )
            async with aclosing(watch.aio()) as changes:
                async for details in changes:
                    self._follow(details)
                    yield details

        return Series.of(updates)

    @syncify.method
    async def wait(
        self,
        quiet: bool = False,
        wait_for: WaitFor = "terminal",
        *,
        timeout: float | None = None,
    ) -> ActionPhase:
        """Wait until it is terminal ("running", "logs-ready": or earlier has that).

        Shows progress on the error stream unless `quiet`. Returns the phase; a failure is not an
        exception. Raises TimeoutError after `timeout` seconds, and Unavailable when the platform
        is away for ten minutes.
        """
        return await wait_until(
            self._client,
            self._scope,
            self.run_name,
            self.name,
            wait_for=wait_for,
            quiet=quiet,
            timeout=timeout,
            on_update=self._follow,
        )

    def _follow(self, details: ActionDetails) -> None:
        self._pb = summary_of(details._pb)
