"""What services accept, refuse, list and page."""

from __future__ import annotations

import base64
import hashlib
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from flyteidl2.common import list_pb2
from flyteidl2.common.identifier_pb2 import ProjectIdentifier, RunIdentifier, TriggerName
from flyteidl2.common.list_pb2 import Filter, Sort
from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.project import project_service_pb2
from flyteidl2.secret import definition_pb2, payload_pb2
from flyteidl2.task import task_service_pb2
from flyteidl2.task.task_definition_pb2 import TaskIdentifier, TaskName
from flyteidl2.trigger import trigger_service_pb2
from flyteidl2.workflow import run_service_pb2

from tests.contract.platform_calls import (
    DOMAIN,
    PROJECT,
    Calls,
    asks_for_secret,
    phase_name,
    shell_spec,
)
from tests.contract.platform_process import PlatformProcess

CODES = grpc.StatusCode
SCOPE = ProjectIdentifier(name=PROJECT, domain=DOMAIN)


@pytest.fixture
def calls(platform: PlatformProcess) -> Iterator[Calls]:
    calls = Calls(platform.endpoint)
    yield calls
    calls.close()


def _refusal(call, request) -> tuple[grpc.StatusCode, str]:  # type: ignore[no-untyped-def]
    """The code and the sentence with which a call is refused."""
    with pytest.raises(grpc.RpcError) as caught:
        call(request)
    return caught.value.code(), caught.value.details()


# --- runs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_fields", "code", "words"),
    [
        ({}, CODES.INVALID_ARGUMENT, "run_id or a project_id"),
        ({"project_id": ProjectIdentifier(name="nope", domain=DOMAIN)}, CODES.NOT_FOUND, "nope"),
        ({"project_id": ProjectIdentifier(name=PROJECT, domain="moon")}, CODES.NOT_FOUND, "moon"),
        ({"project_id": SCOPE}, CODES.INVALID_ARGUMENT, "task_spec"),
        (
            {"project_id": SCOPE, "task_id": TaskIdentifier(name="t", version="v")},
            CODES.NOT_FOUND,
            "t@v",
        ),
        (
            {"run_id": RunIdentifier(project=PROJECT, domain=DOMAIN, name="Not/A Name")},
            CODES.INVALID_ARGUMENT,
            "run name",
        ),
        (
            {"run_id": RunIdentifier(project=PROJECT, domain=DOMAIN, name="r" * 31)},
            CODES.INVALID_ARGUMENT,
            "at most 30",
        ),
    ],
)
def test_it_refuses_a_run_that_cannot_be(calls: Calls, request_fields, code, words) -> None:  # type: ignore[no-untyped-def]
    request = run_service_pb2.CreateRunRequest(**request_fields)
    refused, sentence = _refusal(calls.runs.CreateRun, request)
    assert refused == code
    assert words in sentence


def test_a_run_name_is_taken_once(calls: Calls) -> None:
    calls.wait(calls.start("true", name="only-once"))
    with pytest.raises(grpc.RpcError) as caught:
        calls.start("true", name="only-once")
    assert caught.value.code() == CODES.ALREADY_EXISTS


def test_a_run_whose_code_is_gone_is_refused_with_advice(calls: Calls) -> None:
    spec = shell_spec("true")
    spec.task_template.container.args.extend(["--tgz", "/gone/fast.tar.gz"])
    with pytest.raises(grpc.RpcError) as caught:
        calls.start_spec(spec)
    assert caught.value.code() == CODES.FAILED_PRECONDITION
    assert ".flyte/local-cache" in caught.value.details()


def test_runs_are_listed_newest_first_page_by_page(calls: Calls) -> None:
    runs = [calls.start("true", name=f"page-{number}") for number in range(5)]
    for run in runs:
        calls.wait(run)
    mine = Filter(function=Filter.CONTAINS, field="run_name", values=["page-"])
    seen: list[str] = []
    token = ""
    while True:
        page = calls.list_runs(limit=2, token=token, filters=[mine])
        assert len(page.runs) <= 2
        seen += [run.action.id.run.name for run in page.runs]
        token = page.token
        calls.start("true")  # what arrives meanwhile moves no page
        if not token:
            break
    assert seen == [run.name for run in reversed(runs)]


def test_runs_are_filtered_by_phase_task_and_time(calls: Calls) -> None:
    good = calls.start_spec(shell_spec("true", name="filter-good"))
    bad = calls.start_spec(shell_spec("exit 1", name="filter-bad"))
    created = calls.wait(good).status.start_time.ToJsonString()
    calls.wait(bad)

    def names(*filters: Filter) -> list[str]:
        return [run.action.id.run.name for run in calls.list_runs(filters=filters).runs]

    failed = Filter(field="phase", values=["6"])
    of_good = Filter(field="task_name", values=["tests.filter-good"])
    suffix = Filter(function=Filter.ENDS_WITH, field="task_name", values=["filter-bad"])
    since = Filter(function=Filter.GREATER_THAN_OR_EQUAL, field="created_at", values=[created])
    either = Filter(function=Filter.VALUE_IN, field="phase", values=["6"])
    assert names(of_good) == [good.name]
    assert names(failed, suffix) == [bad.name]
    assert names(either, suffix) == [bad.name]
    assert names(failed, of_good) == []
    assert {good.name, bad.name} <= set(names(since))


@pytest.mark.parametrize(
    ("listing", "words"),
    [
        ({"limit": 201}, "maximum of 200"),
        ({"token": "no such token"}, "token"),
        ({"sort_by": Sort(key="colour")}, "colour"),
        ({"filters": [Filter(field="colour", values=["red"])]}, "colour"),
        ({"filters": [Filter(field="phase", values=["red"])]}, "red"),
        ({"filters": [Filter(field="phase")]}, "no value"),
        ({"filters": [Filter(function=Filter.EXISTS, field="phase", values=["1"])]}, "EXISTS"),
    ],
)
def test_a_list_request_that_makes_no_sense_is_refused(calls: Calls, listing, words) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(grpc.RpcError) as caught:
        calls.list_runs(**listing)
    assert caught.value.code() == CODES.INVALID_ARGUMENT
    assert words in caught.value.details()


def test_runs_of_an_unknown_project_are_not_found(calls: Calls) -> None:
    scope = ProjectIdentifier(name="nope", domain=DOMAIN)
    request = run_service_pb2.ListRunsRequest(project_id=scope)
    assert _refusal(calls.runs.ListRuns, request) == (CODES.NOT_FOUND, 'project "nope" not found')


def test_sorting_follows_the_request(calls: Calls) -> None:
    for number in (1, 2, 3):
        calls.wait(calls.start("true", name=f"sort-{number}"))
    mine = Filter(function=Filter.CONTAINS, field="run_name", values=["sort-"])
    ascending = Sort(key="run_name", direction=Sort.ASCENDING)
    listed = calls.list_runs(filters=[mine], sort_by=ascending).runs
    assert [run.action.id.run.name for run in listed] == ["sort-1", "sort-2", "sort-3"]


# --- projects -------------------------------------------------------------------------------------


def _project(calls: Calls, project_id: str) -> project_service_pb2.Project:
    return calls.projects.GetProject(project_service_pb2.GetProjectRequest(id=project_id)).project


def test_a_new_platform_has_a_project_with_three_domains(calls: Calls) -> None:
    project = _project(calls, PROJECT)
    assert [domain.id for domain in project.domains] == ["development", "staging", "production"]


def test_a_project_is_created_changed_archived_and_listed(calls: Calls) -> None:
    project = project_service_pb2.Project(id="orchard", name="Orchard", description="apples")
    project.labels.values["team"] = "fruit"
    create = project_service_pb2.CreateProjectRequest(project=project)
    calls.projects.CreateProject(create)
    assert _refusal(calls.projects.CreateProject, create)[0] == CODES.ALREADY_EXISTS
    assert _project(calls, "orchard").labels.values["team"] == "fruit"
    project.state = project_service_pb2.PROJECT_STATE_ARCHIVED
    calls.projects.UpdateProject(project_service_pb2.UpdateProjectRequest(project=project))

    def listed(**request: object) -> list[str]:
        asked = project_service_pb2.ListProjectsRequest(**request)
        return [each.id for each in calls.projects.ListProjects(asked).projects.projects]

    assert "orchard" not in listed()
    assert "orchard" in listed(filters="eq(state,1)")
    assert listed(filters="eq(identifier,orchard)") == ["orchard"]
    assert listed(filters=f"value_in(identifier,orchard;{PROJECT})", limit=1) != []


def test_project_calls_say_what_is_wrong(calls: Calls) -> None:
    bad = project_service_pb2.CreateProjectRequest(project=project_service_pb2.Project(id="No !"))
    assert _refusal(calls.projects.CreateProject, bad)[0] == CODES.INVALID_ARGUMENT
    missing = project_service_pb2.GetProjectRequest(id="nope")
    assert _refusal(calls.projects.GetProject, missing)[0] == CODES.NOT_FOUND
    filters = project_service_pb2.ListProjectsRequest(filters="like(name,x)")
    assert _refusal(calls.projects.ListProjects, filters)[0] == CODES.INVALID_ARGUMENT


# --- tasks and triggers ---------------------------------------------------------------------------


def _deploy(calls: Calls, name: str, version: str, **request: object) -> TaskIdentifier:
    task = TaskIdentifier(project=PROJECT, domain=DOMAIN, name=name, version=version)
    spec = shell_spec("true", name=name.rpartition(".")[2])
    spec.task_template.id.name, spec.task_template.id.version = name, version
    calls.tasks.DeployTask(task_service_pb2.DeployTaskRequest(task_id=task, spec=spec, **request))
    return task


def test_the_newest_version_stands_for_a_task(calls: Calls) -> None:
    for version in ("v1", "v2", "v3"):
        _deploy(calls, "garden.plant", version)
    name = Filter(field="name", values=["garden.plant"])
    request = task_service_pb2.ListTasksRequest(
        project_id=SCOPE, request=list_pb2.ListRequest(filters=[name])
    )
    answer = calls.tasks.ListTasks(request)
    assert [task.task_id.version for task in answer.tasks] == ["v3"]
    assert answer.metadata.filtered_total == 1
    assert answer.metadata.total >= 1
    versions = calls.tasks.ListVersions(
        task_service_pb2.ListVersionsRequest(
            task_name=TaskName(project=PROJECT, domain=DOMAIN, name="garden.plant")
        )
    )
    assert [each.version for each in versions.versions] == ["v3", "v2", "v1"]


def test_a_deployed_task_runs_by_name_and_version(calls: Calls) -> None:
    task = _deploy(calls, "garden.water", "v1")
    request = run_service_pb2.CreateRunRequest(project_id=SCOPE, task_id=task)
    run = calls.runs.CreateRun(request).run.action.id.run
    details = calls.wait(run)
    assert phase_name(details.status.phase) == "SUCCEEDED"
    assert details.metadata.task.id.name == "garden.water"
    listed = calls.tasks.ListTasks(
        task_service_pb2.ListTasksRequest(
            project_id=SCOPE,
            request=list_pb2.ListRequest(filters=[Filter(field="name", values=["garden.water"])]),
        )
    )
    assert listed.tasks[0].task_summary.latest_run.run_id.name == run.name


def test_a_task_that_is_not_there_is_named(calls: Calls) -> None:
    task = TaskIdentifier(project=PROJECT, domain=DOMAIN, name="garden.fly", version="v1")
    request = task_service_pb2.GetTaskDetailsRequest(task_id=task)
    code, sentence = _refusal(calls.tasks.GetTaskDetails, request)
    assert code == CODES.NOT_FOUND
    assert "garden.fly@v1" in sentence


def test_triggers_are_deployed_switched_run_and_deleted(calls: Calls) -> None:
    _deploy(calls, "garden.harvest", "v1")
    name = TriggerName(project=PROJECT, domain=DOMAIN, task_name="garden.harvest", name="daily")
    deploy = trigger_service_pb2.DeployTriggerRequest(name=name)
    deploy.spec.task_version, deploy.spec.active = "v1", True
    deploy.automation_spec.schedule.cron.expression = "0 6 * *"
    assert _refusal(calls.triggers.DeployTrigger, deploy)[0] == CODES.INVALID_ARGUMENT
    deploy.automation_spec.schedule.cron.expression = "0 6 * * *"
    assert calls.triggers.DeployTrigger(deploy).trigger.id.revision == 1
    calls.triggers.UpdateTriggers(
        trigger_service_pb2.UpdateTriggersRequest(names=[name], active=False)
    )
    listed = calls.triggers.ListTriggers(trigger_service_pb2.ListTriggersRequest(project_id=SCOPE))
    # Other tests deploy triggers to the same project.
    own = [each for each in listed.triggers if each.id.name.task_name == "garden.harvest"]
    assert [(each.id.name.name, each.active) for each in own] == [("daily", False)]
    run = calls.runs.CreateRun(
        run_service_pb2.CreateRunRequest(project_id=SCOPE, trigger_name=name)
    ).run
    assert run.action.metadata.trigger_name == "daily"
    assert phase_name(calls.wait(run.action.id.run).status.phase) == "SUCCEEDED"
    calls.triggers.DeleteTriggers(trigger_service_pb2.DeleteTriggersRequest(names=[name]))
    missing = trigger_service_pb2.GetTriggerDetailsRequest(name=name)
    assert _refusal(calls.triggers.GetTriggerDetails, missing)[0] == CODES.NOT_FOUND
    history = calls.triggers.GetTriggerRevisionHistory(
        trigger_service_pb2.GetTriggerRevisionHistoryRequest(name=name)
    )
    assert [each.id.revision for each in history.triggers] == [3, 2, 1]


# --- secrets --------------------------------------------------------------------------------------


def test_the_nearest_secret_reaches_a_task_and_no_answer(
    calls: Calls, platform: PlatformProcess
) -> None:
    calls.create_secret("api-key", "for-everyone")
    calls.create_secret("api-key", "for-this-project", project=PROJECT, domain=DOMAIN)
    spec = asks_for_secret(shell_spec("test $API_KEY = for-this-project"), "api-key")
    assert phase_name(calls.wait(calls.start_spec(spec)).status.phase) == "SUCCEEDED"
    listed = calls.secrets.ListSecrets(payload_pb2.ListSecretsRequest())
    assert "api-key" in [secret.id.name for secret in listed.secrets]
    assert b"for-everyone" not in listed.SerializeToString()
    assert "for-everyone" not in platform.server_log.read_text()


def test_secrets_are_listed_by_exact_scope_and_deleted(calls: Calls) -> None:
    calls.create_secret("narrow-key", "x", project=PROJECT, domain="staging")

    def names(**scope: str) -> list[str]:
        listed = calls.secrets.ListSecrets(payload_pb2.ListSecretsRequest(**scope))
        return [secret.id.name for secret in listed.secrets]

    assert "narrow-key" not in names()
    assert names(project=PROJECT, domain="staging") == ["narrow-key"]
    identifier = definition_pb2.SecretIdentifier(
        name="narrow-key", project=PROJECT, domain="staging"
    )
    calls.secrets.DeleteSecret(payload_pb2.DeleteSecretRequest(id=identifier))
    gone = payload_pb2.GetSecretRequest(id=identifier)
    assert _refusal(calls.secrets.GetSecret, gone)[0] == CODES.NOT_FOUND


def test_a_task_whose_secret_is_missing_fails_with_advice(calls: Calls) -> None:
    details = calls.wait(calls.start_spec(asks_for_secret(shell_spec("true"), "absent")))
    assert details.error_info.code == "CannotLaunch"
    assert "flyte create secret absent" in details.error_info.message


# --- data -----------------------------------------------------------------------------------------


def _upload_request(
    content: bytes, **fields: object
) -> dataproxy_service_pb2.CreateUploadLocationRequest:
    digest = hashlib.md5(content, usedforsecurity=False).digest()
    return dataproxy_service_pb2.CreateUploadLocationRequest(
        **(
            {"project": PROJECT, "domain": DOMAIN, "filename": "a.bin", "content_md5": digest}
            | fields
        )
    )


def _put(url: str, content: bytes, md5_of: bytes | None = None) -> int:
    headers = {}
    if md5_of is not None:
        digest = hashlib.md5(md5_of, usedforsecurity=False).digest()
        headers["content-md5"] = base64.b64encode(digest).decode()
    request = urllib.request.Request(url, data=content, method="PUT", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_an_upload_arrives_whole_where_it_was_promised(calls: Calls) -> None:
    content = bytes(range(256)) * 20_000
    location = calls.data.CreateUploadLocation(_upload_request(content))
    assert _put(location.signed_url, content, md5_of=content) == 200
    assert Path(location.native_url).read_bytes() == content


def test_an_upload_with_another_content_is_refused(calls: Calls) -> None:
    location = calls.data.CreateUploadLocation(_upload_request(b"promised"))
    assert _put(location.signed_url, b"delivered") == 400
    assert not Path(location.native_url).exists()
    assert list(Path(location.native_url).parent.iterdir()) == []


def test_an_upload_address_cannot_be_guessed_or_altered(calls: Calls) -> None:
    location = calls.data.CreateUploadLocation(_upload_request(b"x"))
    url, _, signature = location.signed_url.rpartition(".")
    forged = signature[:-2] + ("AA" if signature[-2:] != "AA" else "BB")
    assert _put(f"{url}.{forged}", b"x") == 403
    assert _put(location.signed_url.rpartition("/")[0] + "/guess", b"x") == 403


@pytest.mark.parametrize(
    "fields",
    [
        {"filename": "../../escape"},
        {"filename_root": "/etc"},
        {"filename_root": "a/../../b"},
        {"content_md5": b"short"},
        {"content_md5": b"", "filename_root": ""},
        {"project": ""},
    ],
)
def test_uploads_stay_in_the_data_folder(calls: Calls, fields: dict[str, object]) -> None:
    code, _ = _refusal(calls.data.CreateUploadLocation, _upload_request(b"x", **fields))
    assert code == CODES.INVALID_ARGUMENT


def test_inputs_that_are_sent_along_are_kept(calls: Calls) -> None:
    request = run_service_pb2.CreateRunRequest(project_id=SCOPE, task_spec=shell_spec("true"))
    literal = request.inputs.literals.add(name="x")
    literal.value.scalar.primitive.integer = 7
    run = calls.runs.CreateRun(request).run
    calls.wait(run.action.id.run)
    asked = dataproxy_service_pb2.GetActionDataRequest(action_id=run.action.id)
    data = calls.data.GetActionData(asked)
    assert data.inputs.literals[0].value.scalar.primitive.integer == 7
    assert not data.outputs.literals
    assert data.outputs_uri
