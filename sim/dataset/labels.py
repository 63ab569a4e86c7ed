"""From a sample and what was rendered of it to its label (`sim.dataset.schema`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial.transform import RigidTransform

from faces.mesh import HeadMesh, Topology
from headsets.headset import Camera, Headset
from headsets.lenses.lens import Lens
from sim.dataset.keypoints import KeypointFinder, keypoints_in
from sim.dataset.sample import Sample
from sim.dataset.schema import SCHEMA_VERSION
from sim.dataset.seen_regions import boxes_on_device
from sim.render.frame import CameraFrame
from sim.sensor.captures import Capture, ResidentCapture

MICROMETRE, MILLIPIXEL = 7, 3
"""Decimals of coordinates in m (0.1 µm) and px: far below what a renderer of float32 resolves."""


def label_of(
    sample: Sample,
    nominal: Headset,
    mesh: HeadMesh,
    drawn: tuple[NDArray[np.float32], NDArray[np.int32]],
    captures: Mapping[str, Capture] | Mapping[str, ResidentCapture],
    finder: KeypointFinder,
) -> dict[str, Any]:
    """The label as plain data.

    Args:
        nominal: the headset by design.
        drawn: see `Renderer.drawn`.
        captures: with the buffer region, on the host or on the device.
    """
    points = drawn[0][finder.vertices(mesh)].astype(np.float64)
    views = [sample.unit.cameras[name] for name in captures]
    pixels = [keypoints_in(view, points) for view in views]
    visible = finder.visible(mesh.topology, *drawn, views, points, pixels)
    cameras = {
        view.name: _camera(nominal.cameras[view.name], view, mesh.topology, own, seen, captures[view.name])
        for view, own, seen in zip(views, pixels, visible, strict=True)
    }
    return {
        "schema_version": SCHEMA_VERSION,
        "key": sample.key,
        "index": sample.index,
        "split": sample.split,
        "headset": nominal.name,
        "wearer": {
            "identity": sample.identity,
            "capture": sample.capture,
            "shape": _plain(sample.wearer.identity.describe()),
            "look": _plain(sample.wearer.look.describe()),
        },
        "task": {
            "name": sample.task.name,
            "kind": sample.task.kind,
            "frame": sample.task_frame,
            "time_s": round(sample.time_s, 6),
            "anchor": sample.task.anchor,
            "wearing": sample.wearing,
        },
        "expression": sample.expression,
        "weights": np.round(sample.weights, 6).tolist(),
        "gaze_rad": np.round(sample.gaze, 6).tolist(),
        "T_device_head": _matrix(sample.T_device_head),
        "T_device_head_worn": _matrix(sample.T_device_head_worn),
        "T_head_eye": np.round(mesh.T_head_eye, 9).tolist(),
        "keypoints_m": np.round(points, MICROMETRE).tolist(),
        "lens_set": sample.lens_set,
        "exposure_bias": round(sample.bias, 6),
        "illumination": _illumination(sample),
        "cameras": cameras,
    }


def label_text(label: Mapping[str, Any]) -> bytes:
    """JSON on one line; NaN is refused."""
    return json.dumps(label, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def calibration(camera: Camera) -> dict[str, Any]:
    """A camera's lens and pose as plain data."""
    return {"lens": lens_record(camera.lens), "T_device_camera": _matrix(camera.T_device_camera)}


def lens_record(lens: Lens) -> dict[str, Any]:
    """Model and numbers of a lens; the model is called as in headset files."""
    numbers: dict[str, Any] = asdict(lens)  # type: ignore[call-overload]  # every lens is a frozen dataclass
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in numbers.items()}
    return {"model": type(lens).__module__.rpartition(".")[2], **plain}


def boxes_of(region: NDArray[np.int32], topology: Topology) -> tuple[dict[str, list[int]], dict[str, int]]:
    """Of each scored region what is seen: box (left, top, right, bottom; inclusive) and number of pixels."""
    labels = topology.region_labels
    shifted = region + 1
    np.maximum(shifted, 0, out=shifted)
    found = ndimage.find_objects(shifted, max_label=len(labels))
    counts = np.bincount(shifted.ravel(), minlength=len(labels) + 1)[1:]
    own = [
        None if span is None else (span[1].start, span[0].start, span[1].stop - 1, span[0].stop - 1) for span in found
    ]
    return _joined(own, counts.tolist(), topology)


def _joined(
    own: Sequence[Sequence[int] | None], counts: Sequence[int], topology: Topology
) -> tuple[dict[str, list[int]], dict[str, int]]:
    """From the boxes and pixels of each of `region_labels`, None where it is not seen, to those of regions."""
    labels = topology.region_labels
    boxes: dict[str, list[int]] = {}
    pixels: dict[str, int] = {}
    for name, parts in topology.regions.items():
        ids = [labels.index(part) for part in parts]
        pixels[name] = sum(counts[k] for k in ids)
        seen = [box for k in ids if (box := own[k]) is not None]
        if seen:
            left, top, right, bottom = zip(*seen, strict=True)
            boxes[name] = [min(left), min(top), max(right), max(bottom)]
    return boxes, pixels


def _seen(frame: CameraFrame, topology: Topology) -> tuple[dict[str, list[int]], dict[str, int]]:
    """`boxes_of` a frame, wherever its regions are."""
    if frame.region is not None:
        return boxes_of(frame.region, topology)
    return _joined(*boxes_on_device(frame.resident["region"], len(topology.region_labels)), topology)


def _camera(
    nominal: Camera,
    true: Camera,
    topology: Topology,
    pixels: NDArray[np.float64],
    visible: NDArray[np.bool_],
    shot: Capture | ResidentCapture,
) -> dict[str, Any]:
    boxes, counts = _seen(shot.frame, topology)
    rounded = np.round(pixels, MILLIPIXEL).tolist()
    return {
        "width_px": true.width_px,
        "height_px": true.height_px,
        "nominal": calibration(nominal),
        "true": calibration(true),
        "exposure_us": shot.exposure.exposure_us,
        "gain": shot.exposure.gain,
        "gain_dn_per_e": shot.exposure.gain * true.sensor.gain,
        "offset_dn": true.sensor.black_dn,
        "bits": true.sensor.bits,
        "keypoints_px": [None if pixel[0] != pixel[0] else pixel for pixel in rounded],
        "visible": visible.astype(int).tolist(),
        "boxes": boxes,
        "pixels": counts,
    }


def _illumination(sample: Sample) -> dict[str, Any]:
    ambient = sample.ambient
    return {
        "current": sample.drive.current,
        "warming_k": sample.drive.warming_k,
        "leds": {
            name: {
                "radiant_intensity_w_sr": led.radiant_intensity_w_sr,
                "wavelength_nm": led.wavelength_nm,
                "failed": sample.drive.currents.get(name, 1.0) == 0.0,
                "T_device_led": _matrix(led.T_device_led),
            }
            for name, led in sample.headset.leds.items()
        },
        "ambient": None
        if ambient is None
        else {
            "radiance": list(ambient.radiance),
            "sun_direction": list(ambient.sun_direction),
            "sun_irradiance_w_m2": ambient.sun_irradiance_w_m2,
        },
    }


def _plain(value: Any) -> Any:
    """As JSON has it: tuples are lists."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _matrix(pose: RigidTransform) -> list[list[float]]:
    return np.round(pose.as_matrix(), 9).tolist()
