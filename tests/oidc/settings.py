"""Values that authentication tests share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from remote_client._client.auth import (
    AuthOptions,
    ClientConfig,
    Clock,
    MemoryTokenStore,
    StaticClientConfigStore,
)
from remote_client._client.endpoint import Endpoint

PLATFORM = Endpoint.parse("flyte.example.com")


@dataclass
class TestClock:
    """A clock that stands still; `sleep` moves it and returns at once."""

    __test__ = False

    time_s: float = 1_000_000.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time_s += seconds

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.time_s, monotonic=lambda: self.time_s, sleep=self.sleep)


def options(**said: Any) -> AuthOptions:
    """Options that keep tokens in memory and show nothing."""
    return AuthOptions(
        **{"token_store": MemoryTokenStore(), "announce": lambda _: None, **said}  # type: ignore[arg-type]
    )


def config_at(url: str, **said: Any) -> StaticClientConfigStore:
    """A client configuration whose authorization server answers at `url`."""
    values: dict[str, Any] = {
        "token_endpoint": f"{url}/token",
        "authorization_endpoint": f"{url}/authorize",
        "device_authorization_endpoint": f"{url}/device",
        "redirect_uri": "http://127.0.0.1/callback",
        "client_id": "flightboard",
        "scopes": ("all",),
    }
    return StaticClientConfigStore(ClientConfig(**(values | said)))


def token(name: str, *, expires_in: Any = 3600, refresh: str | None = None) -> dict[str, Any]:
    """The body of a token answer."""
    body = {"access_token": name, "token_type": "Bearer", "expires_in": expires_in}
    return body | ({"refresh_token": refresh} if refresh else {})


async def until(condition: Callable[[], bool]) -> None:
    """Returns when the condition holds; fails after ten seconds."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - it may be outside of this process
            await asyncio.sleep(0.005)
