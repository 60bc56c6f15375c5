"""A task that is named now and read when it is needed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from remote_client._launch import RunOptions
from remote_client._task_details import TaskDetails
from remote_client.syncify import syncify

if TYPE_CHECKING:
    from remote_client._run import Run

__all__ = ["LazyEntity"]


class LazyEntity:
    """A task that is read from the platform when it is first needed."""

    def __init__(self, name: str, getter: Callable[[], Awaitable[TaskDetails]]) -> None:
        self._name = name
        self._getter = getter
        self._details: TaskDetails | None = None

    @property
    def name(self) -> str:
        """The task's name."""
        return self._name

    @syncify.method
    async def fetch(self) -> TaskDetails:
        """The details, read once; a failure is not kept. Raises RemoteTaskNotFoundError."""
        if self._details is None:
            details = await self._getter()
            # Of callers who came at once, all get the same object.
            self._details = self._details or details
        return self._details

    def override(self, **changes: Any) -> LazyEntity:
        """The same task with other properties, as `TaskDetails.override` takes; nothing is read."""

        async def overridden() -> TaskDetails:
            return (await self.fetch.aio()).override(**changes)

        return LazyEntity(self._name, overridden)

    def __call__(self, *args: Any, **inputs: Any) -> Any:
        """Read the task and call it: see `TaskDetails`."""
        return self._invoke(args, inputs)

    @syncify.method
    async def _invoke(self, args: tuple[Any, ...], inputs: dict[str, Any]) -> Any:
        return await (await self.fetch.aio())(*args, **inputs)

    @syncify.method
    async def run(
        self, inputs: Mapping[str, Any] | None = None, *, options: RunOptions | None = None
    ) -> Run:
        """Read the task and start a run of it: see `TaskDetails.run`."""
        return await (await self.fetch.aio()).run.aio(inputs, options=options)

    def __repr__(self) -> str:
        return f"Future for task with name {self._name}"
