"""The API's operations on one action: its values, its answer and its end."""

from __future__ import annotations

import json
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from dashboard.action_tabs.answering import abort_action, answer_condition, answer_of
from dashboard.action_tabs.value_copies import as_json
from dashboard.api.schemas import AbortIn, ErrorOut
from dashboard.errors import PageProblem
from dashboard.pages import ErrorPage
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope
from remote_client.errors import ClientError, FailedPrecondition

router = Router()

Name = Annotated[str, Query(min_length=1, max_length=255)]
_ERRORS = dict.fromkeys((401, 403, 404, 409, 422, 502, 503), ErrorOut)


class ValueOut(Schema):
    name: str
    type: str
    value: Any
    """As JSON: moments as ISO 8601, durations in seconds, files by address."""
    is_whole: bool
    """False for what is too large for this answer: `value` is the beginning of its text then."""


class ValuesOut(Schema):
    inputs: list[ValueOut]
    outputs: list[ValueOut]
    note: str
    """Why there are no outputs; empty when there are some."""


class SignalIn(Schema):
    answer: bool | int | float | str


class SignalOut(Schema):
    action: str
    answer: bool | int | float | str


class ActionAbortOut(Schema):
    aborted: bool
    phase: str
    """The phase before; when it is terminal nothing was aborted."""


@router.get(
    "/runs/{run}/actions/{action}/values",
    response={200: ValuesOut, **_ERRORS},
    operation_id="read_action_values",
)
async def values(
    request: HttpRequest, run: str, action: str, project: Name, domain: Name
) -> ValuesOut:
    """The action's inputs, and its outputs when it has succeeded."""
    thing = f"{project}/{domain}/{run}/{action}"
    scope = await existing_scope(request, project, domain, action="action.see", thing=thing)
    details = await platform().action(scope, run, action)
    inputs, note = [_value(each) for each in await platform().inputs(details)], ""
    try:
        outputs = [_value(each) for each in await platform().outputs(details)]
    except ClientError as error:
        outputs, note = [], str(error)
    return ValuesOut(inputs=inputs, outputs=outputs, note=note)


def _value(value: Any) -> ValueOut:
    content = json.loads(as_json(value.value)) if value.is_whole else value.text
    return ValueOut(name=value.name, type=value.type_name, value=content, is_whole=value.is_whole)


@router.post(
    "/runs/{run}/actions/{action}/signal",
    response={200: SignalOut, **_ERRORS},
    operation_id="answer_condition",
)
async def signal(
    request: HttpRequest, run: str, action: str, project: Name, domain: Name, body: SignalIn
) -> SignalOut:
    """Answer a condition that waits. 409 when it was answered or has given up."""
    thing = f"{project}/{domain}/{run}/{action}"
    scope = await existing_scope(request, project, domain, action="action.signal", thing=thing)
    condition = await platform().condition(scope, run, action)
    try:
        answer = answer_of(_text(body.answer), condition.answer_type)
        await answer_condition(request, thing, condition, answer)
    except ValueError as error:
        raise _problem(422, "Wrong answer", str(error)) from None
    except FailedPrecondition as error:
        raise _problem(409, "Too late", error.message) from None
    return SignalOut(action=action, answer=answer)


def _text(answer: bool | int | float | str) -> str:
    return str(answer).lower() if isinstance(answer, bool) else str(answer)


@router.post(
    "/runs/{run}/actions/{action}/abort",
    response={200: ActionAbortOut, **_ERRORS},
    operation_id="abort_action",
)
async def abort(
    request: HttpRequest, run: str, action: str, project: Name, domain: Name, body: AbortIn
) -> ActionAbortOut:
    """Stop one action, and what it started; its run goes on."""
    thing = f"{project}/{domain}/{run}/{action}"
    scope = await existing_scope(request, project, domain, action="run.abort", thing=thing)
    found = await platform().action(scope, run, action)
    if not found.phase.is_terminal:
        await abort_action(request, thing, found, body.reason)
    return ActionAbortOut(aborted=not found.phase.is_terminal, phase=found.phase.value)


def _problem(status: int, title: str, words: str) -> PageProblem:
    return PageProblem(ErrorPage(status, title, words, "Read the condition and try again."))
