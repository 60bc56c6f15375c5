"""A fake platform and a client of it, for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from remote_client import ClientSet
from tests.unit.remote_client.fake_platform import FakePlatform


@pytest.fixture
async def fake() -> AsyncIterator[FakePlatform]:
    platform = FakePlatform()
    await platform.start()
    try:
        yield platform
    finally:
        await platform.stop()


@pytest.fixture
async def client(fake: FakePlatform) -> AsyncIterator[ClientSet]:
    async with await ClientSet.for_endpoint(
        f"127.0.0.1:{fake.port}", insecure=True, project="p", domain="d"
    ) as made:
        with made.bound():
            yield made
