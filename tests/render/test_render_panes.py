"""Glasses in images: what panes pass and show, on a shipped headset through the public renderer."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from mirror_rays import shortest, solid_angle_per_area
from render_scenes import camera, headset, led, plane, rays
from scipy.spatial.transform import RigidTransform

from faces import load_head_model
from faces.eyewear.look import GlassesLook
from faces.eyewear.panes import panes_of
from faces.look import Look
from headsets import load_headset
from headsets.lenses import Pinhole
from sim.render import DIRECT, Renderer
from sim.render.fresnel import fresnel
from sim.render.mirrors import Mirror, MirrorSet
from sim.render.panes import FrameMirrors, frame_mirrors, pane_mirrors
from sim.render.passages import transmission
from tests.resampled import resampled

ROUND = GlassesLook(shape="round", lens_width_mm=47, lens_height_mm=45, coated=False)
BASE = replace(DIRECT, shell=False, panes=True, ghosts=True)
"""Without the housing, whose barrels stand before much of the glasses."""
OFF = replace(BASE, panes=False, ghosts=False)


@cache
def parts():
    head = load_head_model()
    return load_headset("ufe"), head.mesh(head.neutral_identity(), look=Look(glasses=ROUND))


@cache
def renderer(settings):
    """One renderer a setting: their tables take a while."""
    return Renderer(settings=settings)


@cache
def frame(settings):
    whole, mesh = parts()
    return renderer(settings).render(coarse(whole, ("eye_left", "eye_right"), 2), mesh)


def seen_through(view, mesh, depth):
    """(H, W) cosine of incidence on the pane that a pixel looks through, NaN where on none: a loop over pixels."""
    panes = panes_of(mesh)
    d = rays(view.lens)
    out = np.full(depth.shape, np.nan)
    turn = view.T_device_camera.rotation.as_matrix()
    for T, outline in zip(panes.T_head_pane, panes.outline, strict=True):
        centre = T[:3, 3] + T[:3, 2] * (panes.front_apex_z - panes.front_radius)
        for i, j in np.argwhere(np.isfinite(d[..., 0])):
            ray = turn @ d[i, j]
            o = view.position - centre
            square = (ray @ o) ** 2 - o @ o + panes.front_radius**2
            if square < 0:
                continue
            for t in (-(ray @ o) - np.sqrt(square), -(ray @ o) + np.sqrt(square)):
                p = T[:3, :3].T @ (o + centre + t * ray - T[:3, 3])
                far = depth[i, j] / d[i, j, 2] if np.isfinite(depth[i, j]) else np.inf
                if 0 < t < far and abs(p[2]) < 0.01 and winding(outline, p[:2]):
                    out[i, j] = np.sqrt(square) / panes.front_radius
                    break
    return out


def winding(outline, p):
    """Whether a point is inside a polygon: the angles to its corners add up to a full turn."""
    a = outline - p
    b = np.roll(a, -1, axis=0)
    return abs(np.arctan2(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], (a * b).sum(axis=1)).sum()) > np.pi


@cache
def coarse(parts_, names, step=8):
    """Some cameras with wider pixels, so that slow loops end."""
    lens = parts_.cameras[names[0]].lens
    small = resampled(lens, 1 / step)
    return replace(parts_, cameras={name: replace(parts_.cameras[name], lens=small) for name in names})


@pytest.mark.parametrize("name", ["eye_left", "eye_aug_left"])
def test_panes_dim_what_is_behind_them_by_fresnel_at_both_surfaces(pictures, name):
    """Switching `panes` off makes this fail: then nothing is dimmed."""
    whole, mesh = parts()
    small = coarse(whole, (name,))
    plain = {"antialias": False, "sparse": False, "ghosts": False, "specular": False}
    on = renderer(replace(BASE, **plain)).render(small, mesh, buffers=("radiance", "irradiance", "depth"))[name]
    off = renderer(replace(BASE, **plain, panes=False)).render(small, mesh, buffers=("radiance", "irradiance"))[name]
    cosine = seen_through(small.cameras[name], mesh, on.depth)
    through = np.isfinite(cosine) & (off.radiance > 1e-3)
    # What arrives is dimmer as well, by panes between LEDs and face: see test_render_passages.
    arriving = np.where(off.irradiance > 0, on.irradiance, 1.0) / np.where(off.irradiance > 0, off.irradiance, 1.0)
    ratio = on.radiance / np.maximum(off.radiance, 1e-9) / np.maximum(arriving, 1e-9)
    expected = (1 - fresnel(np.nan_to_num(cosine), 1.498)) ** 2 * ROUND.lens_transmission
    pictures.keep("passed", np.where(through, ratio, 0.0), np.where(through, expected, 0.0))
    assert through.sum() > 60
    assert (ratio > expected - 2e-3)[through].mean() > 0.98  # LEDs' images only add; edges are cut in sectors of 1 deg
    assert (np.abs(ratio - expected) < 2e-3)[through].mean() > 0.7
    assert (np.abs(ratio - 1) < 1e-5)[~through & (off.radiance > 0)].mean() > 0.9


def test_without_glasses_the_settings_change_nothing():
    whole, _ = parts()
    head = load_head_model()
    bare = head.mesh(head.neutral_identity())
    small = coarse(whole, ("eye_left",))
    a = renderer(replace(BASE, ghosts=False)).render(small, bare)["eye_left"].radiance
    b = renderer(OFF).render(small, bare)["eye_left"].radiance
    np.testing.assert_array_equal(a, b)


def test_spots_carry_the_flux_and_lie_where_rays_meet():
    """Image sums of L dΩ against E = F I / |B_t B_s|, worked out here for a pane seen from outside."""
    _, mesh = parts()
    panes = panes_of(mesh)
    T = panes.T_head_pane[0]
    at, up = T[:3, 3], T[:3, 2]
    lens = Pinhole(96, 96, 150.0, 150.0, 47.5, 47.5)
    view = camera(lens, at + 0.05 * up + [0.01, 0.004, 0.0], at)
    light = led(at + 0.04 * up + [-0.012, 0.002, 0.0], at, 0.01, source_m=0.0003)
    surfaces = pane_mirrors(panes, panes.T_head_pane)
    settings = replace(BASE, shadows=False, antialias=False, sparse=False, ghosts=False)
    far = plane(0.001, 1, z=-5.0)
    on = draw(renderer(settings), headset([view], [light]), far, [surfaces[0]])
    d = rays(lens)
    solid = (d[..., 2] ** 3) / 150.0**2
    flux = (on * solid).sum()
    centre = at + up * (panes.front_apex_z - panes.front_radius)
    point = shortest(centre, panes.front_radius, at, T[:3, :2].T, light.position, view.position)
    n = (point - centre) / panes.front_radius
    s, e = np.linalg.norm(light.position - point), np.linalg.norm(view.position - point)
    c = (view.position - point) @ n / e
    r = panes.front_radius
    towards = light.profile.relative(np.arccos((point - light.position) @ light.axis / s))
    expected = fresnel(np.array([c]), 1.498)[0] * 0.01 * float(towards)
    expected /= (s + e + 2 * s * e / (r * c)) * (s + e + 2 * s * e * c / r)
    assert flux == pytest.approx(expected, rel=0.02)
    y, x_ = np.mgrid[:96, :96]
    middle = np.array([(x_ * on).sum(), (y * on).sum()]) / on.sum()
    pixel, _ = lens.project(view.T_device_camera.inv().apply(point))
    assert np.abs(middle - pixel).max() < 0.1


def draw(renderer, parts_, mesh, mirrors):
    """Only the reflections in some mirrors, over an empty image."""
    renderer.render(parts_, mesh)  # fills LEDs, ranges
    renderer._camera_pass.mirrors.frame = FrameMirrors(lenses=MirrorSet(mirrors))
    view = next(iter(parts_.cameras.values()))
    image = renderer._camera_pass._images[view.lens.width_px, view.lens.height_px]
    image.output("radiance").zero_()
    renderer._camera_pass.mirrors.draw(view, renderer._lens(view.lens), image)
    return image.output("radiance").numpy().reshape(view.lens.height_px, view.lens.width_px).astype(float).copy()


@pytest.mark.parametrize("lit", ["eye_left_b", "glabella_left"])
def test_reflections_on_a_shipped_headset_carry_the_flux_of_traced_pencils(lit):
    """Both surfaces of the left pane, one LED, the public renderer: flux within 3 %, place within 0.1 px."""
    whole, mesh = parts()
    view, light = whole.cameras["eye_aug_left"], whole.leds[lit]
    scene = replace(whole, leds={lit: light}, cameras={"eye_aug_left": view})
    plain = {"antialias": False, "sparse": False, "ghosts": False}
    on = renderer(replace(BASE, **plain)).render(scene, mesh)["eye_aug_left"].radiance.astype(float)
    off = renderer(replace(BASE, **plain, panes=False)).render(scene, mesh)["eye_aug_left"].radiance
    panes = panes_of(mesh)
    T = panes.T_head_pane[0]
    flux, place = [], []
    for apex, radius, behind in (
        (panes.front_apex_z, panes.front_radius, False),
        (panes.back_apex_z, panes.back_radius, True),
    ):
        centre = T[:3, 3] + T[:3, 2] * (apex - radius)
        point = shortest(centre, radius, T[:3, 3] + T[:3, 2] * apex, T[:3, :2].T, light.position, view.position)
        assert winding(panes.outline[0], T[:3, :2].T @ (point - T[:3, 3]))
        back = (view.position - point) / np.linalg.norm(view.position - point)
        f = fresnel(np.array([back @ (point - centre) / radius]), panes.index)[0]
        towards = (point - light.position) / np.linalg.norm(point - light.position)
        power = light.radiant_intensity_w_sr * float(light.profile.relative(np.arccos(towards @ light.axis)))
        share = f * ((1 - f) * panes.transmission) ** 2 if behind else f
        flux.append(share * power * solid_angle_per_area(centre, radius, light.position, point, view.position))
        pixel, _ = view.lens.project(view.T_device_camera.inv().apply(point))
        place.append(pixel)
    flux, place = np.array(flux), np.array(place)
    expected = (flux[:, None] * place).sum(axis=0) / flux.sum()
    low, high = np.floor(place.min(axis=0)).astype(int) - 6, np.ceil(place.max(axis=0)).astype(int) + 7
    window = np.s_[low[1] : high[1], low[0] : high[0]]
    d = rays(view.lens)
    area = np.linalg.norm(np.cross(np.gradient(d, axis=1), np.gradient(d, axis=0)), axis=-1)
    spots = ((on - 0.85 * off) * area)[window]
    spots[spots < 2e-3 * spots.max()] = 0.0  # what is left of skin
    y, x = np.mgrid[window[0], window[1]]
    assert spots.sum() == pytest.approx(flux.sum(), rel=0.03)
    middle = np.array([(x * spots).sum(), (y * spots).sum()]) / spots.sum()
    assert np.abs(middle - expected).max() < 0.1


def test_an_obstacle_hides_a_reflection_from_the_led_and_from_the_camera():
    T = RigidTransform.identity().as_matrix()
    mirror = Mirror(T, 0.1, 0.02, 1.5, 0.04)
    lens = Pinhole(64, 64, 60.0, 60.0, 31.5, 31.5)
    view = camera(lens, (0.015, 0, 0.04), (0, 0, 0))
    light = led((-0.015, 0, 0.04), (0, 0, 0), 0.01)
    settings = replace(BASE, antialias=False, sparse=False)

    def sum_with(obstacle):
        return draw(renderer(settings), headset([view], [light]), obstacle, [mirror]).sum()

    free = sum_with(plane(0.001, 1, z=-1.0))
    assert free > 0

    def card(x):
        mesh = plane(0.003, 2, z=0.02)
        return replace(mesh, vertices=mesh.vertices + np.array([x, 0, 0]))

    assert sum_with(card(0.0)) == pytest.approx(free, rel=1e-5)
    assert sum_with(card(-0.0075)) == 0  # between LED and mirror
    assert sum_with(card(0.0075)) == 0  # between mirror and camera


def test_viewing_lenses_show_leds_and_can_be_switched_off():
    """Switching `ghosts` off makes this fail."""
    whole, mesh = parts()
    found = frame_mirrors(BASE, whole, mesh, None).lenses
    assert found.count == 2
    eyes = mesh.T_head_eye[:, 0, 3]
    np.testing.assert_allclose(found.origins[:, 0], [0.5 * (eyes[0] - eyes[1]), -0.5 * (eyes[0] - eyes[1])])
    np.testing.assert_allclose(found.frames[:, 2, 2], -1.0)
    assert frame_mirrors(replace(BASE, ghosts=False), whole, mesh, None).lenses is None
    z = whole.keep_out.lens_barrels.front_z_m
    x = found.origins[0, 0]
    view = camera(Pinhole(64, 64, 60.0, 60.0, 31.5, 31.5), (x + 0.01, 0, z - 0.02), (x, 0, z))
    scene = replace(headset([view], [led((x - 0.01, 0, z - 0.02), (x, 0, z), 0.01)]), keep_out=whole.keep_out)
    far = replace(plane(0.001, 1, z=-1.0), T_head_eye=mesh.T_head_eye)
    on = renderer(BASE).render(scene, far)["c"].radiance
    off = renderer(OFF).render(scene, far)["c"].radiance
    assert on.max() > 50
    assert off.max() == 0


def test_panes_show_leds_inside_their_outline_only():
    """On a shipped headset; switching `panes` off makes this fail."""
    whole, mesh = parts()
    on, off = frame(replace(BASE, ghosts=False)), frame(OFF)
    for name in on:
        bright = np.argwhere(on[name].radiance > off[name].radiance + 1.0)
        assert 10 < len(bright) < 400
        view = coarse(whole, ("eye_left", "eye_right"), 2).cameras[name]
        panes = panes_of(mesh)
        edges = []
        for T, outline in zip(panes.T_head_pane, panes.outline, strict=True):
            p = T[:3, 3] + outline @ T[:3, :2].T
            pixels, valid = view.lens.project(view.T_device_camera.inv().apply(p))
            if valid.all():
                edges.append(pixels)
        assert edges
        near = [
            any(((pixels.min(0) - 12 < b[::-1]) & (b[::-1] < pixels.max(0) + 12)).all() for pixels in edges)
            for b in bright
        ]
        assert all(near)


def test_a_mirrored_wearer_gives_the_mirrored_image(pictures):
    a, b = frame(BASE)["eye_left"].radiance, frame(BASE)["eye_right"].radiance
    saturate = 5.0
    pictures.keep("radiance", a[:, ::-1], b)
    different = np.abs(np.minimum(a, saturate)[:, ::-1] - np.minimum(b, saturate)) > 0.02 * saturate
    assert different.mean() < 5e-3


def test_what_panes_reflect_and_pass_is_no_more_than_arrives():
    _, mesh = parts()
    cosine = np.linspace(0, 1, 201)
    for panes in (panes_of(mesh), replace(panes_of(mesh), surface_reflectance=0.006, transmission=1.0)):
        f = fresnel(cosine, panes.index) if panes.transmission < 1 else None
        passed = transmission(cosine, panes.index, panes.surface_reflectance, panes.transmission)
        assert (passed <= 1).all()
        if f is not None:
            assert (f + (1 - f) ** 2 * panes.transmission**2 * f + passed <= 1 + 1e-12).all()
