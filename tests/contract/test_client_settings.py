"""Settings of the platform: read by level, saved, and never over somebody else's change."""

from __future__ import annotations

import pytest
from flyteidl2.workflow import run_service_pb2

from remote_client import ClientSet, Run, SettingsLevels
from remote_client.errors import AlreadyExists, FailedPrecondition, NotFound
from tests.contract.conftest import DOMAIN, PROJECT
from tests.contract.platform_calls import Calls, shell_spec
from tests.contract.platform_process import PlatformProcess
from tests.flyte_command import FlyteCommand


def _of(settings: SettingsLevels, name: str) -> tuple[object, str]:
    found = next(each for each in settings.effective if each.name == name)
    return found.value, found.level


async def test_a_narrower_level_overrides_a_wider_one(client: ClientSet) -> None:
    org = await SettingsLevels.get.aio(client=client)
    saved = await org.save.aio({"run.default_queue": "slow", "labels": {"team": "ml"}})
    assert (saved.name, saved.version) == ("org", 1)
    domain = await SettingsLevels.get.aio(client=client, domain=DOMAIN)
    assert _of(domain, "run.default_queue") == ("slow", "org")
    await domain.save.aio({"run.default_queue": None, "run.max_action_concurrency": 7})
    here = await SettingsLevels.get.aio(client=client, project=PROJECT, domain=DOMAIN)
    assert [level.name for level in here.levels] == ["org", "domain", "project"]
    assert _of(here, "run.default_queue") == (None, "domain")
    assert _of(here, "run.max_action_concurrency") == (7, "domain")
    assert _of(here, "labels") == ({"team": "ml"}, "org")
    assert _of(here, "task_resource.min.cpu") == (None, "")
    await here.save.aio({"task_resource.min.cpu": "500m", "app.disallow_anonymous": True})
    again = await SettingsLevels.get.aio(client=client, project=PROJECT, domain=DOMAIN)
    assert _of(again, "task_resource.min.cpu") == ("500m", "project")
    assert _of(again, "app.disallow_anonymous") == (True, "project")


async def test_somebody_elses_change_is_not_undone(client: ClientSet) -> None:
    mine = await SettingsLevels.get.aio(client=client, domain="staging")
    theirs = await SettingsLevels.get.aio(client=client, domain="staging")
    await theirs.save.aio({"pod_template_name": "theirs"})
    with pytest.raises(AlreadyExists):
        await mine.save.aio({"pod_template_name": "mine"})
    mine = await SettingsLevels.get.aio(client=client, domain="staging")
    theirs = await SettingsLevels.get.aio(client=client, domain="staging")
    await theirs.save.aio({})
    with pytest.raises(FailedPrecondition):
        await mine.save.aio({"pod_template_name": "mine"})


async def test_what_cannot_be_is_refused(client: ClientSet) -> None:
    with pytest.raises(NotFound):
        await SettingsLevels.get.aio(client=client, domain="nowhere")
    with pytest.raises(ValueError, match="domain"):
        await SettingsLevels.get.aio(client=client, project=PROJECT)
    settings = await SettingsLevels.get.aio(client=client, domain="production")
    with pytest.raises(ValueError, match="Unknown settings: nonsense"):
        await settings.save.aio({"nonsense": 1})
    with pytest.raises(ValueError, match="whole number"):
        await settings.save.aio({"run.max_action_concurrency": "many"})


async def test_new_runs_get_the_labels_and_variables_that_hold(
    client: ClientSet, platform: PlatformProcess
) -> None:
    settings = await SettingsLevels.get.aio(client=client, project=PROJECT, domain="production")
    values = {"labels": {"team": "ml"}, "environment_variables": {"COLOUR": "green"}}
    await settings.save.aio(values)
    calls = Calls(platform.endpoint)
    request = run_service_pb2.CreateRunRequest(task_spec=shell_spec('echo "it is $COLOUR"'))
    request.project_id.name, request.project_id.domain = PROJECT, "production"
    name = calls.runs.CreateRun(request).run.action.id.run.name
    calls.close()
    run = await Run.get.aio(name, client=client, project=PROJECT, domain="production")
    await run.wait.aio(quiet=True)
    details = await run.details.aio()
    assert details.options.labels["team"] == "ml"
    assert details.options.env_vars["COLOUR"] == "green"


@pytest.mark.sdk
async def test_the_sdks_command_sees_what_was_saved(
    client: ClientSet, platform: PlatformProcess, flyte_cli: FlyteCommand
) -> None:
    settings = await SettingsLevels.get.aio(client=client, domain="production")
    await settings.save.aio({"run.default_queue": "gpu-queue"})
    assert "gpu-queue" in flyte_cli("get", "settings", "--domain", "production")
