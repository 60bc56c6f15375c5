"""A log as one page shows it: the end, a place in it, or the lines that were found."""

from __future__ import annotations

from itertools import groupby

from dashboard import links
from dashboard.live import log_search, registry
from dashboard.live.log import WINDOW_LINES, LogTopic
from dashboard.live.log_search import ScanFailed
from dashboard.live.protocol import LogArgs, scope_of
from dashboard.live.spool import LogSpool
from dashboard.log_asks import LogAsk
from dashboard.pages import LogLineRow, LogWindow

FIRST_LINES_WAIT_S = 1.0
"""How long a page waits for a log's first lines; an action may write none for hours."""

LINES_ABOVE = 100
"""Context in front of a line that an address names."""


async def log_window(args: LogArgs, attempts: list[int], ask: LogAsk | None = None) -> LogWindow:
    """The log as it is now; `attempts` are the numbers to choose from."""
    ask = ask or LogAsk()
    scope = scope_of(args)
    topic: LogTopic
    async with registry.visited(args) as topic:
        await topic.ready(FIRST_LINES_WAIT_S)
        total = topic.spool.total
        found, problem = await _found(topic.spool, ask, total)
        shown = _shown(ask, total) if found is None else _page_of(found, ask)
        return LogWindow(
            action_name=args.action,
            attempt=args.attempt,
            attempts=tuple((n, _url(args, n, ask, line=0, first=0)) for n in attempts),
            lines=rows_at(topic.spool, shown),
            total=total,
            is_ended=topic.has_ended,
            note=topic.note,
            raw_url=links.raw_log_url(scope, args.run, args.action, args.attempt),
            ask=ask,
            found=None if found is None else len(found),
            problem=problem,
            plain_url=_url(args, args.attempt, LogAsk()),
            window_url=links.log_window_url(scope, args.run, args.action, args.attempt),
            found_url=links.log_search_url(scope, args.run, args.action, args.attempt),
            **_ways(args, ask, shown, list(range(1, total + 1)[-1:]) if found is None else found),
        )


async def _found(spool: LogSpool, ask: LogAsk, total: int) -> tuple[list[int] | None, str]:
    """The numbers of the lines that are asked for; None when no line is left out."""
    if not ask.is_narrowed:
        return None, ""
    if ask.problem:
        return [], f"This pattern can't be read: {ask.problem}."
    try:
        return await numbers_of(spool, ask, total), ""
    except ScanFailed as failure:
        return [], str(failure)


async def numbers_of(spool: LogSpool, ask: LogAsk, last: int, first: int = 1) -> list[int]:
    """The numbers of all lines that are asked for. Raises ScanFailed."""
    found: list[int] = []
    number = first - 1
    async for finding in log_search.scanners().search(spool.folder, ask.scan(first, last)):
        for distance in finding["found"]:
            number += distance
            found.append(number)
    return found


def _shown(ask: LogAsk, total: int) -> list[int]:
    first = total - WINDOW_LINES + 1
    if ask.first:
        first = ask.first
    elif ask.line:
        first = ask.line - LINES_ABOVE
    first = max(1, min(first, total - LINES_ABOVE if ask.first or ask.line else total))
    return list(range(first, min(first + WINDOW_LINES, total + 1)))


def _page_of(found: list[int], ask: LogAsk) -> list[int]:
    """Of the lines found, as many as a page shows, from the one on that the address names."""
    begin = next((i for i, number in enumerate(found) if number >= ask.first), 0)
    return found[begin : begin + WINDOW_LINES]


def rows_at(spool: LogSpool, numbers: list[int]) -> tuple[LogLineRow, ...]:
    """These lines, which may be far apart."""
    rows: list[LogLineRow] = []
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        together = [number for _, number in run]
        rows += spool.window(together[0], together[-1])
    return tuple(rows)


def _ways(args: LogArgs, ask: LogAsk, shown: list[int], all_of: list[int]) -> dict[str, str]:
    """Links to the lines before and after those that are shown."""
    if not shown or not all_of:
        return {"older_url": "", "newer_url": ""}
    begins, ends = shown[0], shown[-1]
    if ask.is_narrowed:
        before = [number for number in all_of if number < begins][-WINDOW_LINES:]
        after = [number for number in all_of if number > ends][:1]
    else:
        before = [max(1, begins - WINDOW_LINES)] if begins > 1 else []
        after = [ends + 1] if ends < all_of[-1] else []
    return {
        "older_url": _url(args, args.attempt, ask, first=before[0], line=0) if before else "",
        "newer_url": _url(args, args.attempt, ask, first=after[0], line=0) if after else "",
    }


def _url(args: LogArgs, attempt: int, ask: LogAsk, **changes: object) -> str:
    here = links.action_url(scope_of(args), args.run, args.action, tab="logs", attempt=attempt)
    query = ask.query(**changes)
    return f"{here}&{query}" if query else here
