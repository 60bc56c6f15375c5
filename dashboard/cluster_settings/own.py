"""What this dashboard is, for its own readers: where it points, who may what, what it keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest

from dashboard.access.permissions import PERMISSIONS, Role
from dashboard.access.rights import of_request
from dashboard.cluster_settings.pages import OwnSettings, RoleRule
from dashboard.index.states import index_state
from dashboard.pages import Scope
from dashboard.people import person_of
from dashboard.upstream import platform
from remote_client.errors import RemoteError

_INDEX = {
    "new": "being started",
    "building": "being built",
    "built": "built",
    "off": "off",
}
WAIT_S = 2.0


async def own_settings(request: HttpRequest, scope: Scope) -> OwnSettings:
    rights = of_request(request)
    allowed = rights.all_in(scope.project)
    state = await index_state()
    logs, size = await asyncio.to_thread(_spool, Path(settings.FLIGHTBOARD_HOME) / "spool")
    role = rights.role_in(scope.project)
    calls_as, ways = await asyncio.gather(_calls_as(), _ways())
    return OwnSettings(
        endpoint=platform().endpoint,
        is_plaintext=bool(settings.FLYTE_INSECURE),
        calls_as=calls_as,
        sign_in_ways=ways,
        default_role=settings.DEFAULT_ROLE,
        rules=_rules(),
        person=str(person_of(request) or ""),
        role_here=role.key if role > Role.NONE else "none",
        may=_words(name for name in PERMISSIONS if name in allowed),
        may_not=_words(name for name in PERMISSIONS if name not in allowed),
        is_gate=platform().identity == "service",
        index=" ".join(filter(None, (_INDEX[state.kind], state.message))),
        index_heard_at=state.heard_at,
        spool_logs=logs,
        spool_bytes=size,
    )


def _words(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(PERMISSIONS[name].words for name in names)


async def _calls_as() -> str:
    """Whom the platform takes us for; it may know nobody."""
    try:
        async with asyncio.timeout(WAIT_S):
            return (await platform().whoami()).name or "nobody in particular"
    except (RemoteError, TimeoutError):
        return "nobody that the platform knows"


async def _ways() -> tuple[str, ...]:
    ways = []
    try:
        async with asyncio.timeout(WAIT_S):
            config = await platform().sign_in_config()
    except (RemoteError, TimeoutError):
        config = None
    if config is not None:
        ways.append("at the platform's authorization server, each person under their own token")
    if settings.OIDC_ISSUER:
        ways.append(f"at {settings.OIDC_ISSUER}")
    if settings.LOCAL_ACCOUNTS:
        ways.append("with an account of this Flightboard")
    return (*ways, "with a one-time link from this machine's shell")


def _rules() -> tuple[RoleRule, ...]:
    return tuple(
        RoleRule(rule.group, rule.role.key, f"in {rule.project}" if rule.project else "everywhere")
        for rule in settings.ROLE_GROUPS
    )


def _spool(folder: Path) -> tuple[int, int]:
    """How many logs are kept, and their size."""
    if not folder.is_dir():
        return 0, 0
    logs = [each for each in folder.iterdir() if each.is_dir()]
    size = sum(file.stat().st_size for log in logs for file in log.iterdir() if file.is_file())
    return len(logs), size
