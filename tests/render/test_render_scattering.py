"""Diffusion in skin: the mesh's solution against the classical dipole, through a shipped headset's renderer."""

from dataclasses import replace

import numpy as np
import pytest
from render_scenes import camera, head, headset, led
from scipy.integrate import quad

from faces import load_head_model
from headsets import load_headset
from headsets.leds.lambertian import Lambertian
from headsets.lenses import Pinhole
from sim.render import DIRECT, Renderer
from sim.render.dipole import dipole

SCATTERING = replace(DIRECT, scattering=True, specular=False, shadows=False, sparse=False)
SPACING = 1.5e-3
"""Between vertices, m: the median of the head's eye and mouth regions."""
ALBEDO = 0.561


def slab(half=0.03):
    """A flat slab of skin in equilateral triangles, facing +z."""
    rows = int(half / (SPACING * np.sqrt(3) / 2))
    columns = int(half / SPACING)
    i, j = np.meshgrid(np.arange(-rows, rows + 1), np.arange(-columns, columns + 1), indexing="ij")
    v = np.stack([(j + 0.5 * (i % 2)) * SPACING, i * SPACING * np.sqrt(3) / 2, 0 * i], -1).reshape(-1, 3)
    at = np.arange(len(v)).reshape(i.shape)
    a, b, c, d = at[:-1, :-1], at[:-1, 1:], at[1:, :-1], at[1:, 1:]
    even = (np.arange(-rows, rows) % 2 == 0)[:, None]
    first = np.where(even[..., None], np.stack([a, b, c], -1), np.stack([a, b, d], -1))
    second = np.where(even[..., None], np.stack([b, d, c], -1), np.stack([a, d, c], -1))
    t = np.concatenate([first.reshape(-1, 3), second.reshape(-1, 3)])
    return head(v, t, np.tile([0.0, 0.0, 1.0], (len(v), 1)), albedo=((ALBEDO,), (ALBEDO,)))


PLACES = [(x * SPACING / 6, y * SPACING * np.sqrt(3) / 12) for x in range(6) for y in range(6)]
"""Over one cell of the slab's pattern: a beam narrower than a triangle may fall beside the points that sample it."""
BEAM = Lambertian(10_000.0)
"""A Gaussian beam, 0.25 mm wide at 25 mm."""


def exitance(settings, pictures, places=PLACES):
    """Means over beams at these places: exitance over power, 1/m², and the radii of its bins.

    The last beam's image is kept for a test that fails, beside the dipole's.
    """
    lens = Pinhole(220, 220, 220.0, 220.0, 109.5, 109.5)
    area = (0.04 / 220) ** 2
    renderer, skin = Renderer(settings=settings), slab()
    y, x = np.mgrid[:220, :220]
    place = np.stack([x - 109.5, 109.5 - y], -1) / 220 * 0.04
    bins, seen, count, power = np.arange(0.0, 18.01, 0.5) * 1e-3, 0.0, 0.0, 0.0
    for px, py in places:
        light = replace(led((px, py, 0.025), (px, py, 0.0)), profile=BEAM, radiant_intensity_w_sr=1.0)
        parts = headset([camera(lens, (0.0, 0.0, 0.04), (0.0, 0.0, 0.0))], [light])
        frame = renderer.render(parts, skin, buffers=("radiance", "irradiance"))["c"]
        radius = np.linalg.norm(place - (px, py), axis=-1).ravel()
        seen = seen + np.histogram(radius, bins, weights=np.pi * frame.radiance.ravel())[0]
        count = count + np.histogram(radius, bins)[0]
        power += frame.irradiance.sum() * area
    table = np.linspace(0.0, 0.03, 301)
    profile = np.interp(radius, table, dipole(np.maximum(table, 5e-5), ALBEDO)) * frame.irradiance.sum() * area / np.pi
    pictures.keep("radiance and dipole", frame.radiance, profile.reshape(frame.radiance.shape))
    return len(places) * seen / count / power, bins


def ring(low, high):
    """Power that the dipole returns between two radii."""
    return quad(lambda r: 2 * np.pi * r * dipole(r, ALBEDO), low, high)[0]


def test_the_profile_is_the_dipoles_from_2_to_10_mm(pictures):
    """Within 15 %, at the mesh spacing of the head's eyes and mouth."""
    out, bins = exitance(SCATTERING, pictures)
    for k in np.flatnonzero((bins[:-1] > 1.9e-3) & (bins[1:] < 10.1e-3)):
        expected = ring(bins[k], bins[k + 1]) / (np.pi * (bins[k + 1] ** 2 - bins[k] ** 2))
        assert out[k] == pytest.approx(expected, rel=0.15), bins[k]


def test_the_slab_returns_the_reflectance(pictures):
    """Within 3 % of the beam's power; what lies beyond the image is the dipole's."""
    out, bins = exitance(SCATTERING, pictures)
    total = (out * np.pi * np.diff(bins**2)).sum() + ring(bins[-1], 0.2)
    assert total == pytest.approx(ALBEDO, rel=0.03)


def test_without_scattering_light_leaves_where_it_entered(pictures):
    out, bins = exitance(replace(SCATTERING, scattering=False), pictures, PLACES[:2])
    assert (out[bins[:-1] > 0.0015] == 0.0).all()


def test_light_is_kept_on_a_head(pictures):
    """Diffusion adds no light on a real face; some now leaves where no camera looks, 5 % at most."""
    model, parts = load_head_model(), load_headset("refa_green")
    mesh = model.mesh(model.neutral_identity(), {"jawOpen": 0.3})
    frames = [Renderer(settings=s).render(parts, mesh) for s in (replace(DIRECT, scattering=True), DIRECT)]
    for name in parts.cameras:
        pictures.keep(name, *(f[name].radiance for f in frames))
    total = [sum(f.radiance.sum() for f in frame.values()) for frame in frames]
    assert 0.95 < total[0] / total[1] < 1.0


def test_light_at_nodes_is_the_light_at_pixels_but_for_sharp_edges(pictures):
    """Preset fast's way to light skin: 3 % in the median, on real faces in a shipped headset; no light is made."""
    model, parts = load_head_model(), load_headset("refa_green")
    mesh = model.mesh(model.neutral_identity(), {"jawOpen": 0.3})
    fine, coarse = (
        Renderer(settings=replace(DIRECT, scattering=True, specular=False, node_light=n)).render(
            parts, mesh, buffers=("radiance", "region")
        )
        for n in (False, True)
    )
    for name, frame in fine.items():
        lit = (frame.region >= 0) & (frame.radiance > 0.1 * frame.radiance.max())
        pictures.keep(name, coarse[name].radiance, frame.radiance)
        error = np.abs(coarse[name].radiance - frame.radiance)[lit] / frame.radiance[lit]
        assert 0.0 < np.median(error) < 0.03, name
        assert coarse[name].radiance[lit].sum() == pytest.approx(frame.radiance[lit].sum(), rel=0.03)
