"""Two or more runs side by side: facts, versions, values, durations and logs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard import links
from dashboard.access.guard import require
from dashboard.compare.diffs import diff_of
from dashboard.compare.gathering import Side, gather, log_of
from dashboard.compare.matching import Pack, action_rows, fact_rows, value_rows
from dashboard.compare.pages import Column, ComparePage, Diff, Suggestion
from dashboard.headlines import headline
from dashboard.pages import Scope
from dashboard.phases import style_of
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope
from remote_client.errors import NotFound, RemoteError

MOST_RUNS = 4
SUGGESTED = 20
MOST_NAME = 255


@require_safe
async def compare(request: HttpRequest, domain: str, project: str) -> HttpResponse:
    names = wanted(request.GET.getlist("run"))
    thing = f"{project}/{domain}/{','.join(names)}"
    scope = await existing_scope(request, project, domain, action="run.see", thing=thing)
    path = request.GET.get("log")
    if path is not None:
        await require(request, "log.read", project, thing)
    page = await compare_page(scope, names, path)
    return render(request, "compare/page.html", {"page": page})


def wanted(given: Sequence[str]) -> list[str]:
    """The runs that an address names: each once, at most `MOST_RUNS`; commas separate too."""
    split = (part.strip() for each in given for part in each.split(","))
    return list(dict.fromkeys(p for p in split if p and len(p) <= MOST_NAME))[:MOST_RUNS]


async def compare_page(scope: Scope, names: list[str], log_path: str | None) -> ComparePage:
    sides, missing = await gather(scope, names)
    there = [side.name for side in sides]
    rows, more = action_rows(scope, there, [s.packs for s in sides], _log_url(scope, there))
    notes = [f"There is no run {name!r} in this project and domain." for name in missing]
    notes += [note for side in sides for note in side.notes]
    facts = [side.facts() for side in sides]
    return ComparePage(
        scope=scope,
        columns=tuple(_column(scope, side, there) for side in sides),
        facts=fact_rows((label, [each[label] for each in facts]) for label in (facts or [{}])[0]),
        inputs=value_rows([side.inputs for side in sides]),
        outputs=value_rows([side.outputs for side in sides]),
        actions=rows,
        more_actions=more,
        specs=await _spec_diffs(sides),
        logs=await _log_diffs(scope, sides, log_path) if log_path is not None else (),
        log_path=log_path or "",
        suggestions=await _suggestions(scope, sides) if len(sides) < MOST_RUNS else (),
        notes=tuple(notes),
        read_at=datetime.now(UTC),
        is_live=any(not side.run.phase.is_terminal for side in sides),
        can_add=len(sides) < MOST_RUNS,
    )


def _column(scope: Scope, side: Side, names: list[str]) -> Column:
    run, error = side.run, side.details.error_info
    others = [name for name in names if name != side.name]
    return Column(
        name=side.name,
        url=links.run_url(scope, side.name),
        phase=style_of(run.phase.value),
        started_at=run.start_time,
        ended_at=run.end_time if run.phase.is_terminal else None,
        error=headline(error.message, error.code) if error else "",
        error_url=links.run_url(scope, side.name),
        remove_url=links.compare_url(scope, *others),
        base_url=links.compare_url(scope, side.name, *others) if names[0] != side.name else "",
    )


def _log_url(scope: Scope, names: list[str]) -> Callable[[str], str]:
    base = links.compare_url(scope, *names)
    return lambda path: f"{base}&{urlencode({'log': path})}#log"


async def _spec_diffs(sides: Sequence[Side]) -> tuple[Diff, ...]:
    """Each other run's task against the first one's, where it is another one."""
    if len(sides) < 2:
        return ()
    base, *others = sides
    old = base.spec_lines()
    return tuple(
        [
            await asyncio.to_thread(
                diff_of, "Task", (base.name, other.name), old, other.spec_lines()
            )
            for other in others
            if other.spec_lines() != old
        ]
    )


async def _log_diffs(scope: Scope, sides: Sequence[Side], path: str) -> tuple[Diff, ...]:
    """Logs of the actions of one path, each other run's against the first one's that has it."""
    packs = [(side.name, _pack_at(side, path)) for side in sides]
    having = [(name, pack) for name, pack in packs if pack is not None]
    if len(having) < 2:
        return ()
    logs = await asyncio.gather(*(log_of(scope, name, pack) for name, pack in having))
    title = path.rpartition("/")[2] or "the whole run's first action"
    old, old_note = logs[0]
    diffs = []
    for (name, _), (new, note) in zip(having[1:], logs[1:], strict=True):
        said = " ".join(dict.fromkeys(each for each in (old_note, note) if each))
        names = (having[0][0], name)
        diffs.append(await asyncio.to_thread(diff_of, title, names, old, new, said))
    return tuple(diffs)


def _pack_at(side: Side, path: str) -> Pack | None:
    return next((pack for full, pack in side.packs.items() if full.partition("/")[2] == path), None)


async def _suggestions(scope: Scope, sides: Sequence[Side]) -> tuple[Suggestion, ...]:
    """The newest runs of the same task, or of any while none is chosen."""
    names = [side.name for side in sides]
    task = sides[0].details.task_name if sides else ""
    try:
        page = await platform().runs_page(scope, token="", limit=SUGGESTED, phase="", task=task)
    except (NotFound, RemoteError):
        return ()  # the page is complete without: a run can be named
    return tuple(
        Suggestion(
            run.name,
            links.compare_url(scope, *names, run.name),
            style_of(run.phase.value),
            run.start_time,
            run.task_name or "",
        )
        for run in page.items
        if run.name not in names
    )
