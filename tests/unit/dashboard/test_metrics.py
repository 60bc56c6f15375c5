"""What operators' tools are told: metrics to whom they are meant for, health, readiness."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import AsyncClient, AsyncRequestFactory
from prometheus_client.parser import text_string_to_metric_families

from dashboard.live import registry
from dashboard.live.protocol import RunsArgs
from dashboard.metrics import views
from remote_client.errors import Unavailable
from tests.unit.dashboard.fake_platform import FakePlatform
from tests.unit.dashboard.waiting import until

RUNS = RunsArgs("shop", "development")


async def numbers(**labels: str) -> dict[str, float]:
    """Every sample of `/metrics` with these labels, by its name."""
    response = await AsyncClient().get("/metrics")
    assert response.status_code == 200, response.content
    families = text_string_to_metric_families(response.content.decode())
    samples = [sample for family in families for sample in family.samples]
    return {sample.name: sample.value for sample in samples if sample.labels == labels}


async def test_upstreams_and_viewers_are_counted_by_topic(
    platform: FakePlatform, upstreams: None
) -> None:
    before = await numbers()
    first = registry.join(RUNS, cursor=None, wake=lambda: None)
    second = registry.join(RUNS, cursor=None, wake=lambda: None)
    await platform.runs.give([])
    await until(lambda: first.topic.state.state == "live")
    held = await numbers(topic="runs", state="live")
    after = await numbers()
    assert held["flightboard_upstreams"] == 1
    assert held["flightboard_viewers"] == 2
    grown = {name: after[name] - before[name] for name in after if name in before}
    assert grown["flightboard_upstreams_opened_total"] == 1
    assert grown["flightboard_upstreams_shared_total"] == 1
    assert grown["flightboard_viewers_joined_total"] == 2
    first.leave()
    second.leave()


async def test_without_a_token_only_this_machine_may_ask(platform: FakePlatform) -> None:
    client = AsyncClient()
    assert (await client.get("/metrics")).status_code == 200
    stranger = AsyncRequestFactory().get("/metrics")
    stranger.META["REMOTE_ADDR"] = "203.0.113.9"
    far = await views.metrics(stranger)
    through_a_proxy = await client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert far.status_code == through_a_proxy.status_code == 403
    assert b"METRICS_TOKEN" in far.content


async def test_with_a_token_its_bearer_may_ask_from_anywhere(
    platform: FakePlatform, settings: Any
) -> None:
    settings.METRICS_TOKEN = "a-long-token"
    client = AsyncClient()
    for header, status in (
        ({}, 403),
        ({"Authorization": "Bearer wrong"}, 403),
        ({"Authorization": "Bearer a-long-token", "X-Forwarded-For": "203.0.113.9"}, 200),
    ):
        assert (await client.get("/metrics", headers=header)).status_code == status


async def test_it_is_ready_with_its_database_even_without_a_platform(
    transactional_db: None, platform: FakePlatform
) -> None:
    ready = await AsyncClient().get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"database": "ok", "platform": "ok"}
    platform.error = Unavailable("gone")
    ready = await AsyncClient().get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["platform"] == "unreachable"


async def test_it_is_not_ready_with_a_database_of_another_version(
    transactional_db: None, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views.MigrationExecutor, "migration_plan", lambda *_: ["something"])
    ready = await AsyncClient().get("/readyz")
    assert ready.status_code == 503
    assert "prepare" in ready.json()["database"]


async def test_health_asks_nobody() -> None:
    assert (await AsyncClient().get("/healthz")).content == b"ok\n"
