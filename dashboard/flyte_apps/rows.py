"""Rows of the apps' list: from the platform's apps to what is drawn."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.urls import reverse

from dashboard.flyte_apps.pages import AppRow, AppStatus, ConditionRow
from dashboard.pages import Scope
from remote_client import App, AppCondition

# Status → label, icon and hue of a phase that looks like it.
_STATUSES = {
    "active": ("Active", "phase-succeeded", "succeeded"),
    "started": ("Started", "phase-running", "running"),
    "deploying": ("Deploying", "phase-initializing", "initializing"),
    "pending": ("Pending", "phase-waiting", "waiting_for_resources"),
    "assigned": ("Assigned", "phase-queued", "queued"),
    "unassigned": ("Unassigned", "phase-queued", "queued"),
    "scaling_up": ("Scaling up", "phase-initializing", "initializing"),
    "scaling_down": ("Scaling down", "phase-initializing", "initializing"),
    "stopped": ("Stopped", "phase-aborted", "aborted"),
    "failed": ("Failed", "phase-failed", "failed"),
}


def status_of(status: str) -> AppStatus:
    known = (status.replace("_", " ").capitalize() or "Unknown", "phase-unknown", "unknown")
    label, icon, hue = _STATUSES.get(status, known)
    return AppStatus(status or "unknown", label, icon, hue)


def app_url(scope: Scope, name: str, page: str = "flyte-app") -> str:
    return reverse(page, kwargs={"domain": scope.domain, "project": scope.project, "name": name})


def app_row(scope: Scope, app: App) -> AppRow:
    return AppRow(
        name=app.name,
        url=app_url(scope, app.name),
        status=status_of(app.status),
        message=app.status_message,
        replicas=app.replicas,
        most=app.replica_bounds[1],
        endpoint=web_address(app.endpoint),
        kind=app.type,
        is_wanted=app.desired_state not in ("stopped", ""),
        updated_at=app.updated_at or app.created_at,
    )


def condition_row(condition: AppCondition) -> ConditionRow:
    return ConditionRow(
        status=status_of(condition.status),
        substate=condition.substate.replace("_", " "),
        message=condition.message,
        at=condition.at,
        by=condition.by,
    )


def web_address(text: str) -> str:
    """The text when it is an address of the web; a link must not run a script."""
    parts = urlsplit(text)
    return text if parts.scheme in ("http", "https") and parts.netloc else ""
