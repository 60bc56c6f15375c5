"""One version of a task as its page shows it."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from dashboard import links
from dashboard.launching import commands
from dashboard.launching.blueprints import of_task
from dashboard.launching.form import LaunchForm
from dashboard.pages import Scope
from dashboard.phases import style_of
from dashboard.run_lists.facts import facts_of
from dashboard.tasks.comparing import interface_rows, sections, spec_diff
from dashboard.tasks.listing import trigger_url
from dashboard.tasks.pages import RunLine, TaskPage, VersionRow
from dashboard.tasks.statistics import stats_of
from dashboard.upstream import platform
from remote_client import Page, Run, TaskDetails, TaskVersion, Trigger
from remote_client.errors import RemoteError

PAGE_VERSIONS = 20
LAST_RUNS = 12


async def task_page(
    scope: Scope, task: TaskDetails, other: TaskDetails | None, *, token: str, cursor: str
) -> TaskPage:
    """Everything about a version, beside another where one is named."""
    versions, newest, runs, triggers = await asyncio.gather(
        platform().versions_page(scope, task.name, token=token, limit=PAGE_VERSIONS),
        _newest(scope, task, token),
        _runs(scope, task.name),
        _triggers(scope, task.name),
    )
    newest_version = newest or (versions.items[0].version if versions.items else task.version)
    against = other.version if other else ""
    inputs, outputs = interface_rows(task, other)
    form = LaunchForm.fresh(of_task(scope, task))
    own_url = links.task_url(scope, task.name, task.version)
    kept = {"against": against}
    return TaskPage(
        scope=scope,
        name=task.name,
        version=task.version,
        is_newest=task.version == newest_version,
        url=links.task_url(scope, task.name),
        description=documentation(task),
        source_url=web_address(task.source_link),
        deployed_at=task.deployed_at,
        deployed_by=task.deployed_by,
        inputs=inputs,
        outputs=outputs,
        sections=sections(task, other),
        spec=task.spec_text(),
        versions=tuple(
            _version_row(scope, task, each, newest_version, against) for each in versions.items
        ),
        older_versions_url=_older(scope, task, versions, kept),
        newest_versions_url=f"{own_url}#versions" if token else "",
        against=against,
        diff=spec_diff(task, other) if other else (),
        plain_url=own_url,
        launch_url=links.launch_url(scope, task.name, task.version),
        runs_url=links.runs_url(scope, q=f"task:{task.name}"),
        runs=tuple(_run_line(scope, run) for run in runs or ()),
        stats=stats_of(scope, [facts_of(scope, run) for run in runs or ()]),
        triggers=tuple(_trigger_row(scope, trigger) for trigger in triggers or ()),
        cli=commands.cli(form),
        python=commands.python(form),
        cursor=cursor,
        note="" if runs is not None else "The platform did not tell the task's runs.",
        env_vars=tuple(task.env_vars.items()),
    )


async def _newest(scope: Scope, task: TaskDetails, token: str) -> str:
    """Asked for only where the list of versions does not begin with it."""
    return await platform().newest_version(scope, task.name) if token else ""


async def _runs(scope: Scope, name: str) -> list[Run] | None:
    try:
        return await platform().runs_of_task(scope, name, LAST_RUNS)
    except RemoteError:
        return None


async def _triggers(scope: Scope, name: str) -> list[Trigger] | None:
    try:
        return await platform().triggers(scope, name)
    except RemoteError:
        return None


def _older(
    scope: Scope, task: TaskDetails, versions: Page[TaskVersion], kept: dict[str, str]
) -> str:
    if not versions.next_token:
        return ""
    query = {**kept, "versions": versions.next_token}
    return f"{links.task_url(scope, task.name, task.version, **query)}#versions"


def _version_row(
    scope: Scope, task: TaskDetails, each: TaskVersion, newest: str, against: str
) -> VersionRow:
    return VersionRow(
        version=each.version,
        url=links.task_url(scope, task.name, each.version),
        deployed_at=each.deployed_at,
        deployed_by=each.deployed_by,
        is_shown=each.version == task.version,
        is_newest=each.version == newest,
        against_url=links.task_url(scope, task.name, task.version, against=each.version),
        is_against=each.version == against,
    )


def _run_line(scope: Scope, run: Run) -> RunLine:
    return RunLine(
        name=run.name,
        url=links.run_url(scope, run.name),
        phase=style_of(run.phase.value),
        started_at=run.start_time,
        ended_at=run.end_time if run.phase.is_terminal else None,
        owner=run.owner,
        version=run.task_version or "",
    )


def _trigger_row(scope: Scope, trigger: Trigger) -> tuple[str, str, bool, str]:
    url = trigger_url(scope, trigger.task_name, trigger.name)
    schedule = trigger.schedule
    return trigger.name, url, trigger.is_active, schedule_words(schedule)


def schedule_words(schedule: object) -> str:
    """When a trigger fires; empty for one without a schedule, or with one that cannot be read."""
    try:
        return str(getattr(schedule, "words", ""))
    except ValueError:
        return ""


def documentation(task: TaskDetails) -> tuple[str, ...]:
    """What its author says: the one line, and the rest where that is not said there again."""
    short, long = task.short_description.strip(), task.description.strip()
    return paragraphs(long if long.startswith(short) else f"{short}\n\n{long}")


def paragraphs(text: str) -> tuple[str, ...]:
    """A docstring's paragraphs; its own line breaks are kept by the style sheet."""
    return tuple(part.strip("\n") for part in text.split("\n\n") if part.strip())


def web_address(link: str) -> str:
    """The address when a browser may open it: a task's author could write any other."""
    return link if urlsplit(link).scheme in ("http", "https") else ""
