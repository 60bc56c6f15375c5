"""Topic `wall`: the figures of a project or of all, gathered once for everybody who looks.

They are read again every few seconds whatever happens, which is the wall's heartbeat, and soon
after any run changed, of which the topics of runs tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from dashboard.access.permissions import Role
from dashboard.access.rights import Rights
from dashboard.index.states import index_state
from dashboard.live import draw
from dashboard.live.protocol import RunsArgs, State, iso
from dashboard.live.runs import RunsTopic
from dashboard.live.topic import BoardTopic, Key
from dashboard.pages import Scope
from dashboard.run_lists.facts import RunFacts
from dashboard.run_lists.finding_viewers import scopes_of
from dashboard.upstream import Platform
from dashboard.wall.figures import Figures, from_index, from_runs
from dashboard.wall.release import release
from remote_client.errors import NotFound, RemoteError

if TYPE_CHECKING:
    from dashboard.live.hub import Viewer

EVERY_S = 10.0
"""How old the figures get while nothing changes; a page that hears nothing for three of these says
that it is stale."""

SOON_S = 0.5
"""Changes that come closer together are one reading."""

AGAIN_S = 2.0
"""The index hears of a change a moment after the watch: it is asked once more."""

MOST_WATCHED = 12
"""Projects and domains whose changes are pushed; those beyond show at the next reading."""

PARTS = ("figures", "failures", "running", "queued", "throughput", "note")

Join = Callable[[RunsArgs, Callable[[], None]], "Viewer"]


class WallTopic(BoardTopic):
    def __init__(self, key: Key, platform: Platform, join: Join) -> None:
        super().__init__(key, platform)
        self.figures: Figures | None = None
        self.read_at: datetime | None = None
        self._join = join
        self._watched: dict[Scope, Viewer] = {}
        self._wanted = asyncio.Event()

    async def pump(self) -> None:
        while True:
            self._wanted.clear()
            with suppress(RemoteError):  # told by the runs' own topics, or by the projects' listing
                await self._read()
            is_changed = await self._changed_within(EVERY_S)
            await asyncio.sleep(SOON_S if is_changed else 0)
            if is_changed:
                self._wanted.clear()
                with suppress(RemoteError):
                    await self._read()
                await self._changed_within(AGAIN_S)
                await asyncio.sleep(SOON_S)

    async def first(self, timeout_s: float) -> None:
        """Wait for figures, and no longer: a wall is shown without them too."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._ready.wait()

    def release(self) -> None:
        super().release()
        for viewer in self._watched.values():
            viewer.leave()
        self._watched.clear()

    async def _changed_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._wanted.wait()
        except TimeoutError:
            return False

    # --- one reading ------------------------------------------------------------------------------

    async def _read(self) -> None:
        try:
            scopes = await self._scopes()
        except RemoteError as error:
            if isinstance(error, NotFound):
                raise
            self.say_reconnecting(error, EVERY_S)
            return
        self._watch(scopes[:MOST_WATCHED])
        figures = await self._gather(scopes)
        if figures is not None:
            self._put(figures)
        self._tell_state()

    async def _scopes(self) -> list[Scope]:
        """Those of the project, or all that whoever asks the platform is shown."""
        if self.scope.project and self.scope.domain:
            return [self.scope]
        found = scopes_of(await self.platform.projects_known(), Rights(Role.VIEWER))
        return [each for each in found if self.scope.project in ("", each.project)]

    async def _gather(self, scopes: Sequence[Scope]) -> Figures | None:
        state = await index_state()
        if state.covers(scopes):
            return await from_index(scopes, state.note)
        topics = [viewer.topic for viewer in self._watched.values()]
        told = [each for each in topics if isinstance(each, RunsTopic) and each.is_told]
        if not told and scopes:
            return None
        runs: list[RunFacts] = [facts for topic in told for facts in topic.facts]
        beyond = len(scopes) - len(self._watched)
        left_out = f" {beyond} projects and domains are left out." if beyond > 0 else ""
        return from_runs(runs, f"{state.words()} Counted from the newest runs alone.{left_out}")

    def _put(self, figures: Figures) -> None:
        self.figures, self.read_at = figures, datetime.now(UTC)
        for part in PARTS:
            paint = partial(draw.partial, "wall/parts.html", part, figures=figures)
            self.board.put_part(part, figures, paint)
        self.board.set_field("at", iso(self.read_at))
        self.board.set_field("release", release())
        self.board.commit()
        self.set_ready()
        self.on_news()

    # --- what changes -----------------------------------------------------------------------------

    def _watch(self, scopes: Sequence[Scope]) -> None:
        for scope in self._watched.keys() - set(scopes):
            self._watched.pop(scope).leave()
        for scope in scopes:
            viewer = self._watched.get(scope)
            if viewer is None or viewer.topic.failure is not None:
                if viewer is not None:
                    viewer.leave()
                args = RunsArgs(scope.project, scope.domain)
                self._watched[scope] = self._join(args, self._wanted.set)

    def _tell_state(self) -> None:
        """The worst of what the watches say: a wall must not look alive while its platform is
        gone."""
        topics = [viewer.topic for viewer in self._watched.values()]
        lost = [topic.state for topic in topics if topic.state.state == "reconnecting"]
        if lost:
            self.set_state(min(lost, key=lambda state: state.since))
        elif self.state.state != "live" and (self.figures is not None):
            self.set_state(State("live", datetime.now(UTC)))
