"""Inputs and outputs of actions: the SDK's files, read and written off the event loop."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TypeVar

from flyteidl2.task.common_pb2 import Inputs, NamedLiteral, Outputs
from flyteidl2.task.task_definition_pb2 import TaskSpec
from flyteidl2.workflow.run_definition_pb2 import ActionType
from google.protobuf.message import DecodeError

from local_platform import engine
from local_platform.errors import failed_precondition
from local_platform.store import ActionRecord

_Message = TypeVar("_Message", Inputs, Outputs)


async def read_inputs(record: ActionRecord) -> Inputs:
    """The action's inputs; empty when it has none."""
    return await asyncio.to_thread(_read, Path(record.input_uri), Inputs)


async def read_outputs(record: ActionRecord) -> Outputs:
    """The action's outputs; empty unless it succeeded and left some."""
    if record.phase not in (engine.SUCCEEDED, engine.RECOVERED) or not record.output_uri:
        return Outputs()
    path = Path(record.output_uri)
    if record.kind == ActionType.ACTION_TYPE_TASK:
        path = path / "outputs.pb"
    return await asyncio.to_thread(_read, path, Outputs)


async def read_inputs_file(path: str) -> Inputs:
    """Inputs by the address that UploadInputs gave out, or the folder of the file."""
    file = Path(path)
    return await asyncio.to_thread(
        _read, file if file.suffix == ".pb" else file / "inputs.pb", Inputs
    )


async def write_inputs(path: Path, inputs: Inputs) -> None:
    await asyncio.to_thread(_write, path, inputs.SerializeToString(deterministic=True))


def with_defaults(inputs: Inputs, spec: TaskSpec) -> Inputs:
    """The inputs, completed by the task's defaults for those that are not given."""
    given = {literal.name for literal in inputs.literals}
    complete = Inputs()
    complete.CopyFrom(inputs)
    for default in spec.default_inputs:
        parameter = default.parameter
        if default.name not in given and parameter.HasField("default"):
            complete.literals.append(NamedLiteral(name=default.name, value=parameter.default))
    return complete


def _read(path: Path, kind: type[_Message]) -> _Message:
    try:
        return kind.FromString(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return kind()
    except (OSError, DecodeError) as error:
        raise failed_precondition(f"{path} cannot be read: {error}") from error


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(data)
    part.replace(path)
