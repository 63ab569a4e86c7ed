"""Shadows against closed forms: where they fall, and where they must not."""

from dataclasses import replace

import numpy as np
import pytest
from render_scenes import camera, headset, led, plane, points, sphere, together

from headsets.headset import Shell
from headsets.lenses import Pinhole
from sim.render import DIRECT, Renderer

LENS = Pinhole(96, 96, 90.0, 90.0, 47.5, 47.5)
DIFFUSE = replace(DIRECT, specular=False, antialias=False, sparse=False)


def with_and_without(parts, mesh, pictures, **changes):
    """Image with shadows over image without, and depths, of camera c; both are kept for a test that fails."""
    lit = Renderer(settings=replace(DIRECT, specular=False, antialias=False, sparse=False, **changes)).render(
        parts, mesh, buffers=("radiance", "depth")
    )["c"]
    bare = Renderer(settings=replace(DIRECT, specular=False, antialias=False, shadows=False, sparse=False)).render(
        parts, mesh
    )["c"]
    pictures.keep("shadowed and not", lit.radiance, bare.radiance)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(bare.radiance > 0, lit.radiance / bare.radiance, np.nan), lit.depth


@pytest.mark.parametrize("position", [(0.0, 0.0, 0.05), (0.03, 0.01, 0.05), (-0.05, 0.04, 0.03)])
def test_a_ball_throws_its_shadow_on_a_plane(pictures, position):
    """The shadow is where the segment to the LED passes through the ball; a texel of doubt at the edge."""
    view = camera(LENS, (0.0, -0.03, 0.1))
    light = led(position)
    centre, radius = np.array([0.0, 0.0, 0.012]), 0.006
    share, depth = with_and_without(headset([view], [light]), together(plane(), sphere(radius, 4, centre)), pictures)
    p = points(view, depth)
    on_plane = np.abs(p[..., 2]) < 1e-5
    to = light.position - p
    along = np.clip(((centre - p) * to).sum(-1) / (to**2).sum(-1), 0, 1)
    miss = np.linalg.norm(p + along[..., None] * to - centre, axis=-1)
    margin = 0.01 * np.linalg.norm(light.position - centre)  # a texel of 512 across and a bit
    pictures.keep("share", share, np.where(on_plane, miss > radius, share))
    dark, lit = on_plane & (miss < radius - margin), on_plane & (miss > radius + margin)
    assert dark.sum() > 30
    assert (share[dark] == 0).all()
    assert (share[lit] == 1).all()


@pytest.mark.parametrize("height", [0.002, 0.01, 0.05])
def test_a_plane_under_grazing_light_has_no_acne(pictures, height):
    view = camera(LENS, (0.0, -0.03, 0.1))
    share, _ = with_and_without(headset([view], [led((0.06, 0.02, height))]), plane(), pictures)
    assert (share[np.isfinite(share)] == 1).all()


def test_a_ball_shades_its_own_back_only(pictures):
    """Neither acne in front nor leaks behind: lit exactly where the normal faces the LED, but for the terminator."""
    view = camera(LENS, (0.0, 0.0, 0.14))
    light = led((0.12, 0.02, 0.03))
    share, depth = with_and_without(headset([view], [light]), sphere(0.05, 5), pictures)
    p = points(view, depth)
    to = light.position - p
    facing = (p * to).sum(-1) / (np.linalg.norm(p, axis=-1) * np.linalg.norm(to, axis=-1))
    assert np.nanmin(share[facing > 0.05]) == 1.0
    image = Renderer(settings=DIFFUSE).render(headset([view], [light]), sphere(0.05, 5))["c"].radiance
    assert (image[facing < -0.02] == 0).all()


def test_no_light_leaks_through_touching_bodies(pictures):
    """A ball that rests in a plane: the far side of the contact stays dark."""
    view = camera(LENS, (0.0, -0.04, 0.08))
    light = led((0.05, 0.0, 0.02))
    share, depth = with_and_without(
        headset([view], [light]), together(plane(), sphere(0.01, 4, (0, 0, 0.007))), pictures
    )
    p = points(view, depth)
    behind = (np.abs(p[..., 2]) < 1e-5) & (np.abs(p[..., 1]) < 0.003) & (p[..., 0] < -0.0075) & (p[..., 0] > -0.012)
    assert behind.sum() > 10
    assert (share[behind] == 0).all()


def test_the_shell_shadows_the_head(pictures):
    v = np.array([[-0.01, -0.01, 0.03], [0.01, -0.01, 0.03], [0.01, 0.01, 0.03], [-0.01, 0.01, 0.03]])
    shell = Shell(v, np.array([[0, 1, 2], [0, 2, 3]], np.int32), 0.1, "test")
    view, light = camera(LENS, (0.0, -0.05, 0.02)), led((0, 0, 0.06))
    parts = headset([view], [light], shell)
    share, depth = with_and_without(parts, plane(), pictures)
    p = points(view, depth)
    ground = np.abs(p[..., 2]) < 1e-5
    reach = np.abs(p[..., :2]).max(-1)
    assert (share[ground & (reach < 0.0195)] == 0).all()
    assert (share[ground & (reach > 0.0205)] == 1).all()


def test_finer_maps_draw_finer_edges(pictures):
    """The doubtful band around a shadow narrows with the resolution."""
    view, light = camera(LENS, (0.0, -0.03, 0.1)), led((0.02, 0.0, 0.05))
    mesh = together(plane(), sphere(0.006, 4, (0, 0, 0.012)))
    soft = []
    for size in (128, 512):
        share, _ = with_and_without(headset([view], [light]), mesh, pictures, shadow_resolution=size)
        soft.append(int(((share > 0) & (share < 1)).sum()))
    assert soft[1] < 0.6 * soft[0]
