"""Whatever the list of tasks can ask, the backend's allow-lists accept."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.pages import Scope
from dashboard.tasks.listing import TasksQuery
from dashboard.upstream import Platform
from tests.quirks.server import QuirksServer
from tests.quirks.world import DOMAIN, PROJECT

SCOPE = Scope(project=PROJECT, domain=DOMAIN)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
SORTS = st.sampled_from(["name", "-name", "environment", "-deployed", "deployed", "-success", "x"])
ADDRESSES = st.fixed_dictionaries(
    {}, optional={"q": WORDS, "env": WORDS, "by": WORDS, "sort": SORTS}
)


@pytest.fixture
def platform(server: QuirksServer) -> Platform:
    return Platform(server.endpoint, insecure=True)


async def ask(platform: Platform, query: TasksQuery) -> list[str]:
    page = await platform.tasks_page(
        SCOPE,
        token=query.token,
        limit=50,
        text=query.text,
        environment=query.environment,
        deployed_by=query.by,
        sort_by=query.sort_by,
    )
    return [task.name for task in page.items]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ADDRESSES)
async def test_no_address_makes_the_backend_refuse(
    server: QuirksServer, platform: Platform, address: dict[str, str]
) -> None:
    """A refusal raises InvalidArgument, and Internal for what the backend chokes on."""
    query = TasksQuery.of(RequestFactory().get("/", address))
    await ask(platform, query)
    await platform.close()


async def test_the_filters_filter(server: QuirksServer, platform: Platform) -> None:
    for name in ("etl.load", "etl.train", "report.load"):
        server.world.add_task(name)
    assert await ask(platform, TasksQuery(text="LOAD", sort="name")) == ["etl.load", "report.load"]
    assert await ask(platform, TasksQuery(environment="etl", sort="-name")) == [
        "etl.train",
        "etl.load",
    ]
    await platform.close()
