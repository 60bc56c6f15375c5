"""An attempt's log as texts."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from remote_client._log_text import is_system, plain
from remote_client._logs import Logs

if TYPE_CHECKING:
    from remote_client._client.controlplane import ClientSet


async def log_texts(
    client: ClientSet, action_id: Any, attempt: int, *, filter_system: bool, show_ts: bool
) -> AsyncGenerator[list[str], None]:
    """Lists of lines, each ending in a line feed."""
    async with aclosing(Logs.tail_batches(action_id, attempt, client=client)) as batches:
        async for batch in batches:
            yield [
                plain(line, show_ts=show_ts)
                for line in batch
                if not (filter_system and is_system(line))
            ]
