"""Calls about launching."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from dashboard.calls.connection import Connection
from dashboard.pages import Scope
from remote_client import ActionDetails, ActionInputs, Run, RunDetails, RunOptions, TaskDetails
from remote_client._rerun import rerun
from remote_client._upload import upload_file
from remote_client.errors import NotFound


class LaunchCalls(Connection):
    """Starts runs with inputs and settings."""

    async def launch(
        self, task: TaskDetails, inputs: Mapping[str, Any], options: RunOptions
    ) -> Run:
        """Start a run of a task's version; inputs that are not named get their defaults."""
        with self.asking():
            return await task.run.aio(inputs, options=options)

    async def run_details(self, scope: Scope, name: str) -> RunDetails:
        """A run with the settings that it was started with."""
        with self.asking():
            return await RunDetails.get.aio(name, **await self.within(scope))

    async def given_inputs(self, action: ActionDetails) -> ActionInputs:
        """What the action was called with, to be changed and handed on."""
        with self.asking():
            given: ActionInputs = await action.inputs.aio()
            return given

    async def rerun_changed(
        self,
        scope: Scope,
        run: str,
        action: str,
        inputs: Mapping[str, Any],
        options: RunOptions,
        *,
        recover: bool = False,
    ) -> Run:
        """Start an action's task again with some inputs changed, under these settings.

        `recover` asks the platform to take over what succeeded in the original.
        """
        within = await self.within(scope)
        with self.asking():
            return await rerun.aio(run, action, inputs, options=options, recover=recover, **within)

    async def is_free(self, scope: Scope, name: str) -> bool:
        """Whether no run has this name."""
        try:
            await self._run_of(scope, name)
        except NotFound:
            return True
        return False

    async def _run_of(self, scope: Scope, name: str) -> Run:
        with self.asking():
            return await Run.get.aio(name, **await self.within(scope))

    async def upload(self, scope: Scope, file: BinaryIO, name: str, folder: str = "") -> str:
        """Store a file on the platform; gives its address there."""
        within = await self.within(scope)
        with self.asking():
            return await upload_file.aio(file, name, folder=folder, **within)
