"""Names of accelerator models, and the node labels by which the platform knows them."""

from __future__ import annotations

from typing import Any

from flyteidl2.core import tasks_pb2

_CLASSES = tasks_pb2.GPUAccelerator

# Model as people write it -> label of the node pool. A model that is not here is its own label.
_LABELS = {
    "A10": "nvidia-a10",
    "A10G": "nvidia-a10g",
    "A100": "nvidia-tesla-a100",
    "A100_80G": "nvidia-a100-80gb",
    "H100": "nvidia-tesla-h100",
    "K80": "nvidia-tesla-k80",
    "L4": "nvidia-l4",
    "L40s": "nvidia-l40s",
    "M60": "nvidia-tesla-m60",
    "P100": "nvidia-tesla-p100",
    "P4": "nvidia-tesla-p4",
    "RTX_PRO_4500": "nvidia-rtx-pro-4500",
    "RTX_PRO_6000": "nvidia-rtx-pro-6000",
    "T4": "nvidia-tesla-t4",
    "V100": "nvidia-tesla-v100",
    "V5E": "tpu-v5-lite-podslice",
    "V5P": "tpu-v5p-slice",
    "V6E": "tpu-v6e-slice",
}
# Beginnings of the models that are not NVIDIA's.
_OTHER_CLASSES = (
    ("MI", _CLASSES.AMD_GPU),
    ("Gaudi", _CLASSES.HABANA_GAUDI),
    ("Trn", _CLASSES.AMAZON_NEURON),
    ("Inf", _CLASSES.AMAZON_NEURON),
    ("V5", _CLASSES.GOOGLE_TPU),
    ("V6", _CLASSES.GOOGLE_TPU),
)


def split_device(device: str) -> tuple[str, int]:
    """("A100", 2) of `"A100:2"`. Raises ValueError for anything else."""
    model, colon, count = device.partition(":")
    if not model or not colon or not count.isdecimal() or int(count) < 1:
        raise ValueError(f'gpu takes a count, or model and count such as "A100:2", not {device!r}')
    return model, int(count)


def accelerator(device: str) -> Any:
    """The `GPUAccelerator` message of `"A100:2"`."""
    model, _ = split_device(device)
    kind = next(
        (kind for beginning, kind in _OTHER_CLASSES if model.startswith(beginning)),
        _CLASSES.NVIDIA_GPU,
    )
    return tasks_pb2.GPUAccelerator(device=_LABELS.get(model, model), device_class=kind)
