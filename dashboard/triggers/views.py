"""The list of a project's triggers, one trigger, and the switches of both."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import links
from dashboard.live import registry
from dashboard.live.protocol import TriggersArgs
from dashboard.pages import Scope
from dashboard.triggers import changing
from dashboard.triggers.details import trigger_page
from dashboard.triggers.listing import Question
from dashboard.triggers.pages import SwitchReport, SwitchResult, TriggersPage
from dashboard.views.scopes import existing_scope

REPORT = "trigger-switches"
"""Where a session keeps what became of the last switches, until the next page shows it."""


@require_safe
async def triggers(request: HttpRequest, domain: str, project: str) -> HttpResponse:
    scope = await existing_scope(request, project, domain, action="trigger.see")
    question, path = Question.of(request.GET.dict()), listing_url(scope)
    async with registry.visited(TriggersArgs(project, domain)) as topic:
        rows = await topic.refresh()
        cursor = topic.cursor
    shown = question.of_rows(rows)
    visible = {row.key for row in shown}
    page = TriggersPage(
        scope=scope,
        triggers=shown,
        total=len(rows),
        hidden=tuple(row.key for row in rows if row.key not in visible),
        search=question.search,
        filters=question.filters(path),
        sorts=question.sorts(path),
        hidden_fields=question.hidden_fields(),
        cursor=cursor,
        is_filtered=question.is_filtered,
        report=await _report(request),
        task=question.task,
    )
    return render(request, "triggers/list.html", {"page": page})


@require_safe
async def trigger(
    request: HttpRequest, domain: str, project: str, task: str, name: str
) -> HttpResponse:
    thing = f"{project}/{domain}/{task}/{name}"
    scope = await existing_scope(request, project, domain, action="trigger.see", thing=thing)
    page = await trigger_page(
        scope,
        await changing.found_trigger(scope, task, name),
        tab=request.GET.get("tab", ""),
        revision=request.GET.get("revision", ""),
    )
    return render(request, "triggers/detail.html", {"page": page})


@require_POST
async def switch(request: HttpRequest, domain: str, project: str) -> HttpResponse:
    """Fields `one` (`on:<key>`), or `act` (`on`, `off`) with any number of `trigger`; `back`."""
    scope = await existing_scope(request, project, domain, action="trigger.switch")
    one = request.POST.get("one", "")
    act, _, key = one.partition(":") if one else (request.POST.get("act", ""), "", "")
    keys = [key] if one else request.POST.getlist("trigger")
    if act not in ("on", "off") or not keys:
        messages.info(request, "Choose triggers first, then switch them on or off.")
        return _back(request, scope)
    report = await changing.switch(request, scope, keys, active=act == "on")
    if one:
        _say_one(request, report.results[0])
    else:
        await _keep_report(request, report)
    return _back(request, scope)


@require_POST
async def run_now(
    request: HttpRequest, domain: str, project: str, task: str, name: str
) -> HttpResponse:
    thing = f"{project}/{domain}/{task}/{name}"
    scope = await existing_scope(request, project, domain, action="run.launch", thing=thing)
    found = await changing.found_trigger(scope, task, name)
    started = await changing.run_now(request, scope, found)
    messages.success(request, f"Trigger {name} started run {started.name}.")
    return redirect(links.run_url(scope, started.name))


@require_http_methods(["GET", "HEAD", "POST"])
async def delete(
    request: HttpRequest, domain: str, project: str, task: str, name: str
) -> HttpResponse:
    """Says what it will do, and does it when asked to."""
    thing = f"{project}/{domain}/{task}/{name}"
    scope = await existing_scope(request, project, domain, action="trigger.delete", thing=thing)
    found = await changing.found_trigger(scope, task, name)
    if request.method != "POST":
        page = await trigger_page(scope, found)
        return render(request, "triggers/delete.html", {"page": page})
    await changing.delete(request, scope, found)
    messages.success(request, f"Trigger {name} of {task} is deleted. Its runs stay.")
    return redirect(listing_url(scope))


def listing_url(scope: Scope) -> str:
    return reverse("triggers", kwargs={"domain": scope.domain, "project": scope.project})


def _back(request: HttpRequest, scope: Scope) -> HttpResponse:
    """To where the switch was: its page's own address, and no other host's."""
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, None) and back.startswith(scope.base_url)
    return redirect(back if is_ours else listing_url(scope))


def _say_one(request: HttpRequest, result: SwitchResult) -> None:
    level = messages.ERROR if result.outcome == "failed" else messages.SUCCESS
    messages.add_message(request, level, f"Trigger {result.key} {result.says}.")


async def _keep_report(request: HttpRequest, report: SwitchReport) -> None:
    kept = [[each.key, each.outcome, each.says] for each in report.results]
    await request.session.aset(REPORT, {"active": report.active, "results": kept})


async def _report(request: HttpRequest) -> SwitchReport | None:
    kept = await request.session.apop(REPORT, None)
    if not isinstance(kept, dict):
        return None
    results = tuple(SwitchResult(*map(str, each)) for each in kept["results"])
    return SwitchReport(results, bool(kept["active"]))
