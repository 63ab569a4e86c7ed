"""One frame of a headset, written to a folder: pictures, buffers, and what they were made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.look import Look
from faces.mesh import HeadMesh
from faces.priors import LookPriors
from faces.protocol import HeadModel, Identity
from headsets import Camera, Headset
from hmcsim.configuration import priors_record, write_json
from hmcsim.exposure import headset_white, write_pictures
from hmcsim.label_pictures import write_label_pictures
from hmcsim.recorded import exposure_record, write_recorded
from sim.drive import Drive, driven
from sim.reference import ReferenceRenderer
from sim.render import BUFFERS, Renderer, RenderSettings
from sim.render.ambient import Ambient
from sim.sensor import Capture, ImageSettings, capture

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
        look: skin, eyes, hair and glasses.
        exposure_us: a number, "auto", or None: as the headset file says.
        current: of all LEDs, relative to the headset file's.
        noise: shot noise, read noise and the sensor's fixed pattern.
        ambient_w_m2: irradiance in band by even surroundings.
        seed: of the noise.
        radiance: write tone-mapped pictures of the radiance too.
        white: W/m²/sr at which those clip; None: the headset's own (`headset_white`).
        priors: what the look was drawn from, for the record.
    """

    headset: Headset
    identity: Identity
    expression: Mapping[str, float] = field(default_factory=dict)
    gaze: NDArray[np.float64] | None = None
    T_device_head: RigidTransform = field(default_factory=RigidTransform.identity)
    all_buffers: bool = False
    look: Look = Look()
    exposure_us: float | Literal["auto"] | None = None
    current: float = 1.0
    noise: bool = True
    ambient_w_m2: float = 0.0
    seed: int = 0
    radiance: bool = False
    white: float | None = None
    priors: LookPriors = LookPriors()


def render_to_folder(request: RenderRequest, head: HeadModel, renderer: Renderer, folder: Path) -> list[Path]:
    """Render a frame and write `{camera}.png`, `frame.npz` and `frame.json` into an existing folder.

    Returns:
        The files written, pictures first.

    Raises:
        FaceError, SimError, HmcsimError: the request breaks a rule.
    """
    mesh = head.mesh(request.identity, request.expression, request.gaze, request.look)
    names = tuple(BUFFERS) if request.all_buffers else ALWAYS
    captures = _capture(request, renderer, mesh, names)
    frames = {name: shot.frame for name, shot in captures.items()}
    write_recorded(folder, captures, request.headset)
    white = None
    if request.radiance:
        white = headset_white(renderer, request.headset, head) if request.white is None else request.white
        write_pictures(folder, frames, white, ".radiance")
    if request.all_buffers:
        write_label_pictures(folder, frames, mesh.topology.region_labels)
    np.savez_compressed(folder / "frame.npz", allow_pickle=False, **frame_arrays(request, mesh, captures, names))
    write_json(folder / "frame.json", frame_record(request, mesh, captures, white, renderer))
    return [*sorted(folder.glob("*.png")), folder / "frame.npz", folder / "frame.json"]


def _capture(
    request: RenderRequest, renderer: Renderer, mesh: HeadMesh, names: tuple[str, ...]
) -> Mapping[str, Capture]:
    return capture(
        renderer,
        driven(request.headset, Drive(current=request.current)),
        mesh,
        request.T_device_head,
        settings=ImageSettings(noise=request.noise, fixed_pattern=request.noise),
        seed=request.seed,
        exposure_us=request.exposure_us,
        buffers=names,
        ambient=Ambient.even(request.ambient_w_m2) if request.ambient_w_m2 else None,
    )


def frame_arrays(
    request: RenderRequest, mesh: HeadMesh, captures: Mapping[str, Capture], names: tuple[str, ...]
) -> dict[str, NDArray]:
    """Arrays of frame.npz by name, `camera/buffer` for those of one camera (docs/outputs in the README)."""
    arrays: dict[str, NDArray] = {
        "cameras": np.array(list(captures)),
        "region_labels": np.array(mesh.topology.region_labels),
        "keypoint_names": np.array(mesh.topology.keypoint_names),
        "keypoints_head": mesh.keypoints,
        "T_device_head": request.T_device_head.as_matrix(),
    }
    for name, shot in captures.items():
        camera = request.headset.cameras[name]
        arrays[f"{name}/keypoints_px"] = keypoints_px(camera, mesh.keypoints, request.T_device_head)
        arrays[f"{name}/T_device_camera"] = camera.T_device_camera.as_matrix()
        arrays[f"{name}/dn"] = shot.dn
        arrays |= {f"{name}/{buffer}": np.asarray(getattr(shot.frame, buffer)) for buffer in names}
    return arrays


def keypoints_px(camera: Camera, keypoints: NDArray[np.float64], T_device_head: RigidTransform) -> NDArray[np.float64]:
    """(K, 2) pixels of head-frame keypoints (K, 3), hidden or not; NaN where the lens has no image of them."""
    points_camera = (camera.T_device_camera.inv() * T_device_head).apply(keypoints)
    pixels, valid = camera.lens.project(points_camera)
    return np.where(valid[:, None], pixels, np.nan)


def frame_record(
    request: RenderRequest,
    mesh: HeadMesh,
    captures: Mapping[str, Capture],
    white: float | None,
    renderer: Renderer,
) -> dict[str, object]:
    """What the frame shows, as plain data."""
    headset = request.headset
    return {
        "headset": headset.name,
        "identity": request.identity.describe(),
        "look": request.look.describe(),
        **priors_record(request.priors),
        "expression": dict(request.expression),
        "gaze_deg": [0.0, 0.0] if request.gaze is None else np.rad2deg(request.gaze).tolist(),
        "T_device_head": request.T_device_head.as_matrix().tolist(),
        "current": request.current,
        "noise": request.noise,
        "ambient_W_per_m2": request.ambient_w_m2,
        "seed": request.seed,
        **({} if white is None else {"white_W_per_m2_sr": white}),
        "renderer": {"mitsuba": asdict(renderer.reference)} if isinstance(renderer, ReferenceRenderer) else "fast",
        "regions": list(mesh.topology.region_labels),
        "cameras": {
            name: {
                "width_px": camera.width_px,
                "height_px": camera.height_px,
                "T_device_camera": camera.T_device_camera.as_matrix().tolist(),
                **exposure_record(captures[name], camera.sensor),
            }
            for name, camera in headset.cameras.items()
        },
    }
