"""Light of LEDs that passes panes on its way to the face, against straight segments traced one by one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from render_scenes import points

from faces import load_head_model
from faces.eyewear.look import GlassesLook
from faces.eyewear.panes import Panes, panes_of
from faces.hair.look import BARE
from faces.look import Look
from headsets import load_headset
from sim.render import DIRECT, Renderer, RenderSettings
from tests.resampled import resampled

ROUND = GlassesLook(shape="round", lens_width_mm=47, lens_height_mm=45, coated=False)
THROUGH = replace(DIRECT, panes=True, sparse=False, antialias=False)
"""Light straight from LEDs, and panes."""


@cache
def parts():
    head = load_head_model()
    return load_headset("ufe"), head.mesh(head.neutral_identity(), look=Look(glasses=ROUND, hair=BARE))


@cache
def renderer(settings: RenderSettings) -> Renderer:
    return Renderer(settings=settings)


def scene(view: str, lit: list[str], step: int = 8):
    """One camera with wide pixels, so that slow loops end, and some LEDs."""
    whole, _ = parts()
    lens = whole.cameras[view].lens
    small = resampled(lens, 1 / step)
    cameras = {view: replace(whole.cameras[view], lens=small)}
    return replace(whole, cameras=cameras, leds={name: whole.leds[name] for name in lit})


def bare_fresnel(cosine: float, index: float) -> float:
    """Unpolarised reflectance by Snell's angles and the sine and tangent laws."""
    i = np.arccos(min(cosine, 1 - 1e-9))
    t = np.arcsin(np.sin(i) / index)
    return 0.5 * ((np.sin(i - t) / np.sin(i + t)) ** 2 + (np.tan(i - t) / np.tan(i + t)) ** 2)


def on_segment(panes: Panes, start: np.ndarray, end: np.ndarray) -> tuple[float, float]:
    """What the panes leave of light from `start` to `end`, and how near it comes to the edge of one it meets, m.

    Rays that graze a pane (within a texel, 0.9 degrees, of touching) count as next to an edge.
    """
    kept, nearest = 1.0, np.inf
    length = np.linalg.norm(end - start)
    d = (end - start) / length
    for T, outline in zip(panes.T_head_pane, panes.outline, strict=True):
        centre = T[:3, 3] + T[:3, 2] * (panes.front_apex_z - panes.front_radius)
        o = start - centre
        square = (d @ o) ** 2 - o @ o + panes.front_radius**2
        closest = T[:3, :3].T @ (start - (d @ o) * d - T[:3, 3])
        if abs(square) < (0.1 * panes.front_radius) ** 2 and np.linalg.norm(closest) < 0.03:
            nearest = 0.0
        if square <= 0:
            continue
        for t in (-(d @ o) - np.sqrt(square), -(d @ o) + np.sqrt(square)):
            p = T[:3, :3].T @ (start + t * d - T[:3, 3])
            if not 0 < t < length or abs(p[2]) > 0.02:
                continue
            a, b = outline - p[:2], np.roll(outline, -1, axis=0) - p[:2]
            e = b - a
            foot = a + np.clip(-(a * e).sum(1) / (e * e).sum(1), 0, 1)[:, None] * e
            nearest = min(nearest, np.linalg.norm(foot, axis=1).min())
            turn = np.arctan2(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], (a * b).sum(axis=1)).sum()
            if abs(turn) > np.pi:
                kept *= (1 - bare_fresnel(np.sqrt(square) / panes.front_radius, panes.index)) ** 2 * panes.transmission
    return kept, nearest


@pytest.mark.parametrize(
    ("view", "lit"), [("eye_left", "eye_left_a"), ("eye_left", "eye_left_b"), ("eye_aug_left", "eye_left_b")]
)
def test_light_on_the_face_loses_what_panes_before_it_take(view: str, lit: str):
    """Irradiance with panes over that without; switching the feature off makes it 1 everywhere.

    On skin and eyes; rays that graze a pane on their way to its own rim need a finer map.
    """
    _, mesh = parts()
    small = scene(view, [lit])
    on = renderer(THROUGH).render(small, mesh, buffers=("irradiance", "depth", "triangle"))[view]
    off = renderer(replace(THROUGH, panes=False)).render(small, mesh, buffers=("irradiance",))[view]
    panes = panes_of(mesh)
    assert panes is not None
    where = points(small.cameras[view], on.depth)
    head = load_head_model().topology.triangles
    face = (on.triangle >= 0) & (on.triangle < len(head))
    lit_at = np.argwhere(face & (off.irradiance > 1e-3 * off.irradiance.max()))
    found = np.array([on_segment(panes, small.leds[lit].position, where[i, j]) for i, j in lit_at])
    error = (on.irradiance / np.maximum(off.irradiance, 1e-12))[lit_at[:, 0], lit_at[:, 1]] - found[:, 0]
    clear = found[:, 1] > 1e-3
    assert (found[:, 0] < 0.95).sum() > 100
    assert clear.mean() > 0.9
    assert (np.abs(error) < 3e-3)[clear].mean() > 0.995
    assert (np.abs(error) < 0.01).mean() > 0.97


@pytest.mark.parametrize(("camera", "lit"), [("eye_left", "eye_left_a"), ("eye_aug_left", "eye_left_a")])
def test_eyes_behind_panes_are_lit_as_dimly(camera: str, lit: str):
    """Sclera, iris and glints: radiance over that without panes is what both ways leave; a slow loop over pixels."""
    _, mesh = parts()
    panes = panes_of(mesh)
    assert panes is not None
    small = scene(camera, [lit], 2)
    settings = replace(THROUGH, eyes=True)
    names = ("radiance", "depth", "region", "triangle")
    on = renderer(settings).render(small, mesh, buffers=names)[camera]
    off = renderer(replace(settings, panes=False)).render(small, mesh)[camera]
    view = small.cameras[camera]
    where = points(view, on.depth)
    topology = load_head_model().topology
    eye = [topology.material_names.index(name) for name in ("pupil", "iris", "sclera")]
    seen = (on.triangle >= 0) & (on.triangle < len(topology.triangles))
    seen &= np.isin(topology.material_ids[np.clip(on.triangle, 0, len(topology.triangles) - 1)], eye)
    at = np.argwhere(seen & (off.radiance > 0.02 * np.percentile(off.radiance[seen], 90)))
    assert len(at) > 100
    led_ = small.leds[lit].position
    both = [on_segment(panes, led_, where[i, j])[0] * on_segment(panes, view.position, where[i, j])[0] for i, j in at]
    ratio = (on.radiance / np.maximum(off.radiance, 1e-12))[at[:, 0], at[:, 1]]
    assert np.median(both) < 0.95
    assert (np.abs(ratio - both) < 0.01).mean() > 0.95
    bright = np.argsort(off.radiance[at[:, 0], at[:, 1]])[-3:]
    np.testing.assert_allclose(ratio[bright], np.array(both)[bright], atol=0.01)


def test_images_of_single_leds_add_up_behind_panes():
    _, mesh = parts()
    names = ["eye_left_a", "eye_left_b", "glabella_left"]
    settings = RenderSettings(hair=False, sparse=False, shell=False)

    def image(lit: list[str]) -> np.ndarray:
        return renderer(settings).render(scene("eye_left", lit), mesh)["eye_left"].radiance.astype(float)

    whole, parts_ = image(names), sum(image([name]) for name in names)
    np.testing.assert_allclose(parts_, whole, rtol=1e-4, atol=1e-5 * whole.max())
