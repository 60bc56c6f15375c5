"""The phases of an action: names, numbers on the wire, and which of them are final."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class ActionPhase(StrEnum):
    """Where an action is in its life. The value is the lower-case name.

    `unknown` stands for a number that this version does not know; the number itself is kept as
    `raw_phase` on the entity.
    """

    QUEUED = "queued"
    WAITING_FOR_RESOURCES = "waiting_for_resources"
    INITIALIZING = "initializing"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABORTED = "aborted"
    TIMED_OUT = "timed_out"
    PAUSED = "paused"
    RECOVERED = "recovered"
    UNKNOWN = "unknown"

    @property
    def is_terminal(self) -> bool:
        """True when the phase cannot change any more."""
        return self in _TERMINAL

    @property
    def is_success(self) -> bool:
        """True when the action ended with outputs."""
        return self in (ActionPhase.SUCCEEDED, ActionPhase.RECOVERED)

    @classmethod
    def from_wire(cls, number: int) -> ActionPhase:
        """The phase with this number on the wire; `UNKNOWN` for 0 and for numbers to come."""
        return _BY_NUMBER.get(number, cls.UNKNOWN)

    from_protobuf = from_wire

    def to_protobuf_value(self) -> int:
        """The number on the wire; 0 for `UNKNOWN`."""
        return _NUMBERS[self]

    def to_protobuf_name(self) -> str:
        """The name on the wire, such as `ACTION_PHASE_RUNNING`."""
        name = "UNSPECIFIED" if self is ActionPhase.UNKNOWN else self.name
        return f"ACTION_PHASE_{name}"

    @classmethod
    def parse(cls, phase: ActionPhase | str) -> ActionPhase:
        """The phase named in any case. Raises ValueError, naming the choices."""
        if isinstance(phase, cls):
            return phase
        name = str(phase).strip().lower().removeprefix("action_phase_")
        try:
            return cls(name)
        except ValueError:
            choices = ", ".join(p.value for p in cls if p is not cls.UNKNOWN)
            raise ValueError(f"There is no phase {phase!r}; choose from {choices}.") from None


_BY_NUMBER: dict[int, ActionPhase] = {
    1: ActionPhase.QUEUED,
    2: ActionPhase.WAITING_FOR_RESOURCES,
    3: ActionPhase.INITIALIZING,
    4: ActionPhase.RUNNING,
    5: ActionPhase.SUCCEEDED,
    6: ActionPhase.FAILED,
    7: ActionPhase.ABORTED,
    8: ActionPhase.TIMED_OUT,
    9: ActionPhase.PAUSED,
    10: ActionPhase.RECOVERED,
}
_NUMBERS = {phase: number for number, phase in _BY_NUMBER.items()} | {ActionPhase.UNKNOWN: 0}
_TERMINAL = frozenset(
    {
        ActionPhase.SUCCEEDED,
        ActionPhase.FAILED,
        ActionPhase.ABORTED,
        ActionPhase.TIMED_OUT,
        ActionPhase.RECOVERED,
    }
)

PhaseChoice = ActionPhase | str | Iterable[ActionPhase | str]


def phases(choice: PhaseChoice | None) -> tuple[ActionPhase, ...]:
    """The phases that a caller named, one or many, without repetition."""
    if choice is None:
        return ()
    named = (choice,) if isinstance(choice, str) else choice
    return tuple(dict.fromkeys(ActionPhase.parse(phase) for phase in named))
