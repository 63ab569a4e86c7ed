"""One frame of a headset, written to a folder: pictures, buffers, and what they were made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.mesh import HeadMesh
from faces.protocol import HeadModel, Identity
from headsets import Camera, Headset
from hmcsim.configuration import write_json
from hmcsim.exposure import headset_white, write_pictures
from hmcsim.label_pictures import write_label_pictures
from sim.reference import ReferenceSettings, render_reference
from sim.render import BUFFERS, CameraFrame, Renderer, RenderSettings

PICTURE_SETTINGS = RenderSettings(shadow_resolution=1024, sparse=False)
"""For images that people look at: the edges of shadows from LEDs 100 mm away are jagged at the default resolution."""

ALWAYS = ("radiance", "depth", "normal", "region")
"""Buffers that every frame.npz holds; `RenderRequest.all_buffers` adds the others."""


@dataclass(frozen=True, eq=False)
class RenderRequest:
    """What to render.

    Attributes:
        expression: sparse blendshape weights.
        gaze: (2,) azimuth and elevation, rad; None: straight ahead.
        T_device_head: how the headset sits.
        all_buffers: keep every buffer, and write pictures of depth, normals and regions.
        white: W/m²/sr at which pictures clip; None: the headset's own (`headset_white`).
        reference: None: the fast renderer's radiance; else Mitsuba's, rendered with these settings.
    """

    headset: Headset
    identity: Identity
    expression: Mapping[str, float] = field(default_factory=dict)
    gaze: NDArray[np.float64] | None = None
    T_device_head: RigidTransform = field(default_factory=RigidTransform.identity)
    all_buffers: bool = False
    white: float | None = None
    reference: ReferenceSettings | None = None


def render_to_folder(request: RenderRequest, head: HeadModel, renderer: Renderer, folder: Path) -> list[Path]:
    """Render a frame and write `{camera}.png`, `frame.npz` and `frame.json` into an existing folder.

    Returns:
        The files written, pictures first.

    Raises:
        FaceError, SimError, HmcsimError: the request breaks a rule.
    """
    mesh = head.mesh(request.identity, request.expression, request.gaze)
    names = tuple(BUFFERS) if request.all_buffers else ALWAYS
    frames = renderer.render(request.headset, mesh, request.T_device_head, names)
    if request.reference is not None:
        frames = _with_reference(frames, request, mesh, request.reference)
    white = headset_white(renderer, request.headset, head) if request.white is None else request.white
    write_pictures(folder, frames, white)
    if request.all_buffers:
        write_label_pictures(folder, frames, mesh.topology.region_labels)
    np.savez_compressed(folder / "frame.npz", allow_pickle=False, **frame_arrays(request, mesh, frames, names))
    write_json(folder / "frame.json", frame_record(request, mesh, white))
    return [*sorted(folder.glob("*.png")), folder / "frame.npz", folder / "frame.json"]


def _with_reference(
    frames: Mapping[str, CameraFrame], request: RenderRequest, mesh: HeadMesh, settings: ReferenceSettings
) -> dict[str, CameraFrame]:
    """The same frames with Mitsuba's radiance."""
    radiance = render_reference(request.headset, mesh, request.T_device_head, list(frames), settings)
    return {name: replace(frame, radiance=radiance[name]) for name, frame in frames.items()}


def frame_arrays(
    request: RenderRequest, mesh: HeadMesh, frames: Mapping[str, CameraFrame], names: tuple[str, ...]
) -> dict[str, NDArray]:
    """Arrays of frame.npz by name, `camera/buffer` for those of one camera (docs/outputs in the README)."""
    arrays: dict[str, NDArray] = {
        "cameras": np.array(list(frames)),
        "region_labels": np.array(mesh.topology.region_labels),
        "keypoint_names": np.array(mesh.topology.keypoint_names),
        "keypoints_head": mesh.keypoints,
        "T_device_head": request.T_device_head.as_matrix(),
    }
    for name, frame in frames.items():
        camera = request.headset.cameras[name]
        arrays[f"{name}/keypoints_px"] = keypoints_px(camera, mesh.keypoints, request.T_device_head)
        arrays[f"{name}/T_device_camera"] = camera.T_device_camera.as_matrix()
        arrays |= {f"{name}/{buffer}": np.asarray(getattr(frame, buffer)) for buffer in names}
    return arrays


def keypoints_px(camera: Camera, keypoints: NDArray[np.float64], T_device_head: RigidTransform) -> NDArray[np.float64]:
    """(K, 2) pixels of head-frame keypoints (K, 3), hidden or not; NaN where the lens has no image of them."""
    points_camera = (camera.T_device_camera.inv() * T_device_head).apply(keypoints)
    pixels, valid = camera.lens.project(points_camera)
    return np.where(valid[:, None], pixels, np.nan)


def frame_record(request: RenderRequest, mesh: HeadMesh, white: float) -> dict[str, object]:
    """What the frame shows, as plain data."""
    headset = request.headset
    return {
        "headset": headset.name,
        "identity": request.identity.describe(),
        "expression": dict(request.expression),
        "gaze_deg": [0.0, 0.0] if request.gaze is None else np.rad2deg(request.gaze).tolist(),
        "T_device_head": request.T_device_head.as_matrix().tolist(),
        "white_W_per_m2_sr": white,
        "renderer": "fast" if request.reference is None else {"mitsuba": asdict(request.reference)},
        "regions": list(mesh.topology.region_labels),
        "cameras": {
            name: {
                "width_px": camera.width_px,
                "height_px": camera.height_px,
                "T_device_camera": camera.T_device_camera.as_matrix().tolist(),
            }
            for name, camera in headset.cameras.items()
        },
    }
