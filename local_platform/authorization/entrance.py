"""How callers come in: in plain text or by TLS, with tokens or without."""

from __future__ import annotations

import argparse
import asyncio.constants
import logging
from dataclasses import dataclass

from local_platform import engine
from local_platform.asgi import Handler
from local_platform.authorization.authority import Authority
from local_platform.authorization.certificates import Certificates, certificates
from local_platform.authorization.settings import (
    CLOCK_SKEW_S,
    MAX_TOKEN_LIFETIME_S,
    REFRESH_LIFETIME_S,
    TOKEN_LIFETIME_S,
    Settings,
)
from local_platform.authorization.task_access import TaskAccess
from local_platform.launch import Site
from local_platform.layout import Layout
from local_platform.store import ActionKey, Store

_LOCALHOST = frozenset({"127.0.0.1", "localhost", "::1"})
# What a TLS client gets to say goodbye. asyncio would wait half a minute for one that sleeps, and
# so would everybody who stops the platform; its servers offer no other way to say it.
_GOODBYE_S = 1.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Access:
    """What was chosen at the command line.

    offered: people and programs can sign in. required: calls need a token, and TLS is on.
    """

    offered: bool = False
    required: bool = False
    token_lifetime_s: int = TOKEN_LIFETIME_S
    refresh_lifetime_s: int = REFRESH_LIFETIME_S
    clock_skew_s: int = CLOCK_SKEW_S


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line's part about signing in."""
    group = parser.add_argument_group("signing in")
    group.add_argument(
        "--require-auth", action="store_true", help="TLS, and no call without a token"
    )
    group.add_argument(
        "--authorization",
        action="store_true",
        help="people can sign in, calls without a token stay possible",
    )
    lifetimes = (
        ("--token-lifetime", TOKEN_LIFETIME_S, "of an access token"),
        ("--refresh-lifetime", REFRESH_LIFETIME_S, "of a refresh token"),
        ("--clock-skew", CLOCK_SKEW_S, "that clocks may differ by"),
    )
    for flag, default, what in lifetimes:
        group.add_argument(
            flag, type=int, default=default, metavar="S", help=f"seconds {what} (default {default})"
        )


def access_of(parser: argparse.ArgumentParser, given: argparse.Namespace) -> Access:
    """What was chosen; ends the program for what cannot be."""
    if not 1 <= given.token_lifetime <= MAX_TOKEN_LIFETIME_S:
        parser.error(f"--token-lifetime must be 1 to {MAX_TOKEN_LIFETIME_S} seconds")
    if given.refresh_lifetime < 1 or given.clock_skew < 0:
        parser.error("--refresh-lifetime must be at least 1, --clock-skew at least 0")
    return Access(
        offered=given.authorization or given.require_auth,
        required=given.require_auth,
        token_lifetime_s=given.token_lifetime,
        refresh_lifetime_s=given.refresh_lifetime,
        clock_skew_s=given.clock_skew,
    )


class Entrance:
    """The entrance of one server. `certificates` and `authority` are None where not wanted."""

    def __init__(self, access: Access, layout: Layout, host: str, port: int, store: Store) -> None:
        self._port = port
        self._store = store
        self.certificates: Certificates | None = None
        self.authority: Authority | None = None
        if access.required:
            self.certificates = certificates(layout.root / "tls", host)
            asyncio.constants.SSL_SHUTDOWN_TIMEOUT = _GOODBYE_S
            _log.info("Calls need a token; the CA file is %s", self.certificates.authority)
        scheme = "https" if access.required else "http"
        name = f"[{host}]" if ":" in host else host
        self.origin = f"{scheme}://{name}:{port}"
        if access.offered:
            # One name, however it was reached: clients compare the issuer letter by letter.
            public = "localhost" if host in _LOCALHOST else name
            settings = Settings(
                issuer=f"{scheme}://{public}:{port}",
                folder=layout.root / "authorization",
                required=access.required,
                token_lifetime_s=access.token_lifetime_s,
                refresh_lifetime_s=access.refresh_lifetime_s,
                clock_skew_s=access.clock_skew_s,
            )
            self.authority = Authority(settings, self._attempt_is_open)

    def site(self, layout: Layout) -> Site:
        """How the processes of attempts reach the platform."""
        # The SDK takes an endpoint for plain text only when it says "localhost".
        endpoint = f"localhost:{self._port}"
        if self.authority is None or self.certificates is None:
            return Site(endpoint, layout.home)
        access = TaskAccess(self.authority.tokens, endpoint, self.certificates.authority)
        return Site(endpoint, layout.home, access)

    def handlers(self) -> dict[str, Handler]:
        """The authorization server's HTTP handlers, by the first part of the path."""
        return self.authority.handlers() if self.authority else {}

    def close(self) -> None:
        if self.authority is not None:
            self.authority.close()

    def _attempt_is_open(self, key: ActionKey, attempt: int) -> bool:
        record = self._store.actions.get(key)
        if record is None or record.attempts != attempt:
            return False
        return not engine.is_terminal(record.phase)
