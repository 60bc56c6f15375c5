"""The API's operations on home."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from dashboard.access.guard import require
from dashboard.api.schemas import ErrorOut
from dashboard.home.pages import FailureGroup, HomePage, RunsSection, Waiting
from dashboard.home.views import home_page

router = Router()
_ERRORS = dict.fromkeys((401, 403, 404, 422, 502, 503), ErrorOut)


class HomeRunOut(Schema):
    run: str
    where: str
    phase: str
    task: str
    owner: str
    started: datetime | None
    ended: datetime | None
    error: str
    url: str


class HomeRunsOut(Schema):
    items: list[HomeRunOut]
    note: str
    """What could not be told."""

    @classmethod
    def of(cls, section: RunsSection) -> HomeRunsOut:
        items = [
            HomeRunOut(
                run=row.name,
                where=row.where,
                phase=row.phase.key,
                task=row.task_name,
                owner=row.owner,
                started=row.started_at,
                ended=row.ended_at,
                error=row.error_line,
                url=row.url,
            )
            for row in section.rows
        ]
        return cls(items=items, note=section.note)


class HomeFailureOut(Schema):
    error: str
    count: int
    first: datetime | None
    last: datetime | None
    tasks: list[str]
    where: list[str]
    newest_run: str
    newest_url: str

    @classmethod
    def of(cls, group: FailureGroup) -> HomeFailureOut:
        return cls(
            error=group.headline,
            count=group.count,
            first=group.first_at,
            last=group.last_at,
            tasks=list(group.tasks),
            where=list(group.where),
            newest_run=group.newest_run,
            newest_url=group.newest_url,
        )


class HomeWaitingOut(Schema):
    prompt: str
    run: str
    where: str
    since: datetime | None
    may_answer: bool
    url: str

    @classmethod
    def of(cls, condition: Waiting) -> HomeWaitingOut:
        return cls(
            prompt=condition.prompt,
            run=condition.run,
            where=condition.where,
            since=condition.since,
            may_answer=condition.may_answer,
            url=condition.url,
        )


class HomeOut(Schema):
    mine: HomeRunsOut
    running: HomeRunsOut
    failures: list[HomeFailureOut]
    failures_note: str
    waiting: list[HomeWaitingOut]
    waiting_note: str

    @classmethod
    def of(cls, page: HomePage) -> HomeOut:
        return cls(
            mine=HomeRunsOut.of(page.mine),
            running=HomeRunsOut.of(page.running),
            failures=[HomeFailureOut.of(group) for group in page.failures.groups],
            failures_note=page.failures.note,
            waiting=[HomeWaitingOut.of(each) for each in page.waiting.conditions],
            waiting_note=page.waiting.note,
        )


@router.get("/home", response={200: HomeOut, **_ERRORS}, operation_id="home")
async def home(request: HttpRequest) -> HomeOut:
    """The token's owner's runs, what runs now, failures of the last day, and what waits."""
    await require(request, "token.own")
    page = await home_page(request)
    if page is None:
        await require(request, "project.see")
    assert page is not None
    return HomeOut.of(page)
