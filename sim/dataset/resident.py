"""Frames that stay on the device they were rendered on, as items of PyTorch's tensors there."""

from __future__ import annotations

from typing import Any

import warp as wp

from sim.dataset.config import OutputsPart
from sim.dataset.frame import SEG_NOTHING, SEG_SHELL, ResidentFrame
from sim.dataset.items import Item, item_of
from sim.dataset.seen_regions import segments_on_device
from sim.errors import SimError


def needed_torch() -> Any:
    """PyTorch.

    Raises:
        SimError: it is not installed.
    """
    try:
        import torch
    except ImportError:
        raise SimError(
            "images that stay on the device are PyTorch's tensors, and torch is not installed (pip install torch); "
            "`resident=False` gives arrays of NumPy"
        ) from None
    return torch


def check_torch_has(device: wp.Device) -> None:
    """That PyTorch can use a device.

    Raises:
        SimError: it cannot.
    """
    if device.is_cuda and not needed_torch().cuda.is_available():
        raise SimError(
            f"this build of torch has no CUDA for the images on {device.alias}; `resident=False` gives arrays of NumPy"
        )


def item_from_resident(frame: ResidentFrame, outputs: OutputsPart, whole: bool = False) -> Item:
    """As `sim.dataset.items.item_from_frame`, images, regions, depth and normals being tensors on the frame's device.

    They lie in memory of PyTorch's, and all that fills them is done: any stream may read them.
    """
    torch = needed_torch()
    buffers = {name: shot.frame.resident for name, shot in frame.captures.items()}
    shown: dict[str, dict[str, wp.array]] = {"images": dict(frame.images)}
    if outputs.regions:
        shown["regions"] = {
            name: segments_on_device(own["region"], SEG_NOTHING, SEG_SHELL) for name, own in buffers.items()
        }
    if outputs.depth:
        shown["depth"] = {name: own["depth"] for name, own in buffers.items()}
    if outputs.normals:
        shown["normals"] = {name: own["normal"] for name, own in buffers.items()}
    device = next(iter(frame.images.values())).device
    # Warp and PyTorch work on streams of their own: the one must have ended before the other reads, and again before
    # Warp's memory is used anew.
    if device.is_cuda:
        wp.synchronize_device(device)
    tensors = {kind: {name: _copied(array, torch) for name, array in own.items()} for kind, own in shown.items()}
    if outputs.normals:
        tensors["normals"] = {name: tensor.half() for name, tensor in tensors["normals"].items()}
    if device.is_cuda:
        torch.cuda.current_stream(wp.device_to_torch(device)).synchronize()
    item = item_of(frame.sample.key, frame.label, tensors["images"], whole)
    item |= {kind: own for kind, own in tensors.items() if kind != "images"}
    if outputs.mesh:
        item["vertices"] = frame.vertices
    return item


def _copied(array: wp.array, torch: Any) -> Any:
    """A tensor of PyTorch's own memory. Warp would take uint16 for int16."""
    if array.dtype == wp.uint16:
        return wp.to_torch(array.view(wp.int16)).clone().view(torch.uint16)
    return wp.to_torch(array).clone()
