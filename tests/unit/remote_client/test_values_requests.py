"""Secrets, resources, retries and time limits that a task asks for, and their messages."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import flyte
import pytest
from flyte._internal.runtime import resources_serde, task_serde
from flyteidl2.core import security_pb2, tasks_pb2

from remote_client._local_task import task
from remote_client._resources import (
    Resources,
    extended_resources_to_wire,
    resources_from_wire,
    resources_to_wire,
)
from remote_client._retry_strategy import (
    Backoff,
    RetryStrategy,
    Timeout,
    retries_to_wire,
    runtime_to_wire,
    timeouts_to_wire,
)
from remote_client._secret_request import (
    Secret,
    SecretRequest,
    secrets_from_wire,
    secrets_of,
    secrets_to_wire,
)

MOUNT = "/etc/flyte/secrets"


@pytest.mark.parametrize(
    ("secret", "variable"),
    [
        (Secret("my-api-key"), "MY_API_KEY"),
        (Secret("key", group="my-team"), "MY_TEAM_KEY"),
        (Secret("key", as_env_var="OTHER_1"), "OTHER_1"),
        (Secret("key", mount=MOUNT), None),
        (Secret("key", mount=MOUNT, as_env_var="BOTH"), "BOTH"),
    ],
)
def test_a_secret_arrives_in_a_variable_unless_it_is_mounted(secret, variable):
    assert secret.as_env_var == variable


@pytest.mark.parametrize(
    "arguments",
    [
        {"key": ""},
        {"key": "k", "mount": "/tmp"},
        {"key": "k", "as_env_var": "lower"},
        {"key": "k", "as_env_var": "1ST"},
        {"key": "k", "as_env_var": "A\n"},
        {"key": "a.b"},
    ],
)
def test_an_impossible_secret_is_refused(arguments):
    with pytest.raises(ValueError):
        Secret(**arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"key": "my-key"},
        {"key": "k", "group": "g"},
        {"key": "k", "mount": Path(MOUNT)},
        {"key": "k", "as_env_var": "X"},
    ],
)
def test_secrets_hash_and_travel_as_those_of_the_sdk(arguments):
    theirs, ours = flyte.Secret(**arguments), Secret(**arguments)

    assert ours.stable_hash() == theirs.stable_hash()
    assert secrets_to_wire(ours) == list(task_serde.get_security_context([theirs]).secrets)


def test_a_secret_request_is_a_secret():
    assert SecretRequest(key="my-api-key") == Secret("my-api-key")
    assert hash(SecretRequest("k", "g", "V")) == hash(Secret("k", "g", "V"))


def test_one_key_or_several_of_either_kind_are_secrets():
    assert secrets_of("a") == (Secret("a"),)
    assert secrets_of(["a", Secret("b")]) == (Secret("a"), Secret("b"))
    with pytest.raises(TypeError, match="not dict"):
        secrets_of({"a": 1})
    with pytest.raises(TypeError, match="not int"):
        secrets_of([1])


def test_secrets_of_other_clients_are_shown_as_they_are():
    context = security_pb2.SecurityContext(
        secrets=[{"key": "a.b", "env_var": "lower"}, {"key": "f", "mount_requirement": 2}]
    )

    first, second = secrets_from_wire(context)

    assert (first.key, first.as_env_var, first.mount) == ("a.b", "lower", None)
    assert (second.key, second.as_env_var, second.mount) == ("f", None, Path(MOUNT))


@pytest.mark.parametrize(
    "arguments",
    [
        {"cpu": 1, "memory": "500Mi"},
        {"cpu": "500m", "disk": "10Gi"},
        {"cpu": (0.5, 2), "memory": ("1Gi", "2Gi")},
        {"gpu": 2},
        {"gpu": "A100:2"},
        {"gpu": "MI300A:1"},
        {"gpu": "Trn1:4"},
        {"gpu": "T4:1", "shm": "1Gi"},
        {"shm": "auto"},
    ],
)
def test_resources_travel_as_those_of_the_sdk(arguments):
    theirs, ours = flyte.Resources(**arguments), Resources(**arguments)
    empty = tasks_pb2.Resources()

    assert resources_to_wire(ours) == (resources_serde.get_proto_resources(theirs) or empty)
    assert extended_resources_to_wire(ours) == resources_serde.get_proto_extended_resources(theirs)


def test_mem_is_another_name_for_memory():
    assert Resources(cpu="1", mem="500Mi") == Resources(cpu="1", memory="500Mi")
    assert Resources(memory="1Gi").mem == "1Gi"
    with pytest.raises(TypeError, match="either memory or mem"):
        Resources(memory="1Gi", mem="1Gi")


@pytest.mark.parametrize(
    "arguments",
    [
        {"cpu": "lots"},
        {"cpu": -1},
        {"cpu": True},
        {"cpu": (1, 2, 3)},
        {"memory": "1 GB"},
        {"memory": ("1Gi", "x")},
        {"disk": "10Q"},
        {"shm": ""},
        {"gpu": -1},
        {"gpu": "A100"},
        {"gpu": "A100:0"},
    ],
)
def test_malformed_resources_are_refused(arguments):
    with pytest.raises(ValueError):
        Resources(**arguments)


def test_resources_read_back_as_requests_and_limits():
    message = resources_to_wire(Resources(cpu=(1, 2), memory="500Mi", gpu="A100:2", disk="1Gi"))

    requests, limits = resources_from_wire(message)

    assert requests == {"cpu": "1", "memory": "500Mi", "gpu": "2", "disk": "1Gi"}
    assert limits == {"cpu": "2"}


def test_a_resource_of_an_unknown_kind_is_shown():
    message = tasks_pb2.Resources(requests=[{"name": 42, "value": "7"}])

    assert resources_from_wire(message) == ({"resource 42": "7"}, {})


@pytest.mark.parametrize("retries", [0, 3])
def test_a_plain_number_of_retries_travels(retries):
    strategy = flyte.RetryStrategy(count=retries)

    assert retries_to_wire(retries) == task_serde.get_proto_retry_strategy(strategy)


def test_a_backoff_travels_as_that_of_the_sdk():
    pauses = {"base": timedelta(seconds=1.5), "factor": 2.0, "cap": timedelta(days=2)}
    theirs = flyte.RetryStrategy(count=2, backoff=flyte.Backoff(**pauses))

    ours = retries_to_wire(RetryStrategy(2, Backoff(**pauses)))

    assert ours == task_serde.get_proto_retry_strategy(theirs)


def test_pauses_grow_up_to_the_cap():
    backoff = Backoff(timedelta(seconds=10), factor=2.0, cap=timedelta(minutes=1))

    pauses = [backoff.delay(retry).total_seconds() for retry in (0, 1, 2, 3, 5_000)]

    assert pauses == [10, 20, 40, 60, 60]


@pytest.mark.parametrize("count", [-1, 1.5, True, 2**32])
def test_an_impossible_number_of_retries_is_refused(count):
    with pytest.raises(ValueError):
        RetryStrategy(count)


@pytest.mark.parametrize(
    "arguments",
    [
        {"base": timedelta(seconds=-1)},
        {"base": timedelta(1), "factor": 0.5},
        {"base": timedelta(1), "factor": 2.0},
        {"base": timedelta(1), "factor": float("nan")},
    ],
)
def test_an_impossible_backoff_is_refused(arguments):
    with pytest.raises(ValueError):
        Backoff(**arguments)


def test_a_time_limit_of_days_keeps_its_days():
    assert runtime_to_wire(timedelta(days=1)).seconds == 86_400
    assert runtime_to_wire(90).seconds == 90
    assert runtime_to_wire(0) is None
    assert timeouts_to_wire(90) is None


def test_queueing_time_and_deadline_travel_as_those_of_the_sdk():
    limits = {"max_runtime": 60, "max_queued_time": timedelta(minutes=5), "deadline": 3600}

    ours = timeouts_to_wire(Timeout(**limits))

    assert ours == task_serde.get_proto_timeout_strategy(flyte.Timeout(**limits))


def test_an_impossible_time_limit_is_refused():
    with pytest.raises(ValueError, match="deadline cannot be negative"):
        Timeout(deadline=-1)
    with pytest.raises(TypeError, match="not str"):
        runtime_to_wire("1h")


def test_a_local_task_runs_with_its_secret_in_the_environment(monkeypatch):
    monkeypatch.setenv("API_KEY", "abcdefgh")

    @task(secrets=[Secret(key="my-api-key", as_env_var="API_KEY")])
    async def beginning():
        return os.environ["API_KEY"][:5]

    assert asyncio.run(beginning()) == "abcde"


def test_a_local_task_names_the_secret_that_is_missing(monkeypatch):
    monkeypatch.delenv("API_KEY", raising=False)

    @task(secrets=Secret("my-api-key", as_env_var="API_KEY"))
    def use():
        return "used"

    with pytest.raises(RuntimeError, match=r"use needs the secret 'my-api-key' .* API_KEY"):
        use()


def test_a_local_task_without_secrets_is_the_function():
    @task
    def double(n):
        return 2 * n

    assert double(3) == 6
    assert double.__name__ == "double"
