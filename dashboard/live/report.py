"""Topic `report`: the HTML that an attempt reports, read again while the attempt goes on.

No platform tells that a report has changed. It is read once for everybody who looks, and the frame
of each page loads it anew when it is another one.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from dashboard import links
from dashboard.live import draw
from dashboard.live.protocol import ReportArgs, State
from dashboard.live.topic import BoardTopic, Key
from dashboard.upstream import Platform
from remote_client import ActionDetails
from remote_client.errors import RemoteError

EVERY_S = 2.0
"""How old a report that is looked at may be while its attempt goes on."""

TEMPLATE = "runs/_report_frame.html"


@dataclass(frozen=True)
class ReportFrame:
    """What the page shows of a report: the frame's address, or why there is none."""

    url: str
    is_over: bool
    note: str
    has_trouble: bool = False


class ReportTopic(BoardTopic):
    """Keeps the report's text, which the frame's own address serves."""

    def __init__(self, key: Key, platform: Platform) -> None:
        super().__init__(key, platform)
        assert isinstance(key.args, ReportArgs)
        self.args = key.args
        self.body: str | None = None
        self._is_over = False
        self._note = ""

    async def pump(self) -> None:
        while not self._is_over:
            await self._read()
            self.flush()
            self.set_ready()
            if self.state.state != "live":
                self.set_state(State("live", datetime.now(UTC)))
            self.on_news()
            if not self._is_over:
                await asyncio.sleep(EVERY_S)

    async def _read(self) -> None:
        args = self.args
        details = await self.insist(lambda: self.platform.action(self.scope, args.run, args.action))
        # Asked before the report is read: what comes after the end is in it then.
        is_over = _is_over(details, args.attempt)
        try:
            self.body = await self.insist(lambda: self.platform.report(details, args.attempt))
            self._note = ""
        except RemoteError as error:
            self._note = f"The report can't be read: {error.message}"
        self._is_over = is_over

    @property
    def frame(self) -> ReportFrame:
        args = self.args
        if self.body is None:
            note = self._note or _no_report(self._is_over)
            return ReportFrame("", self._is_over, note, bool(self._note))
        version = hashlib.sha256(self.body.encode()).hexdigest()[:12]
        url = links.report_url(self.scope, args.run, args.action, args.attempt, version)
        return ReportFrame(url, self._is_over, self._note, bool(self._note))

    def flush(self) -> None:
        frame = self.frame
        paint = partial(draw.whole, TEMPLATE, frame=frame)
        self.board.put_part("report-frame", frame, paint)
        self.board.commit()


def _is_over(details: ActionDetails, number: int) -> bool:
    attempts: dict[int, Any] = {each.number: each for each in details.attempt_list}
    later = max(attempts, default=0) > number
    own = attempts.get(number)
    return details.done() or later or (own is not None and own.phase.is_terminal)


def _no_report(is_over: bool) -> str:
    if is_over:
        return (
            "This attempt wrote no report. A task with report=True writes one, "
            "with flyte.report.replace(…) and flyte.report.flush()."
        )
    return "No report yet. It appears here at the task's first flyte.report.flush()."
