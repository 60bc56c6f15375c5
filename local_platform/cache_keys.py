"""Keys of cached results for root actions.

Children come with a key that the SDK made in their parent's process. For a root the platform
makes it, with the SDK's own function, so that a root and a child find each other's results.
"""

from __future__ import annotations

import asyncio
import hashlib

from flyteidl2.task.common_pb2 import Inputs
from flyteidl2.task.task_definition_pb2 import TaskSpec


async def inputs_hash(inputs: Inputs, spec: TaskSpec) -> str:
    """The hash that goes back to the client and returns with CreateRun; never empty."""
    if spec.task_template.metadata.discoverable and inputs.literals:
        # The SDK is imported at first need: it takes 0.3 s, and few roots are cached.
        return await asyncio.to_thread(_sdk_inputs_hash, inputs)
    return hashlib.sha256(inputs.SerializeToString(deterministic=True)).hexdigest()


async def cache_key(spec: TaskSpec, inputs_hash: str, inputs: Inputs) -> str:
    """The key of a task with these inputs; "" when its results are not to be cached."""
    if not spec.task_template.metadata.discoverable:
        return ""
    return await asyncio.to_thread(_sdk_cache_key, spec, inputs_hash, inputs)


def _sdk_inputs_hash(inputs: Inputs) -> str:
    from flyte._internal.runtime import convert

    return str(convert.generate_inputs_hash_from_proto(inputs))


def _sdk_cache_key(spec: TaskSpec, inputs_hash: str, inputs: Inputs) -> str:
    from flyte._internal.runtime import convert

    template = spec.task_template
    key = convert.generate_cache_key_hash(
        template.id.name,
        inputs_hash if inputs.literals else "",
        template.interface,
        template.metadata.discovery_version,
        list(template.metadata.cache_ignore_input_vars),
        inputs,
    )
    return str(key)
