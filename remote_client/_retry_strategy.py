"""How often a task is tried again, with what pauses, and how long it may take."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flyteidl2.core import literals_pb2
from google.protobuf import duration_pb2

from remote_client._values.times import to_seconds_nanos

# The wire holds the number of retries in 32 bits.
_MAX_RETRIES = 2**32 - 1
_Span = timedelta | int


@dataclass(frozen=True)
class Backoff:
    """Pause before a retry: `base * factor**n` before the n-th (from 0), never more than `cap`.

    Raises ValueError for a negative pause, a factor below 1, or growth without a cap.
    """

    base: timedelta
    factor: float = 1.0
    cap: timedelta | None = None

    def __post_init__(self) -> None:
        if self.base < timedelta(0) or (self.cap is not None and self.cap < timedelta(0)):
            raise ValueError("A pause between retries cannot be negative.")
        if not math.isfinite(self.factor) or self.factor < 1:
            raise ValueError(f"Backoff.factor is a number from 1 on, not {self.factor!r}.")
        if self.factor > 1 and self.cap is None:
            raise ValueError("Pauses that grow need a cap.")

    def delay(self, retry: int) -> timedelta:
        """The pause before the given retry, counted from 0."""
        if retry < 0:
            raise ValueError(f"Retries are counted from 0, not from {retry}.")
        try:
            pause = self.base * self.factor**retry
        except OverflowError:
            # Only a factor above 1 can overflow, and then there is a cap.
            return self.cap or self.base
        return pause if self.cap is None else min(pause, self.cap)


@dataclass(frozen=True)
class RetryStrategy:
    """`count` more attempts after a failed one, paced by `backoff` (at once when None).

    Raises ValueError when `count` is not a whole number from 0 on.
    """

    count: int
    backoff: Backoff | None = None

    def __post_init__(self) -> None:
        whole = isinstance(self.count, int) and not isinstance(self.count, bool)
        if not whole or not 0 <= self.count <= _MAX_RETRIES:
            raise ValueError(f"The number of retries is a whole number from 0, not {self.count!r}.")


@dataclass(frozen=True)
class Timeout:
    """Limits in seconds or as timedelta; None or 0 is no limit.

    `max_runtime`: running time of one attempt. `max_queued_time`: waiting time of one attempt
    before it starts. `deadline`: from the first queueing to the end, over all attempts.
    Raises ValueError for a negative limit.
    """

    max_runtime: _Span | None = None
    max_queued_time: _Span | None = None
    deadline: _Span | None = None

    def __post_init__(self) -> None:
        for name in ("max_runtime", "max_queued_time", "deadline"):
            span = getattr(self, name)
            if span is not None and _timedelta(span) < timedelta(0):
                raise ValueError(f"{name} cannot be negative.")


def retries_of(retries: int | RetryStrategy) -> RetryStrategy:
    """A plain number of retries, or a strategy, as a strategy."""
    return retries if isinstance(retries, RetryStrategy) else RetryStrategy(retries)


def timeout_of(timeout: _Span | Timeout) -> Timeout:
    """Seconds or a timedelta mean `max_runtime`. TypeError for anything else."""
    return timeout if isinstance(timeout, Timeout) else Timeout(max_runtime=_timedelta(timeout))


def retries_to_wire(retries: int | RetryStrategy) -> Any:
    """The `RetryStrategy` message of a task's metadata."""
    strategy = retries_of(retries)
    message = literals_pb2.RetryStrategy(retries=strategy.count)
    if (backoff := strategy.backoff) is not None:
        message.backoff.base.CopyFrom(_duration(backoff.base))
        message.backoff.factor = backoff.factor
        if backoff.cap is not None:
            message.backoff.cap.CopyFrom(_duration(backoff.cap))
    return message


def runtime_to_wire(timeout: _Span | Timeout) -> Any | None:
    """`TaskMetadata.timeout`: the running time of one attempt, or None for no limit."""
    return _limit(timeout_of(timeout).max_runtime)


def timeouts_to_wire(timeout: _Span | Timeout) -> Any | None:
    """`TaskMetadata.timeouts`: queueing time and deadline, or None when neither is limited."""
    limits = timeout_of(timeout)
    queued, deadline = _limit(limits.max_queued_time), _limit(limits.deadline)
    if queued is None and deadline is None:
        return None
    return literals_pb2.TimeoutStrategy(queued_timeout=queued, deadline=deadline)


def _limit(span: _Span | None) -> Any | None:
    return _duration(_timedelta(span)) if span else None


def _timedelta(span: _Span) -> timedelta:
    if isinstance(span, timedelta):
        return span
    if isinstance(span, int) and not isinstance(span, bool):
        return timedelta(seconds=span)
    raise TypeError(f"A timeout is seconds, a timedelta or a Timeout, not {type(span).__name__}.")


def _duration(length: timedelta) -> Any:
    seconds, nanos = to_seconds_nanos(length)
    return duration_pb2.Duration(seconds=seconds, nanos=nanos)
