"""What the pages of triggers, secrets, apps and settings ask, the strict backend takes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from dashboard.pages import Scope
from dashboard.secrets.merging import merged, where
from dashboard.upstream import Platform
from remote_client.errors import Unimplemented
from tests.quirks.server import QuirksServer
from tests.quirks.test_dashboard_filters import filled
from tests.quirks.world import DOMAIN, PROJECT

HERE = Scope(project=PROJECT, domain=DOMAIN)


@pytest.fixture
async def platform(server: QuirksServer) -> AsyncIterator[Platform]:
    """The dashboard's own way to the backend."""
    opened = Platform(server.endpoint, insecure=True)
    yield opened
    await opened.close()


@pytest.mark.parametrize("names", [["nightly"], ["nightly", "weekly"], ["none"], []])
@pytest.mark.parametrize("task", ["", "etl.main"])
async def test_runs_of_one_trigger_and_of_many_may_be_asked_for(
    server: QuirksServer, platform: Platform, names: list[str], task: str
) -> None:
    filled(server.world)
    found = await platform.trigger_runs(HERE, names, task=task)
    assert {run.trigger_name for run in found} <= set(names)


async def test_secrets_of_every_scope_are_listed_one_by_one_and_merged(
    server: QuirksServer, platform: Platform
) -> None:
    for reach in ("project", "domain", "org"):
        await platform.create_secret(where(HERE, reach), "KEY", "value")
    await platform.create_secret(where(HERE, "domain"), "OTHER", "value")
    rows = (await merged(platform, HERE)).rows
    assert [(row.name, row.reach, bool(row.overridden_by)) for row in rows] == [
        ("KEY", "project", False),
        ("KEY", "domain", True),
        ("KEY", "org", True),
        ("OTHER", "domain", False),
    ]
    await platform.update_secret(where(HERE, "org"), "KEY", b"\x00")
    await platform.delete_secret(where(HERE, "project"), "KEY")
    rows = (await merged(platform, HERE)).rows
    assert next(row.reach for row in rows if not row.overridden_by) == "domain"


async def test_a_backend_without_apps_or_settings_is_told_from_an_empty_one(
    platform: Platform,
) -> None:
    with pytest.raises(Unimplemented):
        await platform.apps(HERE)
    with pytest.raises(Unimplemented):
        await platform.settings_levels(HERE)
