"""The launch form and the form of a rerun with changes: one page, two things that it is about."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dashboard import links
from dashboard.launching.blueprints import Blueprint
from dashboard.launching.form import JSON, LaunchForm
from dashboard.launching.presenting import page_of
from dashboard.launching.starting import ROOT, run_blueprint, start, task_blueprint
from dashboard.launching.uploads import take_files
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope

MOST_PREFILLED = 20_000
PART_HEADER = "X-Form-Part"
"""A page's script asks by this header for the form alone."""

_VERBS = (
    *("add", "remove", "up", "down", "choose", "give", "omit", "replace", "json", "fields"),
    *("view", "restore", "draw"),
)


@require_http_methods(["GET", "HEAD", "POST"])
async def launch(
    request: HttpRequest, domain: str, project: str, name: str, version: str
) -> HttpResponse:
    thing = f"{project}/{domain}/{name}@{version}"
    scope = await existing_scope(request, project, domain, action="run.launch", thing=thing)
    if version == "latest":
        newest = await task_blueprint(scope, name, "")
        address = links.launch_url(scope, name, newest.version)
        query = request.META.get("QUERY_STRING", "")
        return redirect(f"{address}?{query}" if query else address)
    blueprint = await task_blueprint(scope, name, version)
    return await _serve(request, blueprint, links.launch_url(scope, name, version))


@require_http_methods(["GET", "HEAD", "POST"])
async def rerun_edit(request: HttpRequest, domain: str, project: str, run: str) -> HttpResponse:
    thing = f"{project}/{domain}/{run}"
    scope = await existing_scope(request, project, domain, action="run.rerun", thing=thing)
    action = request.GET.get("action", "") or ROOT
    blueprint = await run_blueprint(scope, run, action)
    address = links.rerun_form_url(scope, run, "" if action == ROOT else action)
    return await _serve(request, blueprint, address)


async def _serve(request: HttpRequest, blueprint: Blueprint, address: str) -> HttpResponse:
    if request.method != "POST":
        return _drawn(request, _asked(request, blueprint), address)
    form = LaunchForm.posted(blueprint, request.POST)
    await take_files(request, form)
    verb, _, path = request.POST.get("do", "launch").partition(":")
    if verb in _VERBS:
        form.do(verb, path)
        return _drawn(request, form, address)
    wanted = None if form.problems else form.check()
    if verb == "check":
        return _drawn(request, form, address, is_free=await _name_is_free(form))
    started = await start(request, form, wanted) if wanted else None
    if started is None:
        return _drawn(request, form, address, status=422)
    words = f"This is {started.name}"
    of = blueprint.run or blueprint.task_name
    said = f"{words}, which runs {of} once more." if blueprint.is_rerun else f"{words}, of {of}."
    messages.success(request, said)
    return redirect(links.run_url(blueprint.scope, started.name))


def _asked(request: HttpRequest, blueprint: Blueprint) -> LaunchForm:
    """The form as a link fills it in: `inputs` as JSON by name, `name`, `view`."""
    form = LaunchForm.fresh(blueprint)
    inputs = request.GET.get("inputs", "")
    if len(inputs) > MOST_PREFILLED:
        form.notice = "The inputs in the address are too long for one, and were not taken."
    elif inputs:
        form.take_json(inputs)
        if form.json_error:
            form.notice = f"The inputs in the address were not all taken. {form.json_error}"
            form.json_error = ""
    form.settings.texts["name"] = request.GET.get("name", "")[:30]
    if request.GET.get("view") == JSON:
        form.do("view", JSON)
    return form


async def _name_is_free(form: LaunchForm) -> bool:
    name = form.settings.text("name")
    if not name or "name" in form.settings.problems:
        return False
    is_free = await platform().is_free(form.blueprint.scope, name)
    if not is_free:
        form.settings.problems["name"] = "A run of this name exists already."
    return is_free


def _drawn(
    request: HttpRequest,
    form: LaunchForm,
    address: str,
    *,
    status: int = 200,
    is_free: bool = False,
) -> HttpResponse:
    page = page_of(form, action_url=address, is_free=is_free)
    is_part = PART_HEADER in request.headers
    template = "launching/_form.html" if is_part else "launching/form.html"
    return render(request, template, {"page": page}, status=status)
