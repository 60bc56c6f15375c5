"""Topic `action`: one action's attempts, events, error, question, inputs and outputs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Any

from dashboard.action_tabs.value_pages import ValueView
from dashboard.action_tabs.value_views import Place, value_views
from dashboard.live import draw
from dashboard.live.protocol import ActionArgs
from dashboard.live.topic import BoardTopic, Key, logger
from dashboard.pages import ActionPanel
from dashboard.panels import Values, action_panel, no_outputs_note
from dashboard.upstream import Platform
from remote_client import ActionDetails, ActionPhase
from remote_client.errors import ClientError, NotFound, RemoteError

TEMPLATE = "runs/detail.html"

LATE_ERROR_S = 1.0
READ_TRIES = 4
READ_PAUSE_S = 0.5
"""A platform may say "not found" for a moment after an action has succeeded."""


class ActionTopic(BoardTopic):
    """Watches the action's details; reads its inputs once, and its outputs when there are any."""

    def __init__(self, key: Key, platform: Platform) -> None:
        super().__init__(key, platform)
        assert isinstance(key.args, ActionArgs)
        self.args = key.args
        self._details: ActionDetails | None = None
        self._inputs: tuple[ValueView, ...] | None = None
        self._outputs: tuple[ValueView, ...] | None = None
        self._notes = {"inputs": "", "outputs": ""}

    async def pump(self) -> None:
        watch = self.platform.watch_action(self.scope, self.args.run, self.args.action, self.hear)
        async with aclosing(watch) as changes:
            async for details in changes:
                is_first, self._details = self._details is None, details
                if is_first:
                    self.spawn(self._read_values())
                self.touch()
                if details.done():
                    break
        await self.helpers_done()
        await self._read_late_error()
        await self._read_values()

    async def _read_late_error(self) -> None:
        """A platform may say that an action failed a moment before it says why."""
        details = self._details
        if details is None or details.error_info or details.phase is not ActionPhase.FAILED:
            return
        await asyncio.sleep(LATE_ERROR_S)
        args = self.args
        try:
            self._details = await self.insist(
                lambda: self.platform.action(self.scope, args.run, args.action)
            )
        except RemoteError as error:
            logger.info("No error of action %s: %s", args.action, error)

    @property
    def has_details(self) -> bool:
        return self._details is not None

    @property
    def details(self) -> ActionDetails | None:
        """The action as it is now; None until the platform told of it."""
        return self._details

    @property
    def panel(self) -> ActionPanel:
        """The panel as it is now; only once the topic is ready."""
        assert self._details is not None
        phase = self._details.phase
        notes = [self._notes["inputs"], self._notes["outputs"]]
        if self._outputs is None and not self._notes["outputs"]:
            notes.append(no_outputs_note(phase))
        values = Values(
            inputs=self._inputs or (),
            outputs=self._outputs or (),
            note=" ".join(note for note in notes if note),
        )
        return action_panel(self.scope, self._details, values)

    def flush(self) -> None:
        if self._details is None:
            return
        panel = self.panel
        # All that is drawn but the values, which have parts of their own.
        summary = replace(panel, inputs=(), outputs=(), io_note="")
        self._put("action-summary", "action_summary", summary, panel)
        events = tuple(attempt.events for attempt in panel.attempts)
        self._put("action-events", "action_events", (events, panel.phase), panel)
        # Not the whole note: what is open in the inputs stays when the action ends.
        inputs = (panel.inputs, self._notes["inputs"])
        self._put("action-inputs", "action_inputs", inputs, panel)
        outputs = (panel.outputs, panel.io_note, panel.phase)
        self._put("action-outputs", "action_outputs", outputs, panel)
        self.board.commit()

    def _put(self, part: str, name: str, value: Any, panel: ActionPanel) -> None:
        self.board.put_part(part, value, partial(draw.partial, TEMPLATE, name, panel=panel))

    # --- inputs and outputs -----------------------------------------------------------------------

    async def _read_values(self) -> None:
        """Read what is not known yet and can be known."""
        details = self._details
        if details is None:
            return
        if self._inputs is None:
            self._inputs = await self._read("inputs", lambda: self.platform.inputs(details))
        if self._outputs is None and details.phase.is_success:
            self._outputs = await self._read("outputs", lambda: self.platform.outputs(details))
        self._flush_now()
        self.set_ready()

    async def _read(
        self, what: str, ask: Callable[[], Awaitable[list[Any]]]
    ) -> tuple[ValueView, ...] | None:
        """The rows; None when they can't be read, and then the panel's note says why."""
        for attempt in range(READ_TRIES):
            if attempt:
                await asyncio.sleep(READ_PAUSE_S * attempt)
            try:
                rows = value_views(self._place(what), await self.insist(ask))
            except NotFound as error:
                self._notes[what] = f"The platform has no {what} of this action: {error.message}"
            except (RemoteError, ClientError) as error:
                self._notes[what] = f"The {what} can't be read: {error}"
                return None
            else:
                self._notes[what] = ""
                return rows
        return None

    def _place(self, side: str) -> Place:
        return Place(self.scope, self.args.run, self.args.action, side)
