"""Waiting for an action, with something to look at meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any, Literal

from remote_client._action_details import ActionDetails, watch_series
from remote_client._phase import ActionPhase
from remote_client._progress import progress_for
from remote_client._watch import StreamState

__all__ = ["WaitFor"]

WaitFor = Literal["terminal", "running", "logs-ready"]

_REACHED: dict[str, Callable[[ActionDetails], bool]] = {
    "terminal": lambda details: False,
    "running": lambda details: details.is_running,
    "logs-ready": lambda details: details.logs_available(),
}


def check_wait_for(wait_for: str) -> Callable[[ActionDetails], bool]:
    """What to wait for, as a question. Raises ValueError, naming the choices."""
    if wait_for not in _REACHED:
        raise ValueError(f"wait_for must be one of {', '.join(_REACHED)}, not {wait_for!r}.")
    return _REACHED[wait_for]


async def wait_until(
    client: Any,
    scope: Any,
    run_name: str,
    name: str,
    *,
    wait_for: WaitFor,
    quiet: bool,
    timeout: float | None,
    on_update: Callable[[ActionDetails], None],
) -> ActionPhase:
    """Wait until the action is terminal, or earlier reaches what is waited for.

    Returns the phase that it has then. Raises TimeoutError after `timeout` seconds.
    """
    reached = check_wait_for(wait_for)
    phase = ActionPhase.UNKNOWN
    with progress_for(run_name, name, quiet) as progress:

        def hear(state: StreamState) -> None:
            progress.connection(state)

        updates = watch_series(client, scope, run_name, name, on_state=hear)
        async with asyncio.timeout(timeout), aclosing(updates.aio()) as watch:
            async for details in watch:
                phase = details.phase
                on_update(details)
                progress.update(details)
                if reached(details):
                    break
    return phase
