"""Answers a condition, and aborts a single action: what a person does to one action of a run."""

from __future__ import annotations

import math

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard import links
from dashboard.aborting import MAX_REASON
from dashboard.access import audit
from dashboard.errors import PageProblem
from dashboard.pages import ErrorPage, Scope
from dashboard.people import person_of
from dashboard.phases import style_of
from dashboard.upstream import platform
from dashboard.views.scopes import existing_scope
from remote_client import ActionDetails, ActionPhase, Condition
from remote_client.errors import FailedPrecondition, NotFound, RemoteError

MOST_ANSWER = 10_000

Answer = bool | int | float | str


@require_POST
async def signal(
    request: HttpRequest, domain: str, project: str, run: str, action: str
) -> HttpResponse:
    """Take a person's answer from the form."""
    thing = f"{project}/{domain}/{run}/{action}"
    scope = await existing_scope(request, project, domain, action="action.signal", thing=thing)
    condition = await _condition(scope, run, action)
    text = request.POST.get("answer", "")
    try:
        answer = answer_of(text, condition.answer_type)
    except ValueError as error:
        messages.error(request, f"Nothing was answered. {error}")
    else:
        await _answer(request, thing, condition, answer)
    return redirect(links.action_url(scope, run, action))


async def _answer(request: HttpRequest, thing: str, condition: Condition, answer: Answer) -> None:
    try:
        await answer_condition(request, thing, condition, answer)
    except FailedPrecondition:
        messages.error(request, "It was answered already, or has given up: your answer came late.")
    else:
        messages.success(request, f"{condition.short_name or condition.name} was answered.")


async def answer_condition(
    request: HttpRequest, thing: str, condition: Condition, answer: Answer
) -> None:
    """Answer and write it down; an answer may be private, so the log has its type alone."""
    words = f"a {type(answer).__name__} answer" if isinstance(answer, str) else f"answer: {answer}"
    try:
        await platform().answer(condition, answer)
    except RemoteError as error:
        await audit.record(
            request, "action.signal", thing, result=audit.FAILED, detail=error.message
        )
        raise
    await audit.record(request, "action.signal", thing, detail=words)


def answer_of(text: str, kind: str) -> Answer:
    """What a form's text means as `bool`, `int`, `float` or `str`. Raises ValueError, in words."""
    if len(text) > MOST_ANSWER:
        raise ValueError(f"An answer has at most {MOST_ANSWER:,} characters.")
    match kind:
        case "bool" if text.lower() in ("true", "false"):
            return text.lower() == "true"
        case "bool":
            raise ValueError("It wants yes or no.")
        case "int":
            return _whole(text)
        case "float":
            return _number(text)
        case "str":
            return text.replace("\r\n", "\n")
    raise ValueError(f"It wants {kind}, which no form here can give.")


def _whole(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise ValueError("It wants a whole number.") from None
    if not -(2**63) <= number < 2**63:
        raise ValueError("It wants a whole number of at most 64 bits.")
    return number


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError("It wants a number.") from None
    if not math.isfinite(number):
        raise ValueError("It wants a number that is finite.")
    return number


async def _condition(scope: Scope, run: str, action: str) -> Condition:
    try:
        return await platform().condition(scope, run, action)
    except NotFound:
        raise PageProblem(_none_such(scope, run, action, "condition")) from None


@require_POST
async def abort(
    request: HttpRequest, domain: str, project: str, run: str, action: str
) -> HttpResponse:
    """Stop one action of a run that goes on."""
    thing = f"{project}/{domain}/{run}/{action}"
    scope = await existing_scope(request, project, domain, action="run.abort", thing=thing)
    try:
        found = await platform().action(scope, run, action)
    except NotFound:
        raise PageProblem(_none_such(scope, run, action, "action")) from None
    if found.phase.is_terminal:
        word = style_of(found.phase.value).label.lower()
        messages.info(request, f"The action had already ended ({word}). Nothing was aborted.")
    else:
        await abort_action(request, thing, found, request.POST.get("reason", ""))
        messages.success(request, "The action is being aborted, with what it started.")
    return redirect(links.action_url(scope, run, action))


async def abort_action(
    request: HttpRequest, thing: str, found: ActionDetails, reason: str
) -> ActionPhase:
    """Abort an action that has not ended, and write it down."""
    reason = reason.strip()[:MAX_REASON] or f"Aborted by {person_of(request)} in Flightboard."
    try:
        await platform().abort_action(found, reason)
    except RemoteError as error:
        await audit.record(request, "run.abort", thing, result=audit.FAILED, detail=error.message)
        raise
    await audit.record(request, "run.abort", thing, detail=f"one action, reason: {reason}")
    return found.phase


def _none_such(scope: Scope, run: str, action: str, what: str) -> ErrorPage:
    return ErrorPage(
        404,
        f"No such {what}",
        f"Run {run!r} has no {what} {action!r}.",
        "Go back to the run; its tree says what it has.",
        links=((f"Run {run}", links.run_url(scope, run)),),
    )
