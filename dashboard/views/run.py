"""One run: header, failure, action tree and the selected action; its abort and its rerun."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST, require_safe

from dashboard import links
from dashboard.aborting import abort_run
from dashboard.access.guard import require
from dashboard.access.rights import Rights, of_request
from dashboard.action_tabs import PROVIDERS, Asked, shown_tabs
from dashboard.errors import PageProblem
from dashboard.headers import run_title
from dashboard.live import registry
from dashboard.live.action import ActionTopic
from dashboard.live.protocol import ActionArgs, LogArgs, RunArgs
from dashboard.live.run import RunTopic
from dashboard.log_asks import LogAsk
from dashboard.log_windows import log_window
from dashboard.pages import ActionPanel, LogWindow, RunPage, Scope
from dashboard.phases import style_of
from dashboard.rerunning import rerun_run
from dashboard.tree_nodes import ROOT
from dashboard.tree_pages import tree_page
from dashboard.tree_views import TreeView
from dashboard.views.scopes import existing_scope, no_run
from remote_client import ActionDetails
from remote_client.errors import DeadlineExceeded, NotFound

SNAPSHOT_WAIT_S = 5.0
"""How long a page waits for the platform to tell the whole tree; the rest comes over the socket."""

PANEL_WAIT_S = 3.0
"""The same for the selected action's details, inputs and outputs."""


@dataclass(frozen=True)
class _Choice:
    """What the address asks for: an action, one of its tabs, and an attempt (0 for the last)."""

    action: str
    tab: str
    attempt: int
    log: LogAsk
    view: TreeView

    @classmethod
    def of(cls, request: HttpRequest) -> _Choice:
        tab = request.GET.get("tab", "")
        attempt = request.GET.get("attempt", "")
        return cls(
            action=request.GET.get("i", ""),
            tab=tab if tab in dict(shown_tabs()) else shown_tabs()[0][0],
            attempt=int(attempt) if attempt.isdecimal() and len(attempt) < 6 else 0,
            log=LogAsk.of(request.GET),
            view=TreeView.of_lists(dict(request.GET.lists())),
        )


@require_safe
async def run(request: HttpRequest, domain: str, project: str, run: str) -> HttpResponse:
    scope = await existing_scope(request, project, domain, action="run.see", thing=run)
    choice = _Choice.of(request)
    if choice.tab == "logs":
        await require(request, "log.read", project, run)
    async with registry.visited(RunArgs(project, domain, run)) as topic:
        try:
            is_whole = await topic.ready(SNAPSHOT_WAIT_S)
        except NotFound:
            raise PageProblem(no_run(scope, run)) from None
        if not is_whole and topic.tree.root is None:
            raise DeadlineExceeded(f"The platform told nothing about run {run!r} yet.")
        page = await _page(request, scope, topic, choice)
    return render(request, "runs/detail.html", {"page": _within_rights(page, of_request(request))})


def _within_rights(page: RunPage, rights: Rights) -> RunPage:
    """Without the ways to what the reader may not do."""
    header, project = page.header, page.header.scope.project
    if not rights.may("run.abort", project):
        header = replace(header, abort_url="")
    if not rights.may("run.rerun", project):
        header = replace(header, rerun_url="", rerun_form_url="")
    return replace(page, header=header)


async def _page(request: HttpRequest, scope: Scope, topic: RunTopic, choice: _Choice) -> RunPage:
    run = topic.args.run
    missing = choice.action if choice.action and topic.tree.action(choice.action) is None else ""
    action = ROOT if missing or not choice.action else choice.action
    panel, details, panel_cursor = await _panel(scope, run, action)
    log = await _log(scope, run, panel, choice) if choice.tab == "logs" else None
    part = "" if log else await _part(request, scope, panel, details, choice)
    # Read last and at once: the tree may have grown while the panel was asked for.
    header = topic.header
    return RunPage(
        header=header,
        failure=topic.failure_panel,
        tree=tree_page(topic, choice.view),
        selected=panel,
        tab=choice.tab,
        tabs=tuple(
            (key, label, links.action_url(scope, run, action, tab=key, view=choice.view))
            for key, label in shown_tabs()
        ),
        log=log,
        part=part,
        selected_label=topic.label_of(action) or panel.label,
        missing_action=missing,
        title=run_title(header),
        selected_cursor=panel_cursor,
    )


async def _panel(scope: Scope, run: str, action: str) -> tuple[ActionPanel, ActionDetails, str]:
    topic: ActionTopic
    async with registry.visited(ActionArgs(scope.project, scope.domain, run, action)) as topic:
        await topic.ready(PANEL_WAIT_S)
        if topic.details is None:
            raise DeadlineExceeded(f"The platform told nothing about action {action!r} yet.")
        return topic.panel, topic.details, topic.cursor


async def _part(
    request: HttpRequest, scope: Scope, panel: ActionPanel, details: ActionDetails, choice: _Choice
) -> str:
    """The chosen tab, drawn by whoever fills it."""
    fill = PROVIDERS[choice.tab]
    asked = Asked(choice.attempt, request.GET.dict())
    template, context = await fill(scope, details.run_name, details, asked)
    given = {"panel": panel, "scope": scope, "run": details.run_name, "attempt": choice.attempt}
    return render_to_string(template, {**given, **context}, request)


async def _log(scope: Scope, run: str, panel: ActionPanel, choice: _Choice) -> LogWindow:
    numbers = [attempt.number for attempt in panel.attempts] or [1]
    attempt = choice.attempt if choice.attempt in numbers else numbers[-1]
    args = LogArgs(scope.project, scope.domain, run, panel.name, attempt)
    return await log_window(args, numbers, choice.log)


@require_POST
async def abort(request: HttpRequest, domain: str, project: str, run: str) -> HttpResponse:
    thing = f"{project}/{domain}/{run}"
    scope = await existing_scope(request, project, domain, action="run.abort", thing=thing)
    found = await abort_run(request, scope, run, request.POST.get("reason", ""))
    if found.phase.is_terminal:
        word = style_of(found.phase.value).label.lower()
        messages.info(request, f"Run {run} had already ended ({word}). Nothing was aborted.")
    else:
        messages.success(request, f"Run {run} is being aborted, with everything in it.")
    return redirect(links.run_url(scope, run))


@require_POST
async def rerun(request: HttpRequest, domain: str, project: str, run: str) -> HttpResponse:
    thing = f"{project}/{domain}/{run}"
    scope = await existing_scope(request, project, domain, action="run.rerun", thing=thing)
    started = await rerun_run(request, scope, run)
    messages.success(request, f"This is {started.name}, which runs {run} once more.")
    return redirect(links.run_url(scope, started.name))
