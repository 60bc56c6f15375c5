"""Settings: what holds and where it comes from, saved by level; and this dashboard's own."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from dashboard.models import AuditEntry
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.people import bearer, browser_of, person_with, token_of

PAGE = "/v2/domain/development/project/shop/settings"
HERE, DOMAIN, ORG = ("shop", "development"), ("", "development"), ("", "")


def form(version: int = 0, **values: str) -> dict[str, str]:
    """The form's fields; "-" is explicitly nothing, what is left out inherits."""
    fields = {"version": str(version)}
    for key, value in values.items():
        name = key.replace("__", ".")
        fields[f"state:{name}"] = "none" if value == "-" else "value"
        fields[f"value:{name}"] = value
    return fields


async def page(browser: AsyncClient, address: str = PAGE, status: int = 200) -> str:
    response = await browser.get(address)
    assert response.status_code == status, response.content.decode()
    return response.content.decode()


async def test_each_setting_says_where_it_comes_from(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.settings_there = {
        ORG: (3, {"run.default_queue": "slow", "labels": {"team": "ml"}}),
        DOMAIN: (1, {"run.default_queue": None}),
        HERE: (2, {"task_resource.min.cpu": "500m"}),
    }
    html = await page(browser)
    for words in ("explicitly nothing", "from every project in development", "team=ml", "500m"):
        assert words in html
    html = await page(browser, f"{PAGE}?level=org")
    assert "slow" in html
    assert "500m" not in html


async def test_a_platform_without_settings_still_tells_of_this_dashboard(
    browser: AsyncClient, platform: FakePlatform, settings: Any
) -> None:
    platform.settings_there = None
    settings.DEFAULT_ROLE = "viewer"
    html = await page(browser)
    for words in (
        "This platform keeps no settings",
        "The roles here are the only gate",
        "nobody that the platform knows",
        "is viewer everywhere",
        "fake:1",
        "list the secrets of this project",
    ):
        assert words in html


@pytest.mark.parametrize(("level", "key"), [("project", HERE), ("domain", DOMAIN), ("org", ORG)])
async def test_a_level_is_saved_with_its_version(
    browser: AsyncClient, platform: FakePlatform, level: str, key: tuple[str, str]
) -> None:
    assert "state:run.default_queue" in await page(browser, f"{PAGE}/{level}/edit")
    fields = form(
        run__default_queue="gpu",
        run__max_action_concurrency="4",
        security__service_account="-",
        labels="team=ml\nkind=a=b",
        app__disallow_anonymous="true",
    )
    response = await browser.post(f"{PAGE}/{level}/edit", fields)
    assert response.status_code == 302
    assert platform.settings_there == {
        key: (
            1,
            {
                "run.default_queue": "gpu",
                "run.max_action_concurrency": 4,
                "security.service_account": None,
                "labels": {"team": "ml", "kind": "a=b"},
                "app.disallow_anonymous": True,
            },
        )
    }
    entry = await AuditEntry.objects.aget(action="settings.change")
    assert "version 1: app.disallow_anonymous, labels" in entry.detail


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"run__max_action_concurrency": "many"}, "whole number"),
        ({"run__default_queue": " "}, "is empty"),
        ({"labels": "no sign"}, "name=value"),
        ({"app__disallow_anonymous": "maybe"}, "true or false"),
    ],
)
async def test_what_is_wrong_is_told_and_stays(
    browser: AsyncClient, platform: FakePlatform, fields: dict[str, str], words: str
) -> None:
    response = await browser.post(f"{PAGE}/project/edit", form(**fields))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert platform.settings_there == {}


async def test_somebody_elses_version_is_not_undone(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.settings_there = {HERE: (5, {"run.default_queue": "theirs"})}
    response = await browser.post(f"{PAGE}/project/edit", form(4, run__default_queue="mine"))
    html = response.content.decode()
    assert response.status_code == 409
    assert "saved version 5" in html
    assert 'value="mine"' in html
    await browser.post(f"{PAGE}/project/edit", form(5, run__default_queue="mine"))
    assert platform.settings_there == {HERE: (6, {"run.default_queue": "mine"})}


async def test_wider_levels_take_the_role_everywhere(
    platform: FakePlatform, upstreams: None, transactional_db: None
) -> None:
    pat = await browser_of(await person_with("pat", ("admin", "shop")))
    assert "Edit this level" in await page(pat)
    assert "Edit this level" not in await page(pat, f"{PAGE}?level=org")
    for level, status in (("project", 200), ("domain", 403), ("org", 403), ("none", 404)):
        await page(pat, f"{PAGE}/{level}/edit", status)
    viewer = await browser_of(await person_with("vi", ("viewer", "shop")))
    assert "Edit this level" not in await page(viewer)


async def test_the_api_reads_and_saves(
    platform: FakePlatform, upstreams: None, transactional_db: None
) -> None:
    token = await token_of(await person_with("api", ("admin", "")), "admin")
    address = "/api/v1/settings?project=shop&domain=development"
    options: dict[str, Any] = {"content_type": "application/json", **bearer(token)}
    body = {"version": 0, "values": {"run.default_queue": "gpu"}}
    answer = await AsyncClient().put(address, body, **options)
    assert answer.status_code == 200
    assert answer.json()["values"] == {"run.default_queue": "gpu"}
    assert (await AsyncClient().put(address, body, **options)).status_code == 409
    bad = {"version": 1, "values": {"nonsense": 1}}
    assert (await AsyncClient().put(address, bad, **options)).status_code == 422
    platform.settings_there = None
    assert (await AsyncClient().get(address, **bearer(token))).status_code == 501
    assert await sync_to_async(AuditEntry.objects.filter(action="settings.change").count)() == 1
