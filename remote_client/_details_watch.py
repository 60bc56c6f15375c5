"""Watching one action until it is terminal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from flyteidl2.workflow import run_service_pb2

from remote_client._action_base import read_details
from remote_client._action_details import ActionDetails
from remote_client._scope import Scope
from remote_client._watch import PATIENCE_S, OnState, Reconnect, read
from remote_client.errors import NotFound, RemoteError

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet

# The real backend adds the error a moment after the phase: wait for it so long, at most.
ERROR_TRIES = 4
ERROR_PAUSE_S = 0.4


async def watch_details(
    client: ClientSet,
    scope: Scope,
    run_name: str,
    name: str,
    *,
    on_state: OnState | None = None,
    patience_s: float | None = PATIENCE_S,
    cache_data_on_done: bool = False,
) -> AsyncGenerator[ActionDetails, None]:
    """The details now and after each change; the last one is terminal.

    A stream that ends before that, or is silent, is opened anew and begins with the whole state.
    An unreachable platform is looked for during `patience_s`; None is for ever.
    """
    request = run_service_pb2.WatchActionDetailsRequest(action_id=scope.action_id(run_name, name))
    asked = f"watch action {name!r} of run {run_name!r} in {scope.label}"
    link = Reconnect(on_state=on_state, patience_s=patience_s)
    last: Any = None
    while True:
        messages = read(
            client, lambda stubs: stubs.run_service.WatchActionDetails(request), asked=asked
        )
        try:
            async with aclosing(messages):
                async for message in messages:
                    link.delivered()
                    pb = message.details
                    if not pb.HasField("status") or pb == last:
                        continue
                    last = pb
                    details = ActionDetails(pb, client, scope)
                    if details.done():
                        break
                    yield details
                else:
                    await link.ended()
                    continue
        except RemoteError as error:
            await link.failed(error)
            continue
        yield await _complete(details, cache_data_on_done)
        return


async def _complete(details: ActionDetails, with_data: bool) -> ActionDetails:
    """The terminal details, with the error that belongs to them."""
    for _ in range(ERROR_TRIES):
        if details.error_info is not None or not _failed(details):
            break
        await asyncio.sleep(ERROR_PAUSE_S)
        details = await _again(details)
    if with_data:
        try:
            await details._read_data()
        except NotFound:
            # Nothing was ever stored for it; asking for inputs or outputs will say so.
            return details
    return details


def _failed(details: ActionDetails) -> bool:
    return details.done() and not details.phase.is_success and details.abort_info is None


async def _again(details: ActionDetails) -> ActionDetails:
    try:
        pb = await read_details(details._client, details._scope, details.run_name, details.name)
    except RemoteError:
        return details
    return ActionDetails(pb, details._client, details._scope)
