"""Changes triggers for the pages and for the API, and writes each change down."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse

from dashboard.access import audit
from dashboard.calls.triggers import TriggerDraft
from dashboard.errors import PageProblem, home_link
from dashboard.pages import ErrorPage, Scope
from dashboard.triggers.pages import SwitchReport, SwitchResult
from dashboard.upstream import platform
from remote_client import Run, TriggerDetails
from remote_client.errors import (
    FailedPrecondition,
    Internal,
    NotFound,
    RemoteError,
    RemoteTaskNotFoundError,
)

AT_ONCE = 8
MOST = 200
"""Triggers that are switched together."""


class Conflict(Exception):
    """Somebody changed the trigger meanwhile."""


async def found_trigger(scope: Scope, task: str, name: str) -> TriggerDetails:
    """Raises PageProblem for one that isn't there."""
    try:
        return await platform().trigger(scope, task, name)
    except NotFound:
        raise PageProblem(no_trigger(scope, task, name)) from None


async def switch(
    request: HttpRequest, scope: Scope, keys: Sequence[str], *, active: bool
) -> SwitchReport:
    """Switch many on or off, each with a result of its own."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(key: str) -> SwitchResult:
        async with gate:
            return await _switch_one(request, scope, key, active)

    keys = tuple(dict.fromkeys(keys))[:MOST]
    return SwitchReport(tuple(await asyncio.gather(*(one(key) for key in keys))), active)


async def _switch_one(request: HttpRequest, scope: Scope, key: str, active: bool) -> SwitchResult:
    task, _, name = key.rpartition("/")
    thing = f"{scope.project}/{scope.domain}/{key}"
    word = "on" if active else "off"
    try:
        trigger = await platform().trigger(scope, task, name)
        if trigger.is_active == active:
            return SwitchResult(key, "already", f"was {word} already")
        await platform().switch_trigger(trigger, active)
    except NotFound:
        return SwitchResult(key, "failed", "is gone")
    except RemoteError as error:
        await audit.record(
            request, "trigger.switch", thing, result=audit.FAILED, detail=error.message
        )
        return SwitchResult(key, "failed", error.message)
    await audit.record(request, "trigger.switch", thing, detail=word)
    return SwitchResult(key, "done", f"is {word}")


async def deploy(request: HttpRequest, scope: Scope, draft: TriggerDraft) -> TriggerDetails:
    """Create it or replace the revision that it was made from.

    Raises Conflict when that is no longer the newest, ValueError or TypeError for what the task
    does not take, and the platform's errors.
    """
    thing = f"{scope.project}/{scope.domain}/{draft.task_name}/{draft.name}"
    await _check_revision(scope, draft)
    try:
        deployed = await platform().deploy_trigger(scope, draft)
    except RemoteTaskNotFoundError as error:
        raise ValueError(error.message) from None
    except (FailedPrecondition, Internal) as error:
        # A platform may call a lost race an internal error.
        if isinstance(error, FailedPrecondition) or "revision" in error.message.lower():
            raise Conflict from None
        raise
    except RemoteError as error:
        await audit.record(
            request, "trigger.write", thing, result=audit.FAILED, detail=error.message
        )
        raise
    verb = "changed from revision" if draft.revision else "created as revision"
    number = draft.revision or deployed.revision
    await audit.record(request, "trigger.write", thing, detail=f"{verb} {number}")
    return deployed


async def _check_revision(scope: Scope, draft: TriggerDraft) -> None:
    """Platforms replace what is there, whoever asks; so look first."""
    try:
        there = await platform().trigger(scope, draft.task_name, draft.name)
    except NotFound:
        if draft.revision:
            raise Conflict from None
        return
    if there.revision != draft.revision:
        raise Conflict


async def run_now(request: HttpRequest, scope: Scope, trigger: TriggerDetails) -> Run:
    """Start the run that the trigger would start, now."""
    thing = f"{scope.project}/{scope.domain}/{trigger.task_name}/{trigger.name}"
    try:
        started = await platform().run_trigger(trigger)
    except RemoteError as error:
        await audit.record(request, "run.launch", thing, result=audit.FAILED, detail=error.message)
        raise
    await audit.record(request, "run.launch", thing, detail=f"as {started.name}")
    return started


async def delete(request: HttpRequest, scope: Scope, trigger: TriggerDetails) -> None:
    thing = f"{scope.project}/{scope.domain}/{trigger.task_name}/{trigger.name}"
    try:
        await platform().delete_trigger(trigger)
    except RemoteError as error:
        await audit.record(
            request, "trigger.delete", thing, result=audit.FAILED, detail=error.message
        )
        raise
    await audit.record(request, "trigger.delete", thing)


def no_trigger(scope: Scope, task: str, name: str) -> ErrorPage:
    listing = reverse("triggers", kwargs={"domain": scope.domain, "project": scope.project})
    return ErrorPage(
        404,
        "No such trigger",
        f"Task {task!r} has no trigger {name!r} in {scope.project}/{scope.domain}.",
        "It may have been deleted. A trigger belongs to one task of one project and domain.",
        links=(("Triggers of this project", listing), home_link()),
    )
