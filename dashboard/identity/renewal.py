"""Asks a sign-in's server for new tokens, and to forget old ones. Plain calls, on a thread."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.utils import timezone
from social_core.exceptions import (
    AuthConfigurationError,
    AuthCredentialError,
    AuthProviderError,
    SocialAuthBaseException,
)

from dashboard.identity.announcement import AnnouncementError
from dashboard.identity.providers import PlatformSignIn, Strategy
from dashboard.identity.records import SignIn, Tokens
from dashboard.identity.sealing import UnreadableError

logger = logging.getLogger(__name__)


class RefusedError(Exception):
    """The server no longer accepts the sign-in."""


class AwayError(Exception):
    """The server could not be asked; the sign-in may still count."""


def tokens_of(answer: dict[str, Any], old_refresh: str = "") -> Tokens:
    """The tokens in a server's answer; one that renews no refresh token leaves the old one good."""
    refresh = answer.get("refresh_token")
    return Tokens(
        access=answer["access_token"],
        refresh=refresh if isinstance(refresh, str) and refresh else old_refresh,
        expires_at=_end(answer.get("expires_in")),
    )


def _end(expires_in: Any) -> datetime | None:
    """By our own clock, whatever the server's says."""
    try:
        seconds = float(expires_in)
    except (TypeError, ValueError):
        return None
    return timezone.now() + timedelta(seconds=seconds) if 0 < seconds < 1e9 else None


@dataclass(frozen=True)
class Renewed:
    """New tokens, and what the server says of the person now; None when it said nothing."""

    tokens: Tokens
    uid: str = ""
    claims: dict[str, Any] | None = None


async def renew(sign_in_id: int, refresh: str) -> Renewed:
    """New tokens for a refresh token. Raises RefusedError, AwayError."""
    try:
        return await sync_to_async(_renewed, thread_sensitive=False)(refresh)
    except AuthCredentialError as error:
        raise RefusedError(error.code) from None
    except AuthProviderError as error:
        raise AwayError(f"The authorization server is in trouble ({error.code}).") from None
    except AnnouncementError as error:
        raise AwayError(str(error)) from None
    except AuthConfigurationError as error:
        # Such as a server that knows this client no more.
        logger.warning("Sign-in %s cannot be renewed: %s %s", sign_in_id, error.code, error.detail)
        raise RefusedError(error.code) from None
    except SocialAuthBaseException as error:
        raise RefusedError(error.code) from None


def _renewed(refresh: str) -> Renewed:
    backend = _backend()
    answer: dict[str, Any] = backend.refresh_token(refresh)
    tokens = tokens_of(answer, old_refresh=refresh)
    try:
        claims = backend.claims_now(tokens.access)
        return Renewed(tokens, backend.get_user_id({}, claims), claims)
    except SocialAuthBaseException as error:
        logger.info("The server did not say who somebody is now: %s", error.code)
        return Renewed(tokens)


async def revoke(row: SignIn) -> None:
    """Tell the server that the sign-in is over; a server that cannot be told is left alone."""
    try:
        await revoke_tokens(row.pk, row.tokens)
    except UnreadableError:
        logger.warning("The tokens of %s cannot be read, and so not revoked.", row)


async def revoke_tokens(sign_in_id: int, tokens: Tokens) -> None:
    """As `revoke`, for tokens in hand: the refresh token first, which makes more of the others."""
    given = [("refresh_token", tokens.refresh), ("access_token", tokens.access)]
    for hint, token in given:
        if not token:
            continue
        try:
            await sync_to_async(_revoke, thread_sensitive=False)(hint, token)
        except (SocialAuthBaseException, AnnouncementError) as error:
            logger.warning("A token of sign-in %s was not revoked: %s", sign_in_id, error)


def _revoke(hint: str, token: str) -> None:
    """RFC 7009."""
    backend = _backend()
    here = backend.here
    if not here.revocation_endpoint:
        return
    form = {"token": token, "token_type_hint": hint, "client_id": here.client_id}
    backend.request(here.revocation_endpoint, method="POST", data=form, stage="disconnect")


def _backend() -> PlatformSignIn:
    from social_django.models import DjangoStorage

    return PlatformSignIn(Strategy(DjangoStorage))
