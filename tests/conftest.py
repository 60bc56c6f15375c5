"""What the whole suite shares: a running platform and the real `flyte` command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.flyte_command import FlyteCommand

if TYPE_CHECKING:
    from tests.contract.platform_process import PlatformProcess


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The test that reads every log of the run comes after all that write one."""
    items.sort(key=lambda item: item.path.name == "test_no_token_in_any_log.py")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--endpoint",
        default="",
        help="HOST:PORT of a running backend for the contract tests, instead of the local platform",
    )


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformProcess]:
    """The local platform on a free port, for as long as the session lasts."""
    # Imported here: a unit test should not pay for the platform's imports.
    from tests.contract.platform_process import PlatformProcess

    process = PlatformProcess(tmp_path_factory.mktemp("platform"))
    process.start()
    try:
        yield process
    finally:
        process.stop()


@pytest.fixture
def flyte_cli(platform: PlatformProcess, tmp_path: Path) -> FlyteCommand:
    """The `flyte` command of an installation that has nothing of ours, set to the platform."""
    return FlyteCommand(platform.port, tmp_path)
