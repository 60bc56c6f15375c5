"""The API's operations on walls and their links."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from dashboard.access import audit
from dashboard.access.guard import require
from dashboard.access.rights import of_request
from dashboard.api.errors import error_json
from dashboard.api.schemas import ErrorOut
from dashboard.live.protocol import WallArgs
from dashboard.wall import linking
from dashboard.wall.figures import WallRun
from dashboard.wall.link_views import made
from dashboard.wall.models import LABEL_CHARS, WallLink
from dashboard.wall.views import wall_page

router = Router()

Place = Annotated[str, Query(max_length=255)]
_ERRORS = dict.fromkeys((401, 403, 404, 422, 502, 503), ErrorOut)


class WallRunOut(Schema):
    run: str
    where: str
    task: str
    phase: str
    error: str
    started: datetime | None
    ended: datetime | None

    @classmethod
    def of(cls, run: WallRun) -> WallRunOut:
        return cls(
            run=run.run,
            where=run.where,
            task=run.task,
            phase=run.phase.key,
            error=run.error_line,
            started=run.started,
            ended=run.ended,
        )


class WallOut(Schema):
    read_at: datetime
    lost_since: datetime | None
    """Since when the platform can't be reached."""
    running: int
    waiting: int
    today: dict[str, int]
    ended_hour: int
    failed_hour: int
    failures: list[WallRunOut]
    longest_running: list[WallRunOut]
    longest_queued: list[WallRunOut]
    note: str


class WallLinkOut(Schema):
    id: int
    label: str
    project: str
    domain: str
    made_by: str
    made_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    url: str = ""
    """Told once, when it is made."""


class WallLinksOut(Schema):
    items: list[WallLinkOut]


class WallLinkIn(Schema):
    label: str = Field(min_length=1, max_length=LABEL_CHARS)


@router.get("/wall", response={200: WallOut, **_ERRORS}, operation_id="wall")
async def wall(
    request: HttpRequest, project: Place = "", domain: Place = ""
) -> WallOut | HttpResponse:
    """What the wall of a project and domain shows, of all its domains, or of everything."""
    await require(request, "wall.see", project)
    page = await wall_page(WallArgs(project, domain))
    figures = page.figures
    if figures is None or page.read_at is None:
        return error_json(request, 503, "There are no figures yet: the platform has not answered.")
    return WallOut(
        read_at=page.read_at,
        lost_since=page.lost_since,
        running=figures.running,
        waiting=figures.waiting,
        today={phase.key: count for phase, count in figures.today},
        ended_hour=figures.ended_hour,
        failed_hour=figures.failed_hour,
        failures=[WallRunOut.of(run) for run in figures.failures],
        longest_running=[WallRunOut.of(run) for run in figures.longest_running],
        longest_queued=[WallRunOut.of(run) for run in figures.longest_queued],
        note=figures.note,
    )


@router.get("/wall/links", response={200: WallLinksOut, **_ERRORS}, operation_id="wall_links")
async def wall_links(request: HttpRequest, project: Place = "") -> WallLinksOut:
    """The links that the token's owner may revoke."""
    await require(request, "wall.link", project)
    found = await sync_to_async(linking.kept_by)(of_request(request), project)
    return WallLinksOut(items=[_link_out(link) for link in found])


@router.post("/wall/links", response={201: WallLinkOut, **_ERRORS}, operation_id="make_wall_link")
async def make_wall_link(
    request: HttpRequest, body: WallLinkIn, project: Place = "", domain: Place = ""
) -> tuple[int, WallLinkOut]:
    """Make a link that shows the wall without a sign-in, until it is revoked."""
    await require(request, "wall.link", project)
    link, url = await made(request, project, domain if project else "", body.label)
    return 201, _link_out(link, url)


@router.delete(
    "/wall/links/{number}", response={204: None, **_ERRORS}, operation_id="revoke_wall_link"
)
async def revoke_wall_link(request: HttpRequest, number: int) -> tuple[int, None] | HttpResponse:
    """Revoke a link; walls that it shows end within seconds."""
    link = await sync_to_async(linking.by_number)(number)
    if link is None or not of_request(request).may("wall.see", link.project):
        return error_json(request, 404, "There is no wall link of that number.")
    await require(request, "wall.link", link.project, str(link))
    await sync_to_async(linking.revoke)(link)
    await audit.record(request, "wall.link", str(link), detail="revoked")
    return 204, None


def _link_out(link: WallLink, url: str = "") -> WallLinkOut:
    return WallLinkOut(
        id=link.pk,
        label=link.label,
        project=link.project,
        domain=link.domain,
        made_by=link.made_by,
        made_at=link.made_at,
        last_used_at=link.last_used_at,
        revoked_at=link.revoked_at,
        url=url,
    )
