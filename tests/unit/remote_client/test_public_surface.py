"""What the package shows to the world."""

from __future__ import annotations

import inspect
import json
import pkgutil
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from flyteidl2.app import app_definition_pb2
from flyteidl2.auth import identity_pb2
from flyteidl2.project import project_service_pb2
from flyteidl2.secret import definition_pb2
from flyteidl2.task import common_pb2, task_definition_pb2
from flyteidl2.trigger import trigger_definition_pb2
from flyteidl2.workflow import run_definition_pb2

import remote_client
from remote_client import ClientSet
from remote_client._scope import Scope
from remote_client.syncify import BoundCall

PUBLIC_MODULES = ("remote_client", "remote_client.errors", "remote_client.syncify")

# Each entity with an empty message: what a platform may send when it knows nothing.
ENTITIES = [
    ("App", app_definition_pb2.App()),
    ("Action", run_definition_pb2.Action()),
    ("ActionDetails", run_definition_pb2.ActionDetails()),
    ("Condition", run_definition_pb2.ActionDetails()),
    ("Project", project_service_pb2.Project()),
    ("RemoteSecret", definition_pb2.Secret()),
    ("Run", run_definition_pb2.Run()),
    ("RunDetails", run_definition_pb2.RunDetails()),
    ("Task", task_definition_pb2.Task()),
    ("TaskDetails", task_definition_pb2.TaskDetails()),
    ("Trigger", trigger_definition_pb2.Trigger()),
    ("TriggerDetails", trigger_definition_pb2.TriggerDetails()),
    ("User", identity_pb2.UserInfoResponse()),
]


def _modules() -> list[ModuleType]:
    found = pkgutil.walk_packages(remote_client.__path__, "remote_client.")
    return [remote_client, *(import_module(module.name) for module in found)]


@pytest.mark.parametrize("module", _modules(), ids=lambda module: module.__name__)
def test_what_a_module_exports_exists(module: ModuleType) -> None:
    names = getattr(module, "__all__", [])
    assert [name for name in names if not hasattr(module, name)] == []
    assert module.__doc__


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_public_names_are_sorted(module: str) -> None:
    names = import_module(module).__all__
    assert list(names) == sorted(names)


def test_the_package_exports_what_it_imports() -> None:
    imported = {
        name
        for name, value in vars(remote_client).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert imported - {"annotations"} == set(remote_client.__all__)


def _public_members(owner: type) -> dict[str, Any]:
    return {
        name: inspect.getattr_static(owner, name)
        for name in vars(owner)
        if not name.startswith("_")
    }


def _documented(name: str, owner: type) -> bool:
    value = getattr(owner, name)
    if isinstance(inspect.getattr_static(owner, name), property):
        value = inspect.getattr_static(owner, name)
    return bool(inspect.getdoc(value))


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_every_public_name_says_what_it_is(module: str) -> None:
    for name in import_module(module).__all__:
        thing = getattr(import_module(module), name)
        assert inspect.getdoc(thing), name
        if inspect.isclass(thing) and thing.__module__.startswith("remote_client"):
            silent = [
                member
                for member, value in _public_members(thing).items()
                if (callable(value) or isinstance(value, property) or hasattr(value, "__get__"))
                and not _documented(member, thing)
                and not _is_field(thing, member)
            ]
            assert not silent, f"{name}: {silent}"


def _is_field(owner: type, name: str) -> bool:
    """Fields of dataclasses and members of enums are told of by their class."""
    return name in getattr(owner, "__dataclass_fields__", {}) or name in getattr(
        owner, "__members__", {}
    )


def test_no_entity_shows_its_message() -> None:
    for name, _ in ENTITIES:
        assert "pb" not in _public_members(getattr(remote_client, name))
        assert "pb2" not in _public_members(getattr(remote_client, name))


@pytest.mark.parametrize(("name", "pb"), ENTITIES, ids=[name for name, _ in ENTITIES])
async def test_an_entity_that_knows_nothing_can_still_be_shown(name: str, pb: Any) -> None:
    client = await ClientSet.for_endpoint("localhost:1", insecure=True)
    entity = getattr(remote_client, name)(pb, client, Scope())
    assert repr(entity).startswith(f"{name.removeprefix('Remote')}(")
    for options in ({}, {"including_defaults": True, "preserving_names": True}):
        assert isinstance(json.loads(entity.to_json(**options)), dict)
    for member, value in inspect.getmembers_static(type(entity)):
        if isinstance(value, property) and not member.startswith("_"):
            getattr(entity, member)
    await client.close()


def test_data_without_values_can_be_shown() -> None:
    inputs = remote_client.ActionInputs(common_pb2.Inputs())
    outputs = remote_client.ActionOutputs(common_pb2.Outputs())
    assert (repr(inputs), repr(outputs)) == ("ActionInputs()", "ActionOutputs()")
    assert (inputs, outputs) == ({}, ())
    assert json.loads(inputs.to_json()) == json.loads(outputs.to_json()) == {}


def test_the_calls_that_block_are_also_there_to_be_awaited() -> None:
    for owner in (remote_client.Run, remote_client.Project, remote_client.Action):
        call = owner.get
        assert isinstance(call, BoundCall)
        assert inspect.iscoroutinefunction(call.aio) or callable(call.aio)
