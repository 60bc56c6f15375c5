"""Which runs a listing asks for, and how one page of them is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flyteidl2.workflow import run_service_pb2

from remote_client._client.calls import call
from remote_client._filters import (
    NEWEST_FIRST,
    FieldFilter,
    SortBy,
    TimeFilter,
    equal,
    in_time,
    list_request,
)
from remote_client._filters import in_phase as phase_filters
from remote_client._phase import PhaseChoice
from remote_client._scope import Scope

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Conditions and order over the runs of one project and domain."""

    client: ClientSet
    scope: Scope
    filters: tuple[Any, ...] = ()
    sort_by: SortBy | Sequence[SortBy] = NEWEST_FIRST

    @classmethod
    def of(
        cls,
        client: ClientSet,
        scope: Scope,
        *,
        in_phase: PhaseChoice | None = None,
        task_name: str | None = None,
        task_version: str | None = None,
        created_by_subject: str | None = None,
        sort_by: SortBy | Sequence[SortBy] = NEWEST_FIRST,
        created_at: TimeFilter | None = None,
        updated_at: TimeFilter | None = None,
        where: Sequence[FieldFilter] = (),
    ) -> RunQuery:
        """The query for what `Run.listall` was given."""
        filters = (
            *phase_filters(in_phase),
            *equal("task_name", task_name),
            *equal("task_version", task_version),
            *equal("created_by_subject", created_by_subject),
            *in_time("created_at", created_at),
            *in_time("updated_at", updated_at),
            *(condition.to_protobuf() for condition in where),
        )
        return cls(client, scope, filters, sort_by)

    async def page(self, size: int, token: str = "") -> Any:
        """One page's answer, with `runs` and `token`."""
        request = run_service_pb2.ListRunsRequest(
            project_id=self.scope.project_id(),
            request=list_request(
                limit=size, token=token, sort_by=self.sort_by, filters=self.filters
            ),
        )
        asked = f"list the runs of {self.scope.label}"
        return await call(self.client, "run_service", "ListRuns", request, asked=asked)
