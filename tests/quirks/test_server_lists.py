"""The server lists as the real backend does."""

import grpc
import pytest
from flyteidl2.common import list_pb2
from flyteidl2.project import project_service_pb2, project_service_pb2_grpc
from flyteidl2.secret import payload_pb2, secret_pb2_grpc
from flyteidl2.task import task_service_pb2, task_service_pb2_grpc
from flyteidl2.workflow import run_service_pb2

from tests.quirks import requests
from tests.quirks.requests import condition, sort
from tests.quirks.rows import RECOVERED, RUNNING, SUCCEEDED
from tests.quirks.world import DOMAIN, PROJECT, run_names

Function = list_pb2.Filter


async def refusal(call):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value.code(), caught.value.details()


async def test_it_lists_by_phase_first_unless_told_otherwise(server, runs):
    for name in ("old", "middle", "new"):
        server.world.add_run(name)
    server.world.report(next(iter(server.world.roots())).key.run, SUCCEEDED)

    by_default = await runs.ListRuns(requests.list_runs())
    newest_first = await runs.ListRuns(requests.list_runs(sort_by=sort("created_at")))

    assert run_names(by_default.runs) == ["new", "middle", "old"]
    assert run_names(newest_first.runs) == ["new", "middle", "old"]

    server.world.report(server.world.roots()[-1].key.run, RUNNING)
    by_default = await runs.ListRuns(requests.list_runs())
    assert run_names(by_default.runs) == ["middle", "new", "old"]


async def test_it_gives_50_rows_when_no_limit_is_sent_and_refuses_more_than_200(server, runs):
    for number in range(60):
        server.world.add_run(f"r{number}")

    answer = await runs.ListRuns(requests.list_runs())

    assert (len(answer.runs), answer.token) == (50, "50")
    code, _ = await refusal(runs.ListRuns(requests.list_runs(limit=201)))
    assert code is grpc.StatusCode.INVALID_ARGUMENT


async def test_its_tokens_are_offsets_that_drift_while_runs_are_made(server, runs):
    for number in range(4):
        server.world.add_run(f"r{number}")
    newest = sort("created_at")

    first = await runs.ListRuns(requests.list_runs(limit=2, sort_by=newest))
    server.world.add_run("r4")
    second = await runs.ListRuns(requests.list_runs(limit=2, sort_by=newest, token=first.token))

    assert run_names(first.runs) == ["r3", "r2"]
    assert run_names(second.runs) == ["r2", "r1"]
    code, message = await refusal(runs.ListRuns(requests.list_runs(token="next")))
    assert (code, message) == (grpc.StatusCode.INVALID_ARGUMENT, "invalid token")


async def test_it_gives_a_token_only_when_more_runs_exist(server, runs):
    server.world.add_run("r0")
    server.world.add_run("r1")

    answer = await runs.ListRuns(requests.list_runs(limit=2))

    assert answer.token == ""


@pytest.mark.parametrize(
    ("conditions", "code"),
    [
        ([condition("created_by", "ana")], grpc.StatusCode.INVALID_ARGUMENT),
        ([condition("labels.team", "a")], grpc.StatusCode.INVALID_ARGUMENT),
        (
            [condition("phase", "4", function=Function.VALUE_NOT_IN)],
            grpc.StatusCode.INVALID_ARGUMENT,
        ),
        ([condition("phase")], grpc.StatusCode.INVALID_ARGUMENT),
        ([condition("phase", "4", function=Function.VALUE_IN)], grpc.StatusCode.INTERNAL),
        ([condition("phase", "RUNNING")], grpc.StatusCode.INTERNAL),
        ([condition("trigger_type", "x")], grpc.StatusCode.INTERNAL),
    ],
)
async def test_it_refuses_filters_outside_its_list(server, runs, conditions, code):
    server.world.add_run("r0")

    refused, _ = await refusal(runs.ListRuns(requests.list_runs(filters=conditions)))

    assert refused is code


async def test_it_refuses_to_sort_by_other_columns(server, runs):
    code, message = await refusal(runs.ListRuns(requests.list_runs(sort_by=sort("owner"))))

    assert (code, message) == (grpc.StatusCode.INVALID_ARGUMENT, "invalid sort field")


async def test_its_filters_are_joined_by_and(server, runs):
    for name, task in (("a", "t.one"), ("b", "t.two"), ("c", "t.two")):
        server.world.add_run(name, task)
    running = server.world.add_run("d", "t.two")
    server.world.start(running)
    phases = condition("phase", "1", "4", function=Function.VALUE_IN)

    both = await runs.ListRuns(
        requests.list_runs(filters=[phases, condition("task_name", "t.two")])
    )
    one = await runs.ListRuns(requests.list_runs(filters=[condition("phase", "4")]))

    assert sorted(run_names(both.runs)) == ["b", "c", "d"]
    assert run_names(one.runs) == ["d"]


async def test_it_reads_only_the_first_value_of_equal(server, runs):
    server.world.add_run("queued")
    recovered = server.world.add_run("recovered")
    server.world.report(recovered, RECOVERED)

    answer = await runs.ListRuns(requests.list_runs(filters=[condition("phase", "1", "0")]))

    assert run_names(answer.runs) == ["queued"]


async def test_it_leaves_the_org_out_of_what_it_lists(server, runs):
    server.world.add_run("r0")

    answer = await runs.ListRuns(requests.list_runs())

    assert answer.runs[0].action.id.run.org == ""


async def test_its_lists_of_actions_know_nothing_of_the_task(server, runs):
    run = server.world.add_run("r0")
    server.world.add_action(run, "b1")

    answer = await runs.ListActions(run_service_pb2.ListActionsRequest(run_id=requests.run_id(run)))

    child = next(action for action in answer.actions if action.id.name == "b1")
    assert child.metadata.parent == "a0"
    assert child.metadata.WhichOneof("spec") is None


async def test_an_unknown_run_has_no_actions(server, runs):
    unknown = server.world.add_run("r0")._replace(name="unknown")

    answer = await runs.ListActions(
        run_service_pb2.ListActionsRequest(run_id=requests.run_id(unknown))
    )

    assert list(answer.actions) == []


async def test_a_missing_identifier_breaks_the_connection(server, runs):
    code, _ = await refusal(runs.GetRunDetails(run_service_pb2.GetRunDetailsRequest()))

    assert code is grpc.StatusCode.UNAVAILABLE


async def test_it_hides_archived_projects_unless_they_are_asked_for(server, channel):
    projects = project_service_pb2_grpc.ProjectServiceStub(channel)
    server.world.add_project("old", state=1)
    request = project_service_pb2.ListProjectsRequest

    shown = await projects.ListProjects(request())
    archived = await projects.ListProjects(request(filters="eq(state,1)"))

    assert [project.id for project in shown.projects.projects] == [PROJECT]
    assert [project.id for project in archived.projects.projects] == ["old"]


async def test_a_full_page_of_projects_has_a_token_even_when_it_is_the_last(server, channel):
    projects = project_service_pb2_grpc.ProjectServiceStub(channel)

    first = await projects.ListProjects(project_service_pb2.ListProjectsRequest(limit=1))
    last = await projects.ListProjects(
        project_service_pb2.ListProjectsRequest(limit=1, token=first.projects.token)
    )

    assert first.projects.token == "1"
    assert (list(last.projects.projects), last.projects.token) == ([], "")


async def test_it_lists_the_newest_version_of_each_task(server, channel):
    tasks = task_service_pb2_grpc.TaskServiceStub(channel)
    for version in ("v1", "v2"):
        server.world.add_task("demo.main", version)

    answer = await tasks.ListTasks(task_service_pb2.ListTasksRequest(project_id=requests.SCOPE))

    assert [(t.task_id.name, t.task_id.version) for t in answer.tasks] == [("demo.main", "v2")]


async def test_secrets_of_a_project_do_not_show_the_global_ones(server, channel):
    secrets = secret_pb2_grpc.SecretServiceStub(channel)
    for scope in ({}, {"domain": DOMAIN, "project": PROJECT}):
        identifier = {"name": f"s{len(scope)}", **scope}
        await secrets.CreateSecret(payload_pb2.CreateSecretRequest(id=identifier))

    of_project = await secrets.ListSecrets(
        payload_pb2.ListSecretsRequest(domain=DOMAIN, project=PROJECT)
    )

    assert [secret.id.name for secret in of_project.secrets] == ["s2"]
