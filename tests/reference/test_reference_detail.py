"""The reference's skin maps against the fast renderer's on a head, and a strand against a Lambertian cylinder."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import RigidTransform

from faces import load_head_model
from faces.hair.look import BARE
from faces.hair.strands import Strands
from faces.look import Look
from faces.skin.look import SkinLook
from sim.reference import ReferenceSettings, render_reference
from sim.reference.hair import hair_parts
from sim.reference.variant import load_mitsuba
from sim.render import Renderer
from tests.reference.test_reference_scene import EXACT, small

mi = pytest.importorskip("mitsuba")


@pytest.mark.parametrize("specular", [False, True])
def test_skin_maps_on_a_head(specular):
    """Direct light with relief, mottling and shine: median within 1 %, 95th percentile 5 %; smooth skin is not."""
    model = load_head_model()
    look = Look(skin=SkinLook(wrinkles=0.8, pores=1.5, oiliness=0.7, seed=3), hair=BARE)
    weights = {"jawOpen": 0.3, "mouthSmileLeft": 0.8}
    mesh = model.mesh(model.sample_identity(np.random.default_rng(1)), weights, look=look)
    parts = small("refa_green", ["mouth_left"], 80)
    fast = replace(EXACT, skin_maps=True, specular=specular)
    frame = Renderer(settings=fast).render(parts, mesh, buffers=("radiance", "region"))["mouth_left"]
    errors = {}
    for maps in (True, False):
        settings = ReferenceSettings(spp=4, side=1, integrator="direct", eye="painted", skin_maps=maps, hair=False)
        expected = render_reference(parts, mesh, settings=replace(settings, specular=specular))["mouth_left"]
        face = frame.region >= 0
        used = face & (expected > 0.02 * np.percentile(expected[face], 95))
        assert used.sum() > 0.8 * face.sum() > 0.2 * face.size
        errors[maps] = np.abs(frame.radiance - expected)[used] / expected[used]
    assert np.median(errors[True]) < 0.01
    assert np.percentile(errors[True], 95) < 0.05
    assert np.median(errors[False]) > 0.01
    assert np.percentile(errors[False], 95) > 0.05


def test_a_strand_is_a_lambertian_cylinder():
    """Seen and lit square on: albedo / pi · E · sqrt(1 - (x/r)²) across it, as wide as it grew, its own albedo."""
    thick, albedo = 0.004, (0.3, 0.2)
    z = np.zeros(7)
    y = np.linspace(-0.02, 0.02, 7)
    strands = np.stack([np.stack([z + x, y, z], -1) for x in (-0.006, 0.006)]).astype(np.float32)
    shade = np.array([[albedo[0], 0.1], [albedo[1], 0.1]], np.float32)
    widths = np.full((2, 7), thick, np.float32)
    hair = Strands(strands, widths, np.tile(np.float32([0, 0, 1]), (2, 1)), shade, 1, 2, np.zeros(0, np.int32))
    mi = load_mitsuba()
    away, power = 1.0, 2.0
    lamp = {"type": "point", "position": [0, 0, away], "intensity": {"type": "rgb", "value": [power] * 3}}
    for wavelengths, expected in (([850.0], [0.3]), ([850.0, 940.0], [0.3, 0.2]), ([895.0], [0.25])):
        parts = hair_parts(hair, RigidTransform.identity(), wavelengths, specular=False)
        assert len(parts) == 2
        x = np.linspace(-1.2, 1.2, 49) * thick / 2
        meters = {
            f"ray{k}": {
                "type": "radiancemeter", "origin": [float(a) - 0.006, 0, 0.5], "direction": [0, 0, -1],
                "film": {"type": "hdrfilm", "width": 1, "height": 1, "rfilter": {"type": "box"}, "pixel_format": "rgb"},
            }
            for k, a in enumerate(x)
        }  # fmt: skip
        film = {"type": "hdrfilm", "width": len(x), "height": 1, "rfilter": {"type": "box"}, "pixel_format": "rgb"}
        sensor = mi.load_dict({"type": "batch", "film": film, "sampler": {"type": "independent"}} | meters)
        scene = mi.load_dict({"type": "scene", "lamp": lamp, **parts})
        direct = mi.load_dict({"type": "direct", "emitter_samples": 1, "bsdf_samples": 0})
        got = np.array(mi.render(scene, sensor=sensor, integrator=direct, spp=1)).reshape(len(x), 3)
        across = np.sqrt(np.maximum(1 - (2 * x / thick) ** 2, 0))
        for channel, value in enumerate(expected):
            model = value / np.pi * power / (away - thick / 2 * across) ** 2 * across
            assert got[:, channel] == pytest.approx(model, abs=0.02 * model.max())
