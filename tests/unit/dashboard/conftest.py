"""A fake platform behind the dashboard's one seam, a person, and a browser that is signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from dashboard import upstream
from dashboard.error_lines import error_lines
from dashboard.live import registry
from dashboard.models import Grant, Person
from tests.unit.dashboard.fake_platform import FakePlatform


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    """The data folder: every test has its own."""
    settings.FLIGHTBOARD_HOME = tmp_path
    settings.RUN_INDEX = False
    return tmp_path


@pytest.fixture
def platform() -> Iterator[FakePlatform]:
    """The fake in the place of the platform that the settings name."""
    fake = FakePlatform()
    old = upstream.replace_platform(fake)  # type: ignore[arg-type]
    error_lines._lines.clear()
    yield fake
    upstream.replace_platform(old)


@pytest.fixture
async def upstreams() -> AsyncIterator[None]:
    """Closes the hub when the test ends, and with it every upstream that a page left lingering."""
    yield
    await registry.close()


@pytest.fixture
async def person(transactional_db: None, settings: Any) -> Person:
    # The real hash is slow on purpose, and every test would pay for it.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    ana = await sync_to_async(Person.objects.create_user)("ana", password="a long password")
    await Grant.objects.acreate(person=ana, role="admin")
    return ana


@pytest.fixture
async def browser(person: Person, platform: FakePlatform, upstreams: None) -> AsyncClient:
    """A browser in which ana is signed in."""
    client = AsyncClient()
    await client.aforce_login(person)
    return client
