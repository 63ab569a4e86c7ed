"""Radiance of every camera by Mitsuba: direct light LED by LED, and what paths of more reflections add to it.

Mitsuba's integrators draw one LED a vertex at random, which is noisy where one of eight LEDs shines alone. Direct light
is therefore rendered for each LED by itself, without noise. The rest is the difference of two renderings by the `path`
integrator, with paths of any length and with those of direct light only: their samples are the same up to the first
reflection, so the direct light cancels with its noise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.mesh import HeadMesh
from headsets.headset import Camera, Headset
from sim.errors import SimError
from sim.reference.cameras import make_sensor
from sim.reference.scene import Scene, build_scene
from sim.reference.settings import ReferenceSettings
from sim.reference.variant import load_mitsuba


DIRECT_SPP = 16
"""Samples a pixel and LED of direct light at most: they differ in where in the pixel they fall."""


def render_reference(
    headset: Headset,
    mesh: HeadMesh,
    T_device_head: RigidTransform | None = None,
    cameras: Iterable[str] | None = None,
    settings: ReferenceSettings | None = None,
) -> Mapping[str, NDArray[np.float32]]:
    """Render one frame with Mitsuba 3.

    Args:
        headset: its cameras, LEDs and shell.
        mesh: one posed head (no batch), head frame.
        T_device_head: how the headset sits; None: nominal.
        cameras: names of the cameras to render, None: all.
        settings: see `ReferenceSettings`.

    Returns:
        (H, W) float32 radiance, W/m²/sr, by camera name in the order asked for; 0 where nothing is seen.

    Raises:
        SimError: Mitsuba is missing, a batch of meshes, LEDs of more than three wavelengths.
        UnknownPartError: an unknown camera.
    """
    settings = settings or ReferenceSettings()
    views = [headset.camera(name) for name in (headset.cameras if cameras is None else cameras)]
    if mesh.vertices.ndim != 2:
        raise SimError(f"`mesh.vertices` must be (V, 3), one head at a time, got shape {mesh.vertices.shape}")
    scene = build_scene(headset, mesh, T_device_head or RigidTransform.identity(), settings)
    return {view.name: _image(scene, view, settings) for view in views}


def _image(scene: Scene, view: Camera, settings: ReferenceSettings) -> NDArray[np.float32]:
    total = np.zeros((view.lens.height_px, view.lens.width_px))
    if not scene.each:
        return total.astype(np.float32)
    sensor = make_sensor(view, settings.spp, settings.antialias)
    direct = {"type": "direct", "emitter_samples": 1, "bsdf_samples": 0}
    for one in scene.each:
        total += _render(one, sensor, direct, min(settings.spp, DIRECT_SPP), settings.seed)
    if settings.integrator == "path":
        for sign, depth in ((1.0, settings.max_depth), (-1.0, 2)):
            path = {"type": "path", "max_depth": depth}
            total += sign * _render(scene.all, sensor, path, settings.spp, settings.seed)
    return total.astype(np.float32)


def _render(scene: Any, sensor: Any, integrator: dict[str, Any], spp: int, seed: int) -> NDArray[np.float64]:
    """(H, W) radiance, summed over wavelengths."""
    mi = load_mitsuba()
    image = mi.render(scene, sensor=sensor, integrator=mi.load_dict(integrator), spp=spp, seed=seed)
    return np.asarray(np.array(image, dtype=np.float64).sum(-1))
