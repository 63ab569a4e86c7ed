"""Radiance of every camera by Mitsuba: direct light LED by LED, and what paths of more reflections add to it.

Mitsuba's integrators draw one LED a vertex at random, which is noisy where one of eight LEDs shines alone. Direct light
is therefore rendered for each LED by itself, without noise. The rest is the difference of two renderings by the `path`
integrator, with paths of any length and with those of direct light only: their samples are the same up to the first
reflection, so the direct light cancels with its noise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.mesh import HeadMesh
from headsets.headset import Camera, Headset
from sim.errors import SimError
from sim.reference.cameras import BATCH, device_rays, make_sensor
from sim.reference.glints import add_glints
from sim.reference.interrupts import noted_interrupts
from sim.reference.pane_glints import add_pane_glints
from sim.reference.panes import split
from sim.reference.scene import Scene, build_scene
from sim.reference.settings import LEAST, ReferenceSettings
from sim.reference.variant import load_mitsuba

NOISELESS = {"type": "direct", "emitter_samples": 1, "bsdf_samples": 0}
PATHS, SMALLEST = 400_000, 1000
"""About as many paths between two reports of progress, some seconds; rays at least."""


def render_reference(
    headset: Headset,
    mesh: HeadMesh,
    T_device_head: RigidTransform | None = None,
    cameras: Iterable[str] | None = None,
    settings: ReferenceSettings | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> Mapping[str, NDArray[np.float32]]:
    """Render one frame with Mitsuba 3.

    Args:
        headset: its cameras, LEDs and shell.
        mesh: one posed head (no batch), head frame.
        T_device_head: how the headset sits; None: nominal.
        cameras: names of the cameras to render, None: all.
        settings: see `ReferenceSettings`.
        progress: called now and then with how many images are done, in parts of one, and how many there are.

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
    pose = RigidTransform.identity() if T_device_head is None else T_device_head
    scene = build_scene(headset, mesh, pose, settings)
    images = {}
    with noted_interrupts() as check:
        for k, view in enumerate(views):

            def report(part: float, done: int = k) -> None:
                check()
                if progress is not None:
                    progress(done + part, len(views))

            report(0.0)
            images[view.name] = _image(scene, view, settings, report)
            report(1.0)
    return images


def _image(
    scene: Scene, view: Camera, settings: ReferenceSettings, report: Callable[[float], None]
) -> NDArray[np.float32]:
    rays = device_rays(view, settings.side)
    flat = rays.reshape(-1, 3)
    exist = np.flatnonzero(np.isfinite(flat).all(-1))
    radiance = np.zeros(len(flat))
    if scene.leds:
        bundle = split(scene.panes, view.position, flat[exist], scene.free)
        samples = settings.spp // settings.side**2
        size = int(np.clip(PATHS // samples, SMALLEST, BATCH))
        for first in range(0, len(bundle.source), size):
            part = slice(first, first + size)
            sensor = make_sensor(bundle.origin[part], bundle.direction[part], samples)
            found = bundle.share[part] * _radiance(scene, sensor, settings)
            radiance += np.bincount(exist[bundle.source[part]], found, len(flat))
            report(min((first + size) / len(bundle.source), 1.0))
    image = radiance.reshape(rays.shape[:3]).mean(-1)
    if settings.specular:
        add_glints(image, view, scene.eyes, scene.leds, scene.free, scene.through)
    add_pane_glints(image, view, scene.panes, scene.leds, scene.free)
    return np.maximum(image, 0.0).astype(np.float32)  # differences may round below


def _radiance(scene: Scene, sensor: Any, settings: ReferenceSettings) -> NDArray[np.float64]:
    """(N,) radiance along each ray of a sensor."""
    total = np.zeros(int(sensor.film().size()[0]))
    # Shadow rays go straight on through panes, which `path` and `direct` take for walls.
    path = "volpath" if scene.panes else "path"
    direct = {"type": path, "max_depth": 2} if scene.panes else NOISELESS
    for spot in scene.spots:
        total += _render(scene.aim_at([spot]), sensor, direct, LEAST, settings.seed)
    samples = settings.spp // settings.side**2
    if settings.integrator == "path":
        for sign, depth in ((1.0, settings.max_depth), (-1.0, 2)):
            longer = {"type": path, "max_depth": depth}
            total += sign * _render(scene.aim_at(scene.spots), sensor, longer, samples, settings.seed)
    elif scene.eyes:  # two surfaces of the cornea, then the iris
        total += _render(scene.aim_at([]), sensor, {"type": path, "max_depth": 3}, samples, settings.seed)
    return total


def _render(scene: Any, sensor: Any, integrator: dict[str, Any], spp: int, seed: int) -> NDArray[np.float64]:
    """(N,) radiance, summed over wavelengths."""
    mi = load_mitsuba()
    image = mi.render(scene, sensor=sensor, integrator=mi.load_dict(integrator), spp=spp, seed=seed)
    return np.asarray(np.array(image, dtype=np.float64).sum(-1).ravel())
