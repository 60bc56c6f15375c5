"""How much CPU, memory, GPU, disk and shared memory a task asks for, in Kubernetes quantities."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flyteidl2.core import tasks_pb2

from remote_client._accelerators import accelerator, split_device

_Quantity = str | int | float
_Range = tuple[_Quantity, _Quantity]
_QUANTITY = re.compile(r"(\d+(\.\d*)?|\.\d+)(m|k|[KMGTPE]i|[MGTPE]|[eE][+-]?\d+)?")
_SHM_PATH, _SHM_NAME = "/dev/shm", "flyte-shm"  # noqa: S108 - the mount point, not a temporary file
_NAMES = {
    tasks_pb2.Resources.CPU: "cpu",
    tasks_pb2.Resources.GPU: "gpu",
    tasks_pb2.Resources.MEMORY: "memory",
    tasks_pb2.Resources.STORAGE: "storage",
    tasks_pb2.Resources.EPHEMERAL_STORAGE: "disk",
}


@dataclass(frozen=True, init=False)
class Resources:
    """What a task asks for; None leaves a resource to the platform's default.

    `cpu`: cores (`1`, `0.5`, `"500m"`) or a (request, limit) pair. `memory` (or `mem`): `"500Mi"`
    or a pair. `gpu`: a count, or model and count as in `"A100:2"`. `disk`: ephemeral storage,
    `"10Gi"`. `shm`: size of /dev/shm, or `"auto"` for as much as the node allows.
    Raises ValueError for a malformed quantity and TypeError for both `memory` and `mem`.
    """

    cpu: _Quantity | _Range | None
    memory: str | tuple[str, str] | None
    gpu: int | str | None
    disk: str | None
    shm: str | None

    def __init__(
        self,
        cpu: _Quantity | _Range | None = None,
        memory: str | tuple[str, str] | None = None,
        gpu: int | str | None = None,
        disk: str | None = None,
        shm: str | None = None,
        *,
        mem: str | tuple[str, str] | None = None,
    ) -> None:
        if memory is not None and mem is not None:
            raise TypeError("Resources takes either memory or mem, which mean the same.")
        memory = mem if memory is None else memory
        fields = {"cpu": cpu, "memory": memory, "gpu": gpu, "disk": disk, "shm": shm}
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        self._check()

    def _check(self) -> None:
        _check_range("cpu", self.cpu)
        _check_range("memory", self.memory)
        _check_quantity("disk", self.disk)
        if self.shm != "auto":
            _check_quantity("shm", self.shm)
        if isinstance(self.gpu, str):
            split_device(self.gpu)
        elif self.gpu is not None and (isinstance(self.gpu, bool) or self.gpu < 0):
            raise ValueError(f"gpu takes a count or a model and count, not {self.gpu!r}")

    @property
    def mem(self) -> str | tuple[str, str] | None:
        """The same as `memory`."""
        return self.memory

    @property
    def gpu_count(self) -> int:
        """Number of devices asked for."""
        return split_device(self.gpu)[1] if isinstance(self.gpu, str) else self.gpu or 0


def resources_to_wire(resources: Resources) -> Any:
    """The `Resources` message of a container: requests, and limits where a pair states them."""
    kinds = tasks_pb2.Resources
    requests, limits = [], []
    for kind, value in (
        (kinds.CPU, resources.cpu),
        (kinds.MEMORY, resources.memory),
        (kinds.GPU, resources.gpu_count or None),
        (kinds.EPHEMERAL_STORAGE, resources.disk),
    ):
        if value is None:
            continue
        request, limit = value if isinstance(value, tuple) else (value, None)
        requests.append(kinds.ResourceEntry(name=kind, value=str(request)))
        if limit is not None:
            limits.append(kinds.ResourceEntry(name=kind, value=str(limit)))
    return kinds(requests=requests, limits=limits)


def extended_resources_to_wire(resources: Resources) -> Any | None:
    """The `ExtendedResources` message (GPU model, shared memory), or None when neither is asked."""
    model = accelerator(resources.gpu) if isinstance(resources.gpu, str) else None
    if model is None and resources.shm is None:
        return None
    message = tasks_pb2.ExtendedResources(gpu_accelerator=model)
    if resources.shm is not None:
        size = "" if resources.shm == "auto" else resources.shm
        shared = tasks_pb2.SharedMemory(mount_path=_SHM_PATH, mount_name=_SHM_NAME, size_limit=size)
        message.shared_memory.CopyFrom(shared)
    return message


def resources_from_wire(resources: Any) -> tuple[dict[str, str], dict[str, str]]:
    """(requests, limits) of a `Resources` message, each as `{"cpu": "1", "memory": "500Mi"}`."""
    return _entries(resources.requests), _entries(resources.limits)


def _entries(entries: Any) -> dict[str, str]:
    return {_NAMES.get(entry.name, f"resource {entry.name}"): entry.value for entry in entries}


def _check_range(name: str, value: object) -> None:
    if not isinstance(value, tuple):
        return _check_quantity(name, value)
    if len(value) != 2:
        raise ValueError(f"{name} takes a (request, limit) pair, not {len(value)} values")
    for member in value:
        _check_quantity(name, member)
    return None


def _check_quantity(name: str, value: object) -> None:
    """Kubernetes would refuse a malformed quantity only when the pod is made, long after."""
    if value is None:
        return
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    fits = is_number if name == "cpu" and not isinstance(value, str) else isinstance(value, str)
    if not fits or not _QUANTITY.fullmatch(str(value)):
        example = '"500m" or 0.5' if name == "cpu" else '"500Mi"'
        raise ValueError(f"{name} takes a Kubernetes quantity such as {example}, not {value!r}")
