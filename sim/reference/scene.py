"""Everything but the cameras, as Mitsuba scenes in the device frame."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.spatial.transform import RigidTransform

from faces.hair.growth import grow
from faces.mesh import HeadMesh
from headsets.headset import Headset, Led
from headsets.housing import housing_of
from sim.reference.eye import PAINTED, Eye, Free, eye_parts, find_eyes
from sim.reference.hair import hair_parts
from sim.reference.lights import Textures, spots
from sim.reference.optics import Array
from sim.reference.panes import Pane, passed, sheet, worn_panes
from sim.reference.settings import ReferenceSettings
from sim.reference.shapes import head_parts, housing_part, wavelengths_nm
from sim.reference.variant import load_mitsuba
from sim.render.materials import THIN

_SHORT = 1e-4  # shadow rays end this share of their length before the LED, as Mitsuba's own do

_NOTHING = "nothing"  # an emitter without power: some emitter must be chosen


@dataclass(frozen=True, eq=False)
class Scene:
    """A Mitsuba scene, and what glints need.

    Attributes:
        scene: with every LED.
        spots: names of the LEDs' emitters.
        weights: Mitsuba's parameters, by which emitters are chosen.
        leds: those that shine.
        eyes: empty where they are painted.
        panes: of worn glasses.
        free: whether head and shell leave the way between points free.
    """

    scene: Any
    spots: list[str]
    weights: Any
    leds: list[Led]
    eyes: list[Eye]
    panes: list[Pane]
    free: Free

    def through(self, start: Array, end: Array) -> Array:
        """(N,) share of light that panes pass between points (N, 3) and others (N, 3), straight on."""
        return passed(self.panes, start, end)

    def aim_at(self, emitters: list[str]) -> Any:
        """The scene, whose integrators now look for light at these of `spots` only."""
        for name in [*self.spots, _NOTHING]:
            self.weights[f"{name}.sampling_weight"] = float(name in (emitters or [_NOTHING]))
        self.weights.update()
        return self.scene


def build_scene(headset: Headset, mesh: HeadMesh, T_device_head: RigidTransform, settings: ReferenceSettings) -> Scene:
    """Load head, shell, eyes and LEDs into Mitsuba.

    Raises:
        SimError: Mitsuba is missing, LEDs of more than three wavelengths, a material that `faces.materials` lacks.
    """
    mi = load_mitsuba()
    leds = [led for led in headset.leds.values() if led.radiant_intensity_w_sr > 0]
    wavelengths = wavelengths_nm(leds)
    channels = [wavelengths.index(led.wavelength_nm) for led in leds]
    eyes = find_eyes(mesh, T_device_head, wavelengths) if settings.eye == "refractive" and leds else []
    housing = housing_of(headset) if settings.shell else None
    left_out = set(PAINTED) if eyes else set()
    strands = grow(mesh) if settings.hair else None
    if strands is not None and strands.grown < strands.count:  # the mesh's ribbons stand for lashes
        left_out |= set(THIN)
    parts = head_parts(mesh, T_device_head, wavelengths, settings, left_out, housing)
    if strands is not None and wavelengths:
        parts |= hair_parts(strands, T_device_head, wavelengths, settings.specular)
    if housing is not None:
        parts["housing"] = housing_part(housing, mesh, T_device_head)
    free = _free(mi.load_dict({"type": "scene", **parts}))
    panes = worn_panes(mesh, T_device_head) if settings.panes else []
    through = partial(passed, panes)
    for eye, name in zip(eyes, ("left_eye", "right_eye"), strict=False):
        parts |= eye_parts(eye, name, leds, channels, free, through)
    for k, pane in enumerate(panes):
        parts[f"pane{k}"] = sheet(pane, f"pane{k}")
    textures: Textures = {}
    lights = {
        f"led{k}_{side}": mi.load_dict(spot)
        for k, (led, channel) in enumerate(zip(leds, channels, strict=True))
        for side, spot in spots(led, channel, textures).items()
    }
    nothing = {"type": "point", "intensity": {"type": "rgb", "value": 0.0}, "sampling_weight": 0.0}
    scene = mi.load_dict({"type": "scene", **parts, **lights, _NOTHING: nothing})
    return Scene(scene, list(lights), mi.traverse(scene), leds, eyes, panes, free)


def _free(scene: Any) -> Free:
    mi = load_mitsuba()

    def free(start: Array, end: Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
        reach = np.linalg.norm(end - start, axis=1)
        ahead = (end - start) / reach[:, None]
        rays = zip(start.tolist(), ahead.tolist(), (reach * (1 - _SHORT)).tolist(), strict=True)
        return np.array([not scene.ray_test(mi.Ray3f(o, d, t, 0.0, [])) for o, d, t in rays], dtype=bool)

    return free
