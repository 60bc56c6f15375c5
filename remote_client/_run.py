"""Runs: executions that someone or something started."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from flyteidl2.workflow import run_service_pb2

from remote_client._action import Action
from remote_client._action_base import ROOT, summary_of
from remote_client._action_details import ActionDetails, watch_series
from remote_client._action_facts import ActionFacts
from remote_client._action_io import ActionInputs, ActionOutputs
from remote_client._client.calls import call
from remote_client._context import resolve
from remote_client._entity import ScopedEntity, scope_of
from remote_client._filters import NEWEST_FIRST, FieldFilter, SortBy, TimeFilter
from remote_client._launch import RunOptions
from remote_client._listing import PAGE_SIZE, Page, page_size_of, pages
from remote_client._phase import ActionPhase, PhaseChoice
from remote_client._rerun import rerun
from remote_client._run_details import RunDetails, read_run_details
from remote_client._run_query import RunQuery
from remote_client._run_reads import read_run, summary_of_run
from remote_client._scope import Scope
from remote_client._wait import WaitFor, wait_until
from remote_client._watch import OnState, patience_for
from remote_client.errors import NotFound
from remote_client.syncify import Series, syncify

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

__all__ = ["Run"]


class Run(ActionFacts, ScopedEntity):
    """A run, as it was when it was read. Its phase is that of its root action, `a0`."""

    def __init__(self, pb: Any, client: ClientSet, scope: Scope) -> None:
        super().__init__(pb, client, scope_of(pb.action.id.run, scope))

    @property
    def _metadata(self) -> Any:
        return self._pb.action.metadata

    @property
    def _status(self) -> Any:
        return self._pb.action.status

    @property
    def _action_name(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Its identifier within the project and domain."""
        return str(self._pb.action.id.run.name)

    @property
    def labels(self) -> dict[str, str]:
        """Its labels, where the platform tells them."""
        return dict(self._pb.labels)

    @property
    def url(self) -> str:
        """Its page in the console."""
        return self._client.console.run_url(self.project, self.domain, self.name)

    @property
    def action(self) -> Action:
        """Its root action."""
        return Action(self._pb.action, self._client, self._scope)

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
    ) -> Run:
        """The run of this name. Raises NotFound."""
        client, scope = resolve(client, project=project, domain=domain, org=org)
        details = await read_run(client, scope.required(), name)
        return cls(summary_of_run(details), client, scope)

    @syncify.series
    @classmethod
    def listall(
        cls,
        *,
        in_phase: PhaseChoice | None = None,
        task_name: str | None = None,
        task_version: str | None = None,
        created_by_subject: str | None = None,
        sort_by: SortBy = NEWEST_FIRST,
        created_at: TimeFilter | None = None,
        updated_at: TimeFilter | None = None,
        limit: int | None = 100,
        page_size: int = PAGE_SIZE,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> Series[Run]:
        """Runs of a project and domain, newest first: at most `limit`, None for all.

        Conditions are joined by "and". `created_by_subject` is the subject of the person's token.
        """
        client, scope = resolve(client, project=project, domain=domain, org=org)
        query = RunQuery.of(
            client,
            scope.required(),
            in_phase=in_phase,
            task_name=task_name,
            task_version=task_version,
            created_by_subject=created_by_subject,
            sort_by=sort_by,
            created_at=created_at,
            updated_at=updated_at,
        )

        async def fetch(size: int, token: str) -> Page[Run]:
            return await _page(cls, query, size, token)

        def batches() -> AsyncGenerator[list[Run], None]:
            return pages(fetch, key=lambda r: r.name, limit=limit, page_size=page_size, what="runs")

        return Series(batches)

    @syncify.classmethod
    @classmethod
    async def listpage(
        cls,
        *,
        limit: int = 100,
        token: str = "",
        in_phase: PhaseChoice | None = None,
        task_name: str | None = None,
        task_version: str | None = None,
        created_by_subject: str | None = None,
        sort_by: SortBy | Sequence[SortBy] = NEWEST_FIRST,
        created_at: TimeFilter | None = None,
        updated_at: TimeFilter | None = None,
        where: Sequence[FieldFilter] = (),
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
    ) -> Page[Run]:
        """One page of a listing, in one call: at most `limit` (1 to 100) runs.

        `where` holds further conditions, and `sort_by` may be several keys. `token` is the
        `next_token` of the page before, "" for the first. Tokens are offsets: while runs are being
        created, a run may stand on two pages.
        """
        client, scope = resolve(client, project=project, domain=domain, org=org)
        query = RunQuery.of(
            client,
            scope.required(),
            in_phase=in_phase,
            task_name=task_name,
            task_version=task_version,
            created_by_subject=created_by_subject,
            sort_by=sort_by,
            created_at=created_at,
            updated_at=updated_at,
            where=where,
        )
        return await _page(cls, query, page_size_of(limit), token)

    @syncify.series
    @classmethod
    def watchall(
        cls,
        *,
        client: ClientSet | None = None,
        project: str | None = None,
        domain: str | None = None,
        org: str | None = None,
        on_state: OnState | None = None,
    ) -> Series[list[Run]]:
        """Lists of runs: first the newest hundred (perhaps an empty list), then changes.

        Merge them by name. Between changes the newest runs are listed again about every 20 s,
        since a platform may drop events. The stream reconnects for ever and never ends by itself.
        `on_state` hears how the connection is doing.
        """
        from remote_client._run_watch import watch_runs

        client, scope = resolve(client, project=project, domain=domain, org=org)
        scope.required()
        return Series.of(lambda: watch_runs(client, scope, on_state))

    @syncify.method
    async def details(self) -> RunDetails:
        """Everything the platform tells of it, as it is now."""
        return await read_run_details(self._client, self._scope, self.name)

    @syncify.method
    async def inputs(self) -> ActionInputs:
        """What it was given."""
        return await self.action.inputs.aio()

    @syncify.method
    async def outputs(self) -> ActionOutputs:
        """What it gave back.

        Raises OutputsNotReadyError before a terminal phase, ActionFailedError and
        ActionAbortedError when it ended without outputs.
        """
        return await self.action.outputs.aio()

    @syncify.series
    def watch(
        self, cache_data_on_done: bool = False, *, on_state: OnState | None = None
    ) -> Series[ActionDetails]:
        """The details of its root action now and after each change, until it is terminal.

        This object follows. With `cache_data_on_done` the last details have their inputs and
        outputs read already.
        """

        async def updates() -> AsyncGenerator[ActionDetails, None]:
            watch = watch_series(
                self._client,
                self._scope,
                self.name,
                ROOT,
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
            self.name,
            ROOT,
            wait_for=wait_for,
            quiet=quiet,
            timeout=timeout,
            on_update=self._follow,
        )

    def _follow(self, details: ActionDetails) -> None:
        self._pb.action.CopyFrom(summary_of(details._pb))

    @syncify.series
    def get_logs(
        self, attempt: int | None = None, *, filter_system: bool = False, show_ts: bool = False
    ) -> Series[str]:
        """The lines of its root action's log as texts: see `Action.get_logs`."""
        return self.action.get_logs(attempt, filter_system=filter_system, show_ts=show_ts)

    @syncify.method
    async def show_logs(
        self,
        attempt: int | None = None,
        max_lines: int = 100,
        show_ts: bool = False,
        raw: bool = False,
        filter_system: bool = False,
    ) -> None:
        """Show the log of its root action until it ends: see `Logs.create_viewer`."""
        await self.action.show_logs.aio(attempt, max_lines, show_ts, raw, filter_system)

    @syncify.method
    async def get_report(self, attempt: int | None = None) -> str:
        """The report of its root action as HTML, which is not to be trusted. Raises NotFound."""
        return await self.action.get_report.aio(attempt)

    @syncify.method
    async def rerun(
        self,
        inputs: Mapping[str, Any] | None = None,
        *,
        recover: bool = False,
        options: RunOptions | None = None,
    ) -> Run:
        """Start another run of the same task with the same settings; `inputs` replaces some.

        With `recover` the platform takes over what succeeded, where it can do that.
        """
        return await rerun.aio(
            self.name,
            ROOT,
            inputs,
            recover=recover,
            options=options,
            client=self._client,
            project=self.project,
            domain=self.domain,
            org=self.org,
        )

    @syncify.method
    async def abort(self, reason: str = "Aborted from the Remote Platform API.") -> None:
        """Stop the run and everything in it. A run that does not exist any more counts as stopped.

        The open-source backend does not look at the phase: aborting a run that has ended turns its
        phase to aborted, so read the phase first.
        """
        request = run_service_pb2.AbortRunRequest(
            run_id=self._scope.run_id(self.name), reason=reason
        )
        asked = f"abort run {self.name!r} in {self._scope.label}"
        try:
            await call(self._client, "run_service", "AbortRun", request, asked=asked)
        except NotFound:
            return

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "name", self.name
        yield "phase", self.phase.value
        yield "task", self.task_name
        yield "version", self.task_version
        yield "start_time", self.start_time
        yield "end_time", self.end_time
        yield "owner", self.owner
        yield "url", self.url


async def _page(kind: type[Run], query: RunQuery, size: int, token: str) -> Page[Run]:
    answer = await query.page(size, token)
    runs = [kind(run, query.client, query.scope) for run in answer.runs]
    return Page(runs, answer.token)
