"""The API's operations on launching."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from dashboard.api import errors
from dashboard.api.schemas import ErrorOut, RerunOut
from dashboard.launching.blueprints import Blueprint
from dashboard.launching.form import LaunchForm
from dashboard.launching.starting import ROOT, run_blueprint, start, task_blueprint
from dashboard.views.scopes import existing_scope

Name = Annotated[str, Query(min_length=1, max_length=255)]
Texts = dict[str, str]

router = Router(tags=["launching"])
_ERRORS = dict.fromkeys((401, 403, 404, 409, 422, 502, 503), ErrorOut)


class SettingsIn(Schema):
    """Settings of a run; what is left out is left to the task, the original or the platform."""

    name: Annotated[str, Field(max_length=30)] = ""
    labels: Texts | None = None
    annotations: Texts | None = None
    env_vars: Texts | None = None
    context: Texts | None = None
    overwrite_cache: bool | None = None
    interruptible: bool | None = None
    cache_scope: Literal["", "global", "project_domain"] | None = None
    max_action_concurrency: Annotated[int, Field(ge=0, le=999_999)] | None = None
    queue: str | None = None
    cluster_pool: str | None = None
    service_account: str | None = None
    raw_data_path: str | None = None

    def onto(self, form: LaunchForm) -> None:
        """Put what is given in the place of what stands in the form."""
        given = self.dict(exclude_none=True)
        settings = form.settings
        for key in ("labels", "annotations", "env_vars", "context"):
            if key in given:
                settings.tables[key] = list(given.pop(key).items())
        if "max_action_concurrency" in given:
            settings.texts["concurrency"] = str(given.pop("max_action_concurrency"))
        if "overwrite_cache" in given:
            settings.texts["overwrite_cache"] = "true" if given.pop("overwrite_cache") else ""
        if "interruptible" in given:
            settings.texts["interruptible"] = str(given.pop("interruptible")).lower()
        for key in ("name", "cache_scope", "queue", "cluster_pool"):
            settings.texts |= {key: given[key]} if key in given else {}
        for key in ("service_account", "raw_data_path"):
            settings.texts |= {key: given[key]} if key in given else {}


class LaunchIn(Schema):
    version: str = ""
    """The newest one by default."""
    inputs: dict[str, Any] = Field(default_factory=dict)
    """By name, as the JSON view of the launch form has them; defaults may be left out."""
    settings: SettingsIn = SettingsIn()


class ChangesIn(Schema):
    action: str = ROOT
    """The action whose task is run again."""
    inputs: dict[str, Any] = Field(default_factory=dict)
    """Only those that change."""
    settings: SettingsIn = SettingsIn()
    """Only those that change; a table such as `labels` is replaced as a whole."""


class LaunchOut(Schema):
    run: str
    """The new run."""
    task: str
    version: str


@router.post(
    "/tasks/{name}/launch", response={201: LaunchOut, **_ERRORS}, operation_id="launch_task"
)
async def launch(
    request: HttpRequest, name: str, project: Name, domain: Name, body: LaunchIn
) -> tuple[int, LaunchOut] | HttpResponse:
    """Start a run of a task."""
    thing = f"{project}/{domain}/{name}"
    scope = await existing_scope(request, project, domain, action="run.launch", thing=thing)
    blueprint = await task_blueprint(scope, name, body.version)
    started = await _start(request, blueprint, body.inputs, body.settings)
    if isinstance(started, HttpResponse):
        return started
    return 201, LaunchOut(run=started, task=blueprint.task_name, version=blueprint.version)


@router.post(
    "/runs/{run}/rerun-with-changes",
    response={201: RerunOut, **_ERRORS},
    operation_id="rerun_run_with_changes",
)
async def rerun_with_changes(
    request: HttpRequest, run: str, project: Name, domain: Name, body: ChangesIn
) -> tuple[int, RerunOut] | HttpResponse:
    """Start the task of a run, or of one of its actions, again; what is not named stays."""
    thing = f"{project}/{domain}/{run}"
    scope = await existing_scope(request, project, domain, action="run.rerun", thing=thing)
    blueprint = await run_blueprint(scope, run, body.action)
    started = await _start(request, blueprint, body.inputs, body.settings)
    if isinstance(started, HttpResponse):
        return started
    return 201, RerunOut(run=started, rerun_of=run)


async def _start(
    request: HttpRequest, blueprint: Blueprint, inputs: dict[str, Any], settings: SettingsIn
) -> str | HttpResponse:
    """The new run's name, or an answer that says what is wrong with what was given."""
    form = LaunchForm.fresh(blueprint)
    form.take(inputs)
    settings.onto(form)
    wanted = form.check()
    run = await start(request, form, wanted) if wanted else None
    if run is not None:
        return run.name
    is_taken = wanted is not None and "name" in form.settings.problems
    return errors.error_json(request, 409 if is_taken else 422, _words(form))


def _words(form: LaunchForm) -> str:
    """Everything that is wrong, in one line."""
    parts = form.blueprint.parts
    found = [form.json_error, form.notice]
    for path, sentence in form.problems.items():
        number = int(path.split(".")[1])
        found.append(f"{parts[number].name}: {sentence}")
    found += [f"{key}: {sentence}" for key, sentence in form.settings.problems.items()]
    return " ".join(each for each in found if each)
