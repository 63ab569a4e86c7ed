"""The housing's reflectances in images, on a shipped headset."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from render_scenes import camera, headset, led, plane

from faces import load_head_model
from faces.mesh import HeadMesh
from headsets import Headset, HousingSpec, Interface, ViewingLens, load_headset
from headsets.lenses import Pinhole
from sim.render import DIRECT, Renderer
from sim.render.frame import SHELL

SETTINGS = replace(DIRECT, antialias=False, sparse=False, shadow_resolution=128)
PARTS = {
    "barrel": HousingSpec(barrel_reflectance=0.12),
    "viewing lens": HousingSpec(viewing_lens=ViewingLens(reflectance=0.06)),
    "interface": HousingSpec(interface=Interface(reflectance=0.12)),
}


@cache
def scene() -> tuple[Headset, HeadMesh, Renderer]:
    """The headset, seen and lit from between face and barrels."""
    whole = load_headset("refa_green")
    lens = Pinhole(48, 48, 20.0, 20.0, 23.5, 23.5)
    views = [
        camera(lens, (0.0, 0.03, 0.030), (0.03, 0.0, 0.045), "barrels"),
        camera(lens, (0.0, -0.005, 0.050), (0.0, 0.05, 0.030), "forehead"),
        camera(lens, (0.032, 0.0, 0.020), (0.032, 0.0, 0.035), "lens"),
    ]
    lights = [
        led((0.0, 0.02, 0.028), (0.03, 0.0, 0.045), 0.01),
        led((0.0, -0.01, 0.05), (0.0, 0.05, 0.03), 0.01),
        led((0.036, 0.004, 0.020), (0.032, 0.0, 0.035), 0.01),
    ]
    placed = headset(views, lights)
    head = load_head_model()
    parts = replace(whole, cameras=placed.cameras, leds=placed.leds)
    return parts, head.mesh(head.neutral_identity()), Renderer(settings=SETTINGS)


@cache
def frames(housing: HousingSpec) -> tuple[np.ndarray, np.ndarray]:
    """(N,) radiance and region of the pixels of all cameras."""
    parts, mesh, renderer = scene()
    shots = renderer.render(replace(parts, housing=housing), mesh, buffers=("radiance", "region")).values()
    return tuple(np.concatenate([getattr(s, name).ravel() for s in shots]) for name in ("radiance", "region"))


def test_twice_the_reflectance_is_twice_the_radiance_of_the_part_alone() -> None:
    plain, region = frames(HousingSpec())
    lit = plain > 1e-6
    housing = (region == SHELL) & lit
    doubled = []
    for name, spec in PARTS.items():
        ratio = frames(spec)[0][housing] / plain[housing]
        mine = ratio > 1.5
        assert mine.sum() > 20, name
        # Vertices of rim and lens share triangles, across which the reflectance is interpolated.
        np.testing.assert_allclose(ratio[~mine & (ratio < 1 + 1e-4)], 1.0, rtol=1e-4)
        assert (ratio[mine] < 2 + 1e-4).all()
        assert (np.abs(ratio[mine] - 2) < 1e-4).mean() > 0.9, name
        doubled.append(mine)
        np.testing.assert_allclose(frames(spec)[0][(region != SHELL) & lit], plain[(region != SHELL) & lit], rtol=1e-5)
    assert (np.sum(doubled, axis=0) <= 1).all()  # no pixel belongs to two parts


def test_ghosts_follow_the_lenses_own_numbers() -> None:
    """An LED mirrored in the apex of a viewing lens, camera and LED as near to its axis as they may be: the flux is
    in proportion to the reflectance there, and as (1 / |1/s + 1/d + 2/R| s d)² to the surface's curvature."""
    whole = load_headset("refa_green")
    _, mesh, _ = scene()
    eyes = mesh.T_head_eye[:, 0, 3]
    x, z = 0.5 * (eyes[0] - eyes[1]), whole.keep_out.lens_barrels.front_z_m
    s = 0.02
    view = camera(Pinhole(129, 129, 300.0, 300.0, 64.0, 64.0), (x + 5e-4, 0, z - s), (x, 0, z))
    placed = headset([view], [led((x - 5e-4, 0, z - s), (x, 0, z), 0.01)])
    empty = replace(plane(0.001, 1, z=-1.0), T_head_eye=mesh.T_head_eye)
    renderer = Renderer(settings=replace(DIRECT, shell=False, ghosts=True))

    def flux(lens: ViewingLens) -> float:
        parts = replace(placed, keep_out=whole.keep_out, housing=HousingSpec(viewing_lens=lens))
        return float(renderer.render(parts, empty)["c"].radiance.sum())

    plain = flux(ViewingLens())
    assert flux(ViewingLens(ghost_reflectance=0.01)) / plain == pytest.approx(0.25, rel=0.01)
    for radius in (0.04, 0.2):
        expected = ((2 * s + 2 * s * s / 0.06) / (2 * s + 2 * s * s / radius)) ** 2
        assert flux(ViewingLens(radius_m=radius)) / plain == pytest.approx(expected, rel=0.02)
