"""The pages of the form that creates a trigger or changes one."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.pages import Scope
from dashboard.triggers import changing, forms
from dashboard.triggers.pages import TriggerFormPage
from dashboard.triggers.rows import trigger_url
from dashboard.triggers.views import listing_url
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope
from remote_client import TaskDetails, TriggerDetails
from remote_client.errors import InvalidArgument, NotFound

TEMPLATE = "triggers/form.html"


@require_http_methods(["GET", "HEAD", "POST"])
async def new(request: HttpRequest, domain: str, project: str) -> HttpResponse:
    """First the task is chosen (`?task=`, perhaps `&version=`), then the form is filled."""
    scope = await existing_scope(request, project, domain, action="trigger.write")
    given = request.POST if request.method == "POST" else request.GET
    task = await _task(scope, given.get("task", "").strip(), given.get("version", "").strip())
    if task is None:
        return await _choose_task(request, scope, given.get("task", "").strip())
    if request.method == "POST":
        return await _save(request, scope, task)
    values = forms.values_of_task(task)
    return _show(request, await _page(scope, task, values))


@require_http_methods(["GET", "HEAD", "POST"])
async def edit(
    request: HttpRequest, domain: str, project: str, task: str, name: str
) -> HttpResponse:
    thing = f"{project}/{domain}/{task}/{name}"
    scope = await existing_scope(request, project, domain, action="trigger.write", thing=thing)
    trigger = await changing.found_trigger(scope, task, name)
    given = request.POST if request.method == "POST" else request.GET
    version = given.get("version", "").strip() or trigger.task_version
    found = await _task(scope, task, version) or await _task(scope, task)
    if found is None:
        messages.error(request, f"Task {task} is not on the platform any more.")
        return redirect(trigger_url(scope, task, name))
    if request.method == "POST":
        return await _save(request, scope, found, trigger)
    values = {**forms.values_of(trigger, found), "version": found.version}
    return _show(request, await _page(scope, found, values, trigger))


@require_safe
async def preview(request: HttpRequest, domain: str, project: str) -> HttpResponse:
    """The part of the form that says when the schedule fires, for the form's own script."""
    await existing_scope(request, project, domain, action="trigger.see")
    found = forms.preview(forms.typed(request.GET))
    return render(request, "triggers/form.html#preview", {"preview": found})


async def _save(
    request: HttpRequest, scope: Scope, task: TaskDetails, earlier: TriggerDetails | None = None
) -> HttpResponse:
    values = {**forms.typed(request.POST), "task": task.name, "version": task.version}
    if earlier is not None:
        values["name"] = earlier.name
    page = await _page(scope, task, values, earlier)
    try:
        draft = forms.draft_of(values, task, earlier)
        deployed = await changing.deploy(request, scope, draft)
    except forms.BadForm as bad:
        return _show(request, replace(page, errors=bad.errors), status=422)
    except changing.Conflict:
        return await _say_conflict(request, scope, page)
    except (ValueError, TypeError) as error:
        return _show(request, replace(page, errors={"inputs": str(error)}), status=422)
    except InvalidArgument as error:
        return _show(request, replace(page, errors={"schedule": error.message}), status=422)
    verb = "is changed" if earlier else "is created"
    messages.success(request, f"Trigger {deployed.name} {verb} (revision {deployed.revision}).")
    return redirect(trigger_url(scope, task.name, draft.name))


async def _say_conflict(request: HttpRequest, scope: Scope, page: TriggerFormPage) -> HttpResponse:
    """Who changed it meanwhile; what was typed stays, and saving again is a choice then."""
    task, name = page.values["task"], page.values["name"]
    try:
        there = await platform().trigger(scope, task, name)
    except NotFound:
        says = "Somebody deleted this trigger meanwhile. Saving creates it anew."
        number = 0
    else:
        who = there.updated_by or there.deployed_by or "Somebody"
        number = there.revision
        says = (
            f"{who} made revision {number} of this trigger meanwhile."
            if page.values["revision"] not in ("", "0")
            else f"Task {task} has a trigger {name} already (revision {number})."
        )
        says += " Nothing was saved. Saving now replaces that revision with what is below."
    values = {**page.values, "revision": str(number)}
    return _show(request, replace(page, values=values, conflict=says), status=409)


def _show(request: HttpRequest, page: TriggerFormPage, status: int = 200) -> HttpResponse:
    return render(request, TEMPLATE, {"page": page, "preview": page.preview}, status=status)


async def _page(
    scope: Scope,
    task: TaskDetails,
    values: dict[str, str],
    earlier: TriggerDetails | None = None,
) -> TriggerFormPage:
    inputs = task.interface.inputs.values()
    back = trigger_url(scope, earlier.task_name, earlier.name) if earlier else listing_url(scope)
    return TriggerFormPage(
        scope=scope,
        values=values,
        is_new=earlier is None,
        zones=forms.zones(),
        inputs=tuple((each.name, each.type_name, each.required) for each in inputs),
        time_inputs=forms.time_inputs(task.interface),
        preview=forms.preview(values),
        cancel_url=back,
        has_stored_inputs=bool(earlier and earlier.has_stored_inputs),
    )


async def _task(scope: Scope, name: str, version: str = "") -> TaskDetails | None:
    if not name:
        return None
    try:
        return await platform().trigger_task(scope, name, version)
    except NotFound:
        return None


async def _choose_task(request: HttpRequest, scope: Scope, unknown: str) -> HttpResponse:
    says = f"There is no task {unknown!r} here, or not in that version." if unknown else ""
    page = TriggerFormPage(
        scope=scope,
        values=dict(forms.EMPTY),
        errors={"task": says} if says else {},
        tasks=tuple(await platform().trigger_tasks(scope)),
        cancel_url=listing_url(scope),
    )
    return render(request, TEMPLATE, {"page": page}, status=404 if says else 200)
