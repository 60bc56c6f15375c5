"""Actions of the fake platform beside their details: values, reports, code, questions and ends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dashboard.pages import Scope
from remote_client.errors import FailedPrecondition, NotFound
from tests.unit.dashboard import things


class FakeActions:
    """Tables that a test fills; what was done is in `answered` and `aborted_actions`."""

    values: dict[str, list[Any]]

    def __init__(self) -> None:
        super().__init__()
        self.conditions_there: dict[str, Any] = {}
        self.answered: list[tuple[str, Any]] = []
        self.aborted_actions: list[tuple[str, str]] = []
        self.reports: dict[int, str] = {}
        self.bundle: bytes | None = None
        self.is_answered_already = False

    async def input_value(self, action: Any, name: str) -> Any:
        return {value.name: value.value for value in self.values["inputs"]}[name]

    async def output_value(self, action: Any, name: str) -> Any:
        return {value.name: value.value for value in self.values["outputs"]}[name]

    async def report(self, action: Any, attempt: int) -> str | None:
        return self.reports.get(attempt)

    async def code_bundle(self, action: Any, attempt: int, most_bytes: int) -> bytes | None:
        if self.bundle is not None and len(self.bundle) > most_bytes:
            raise ValueError(f"The code has more than {most_bytes:,} bytes.")
        return self.bundle

    async def abort_action(self, action: Any, reason: str) -> None:
        self.aborted_actions.append((action.name, reason))

    async def condition(self, scope: Scope, run: str, name: str) -> Any:
        if name not in self.conditions_there:
            raise NotFound(f"There is no condition {name!r}.")
        return self.conditions_there[name]

    async def answer(self, condition: Any, answer: Any) -> None:
        if self.is_answered_already:
            raise FailedPrecondition("It was answered.")
        self.answered.append((condition.name, answer))

    async def waiting_conditions(self, scope: Scope, runs: Iterable[str]) -> list[Any]:
        return [things.condition(name) for name in self.conditions_there]
