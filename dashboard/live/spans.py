"""How the actions in somebody's sight spent their time: read once for all viewers of a run.

The stream of a run tells when an action started and ended. Queue, setup and run of each attempt
are in its details, which are asked for when a timeline shows it, and again when it has changed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

from dashboard.timelines import Span, spans_of
from dashboard.tree_nodes import Facts, Node
from remote_client import ActionDetails
from remote_client.errors import RemoteError

logger = logging.getLogger(__name__)

READERS = 4
"""Questions to the platform at once."""


class Spans:
    """Spans by action, and the questions about those that are not known yet."""

    def __init__(
        self,
        ask: Callable[[str], Awaitable[ActionDetails]],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        learnt: Callable[[Node], None],
    ) -> None:
        self._ask = ask
        self._spawn = spawn
        self._learnt = learnt
        self._known: dict[str, tuple[Span, ...]] = {}
        self._asked: dict[str, Facts] = {}
        """As each action was when it was last asked about."""
        self._waiting: dict[str, Node] = {}
        self._readers = 0

    def of(self, node: Node) -> tuple[Span, ...] | None:
        return self._known.get(node.key)

    def want(self, nodes: Iterable[Node]) -> None:
        """These are in sight: read what is not known of them, or no longer true."""
        for node in nodes:
            facts = node.facts
            if facts is None or facts.kind == "trace" or self._asked.get(node.key) is facts:
                continue
            self._asked[node.key] = facts
            self._waiting[node.key] = node
        while self._waiting and self._readers < min(READERS, len(self._waiting)):
            self._readers += 1
            self._spawn(self._read())

    async def _read(self) -> None:
        try:
            while self._waiting:
                key = next(iter(self._waiting))
                node = self._waiting.pop(key)
                await self._read_one(key, node)
                await asyncio.sleep(0)
        finally:
            self._readers -= 1

    async def _read_one(self, key: str, node: Node) -> None:
        try:
            found = spans_of(await self._ask(key))
        except RemoteError as error:
            logger.info("No times of action %s: %s", key, error)
            return
        if self._known.get(key) != found:
            self._known[key] = found
            self._learnt(node)
