"""Topic `log`: the lines of one attempt, out of its spool."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from dashboard.live.protocol import Args, LogArgs, Snapshot, Update, compact
from dashboard.live.resume import Resume
from dashboard.live.spool import LogSpool, spool_folder
from dashboard.live.spool_sweep import Limits, due, sweep_aside
from dashboard.live.topic import Key, Topic
from dashboard.pages import LogLineRow
from dashboard.upstream import SERVICE, Platform
from remote_client.errors import LogsGoneError, LogsNotYetAvailableError

WINDOW_LINES = 500
"""Lines of one message, and of a page's first paint."""

_GAP = "Lines may be missing: the platform no longer had them when Flightboard asked again."
_GONE = "The platform no longer keeps this log. These are the lines that Flightboard saved."
_GONE_EMPTY = "The platform no longer keeps this log."
_NEVER = "This attempt wrote no log."
_WAITING = "No line yet."


@dataclass(frozen=True)
class Position:
    """What a viewer has: the last line, and what it was told beside lines."""

    line: int | None
    """None before the first message, which then holds the newest lines."""
    facts: tuple[str, bool, int] | None = None


def _whose(platform: Platform) -> tuple[str, ...]:
    """Whose spool: what one person was shown must not be read from the disk by another."""
    mine = () if platform.identity == SERVICE else (platform.identity,)
    return (platform.endpoint, *mine)


class LogTopic(Topic[Position]):
    """Tails the attempt into its spool.

    Lines are never dropped: a viewer that lags reads on from the file at its own pace.
    """

    def __init__(self, key: Key, platform: Platform, home: Path) -> None:
        super().__init__(key, platform)
        assert isinstance(key.args, LogArgs)
        self.args = args = key.args
        names = (args.project, args.domain, args.run, args.action, str(args.attempt))
        folder = spool_folder(home, *_whose(platform), *names)
        self.home = home
        self.spool = LogSpool(folder, about={"platform": platform.endpoint, "log": names})
        self._gap = ""
        self._end_note = self.spool.note
        self._bodies: dict[tuple[Any, ...], tuple[str, int]] = {}

    async def pump(self) -> None:
        if due.now():
            limits = Limits(settings.LOG_SPOOL_MAX_MB, settings.LOG_SPOOL_MAX_DAYS)
            self.spawn(sweep_aside(self.home, limits))
        if self.spool.is_complete:
            return
        args, resume = self.args, Resume(self.spool)
        tail = self.platform.tail_log(self.scope, args.run, args.action, args.attempt, self.hear)
        try:
            async with aclosing(tail) as batches:
                async for batch in batches:
                    self.spool.append(resume.new_lines(batch))
                    self._gap = self._gap or (_GAP if resume.has_gap else "")
                    self.touch()
        except LogsNotYetAvailableError:
            self._end_note = _NEVER
        except LogsGoneError:
            self._end_note = _GONE if self.spool.total else _GONE_EMPTY
            self.spool.finish(self._end_note)
        else:
            self._end_note = self._gap
            self.spool.finish(self._gap)

    def flush(self) -> None:
        self._bodies.clear()
        if self.spool.total:
            self.set_ready()  # also wakes whoever waits for more lines

    def fail(self, error: Exception) -> None:
        super().fail(error)
        self.spool.close()  # the topic that is made in this one's place opens it again

    def release(self) -> None:
        super().release()
        self.spool.close()

    # --- for the first paint ----------------------------------------------------------------------

    @property
    def note(self) -> str:
        if self.is_over or self._end_note:
            return self._end_note
        return self._gap or ("" if self.spool.total else _WAITING)

    @property
    def has_ended(self) -> bool:
        return self.state.state == "ended"

    def last_lines(self, most: int = WINDOW_LINES) -> tuple[LogLineRow, ...]:
        total = self.spool.total
        return self.spool.window(total - most + 1, total)

    async def ended(self, timeout_s: float) -> None:
        """Wait until the log is complete, for at most `timeout_s`. Raises what went wrong."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not self.is_over:
                    self._moved.clear()
                    await self._moved.wait()
        self._raise_if_down()

    async def grows_beyond(self, total: int, timeout_s: float) -> bool:
        """Wait for more lines than `total`, or the end. False when neither comes in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self.spool.total <= total and not self.is_over:
                    self._moved.clear()
                    await self._moved.wait()
        return self.spool.total > total or self.is_over

    # --- for viewers ----------------------------------------------------------------------------

    def start_at(self, cursor: str | None) -> Position:
        is_known = bool(cursor) and str(cursor).isdecimal() and len(str(cursor)) < 16
        return Position(line=int(cursor) if cursor and is_known else None)

    def next_body(self, position: Position, args: Args) -> tuple[str, Position] | None:
        assert isinstance(args, LogArgs)
        total = self.spool.total
        facts = (self.note, self.has_ended, total)
        after, is_whole = self._place(position.line, args)
        most = max(after, min(total, args.upto or total))  # the last line that the page wants
        if position.line is not None and after >= most and position.facts == facts:
            return None
        asked = (after, is_whole, most, *facts)
        if asked not in self._bodies:
            self._bodies[asked] = self._body(after, most, is_whole=is_whole)
        body, last = self._bodies[asked]
        # Whether it has ended is told with the last line, so only then it has been told.
        return body, Position(last, facts if last >= most else None)

    def _place(self, line: int | None, args: LogArgs) -> tuple[int, bool]:
        """The line after which to go on, and whether that is no continuation of what was sent."""
        newest = max(0, min(self.spool.total, args.upto or self.spool.total) - WINDOW_LINES)
        if line is None:
            return newest, True
        if args.skips and newest - line > WINDOW_LINES:
            return newest, True
        return line, False

    def _body(self, after: int, most: int, *, is_whole: bool) -> tuple[str, int]:
        """The lines that follow, as many as one message takes, and the number of the last one."""
        last = min(most, after + WINDOW_LINES)
        records = self.spool.records(after + 1, last) if after < last else []
        last = after + len(records)
        facts = {
            "total": self.spool.total,
            "ended": self.has_ended and last >= most,
            "note": self.note,
        }
        kind = Snapshot if is_whole else Update
        lines = b",".join(records).decode()
        return kind(str(last), f'"lines":[{lines}],{compact(facts)[1:-1]}').body(), last
