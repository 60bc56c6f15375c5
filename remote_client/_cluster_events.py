"""What the cluster reports while an attempt gets going: pods scheduled, images pulled, trouble."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from flyteidl2.workflow import run_service_pb2

from remote_client._action_base import read_details
from remote_client._attempt import AttemptState, ClusterEvent, cluster_events
from remote_client._scope import Scope
from remote_client._watch import PATIENCE_S, Reconnect, read
from remote_client.errors import RemoteError

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet


async def watch_cluster_events(
    client: ClientSet, scope: Scope, run_name: str, name: str, attempt: int
) -> AsyncGenerator[list[ClusterEvent], None]:
    """Lists of events of an attempt, from its first; ends when the attempt has ended."""
    request = run_service_pb2.WatchClusterEventsRequest(
        id=scope.action_id(run_name, name), attempt=attempt
    )
    asked = f"watch the cluster events of action {name!r} of run {run_name!r} in {scope.label}"
    link, seen = Reconnect(patience_s=PATIENCE_S), 0

    async def may_go_on() -> bool:
        details = await read_details(client, scope, run_name, name)
        return not AttemptState.of(details, attempt).over

    while True:
        messages = read(
            client,
            lambda stubs: stubs.run_service.WatchClusterEvents(request),
            asked=asked,
            still_wanted=may_go_on,
        )
        try:
            # Each connection tells everything again, in the same order.
            skip = seen
            async with aclosing(messages):
                async for message in messages:
                    link.delivered()
                    found = list(message.cluster_events)
                    fresh: list[Any] = found[skip:]
                    skip = max(0, skip - len(found))
                    seen += len(fresh)
                    if fresh:
                        yield list(cluster_events(fresh))
            if not await may_go_on():
                return
            await link.ended()
        except RemoteError as error:
            await link.failed(error)
