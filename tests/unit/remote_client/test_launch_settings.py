"""Settings of runs, uploads, shapes of types, and values that name their variant."""

from __future__ import annotations

import io
import pickle
from typing import Any

import pytest
from flyteidl2.core import types_pb2
from flyteidl2.dataproxy import dataproxy_service_pb2
from flyteidl2.task import run_pb2, task_definition_pb2, task_service_pb2
from google.protobuf import struct_pb2

from remote_client import ClientSet, RunOptions, Task, TaskDetails
from remote_client._scope import Scope
from remote_client._upload import upload_file
from remote_client._values import Chosen, chosen_value, from_python, plain_pickle, shape_of
from remote_client.errors import Unavailable
from tests.unit.remote_client.fake_platform import FakePlatform

INT = types_pb2.LiteralType(simple=types_pb2.INTEGER)
FLOAT = types_pb2.LiteralType(simple=types_pb2.FLOAT)
NONE = types_pb2.LiteralType(simple=types_pb2.NONE)


def union_of(*variants: Any) -> Any:
    return types_pb2.LiteralType(union_type=types_pb2.UnionType(variants=variants))


def full_spec() -> Any:
    spec = run_pb2.RunSpec(queue="q", cluster_pool="p", max_action_concurrency=2)
    spec.overwrite_cache = spec.cache_config.overwrite_cache = True
    spec.labels.values["a"] = "1"
    spec.annotations.values["b"] = "2"
    spec.envs.values.add(key="C", value="3")
    spec.interruptible.value = False
    spec.raw_data_storage.raw_data_prefix = "s3://r"
    spec.security_context.run_as.k8s_service_account = "robot"
    spec.cache_config.cache_lookup_scope = 2
    return spec


def test_options_of_a_spec_make_the_same_spec() -> None:
    assert RunOptions.of(full_spec()).onto(run_pb2.RunSpec()) == full_spec()
    assert RunOptions.of(full_spec()).cache_scope == "project_domain"


def test_whole_options_clear_what_they_leave_out_and_nothing_else() -> None:
    spec = full_spec()
    spec.notification_rule_name = "mail"
    spec.security_context.secrets.add(key="kept")
    bare = RunOptions(is_whole=True).onto(spec)
    assert bare.notification_rule_name == "mail"
    assert [secret.key for secret in bare.security_context.secrets] == ["kept"]
    assert not bare.labels.values
    assert not bare.HasField("interruptible")
    assert (bare.queue, bare.max_action_concurrency) == ("", 0)


def test_other_options_add_to_what_is_there() -> None:
    spec = RunOptions(labels={"new": "x"}).onto(full_spec())
    assert dict(spec.labels.values) == {"a": "1", "new": "x"}
    assert spec.queue == "q"


async def test_a_page_of_tasks_is_asked_for_as_the_platform_filters(
    fake: FakePlatform, client: ClientSet
) -> None:
    fake.answer("TaskService.ListTasks", task_service_pb2.ListTasksResponse(token="next"))
    page = await Task.listpage(limit=7, token="t", name_contains="etl", deployed_by="ana")
    assert page.next_token == "next"
    ((_, request),) = [call for call in fake.calls if "ListTasks" in call[0]]
    assert (request.request.limit, request.request.token) == (7, "t")
    assert [(f.field, list(f.values)) for f in request.request.filters] == [("name", ["etl"])]
    assert request.known_filters[0].deployed_by == "ana"


async def test_an_upload_that_the_store_refuses_says_so_without_the_signed_address(
    fake: FakePlatform, client: ClientSet
) -> None:
    location = dataproxy_service_pb2.CreateUploadLocationResponse(
        signed_url="http://127.0.0.1:9/secret-token", native_url="s3://b/x"
    )
    fake.answer("DataProxyService.CreateUploadLocation", location)
    with pytest.raises(Unavailable, match=r"Could not upload 'x\.csv'") as caught:
        await upload_file(io.BytesIO(b"1,2"), "x.csv")
    assert "secret-token" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_chosen_variant_is_the_one_that_is_written_and_read() -> None:
    of = union_of(INT, FLOAT, NONE)
    for chosen in (Chosen(0, 1), Chosen(1, 1.0), Chosen(1, 1), Chosen(2, None)):
        literal = from_python(chosen, of)
        assert literal.scalar.union.type == of.union_type.variants[chosen.variant]
        assert chosen_value(literal, of) == Chosen(chosen.variant, chosen.value)
    with pytest.raises(ValueError, match="no variant 3"):
        from_python(Chosen(3, 1), of)


def test_a_literal_is_sent_on_as_it_is() -> None:
    literal = from_python(5, INT)
    assert from_python(literal, INT) is literal


def test_only_plain_data_is_pickled() -> None:
    value = {"a": [1, (b"x", {2.5})], None: True}
    assert pickle.loads(plain_pickle(value).data) == value
    for odd in (object(), [print], type("Text", (str,), {})("x")):
        with pytest.raises(TypeError, match="plain data"):
            plain_pickle(odd)


def struct_of(schema: dict[str, Any]) -> Any:
    of = types_pb2.LiteralType(simple=types_pb2.STRUCT)
    metadata = struct_pb2.Struct()
    metadata.update(schema)
    of.metadata.CopyFrom(metadata)
    return of


def test_a_schema_becomes_a_shape_whichever_way_it_is_written() -> None:
    shape = shape_of(
        struct_of(
            {
                "title": "M",
                "type": "object",
                "required": ["when"],
                "properties": {
                    "when": {"type": "string", "format": "date-time"},
                    "n": {"type": "integer", "default": 3, "minimum": 0},
                    "big": {"type": "integer", "default": 2**60},
                    "c": {"$ref": "#/$defs/C"},
                    "f": {"title": "File", "type": "object", "properties": {"path": {}}},
                    "t": {"type": "array", "prefixItems": [{"type": "null"}, {"enum": ["a"]}]},
                },
                "$defs": {"C": {"title": "C", "enum": ["RED"], "type": "string"}},
            }
        )
    )
    found = {part.name: part for part in shape.parts}
    kinds = {name: part.shape.kind for name, part in found.items()}
    assert kinds == {
        "when": "datetime",
        "n": "int",
        "big": "int",
        "c": "enum",
        "f": "file",
        "t": "tuple",
    }
    assert next(iter(found)) == "when"
    assert (found["n"].default, found["n"].shape.limits) == (3, (("minimum", 0),))
    # A protobuf Struct holds doubles: what it cannot hold exactly is no default to offer.
    assert not found["big"].has_default


@pytest.mark.parametrize("schema", [{"type": 5}, {"properties": 3}, {"$ref": "#/$defs/gone"}])
def test_a_malformed_schema_is_any_data(schema: dict[str, Any]) -> None:
    assert shape_of(struct_of(schema)).kind == "json"


def test_a_task_tells_where_its_code_is() -> None:
    pb = task_definition_pb2.TaskDetails()
    container = pb.spec.task_template.container
    container.args.extend(["a0", "--tgz", "s3://code.tgz", "--resolver-args", "mod", "etl"])
    details = TaskDetails(pb, None, Scope())  # type: ignore[arg-type]
    assert (details.code_bundle, details.code_address) == ("s3://code.tgz", "mod etl")
    assert "s3://code.tgz" in details.spec_text()
