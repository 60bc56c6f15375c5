"""Values with their types and texts, an action's task and condition, and links of attempts."""

from __future__ import annotations

from flyteidl2.core import literals_pb2
from flyteidl2.task import common_pb2
from flyteidl2.workflow import run_definition_pb2

from remote_client import ActionDetails
from remote_client._action_io import ActionInputs
from remote_client._attempt import Attempt
from remote_client._scope import Scope
from remote_client._values.named import WHOLE_VALUE_BYTES

SCOPE = Scope(project="p", domain="d")


def text_literal(text: str) -> literals_pb2.Literal:
    return literals_pb2.Literal(
        scalar=literals_pb2.Scalar(primitive=literals_pb2.Primitive(string_value=text))
    )


def inputs(**values: str) -> ActionInputs:
    named = [common_pb2.NamedLiteral(name=n, value=text_literal(v)) for n, v in values.items()]
    return ActionInputs(common_pb2.Inputs(literals=named))


def test_a_typed_value_has_name_type_text_and_value() -> None:
    (value,) = inputs(city="Bremen").typed()
    assert (value.name, value.type_name, value.text, value.value) == (
        "city",
        "str",
        "Bremen",
        "Bremen",
    )
    assert value.is_whole


def test_a_large_value_is_given_as_the_beginning_of_its_text() -> None:
    (value,) = inputs(long="x" * (WHOLE_VALUE_BYTES + 1)).typed()
    assert (value.is_whole, value.value) == (False, None)
    assert value.size > WHOLE_VALUE_BYTES
    assert 0 < len(value.text) < 20_000


def details(message: run_definition_pb2.ActionDetails) -> ActionDetails:
    return ActionDetails(message, None, SCOPE)  # type: ignore[arg-type]


def test_an_action_knows_its_task_as_it_was_told_it() -> None:
    message = run_definition_pb2.ActionDetails()
    message.metadata.task.id.name, message.metadata.task.id.version = "env.fit", "v1"
    message.task.task_template.container.args.extend(["a0", "--tgz", "s3://b/x.tar.gz"])
    task = details(message).task
    assert task is not None
    assert (task.name, task.version, task.code_bundle) == ("env.fit", "v1", "s3://b/x.tar.gz")
    assert details(message).condition is None


def test_a_condition_has_a_question_and_no_task() -> None:
    message = run_definition_pb2.ActionDetails()
    message.condition.name, message.condition.prompt = "go", "Ship it?"
    found = details(message)
    assert found.task is None
    assert found.condition is not None
    assert found.condition.prompt == "Ship it?"


def test_an_attempt_tells_pages_elsewhere_about_it() -> None:
    message = run_definition_pb2.ActionAttempt(attempt=1, cluster="west")
    message.log_info.add(name="Spark UI", uri="https://s/ui", link_type=1, ready=True)
    message.log_info.add(name="Logs", uri="https://l", ShowWhilePending=True)
    message.log_info.add(name="nothing")
    attempt = Attempt.of(message)
    assert attempt.cluster == "west"
    assert [(each.name, each.kind, each.is_ready) for each in attempt.links] == [
        ("Spark UI", "dashboard", True),
        ("Logs", "log", False),
    ]
