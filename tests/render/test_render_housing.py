"""Images of shell and barrels that are kept, and the housing's light, which is not taken at every pixel."""

from dataclasses import replace

import numpy as np
import pytest
from render_scenes import LENSES, camera, headset, led, sphere
from scipy.spatial.transform import RigidTransform, Rotation

from faces import load_head_model
from headsets import load_headset
from headsets.headset import Shell
from sim.render import DIRECT, FAST, PRESETS, Renderer
from sim.render.renderer import HOUSINGS
from sim.render.standing import Standing
from sim.seeding import generator
from tests.resampled import resampled

BUFFERS = ("radiance", "region", "triangle", "depth", "irradiance")
SIZE = 64


def small(whole):
    """A shipped headset with two cameras of few pixels and two LEDs, one on each side."""
    views = {}
    for name in ("eye_left", "glabella"):
        view = whole.camera(name)
        lens = resampled(view.lens, SIZE / view.lens.width_px)
        views[name] = replace(view, lens=lens)
    leds = list(whole.leds.items())
    return replace(whole, cameras=views, leds=dict([leds[0], leds[-1]]))


def moments(count=3):
    """Wearers, with their own distance between the eyes, and how the headset sits on them."""
    head = load_head_model()
    out = []
    for k in range(count):
        mesh = head.mesh(head.sample_identity(generator(k, "identity")), {"jawOpen": 0.3 * k})
        turn = Rotation.from_euler("x", 1.5 * k, degrees=True)
        out.append((mesh, RigidTransform.from_components([0.001 * k, -0.002 * k, 0.001], turn)))
    return out


def arrays(renderer, parts, moment):
    frames = renderer.render(parts, *moment, buffers=BUFFERS)
    return [np.asarray(getattr(frame, name)) for frame in frames.values() for name in BUFFERS]


@pytest.mark.parametrize("preset", ["fast", "full"])
def test_what_was_rendered_before_does_not_show(preset):
    """Three wearers in turn and the first again, other cameras, LEDs and headsets between: as fresh renderers do it."""
    parts = small(load_headset("refa_green"))
    turned = {"eye_left": replace(parts.camera("eye_left"), T_device_camera=parts.camera("glabella").T_device_camera)}
    dimmer = {name: replace(one, radiant_intensity_w_sr=0.01) for name, one in list(parts.leds.items())[:1]}
    wearers = moments()
    calls = [(parts, moment) for moment in (*wearers, wearers[0])]
    calls.insert(1, (replace(parts, cameras=turned), wearers[0]))
    calls.insert(3, (replace(parts, leds=dimmer), wearers[1]))
    calls.insert(4, (small(load_headset("refa_red")), wearers[1]))
    settings = replace(PRESETS[preset], shadow_resolution=128, skin_maps=False)
    used = Renderer(settings=settings)
    distances = set()
    for own, moment in calls:
        got = arrays(used, own, moment)
        expected = arrays(Renderer(settings=settings), own, moment)
        for a, b in zip(got, expected, strict=True):
            np.testing.assert_array_equal(a, b)
        eyes = moment[0].T_head_eye[:, :3, 3]
        distances.add(round(float(np.linalg.norm(eyes[0] - eyes[1])), 5))
    assert len(distances) == len(wearers)


def test_the_housing_is_what_it_is_without_kept_images():
    """A budget of no bytes keeps nothing, and everything is drawn in every frame."""
    parts, wearers = small(load_headset("refa_green")), moments(2)
    keeping, drawing = (Renderer(settings=replace(FAST, shadow_resolution=128)) for _ in range(2))
    drawing.render(parts, *wearers[0])
    for _, fixed in drawing._fixed.values():
        object.__setattr__(fixed, "standing", Standing(0))
    for moment in (*wearers, wearers[0]):
        for a, b in zip(arrays(keeping, parts, moment), arrays(drawing, parts, moment), strict=True):
            np.testing.assert_array_equal(a, b)
    assert all(fixed.standing.size == 0 for _, fixed in drawing._fixed.values())
    assert all(fixed.standing.size > 0 for _, fixed in keeping._fixed.values())


def test_memory_stays_bounded_as_cameras_change():
    wall = Shell(np.array([[-1.0, -1, -0.05], [1, -1, -0.05], [0, 1, -0.05]]), np.array([[0, 1, 2]]), 0.1, "a wall")
    renderer = Renderer(settings=DIRECT)
    mesh, first = sphere(0.02, 2), headset([camera(LENSES["pinhole"])], [led((0.03, 0.01, 0.08))], wall)
    renderer.render(first, mesh)
    ((_, fixed),) = renderer._fixed.values()
    one = (64 * 48 + 8) * 8 * 2  # ranges and triangles, of the shell, and of shell and barrels
    fixed.standing._budget = fixed.standing.size + 5 * one
    sizes = []
    for k in range(12):
        view = camera(LENSES["pinhole"], (0.001 * k, 0.0, 0.1), name=f"c{k}")
        seen = renderer.render(replace(first, cameras={view.name: view}), mesh, buffers=("region",))[view.name]
        assert (np.asarray(seen.region) == -2).any()
        sizes.append(fixed.standing.size)
    assert sizes[2] > sizes[0]
    assert max(sizes) <= fixed.standing._budget
    assert len(renderer._fixed) == 1
    assert [own for _, own in renderer._fixed.values()] == [fixed]  # one shell: the head is not uploaded anew
    assert len(renderer._built) <= HOUSINGS


@pytest.mark.parametrize("preset", ["fast", "full"])
def test_light_between_lit_pixels_of_the_housing_is_that_of_every_pixel(preset):
    """Every pixel lit: apart by half a step of eight bits in the mean square, and by 1 % of white on 99.5 % of them."""
    whole = load_headset("refa_green")
    parts = replace(whole, cameras={"eye_left": whole.camera("eye_left"), "glabella": whole.camera("glabella")})
    (moment,) = moments(1)
    settings = replace(PRESETS[preset], antialias=False, hair=False, ghosts=False)
    some = Renderer(settings=settings).render(parts, *moment, ("radiance", "region"))
    # Where no light is taken at nodes, every pixel is lit.
    every = Renderer(settings=replace(settings, node_light=False, sparse=False)).render(parts, *moment, ("radiance",))
    for name, frame in some.items():
        housing, exact = np.asarray(frame.region) == -2, np.asarray(every[name].radiance)
        assert housing.mean() > 0.4
        error = np.abs(np.asarray(frame.radiance) - exact)[housing] / np.percentile(exact, 99)
        assert np.sqrt((error**2).mean()) < 0.5 / 255
        assert np.percentile(error, 99.5) < 0.01
        assert error.any()
