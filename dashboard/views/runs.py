"""The runs of a project, found, filtered and sorted as the address of the list asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from dashboard import links
from dashboard.index.states import index_state
from dashboard.index.statistics import counts_by_phase
from dashboard.pages import Scope
from dashboard.phases import PHASES
from dashboard.run_lists import columns as columns_
from dashboard.run_lists.asking import Address, read_address
from dashboard.run_lists.columns import COLUMNS
from dashboard.run_lists.filters import Chip, form_of, query_of
from dashboard.run_lists.lists import run_list
from dashboard.run_lists.pages import ColumnBox, PhaseLink, RunsPage
from dashboard.run_lists.query import BadQuery, RunQuery
from dashboard.run_lists.query_terms import Term
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope

QUICK_PHASES = ("running", "failed", "succeeded", "aborted")


@require_safe
async def runs(request: HttpRequest, domain: str, project: str) -> HttpResponse:
    scope = await existing_scope(request, project, domain, action="run.list")
    if "filter" in request.GET:
        return redirect(_address(scope, request, q=query_of(request.GET)))
    address = await read_address(request, scope)
    if address.opening is not None:
        return redirect(address.opening.url)
    if "remember" in request.GET:
        return _remembered(scope, request, address)
    try:
        page = await _page(request, scope, address)
    except BadQuery as bad:
        return render(
            request, "runs/list.html", {"page": _puzzled(scope, address, bad)}, status=400
        )
    if address.before and page.is_short_of_newer:
        return redirect(_address(scope, request, q=page.query))
    return render(request, "runs/list.html", {"page": page})


async def _page(request: HttpRequest, scope: Scope, address: Address) -> RunsPage:
    asked = address.asked()
    found_list, found = await run_list(request, scope, asked)
    query, kept = asked.query, dict(asked.address or {})
    files = {**query.to_address(), "columns": columns_.as_text(address.columns)}
    return RunsPage(
        scope=scope,
        list=found_list,
        query=query.text(),
        sort=query.to_address().get("sort", ""),
        columns=columns_.as_text(address.columns),
        endpoint=platform().endpoint,
        phases=_phases(scope, query, kept, await _counts(scope, query, found.total)),
        chips=tuple(_chip(scope, query, term, kept) for term in query.terms),
        form=form_of(query),
        boxes=_boxes(address),
        menu=address.menu,
        all_url=links.all_runs_url(scope),
        csv_url=links.export_url(scope, "csv", **files),
        json_url=links.export_url(scope, "json", **files),
        is_first_page=asked.is_first_page,
        is_short_of_newer=bool(address.before) and not found.next_cursor,
    )


def _puzzled(scope: Scope, address: Address, bad: BadQuery) -> RunsPage:
    """The page with what was typed, and what is wrong with it."""
    return RunsPage(
        scope=scope,
        list=None,
        query=address.text,
        sort=address.sort,
        columns=columns_.as_text(address.columns),
        endpoint=platform().endpoint,
        phases=_phases(scope, RunQuery(), {}, {}),
        form=form_of(RunQuery()),
        boxes=_boxes(address),
        menu=address.menu,
        all_url=links.all_runs_url(scope),
        problem=bad.what,
        advice=bad.advice,
    )


def _remembered(scope: Scope, request: HttpRequest, address: Address) -> HttpResponse:
    """The reader's choice of columns: in a cookie, and in the address where a view says else."""
    wanted = columns_.as_text(address.columns)
    view = address.menu.current
    kept = {"columns": wanted or ",".join(columns_.DEFAULT)} if view else {}
    response = redirect(_address(scope, request, q=address.text, **kept))
    response.set_cookie(
        columns_.COOKIE,
        wanted,
        max_age=columns_.YEAR_S if wanted else 0,
        samesite="Lax",
        secure=request.is_secure(),
        httponly=True,
    )
    return response


def _address(scope: Scope, request: HttpRequest, *, q: str, **more: str) -> str:
    """The list from its beginning, in the order and the view that it has."""
    kept = {key: request.GET[key] for key in ("sort", "view") if request.GET.get(key)}
    return f"{links.runs_url(scope)}?{urlencode({'q': q, **kept, **more})}"


def _url(scope: Scope, query: RunQuery, kept: Mapping[str, str]) -> str:
    address = {"q": "", **query.to_address(), **kept}
    return f"{links.runs_url(scope)}?{urlencode(address)}"


async def _counts(scope: Scope, query: RunQuery, total: int | None) -> dict[str, int]:
    """How many runs are in each phase ("" for all), as far as somebody has counted them."""
    if not query.without("phase").terms:
        state = await index_state()
        if state.covers([scope]) and not state.stale_since:
            found = await counts_by_phase([scope])
            return {**dict.fromkeys(PHASES, 0), **found, "": sum(found.values())}
    phases = query.values("phase")
    is_one = len(phases) < 2
    return {"".join(phases): total} if total is not None and is_one else {}


def _phases(
    scope: Scope, query: RunQuery, kept: Mapping[str, str], counts: Mapping[str, int]
) -> tuple[PhaseLink, ...]:
    """The quick choices, with how many there are where that is known."""
    now, others = query.values("phase"), query.without("phase")
    all_runs = PhaseLink("All", _url(scope, others, kept), not now, count=counts.get(""))
    return (
        all_runs,
        *(
            PhaseLink(
                label=PHASES[key].label,
                url=_url(scope, others.with_term("phase", key), kept),
                is_current=now == (key,),
                count=counts.get(key),
            )
            for key in QUICK_PHASES
        ),
    )


def _chip(scope: Scope, query: RunQuery, term: Term, kept: Mapping[str, str]) -> Chip:
    without = RunQuery(tuple(other for other in query.terms if other != term), query.sort)
    return Chip(term.text(), _url(scope, without, kept))


def _boxes(address: Address) -> tuple[ColumnBox, ...]:
    return tuple(
        ColumnBox(column.key, column.label, column.key in address.columns)
        for column in COLUMNS
        if not column.is_fixed
    )
