"""Starts what a form comes down to, for a page or for the API, and writes it down."""

from __future__ import annotations

from django.http import HttpRequest

from dashboard.access import audit
from dashboard.errors import PageProblem, home_link
from dashboard.launching.blueprints import Blueprint, of_run, of_task
from dashboard.launching.form import LaunchForm, Start
from dashboard.links import runs_url
from dashboard.pages import ErrorPage, Scope
from dashboard.tasks.problems import no_task
from dashboard.upstream import platform
from dashboard.views.scopes import no_run
from remote_client import Run
from remote_client.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    RemoteError,
    RemoteTaskUsageError,
)

ROOT = "a0"


async def task_blueprint(scope: Scope, name: str, version: str) -> Blueprint:
    """The form of a task's version. Raises PageProblem when there is none."""
    try:
        return of_task(scope, await platform().task(scope, name, version))
    except NotFound:
        raise PageProblem(no_task(scope, name, version)) from None


async def run_blueprint(scope: Scope, run: str, action: str = ROOT) -> Blueprint:
    """The form of a run that is run again. Raises PageProblem for what cannot be."""
    try:
        details = await platform().run_details(scope, run)
        one = await platform().action(scope, run, action or ROOT)
        inputs = await platform().given_inputs(one)
    except NotFound:
        raise PageProblem(no_run(scope, run)) from None
    if one.kind != "task":
        raise PageProblem(_no_task_action(scope, run, action))
    return of_run(scope, details, one, inputs.literals, inputs.context)


def _no_task_action(scope: Scope, run: str, action: str) -> ErrorPage:
    return ErrorPage(
        404,
        "Nothing to run again",
        f"Action {action!r} of run {run!r} is no task, so it cannot be run again.",
        "Run its parent again instead.",
        links=(("Runs of this project", runs_url(scope)), home_link()),
    )


async def start(request: HttpRequest, form: LaunchForm, wanted: Start) -> Run | None:
    """Start the run and write it down; None with the form's problems when it is refused.

    The platform's other errors are raised.
    """
    blueprint = form.blueprint
    action = "run.rerun" if blueprint.is_rerun else "run.launch"
    where = f"{blueprint.scope.project}/{blueprint.scope.domain}"
    thing = f"{where}/{blueprint.run or f'{blueprint.task_name}@{blueprint.version}'}"
    try:
        started = await _start(blueprint, wanted)
    except RemoteTaskUsageError as error:  # nothing was asked of the platform
        form.notice = str(error)
        return None
    except (AlreadyExists, InvalidArgument, FailedPrecondition) as error:
        await audit.record(request, action, thing, result=audit.FAILED, detail=error.message)
        _refused(form, error)
        return None
    except RemoteError as error:
        await audit.record(request, action, thing, result=audit.FAILED, detail=error.message)
        raise
    detail = f"as {started.name}{_told(form)}"
    await audit.record(request, action, thing, detail=detail)
    return started


async def _start(blueprint: Blueprint, wanted: Start) -> Run:
    if blueprint.is_rerun:
        return await platform().rerun_changed(
            blueprint.scope,
            blueprint.run,
            blueprint.action,
            wanted.inputs,
            wanted.options,
            recover=wanted.recovers,
        )
    assert blueprint.task is not None
    task = blueprint.task.override(**wanted.overrides) if wanted.overrides else blueprint.task
    return await platform().launch(task, wanted.inputs, wanted.options)


def _refused(form: LaunchForm, error: RemoteError) -> None:
    """A refusal stands beside the field that it is about, as far as that can be told."""
    if isinstance(error, AlreadyExists):
        form.settings.problems["name"] = "A run of this name exists already."
    else:
        form.notice = error.message


def _told(form: LaunchForm) -> str:
    """Which inputs and settings differ from the original; values stay out of the log."""
    if not form.blueprint.is_rerun:
        return ""
    parts = form.blueprint.parts
    names = [part.name for number, part in enumerate(parts) if form.is_changed(number)]
    names += [key for key, *_ in form.settings.changes(form.blueprint.settings)]
    return f", changed: {', '.join(dict.fromkeys(names))}" if names else ", unchanged"
