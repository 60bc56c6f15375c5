"""The report tab, and the report itself in a frame that belongs to no site."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from dashboard import links
from dashboard.action_tabs import Asked, Part, sandbox
from dashboard.errors import PageProblem
from dashboard.live import registry
from dashboard.live.protocol import ReportArgs
from dashboard.live.report import ReportTopic
from dashboard.pages import ErrorPage, Scope
from dashboard.views.scopes import existing_scope
from remote_client import ActionDetails

READY_S = 4.0


async def panel_part(scope: Scope, run: str, details: ActionDetails, asked: Asked) -> Part:
    """The chosen attempt's report, the last one's by default."""
    numbers = [attempt.number for attempt in details.attempt_list]
    if not numbers or details.kind != "task":
        return "runs/_report.html", {"frame": None, "kind": details.kind}
    attempt = asked.attempt if asked.attempt in numbers else numbers[-1]
    args = ReportArgs(scope.project, scope.domain, run, details.name, attempt)
    topic: ReportTopic
    async with registry.visited(args) as topic:
        await topic.ready(READY_S)
        frame, cursor = topic.frame, topic.cursor
    return "runs/_report.html", {
        "frame": frame,
        "args": args,
        "report_cursor": cursor,
        "chosen": attempt,
        "attempts": [
            (n, links.action_url(scope, run, details.name, tab="report", attempt=n))
            for n in numbers
        ],
    }


@require_safe
async def report(
    request: HttpRequest, domain: str, project: str, run: str, action: str, attempt: int
) -> HttpResponseBase:
    """The report's own HTML."""
    thing = f"{project}/{domain}/{run}/{action}/{attempt}"
    await existing_scope(request, project, domain, action="action.see", thing=thing)
    topic: ReportTopic
    async with registry.visited(ReportArgs(project, domain, run, action, attempt)) as topic:
        await topic.ready(READY_S)
        body, frame = topic.body, topic.frame
    if body is None:
        raise PageProblem(ErrorPage(404, "No report", frame.note, "Go back to the action."))
    return sandbox.as_page(HttpResponse(body, content_type="text/html; charset=utf-8"))
