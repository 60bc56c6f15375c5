"""Secrets: one view of all scopes, and values that go to the platform and nowhere else."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient

from dashboard.models import AuditEntry
from remote_client.errors import PermissionDenied, Unavailable
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.people import bearer, browser_of, person_with, token_of

LIST = "/v2/domain/development/project/shop/secrets"
HERE, DOMAIN, ORG = ("shop", "development"), ("", "development"), ("", "")
VALUE = "correct-horse-battery"


async def page(browser: AsyncClient, address: str = LIST, status: int = 200) -> str:
    response = await browser.get(address)
    assert response.status_code == status, response.content.decode()
    return response.content.decode()


async def entries() -> list[tuple[str, str, str, str]]:
    fields = ("action", "thing", "result", "detail")
    found = AuditEntry.objects.filter(action__startswith="secret").order_by("pk")
    return await sync_to_async(list)(found.values_list(*fields))


async def test_one_view_says_which_one_a_task_gets(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.secrets_there = {
        (*ORG, "KEY"): "o",
        (*HERE, "KEY"): "p",
        (*DOMAIN, "KEY"): "d",
        (*DOMAIN, "OTHER"): "d",
    }
    html = await page(browser)
    found = [part.split('"')[0] for part in html.split('data-key="')[1:]]
    assert found == ["project:KEY", "domain:KEY", "org:KEY", "domain:OTHER"]
    assert "over the one of every project in development, every project" in html
    assert html.count("not this one: the one of shop / development") == 2
    one = await page(browser, f"{LIST}/org/KEY")
    assert "get the one of shop / development instead" in one
    assert "get this one" in await page(browser, f"{LIST}/domain/OTHER")
    html = await page(browser, f"{LIST}?at=domain&q=oth")
    assert [part.split('"')[0] for part in html.split('data-key="')[1:]] == ["domain:OTHER"]


async def test_a_scope_that_is_closed_to_us_hides_no_other(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    platform.secrets_there = {(*HERE, "KEY"): "p"}
    platform.secret_errors["/"] = PermissionDenied("not for you")
    html = await page(browser)
    assert "does not list the secrets of every project: not for you" in html
    assert "project:KEY" in html
    platform.secret_errors["/"] = Unavailable("gone")
    await page(browser, status=503)


@pytest.mark.parametrize(("at", "key"), [("project", HERE), ("domain", DOMAIN), ("org", ORG)])
async def test_it_is_created_replaced_and_deleted_by_scope(
    browser: AsyncClient, platform: FakePlatform, at: str, key: tuple[str, str]
) -> None:
    await browser.post(f"{LIST}/new", {"name": "KEY", "at": at, "value": "a\r\nb"})
    assert platform.secrets_there == {(*key, "KEY"): "a\nb"}
    await browser.post(f"{LIST}/{at}/KEY", {"value": VALUE})
    assert platform.secrets_there == {(*key, "KEY"): VALUE}
    await browser.post(f"{LIST}/{at}/KEY/delete")
    assert platform.secrets_there == {}
    assert [(action, detail) for action, _, _, detail in await entries()] == [
        ("secret.write", "created"),
        ("secret.write", "updated"),
        ("secret.delete", "deleted"),
    ]


async def test_a_file_is_kept_byte_by_byte(browser: AsyncClient, platform: FakePlatform) -> None:
    held = bytes(range(256)) + b"\r\n"
    file = SimpleUploadedFile("key.pem", held)
    await browser.post(f"{LIST}/new", {"name": "CERT", "at": "project", "file": file})
    assert platform.secrets_there == {(*HERE, "CERT"): held}


async def test_for_pulling_images_it_belongs_to_every_project(
    browser: AsyncClient, platform: FakePlatform
) -> None:
    form = {"name": "registry", "at": "project", "value": "{}", "kind": "image_pull"}
    response = await browser.post(f"{LIST}/new", form)
    assert "belongs to every project" in response.content.decode()
    await browser.post(f"{LIST}/new", {**form, "at": "org"})
    assert platform.secret_kinds == {"registry": "image_pull"}
    assert "registry_secret=" in await page(browser, f"{LIST}/org/registry")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": "a b", "value": VALUE}, "letters, digits"),
        ({"name": "KEY", "value": ""}, "Type the value"),
        ({"name": "TAKEN", "value": VALUE}, "exists already"),
        ({"name": "KEY", "value": VALUE, "file": b"x"}, "not both"),
        ({"name": "KEY", "value": VALUE * 60_000}, "at most 1,000,000 bytes"),
    ],
)
async def test_a_value_is_never_shown_written_down_or_logged(
    browser: AsyncClient,
    platform: FakePlatform,
    caplog: pytest.LogCaptureFixture,
    form: dict[str, Any],
    words: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    platform.secrets_there = {(*HERE, "TAKEN"): "before"}
    if "file" in form:
        form = {**form, "file": SimpleUploadedFile("f", form["file"])}
    response = await browser.post(f"{LIST}/new", {"at": "project", **form})
    html = response.content.decode()
    assert response.status_code == 422
    assert words in html
    written = [*await entries()]
    for text in (html, caplog.text, str(written)):
        assert VALUE not in text
        assert "before" not in text
    assert list(platform.secrets_there) == [(*HERE, "TAKEN")]


async def test_what_is_gone_says_so(browser: AsyncClient) -> None:
    await page(browser, f"{LIST}/project/NONE", 404)
    await page(browser, f"{LIST}/nowhere/NONE", 404)
    response = await browser.post(f"{LIST}/project/NONE/delete", follow=True)
    assert "gone already" in response.content.decode()


async def test_an_admin_of_the_project_writes_for_the_project_alone(
    platform: FakePlatform, upstreams: None, transactional_db: None
) -> None:
    browser = await browser_of(await person_with("pat", ("admin", "shop")))
    platform.secrets_there = {(*ORG, "KEY"): "o"}
    assert "takes the role of admin everywhere" in await page(browser, f"{LIST}/new")
    assert "Replace the value" not in await page(browser, f"{LIST}/org/KEY")
    for at, status in (("project", 302), ("domain", 403), ("org", 403)):
        form = {"name": "NEW", "at": at, "value": VALUE}
        assert (await browser.post(f"{LIST}/new", form)).status_code == status
    assert (await browser.post(f"{LIST}/org/KEY", {"value": "x"})).status_code == 403
    assert (await browser.post(f"{LIST}/org/KEY/delete")).status_code == 403
    assert platform.secrets_there == {(*ORG, "KEY"): "o", (*HERE, "NEW"): VALUE}


async def test_the_api_writes_and_never_gives_back(
    platform: FakePlatform, upstreams: None, transactional_db: None
) -> None:
    token = await token_of(await person_with("api", ("admin", "")), "admin")
    client, where = AsyncClient(), "?project=shop&domain=development"
    options: dict[str, Any] = {"content_type": "application/json", **bearer(token)}
    address = f"/api/v1/secrets/project/KEY{where}"
    answer = await client.post(address, {"value": VALUE}, **options)
    assert (answer.status_code, answer.json()) == (201, {"name": "KEY", "at": "project"})
    assert (await client.post(address, {"value": VALUE}, **options)).status_code == 409
    answer = await client.put(address, {"value_base64": "AAE="}, **options)
    assert platform.secrets_there == {(*HERE, "KEY"): b"\x00\x01"}
    assert (await client.put(address, {"value_base64": VALUE}, **options)).status_code == 422
    answer = await client.get(f"/api/v1/secrets{where}", **bearer(token))
    (item,) = answer.json()["items"]
    assert (item["name"], item["at"], item["is_used"]) == ("KEY", "project", True)
    assert set(item) == {"name", "at", "type", "created_at", "status", "is_used"}
    assert (await client.delete(address, **bearer(token))).status_code == 204
    assert platform.secrets_there == {}
