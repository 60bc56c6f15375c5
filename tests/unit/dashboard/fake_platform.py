"""Stands in for `dashboard.upstream.Platform`: answers from tables, streams what a test feeds."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

from dashboard.pages import Scope
from remote_client import Page, RenderedValue, StreamState
from remote_client.errors import NotFound, RemoteError
from tests.unit.dashboard import things
from tests.unit.dashboard.fake_actions import FakeActions
from tests.unit.dashboard.fake_cluster_settings import FakeApps, FakeClusterSettings
from tests.unit.dashboard.fake_launching import FakeLaunching
from tests.unit.dashboard.fake_projects import FakeProjects
from tests.unit.dashboard.fake_run_lists import FakeRunLists
from tests.unit.dashboard.fake_search import FakeSearch
from tests.unit.dashboard.fake_secrets import FakeSecrets
from tests.unit.dashboard.fake_triggers import FakeTriggers

END = object()


class Feed:
    """What one kind of stream yields: batches, an error to raise, a state to tell, or the end."""

    def __init__(self) -> None:
        self.opened = 0
        self.open = 0
        self.on_state: Any = None
        self._items: list[Any] = []
        self._more = asyncio.Condition()

    async def give(self, *items: Any) -> None:
        """Append to what every stream yields; a new stream starts from the first item."""
        async with self._more:
            self._items += items
            self._more.notify_all()

    async def end(self) -> None:
        await self.give(END)

    def replace(self, *items: Any) -> None:
        """What the next stream yields, from its beginning."""
        self._items = list(items)

    def tell(self, kind: Any, error: RemoteError | None = None) -> None:
        """As the client does when the stream's connection fares differently."""
        self.on_state(StreamState(kind, datetime.now(UTC), None, error))

    async def read(self, on_state: Any) -> AsyncGenerator[Any, None]:
        self.opened, self.open, self.on_state = self.opened + 1, self.open + 1, on_state
        on_state(StreamState("connecting", datetime.now(UTC)))
        items, position = self._items, 0
        try:
            while True:
                async with self._more:
                    await self._more.wait_for(lambda: position < len(items))  # noqa: B023
                item, position = items[position], position + 1
                if item is END:
                    return
                if isinstance(item, Exception):
                    raise item
                on_state(StreamState("live", datetime.now(UTC)))
                yield item
        finally:
            self.open -= 1


class FakePlatform(
    FakeActions,
    FakeApps,
    FakeClusterSettings,
    FakeLaunching,
    FakeProjects,
    FakeRunLists,
    FakeSearch,
    FakeSecrets,
    FakeTriggers,
):
    """The tables are the test's to fill; the feeds are its hands on the streams."""

    endpoint = "fake:1"
    identity = "service"

    def __init__(self) -> None:
        super().__init__()
        self.unreachable_since: datetime | None = None
        self.error: Exception | None = None
        self.projects_there = {"shop": things.project()}
        self.runs_there: dict[str, Any] = {}
        self.pages: dict[str, Page[Any]] = {}
        self.details_there: dict[str, Any] = {}
        self.values: dict[str, list[RenderedValue]] = {"inputs": [], "outputs": []}
        self.aborted: list[tuple[str, str]] = []
        self.rerun_of: list[str] = []
        self.asked: Counter[str] = Counter()
        self.page_questions: list[dict[str, Any]] = []
        self.runs, self.actions, self.action_details, self.log = Feed(), Feed(), Feed(), Feed()

    async def sign_in_config(self) -> Any:
        """The fake announces no authentication."""
        return None

    async def renewed(self, opened_at: float) -> bool:
        """The service identity has nothing to renew."""
        return False

    def domains_known(self, project_id: str) -> tuple[str, ...]:
        return ("development", "production") if project_id == "shop" else ()

    async def project(self, project_id: str) -> Any:
        self._ask("project")
        return _found(self.projects_there, project_id, "project")

    async def runs_page(self, scope: Scope, **question: Any) -> Page[Any]:
        self._ask("runs_page")
        self.page_questions.append(question)
        return self.pages.get(question["token"], Page([], ""))

    async def run(self, scope: Scope, name: str) -> Any:
        self._ask("run")
        return _found(self.runs_there, name, "run")

    async def action(self, scope: Scope, run: str, name: str) -> Any:
        self._ask("action")
        return _found(self.details_there, name, "action")

    async def inputs(self, action: Any) -> list[RenderedValue]:
        self._ask("inputs")
        return self.values["inputs"]

    async def outputs(self, action: Any) -> list[RenderedValue]:
        self._ask("outputs")
        return self.values["outputs"]

    async def abort(self, run: Any, reason: str) -> None:
        self._ask("abort")
        self.aborted.append((run.name, reason))

    async def rerun(self, run: Any) -> Any:
        self._ask("rerun")
        self.rerun_of.append(run.name)
        return things.run(f"{run.name}-again")

    def watch_runs(self, scope: Scope, on_state: Any) -> AsyncGenerator[Any, None]:
        return self.runs.read(on_state)

    def watch_actions(self, scope: Scope, run: str, on_state: Any) -> AsyncGenerator[Any, None]:
        return self.actions.read(on_state)

    def watch_action(
        self, scope: Scope, run: str, name: str, on_state: Any
    ) -> AsyncGenerator[Any, None]:
        return self.action_details.read(on_state)

    def tail_log(
        self, scope: Scope, run: str, action: str, attempt: int, on_state: Any
    ) -> AsyncGenerator[Any, None]:
        return self.log.read(on_state)

    async def close(self) -> None:
        pass

    def _ask(self, what: str) -> None:
        self.asked[what] += 1
        if self.error is not None:
            raise self.error


def _found(table: dict[str, Any], name: str, what: str) -> Any:
    if name not in table:
        raise NotFound(f"Could not read {what} {name!r}: it does not exist.")
    return table[name]
