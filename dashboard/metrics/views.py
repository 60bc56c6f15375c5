"""`/metrics` for Prometheus, `/healthz` for whoever restarts servers, `/readyz` for balancers."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from dashboard.metrics.collecting import registry
from dashboard.upstream import service_platform
from remote_client.errors import DeadlineExceeded, RemoteError, Unavailable

REFUSED = """# Metrics are for this machine alone, or for who has the token.
# Set METRICS_TOKEN and send it: Authorization: Bearer <token>
"""


@login_not_required
@require_safe
async def health(request: HttpRequest) -> HttpResponse:
    """Whether this server answers. The absence of the platform has a page of its own."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
async def ready(request: HttpRequest) -> JsonResponse:
    """Whether pages can be served: the database is there and has this version's tables.

    The platform is told of and does not count: pages without it say so, and a balancer that took
    every server away would leave people with nothing at all.
    """
    database = await sync_to_async(_database)()
    platform = await _platform()
    status = 200 if database == "ok" else 503
    return JsonResponse({"database": database, "platform": platform}, status=status)


def _database() -> str:
    try:
        plan = MigrationExecutor(connection)
        behind = plan.migration_plan(plan.loader.graph.leaf_nodes())
    except DatabaseError:
        return "unreachable"
    return "needs migrating: python manage.py prepare" if behind else "ok"


async def _platform() -> str:
    try:
        await service_platform().projects()
    except (Unavailable, DeadlineExceeded):
        return "unreachable"
    except RemoteError:
        return "ok"  # it refused, which is an answer
    return "ok"


@login_not_required
@require_safe
async def metrics(request: HttpRequest) -> HttpResponse:
    """This process's numbers. Behind a balancer each process is asked at its own port."""
    if not _may_read(request):
        return HttpResponse(REFUSED, status=403, content_type="text/plain; charset=utf-8")
    return HttpResponse(generate_latest(registry()), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    """The token's bearer; without a token, who asks from this machine and through no proxy."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
