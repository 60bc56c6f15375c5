"""The way to the platform: every question that the dashboard asks, and as whom.

Views and live topics ask `platform()` and nothing else, so a test replaces this one object. It is
the platform as the acting person sees it (`act_as`), with a connection and a token of their own;
people without a token of the platform's share the service identity. Calls run on the loop that
they are made on. Errors are `remote_client.errors.RemoteError`.
"""

from __future__ import annotations

import asyncio
import time
from contextvars import ContextVar
from typing import Any

from django.conf import settings

from dashboard.calls.actions import ActionCalls
from dashboard.calls.cluster_settings import SettingsCalls
from dashboard.calls.conditions import ConditionCalls
from dashboard.calls.flyte_apps import AppCalls
from dashboard.calls.launching import LaunchCalls
from dashboard.calls.people import PersonCalls
from dashboard.calls.projects import ProjectCalls
from dashboard.calls.runs import RunCalls
from dashboard.calls.searching import SearchCalls
from dashboard.calls.secrets import SecretCalls
from dashboard.calls.tasks import TaskCalls
from dashboard.calls.triggers import TriggerCalls
from remote_client import AuthOptions
from remote_client._client.auth import ClientConfig, MemoryTokenStore
from remote_client.errors import Unauthenticated


class SignedOut(Unauthenticated):
    """The person's sign-in has ended: nothing is asked in their name any more."""

    def __init__(self) -> None:
        super().__init__("Your sign-in has ended.")


class Platform(
    ActionCalls,
    AppCalls,
    ConditionCalls,
    LaunchCalls,
    PersonCalls,
    ProjectCalls,
    RunCalls,
    SearchCalls,
    SecretCalls,
    SettingsCalls,
    TaskCalls,
    TriggerCalls,
):
    """All calls on one connection."""


# --- as whom ----------------------------------------------------------------------------------

IDLE_S = 600.0
"""A person's connection that nobody used for so long is closed; the next question opens one."""

ANONYMOUS, SERVICE = "anonymous", "service"

_acting: ContextVar[int | None] = ContextVar("acting_person", default=None)
_replaced: Platform | None = None
_open: dict[str, Platform] = {}
_closing: set[asyncio.Task[None]] = set()


def act_as(person_id: int | None) -> None:
    """From here on this request or socket calls as this person; None calls as the service."""
    _acting.set(person_id)


def platform() -> Platform:
    """The platform that the settings name, as the acting person sees it."""
    acting = _acting.get()
    return service_platform() if acting is None else _as(f"person:{acting}", acting)


def service_platform() -> Platform:
    """The platform as the service identity sees it: for people without a token, and for nobody."""
    return _as(SERVICE)


def _as(identity: str, person_id: int | None = None) -> Platform:
    if _replaced is not None:
        return _replaced
    found = _open.get(identity)
    if found is None:
        _close_idle()
        found = _open[identity] = Platform(
            settings.FLYTE_ENDPOINT,
            insecure=settings.FLYTE_INSECURE,
            ca_cert=settings.FLYTE_CA_CERT,
            identity=identity,
            auth=_auth(identity, person_id),
        )
    found.last_used = time.monotonic()
    return found


def _auth(identity: str, person_id: int | None) -> AuthOptions | None:
    if person_id is not None:
        # Imported here: who keeps tokens asks the platform about them.
        from dashboard.identity.authenticator import PersonAuthenticator

        return AuthOptions(authenticator=PersonAuthenticator(person_id))
    if identity == SERVICE and settings.FLYTE_SERVICE_CLIENT_ID:
        return AuthOptions(
            auth_type="ClientSecret",
            client_id=settings.FLYTE_SERVICE_CLIENT_ID,
            client_secret=settings.FLYTE_SERVICE_CLIENT_SECRET,
            token_store=MemoryTokenStore(),
        )
    # Nothing goes with a call but what the caller brings for it.
    return AuthOptions(auth_type="Passthrough") if identity == ANONYMOUS else None


def _close_idle() -> None:
    now = time.monotonic()
    for identity, each in list(_open.items()):
        if not each.open_streams and now - each.last_used > IDLE_S:
            del _open[identity]
            task = asyncio.ensure_future(each.close())
            _closing.add(task)
            task.add_done_callback(_closing.discard)


async def close_platforms() -> None:
    """Close every identity's connection."""
    gone = list(_open.values())
    _open.clear()
    await asyncio.gather(*(each.close() for each in gone), *_closing)


async def close_person(person_id: int) -> None:
    """Close a person's connection, and every stream on it; the next question opens another."""
    gone = _open.pop(f"person:{person_id}", None)
    if gone is not None:
        await gone.close()


async def sign_in_config() -> ClientConfig | None:
    """How the platform says that people sign in; None when it has no authentication."""
    return await _as(ANONYMOUS).sign_in_config()


async def user_info(header_key: str, token: str) -> dict[str, Any]:
    """Whom the platform takes the token's bearer for, as OpenID Connect names it."""
    return await _as(ANONYMOUS).user_info(header_key, token)


def open_platforms() -> list[Platform]:
    """Every identity's connection that is held now."""
    return list(_open.values())


def replace_platform(other: Platform | None) -> Platform | None:
    """Put another in everybody's place (a test's fake), or None to start afresh; gives the old."""
    global _replaced
    old, _replaced = _replaced, other
    if other is None:
        _open.clear()
    return old
