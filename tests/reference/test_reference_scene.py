"""Mitsuba's scene against closed forms and against our renderer: rays, LED profiles, bounces, real heads."""

import sys
from dataclasses import replace

import numpy as np
import pytest
import trimesh
from scipy.spatial.transform import RigidTransform, Rotation

from faces import load_head_model
from faces.materials import MATERIALS
from headsets import load_headset
from headsets.leds import Lambertian, Table
from headsets.lenses import Pinhole
from sim.errors import SimError
from sim.reference import ReferenceSettings, render_reference
from sim.reference.cameras import device_rays, make_sensor
from sim.reference.materials import index_of
from sim.reference.scene import build_scene
from sim.reference.variant import load_mitsuba
from sim.render import DIRECT as FAST_DIRECT
from sim.render import Renderer
from tests.render.render_scenes import camera, head, headset, led, plane, points

mi = pytest.importorskip("mitsuba")
DIRECT = ReferenceSettings(
    spp=4, side=1, integrator="direct", specular=False, eye="painted", skin_maps=False, hair=False
)
EXACT = replace(FAST_DIRECT, sparse=False, antialias=False, shadow_resolution=1024, specular=False)
"""Both renderers then see exactly what lies on the rays through the pixels' centres."""
PIXELS = 60


def small(name: str, views: list[str], pixels: int = PIXELS):
    """A shipped headset with some of its cameras and their whole field of view in fewer pixels."""
    parts = load_headset(name)
    cameras = {}
    for view in views:
        lens = parts.camera(view).lens
        k = pixels / lens.width_px
        middle = {"cx_px": (lens.cx_px + 0.5) * k - 0.5, "cy_px": (lens.cy_px + 0.5) * k - 0.5}
        size = {"width_px": pixels, "height_px": round(lens.height_px * k)}
        fewer = replace(lens, fx_px=lens.fx_px * k, fy_px=lens.fy_px * k, **size, **middle)
        cameras[view] = replace(parts.camera(view), lens=fewer)
    return replace(parts, cameras=cameras)


def wearer(seed: int, expression: dict[str, float]):
    model = load_head_model()
    return model.mesh(model.sample_identity(np.random.default_rng(seed)), expression)


def test_rays_meet_the_head_where_our_depth_says():
    """Mitsuba's `position` along the rays of a fisheye, 130 degrees wide, against the rasteriser's depth."""
    parts, mesh = small("refa_green", ["mouth_left"]), wearer(0, {"jawOpen": 0.4})
    view = parts.camera("mouth_left")
    depth = Renderer(settings=EXACT).render(parts, mesh, buffers=("depth",))["mouth_left"].depth
    scene = build_scene(parts, mesh, RigidTransform.identity(), DIRECT)
    sensor = make_sensor(view.position, device_rays(view).reshape(-1, 3), 4)
    found = mi.render(scene.scene, sensor=sensor, integrator=mi.load_dict({"type": "aov", "aovs": "p:position"}), spp=4)
    position = np.array(found).reshape(PIXELS, PIXELS, -1)[..., -3:]
    seen = np.isfinite(depth)
    apart = np.linalg.norm(position - points(view, np.nan_to_num(depth)), axis=-1)
    assert seen.mean() > 0.5
    assert ((np.abs(position).max(-1) > 0) == seen).mean() > 0.995
    assert np.percentile(apart[seen], 99) < 1e-5


def test_parts_of_a_pixel_average_to_its_centre():
    view = small("refa_green", ["mouth_left"]).camera("mouth_left")
    centre, parts = device_rays(view)[:, :, 0], device_rays(view, 4).mean(2)
    assert np.degrees(np.arccos(np.clip((centre * parts).sum(-1) / np.linalg.norm(parts, axis=-1), -1, 1))).max() < 0.02
    y, x = 13, 50
    own = view.T_device_camera.rotation.as_matrix() @ view.lens.unproject(np.array([x + 0.375, y - 0.125]))
    assert device_rays(view, 4)[y, x, 4 * 1 + 3] == pytest.approx(own, abs=1e-12)


PROFILES = {
    "half angle 10": Lambertian.from_half_angle(np.radians(10.0)),
    "half angle 65": Lambertian.from_half_angle(np.radians(65.0)),
    "batwing": Table(tuple(np.radians([0.0, 30.0, 45.0, 60.0, 80.0])), (1.0, 1.4, 1.7, 0.6, 0.0)),
    "backwards": Table(tuple(np.radians([0.0, 90.0, 180.0])), (1.0, 0.8, 0.3)),
}


@pytest.mark.parametrize("name", PROFILES)
def test_light_on_a_plane(name):
    """Albedo / pi · I f(theta) cos / r², from an LED that leans, to 0.3 % of the largest value (kinked: 1 %)."""
    lens = Pinhole(40, 40, 20.0, 20.0, 19.5, 19.5)
    aim = (0.01, 0.0, 0.2) if name == "backwards" else (0.01, 0.005, 0.0)
    source = led((0.0, 0.0, 0.03), aim, power=0.008, profile=PROFILES[name])
    parts = headset([camera(lens, (0, 0, 0.05))], [source])
    got = render_reference(parts, plane(0.2, 40, albedo=0.4), settings=DIRECT)["c"]
    p = points(parts.camera("c"), np.full((40, 40), 0.05))
    to = p - source.position
    reach = np.linalg.norm(to, axis=-1)
    theta = np.arccos(np.clip(to @ source.axis / reach, -1, 1))
    expected = 0.4 / np.pi * 0.008 * source.profile.relative(theta) * (-to[..., 2] / reach) / reach**2
    assert np.abs(got - expected).max() < (0.01 if name == "backwards" else 0.003) * expected.max()


def test_light_inside_a_sphere():
    """Diffuse light goes round: E / (1 - albedo) in an integrating sphere, 2 % of it lost at the LED's waist."""
    ball = trimesh.creation.icosphere(subdivisions=4, radius=0.05)
    mesh = head(np.array(ball.vertices), np.array(ball.faces)[:, ::-1], -np.array(ball.vertices) / 0.05, albedo=0.5)
    lamp = led((0, 0, 0), (0, 0, 1), power=0.01, profile=Table((0.0, np.pi), (1.0, 1.0)))
    parts = headset([camera(Pinhole(12, 12, 12.0, 12.0, 5.5, 5.5), (0.0, 0.0, 0.02))], [lamp])
    once = 0.5 / np.pi * 0.01 / 0.05**2
    for integrator, factor in (("direct", 1.0), ("path", 2.0)):
        settings = replace(DIRECT, integrator=integrator, spp=256, side=1, max_depth=20)
        got = render_reference(parts, mesh, settings=settings)["c"]
        assert got.mean() == pytest.approx(once * factor, rel=0.03)
    few = replace(DIRECT, integrator="path", spp=16)
    first, again, other = (
        render_reference(parts, mesh, settings=replace(few, seed=seed))["c"].tobytes() for seed in (1, 1, 2)
    )
    assert first == again != other


@pytest.mark.parametrize(
    ("name", "view", "seed", "expression"),
    [("refa_green", "mouth_right", 1, {"jawOpen": 0.4}), ("ufe", "eye_left", 3, {"eyeWideLeft": 0.5})],
)
def test_direct_diffuse_light_on_a_head(pictures, name, view, seed, expression):
    """Through the real lens, with the real profiles and the shell: median within 1 %, 95th percentile 5 %."""
    parts, mesh = small(name, [view]), wearer(seed, expression)
    pose = RigidTransform.from_components([0.001, 0.003, -0.002], Rotation.from_rotvec([0.04, 0.02, -0.01]))
    frame = Renderer(settings=EXACT).render(parts, mesh, pose, buffers=("radiance", "region"))[view]
    expected = render_reference(parts, mesh, pose, settings=DIRECT)[view]
    pictures.keep("radiance", frame.radiance, expected)
    face = frame.region >= 0
    used = face & (expected > 0.02 * np.percentile(expected[face], 95))
    error = np.abs(frame.radiance - expected)[used] / expected[used]
    assert used.sum() > 0.8 * face.sum() > 0.2 * face.size
    assert np.median(error) < 0.01
    assert np.percentile(error, 95) < 0.05


def test_highlights_on_a_head(pictures):
    """The GGX lobe, ours times what the two models differ by: exact Fresnel for Schlick, separable Smith for joint."""
    parts, mesh = small("refa_green", ["glabella"]), wearer(2, {})
    name, lamp = next(iter(item for item in parts.leds.items() if "glabella" in item[0]))
    parts = replace(parts, leds={name: lamp}, shell=None)
    view = parts.camera("glabella")
    lobes = []
    for specular in (True, False):
        shiny = Renderer(settings=replace(EXACT, specular=specular))
        frame = shiny.render(parts, mesh, buffers=("radiance", "depth", "normal", "triangle"))["glabella"]
        other = render_reference(parts, mesh, settings=replace(DIRECT, specular=specular))["glabella"]
        lobes.append((frame.radiance.astype(float), other.astype(float)))
    ours, theirs = (a - b for a, b in zip(*lobes, strict=True))
    p = points(view, np.nan_to_num(frame.depth, nan=1.0))
    n = frame.normal @ view.T_device_camera.rotation.as_matrix().T
    v, to = (unit(place - p) for place in (view.position, lamp.position))
    nv, nl, vh = (n * v).sum(-1), (n * to).sum(-1), (v * unit(v + to)).sum(-1)
    skin = np.isin(frame.triangle, np.flatnonzero(mesh.material_ids == mesh.topology.material_names.index("skin")))
    used = skin & (nv > 0.3) & (nl > 0.2) & (ours > 0.05 * ours.max())
    f0, alpha = MATERIALS["skin"].f0, MATERIALS["skin"].alpha
    behind = np.sqrt(1 - (1 - vh**2) / index_of(f0) ** 2)
    eta = index_of(f0)
    exact = (((vh - eta * behind) / (vh + eta * behind)) ** 2 + ((eta * vh - behind) / (eta * vh + behind)) ** 2) / 2
    schlick = f0 + (1 - f0) * (1 - vh) ** 5
    turn_v, turn_l = (0.5 * (np.sqrt(1 + alpha**2 * (1 / c**2 - 1)) - 1) for c in (nv.clip(0.1), nl.clip(0.1)))
    expected = ours * exact / schlick * (1 + turn_v + turn_l) / ((1 + turn_v) * (1 + turn_l))
    pictures.keep("highlights", np.where(used, theirs, 0.0), np.where(used, expected, 0.0))
    error = np.abs(theirs - expected)[used] / expected[used]
    assert used.sum() > 300
    assert np.median(error) < 0.01
    assert np.percentile(error, 95) < 0.05


def unit(a):
    return a / np.linalg.norm(a, axis=-1, keepdims=True)


def test_wavelengths_do_not_mix():
    """LEDs of two wavelengths, each with the albedo that the skin has there."""
    lens = Pinhole(8, 8, 8.0, 8.0, 3.5, 3.5)
    mesh = plane(0.2, 10)
    mesh = replace(mesh, albedo=np.stack([np.full(len(mesh.vertices), a, np.float32) for a in (0.6, 0.3)]))
    lamps = [led((0.01, 0, 0.03), (0, 0, 0)), led((-0.02, 0, 0.03), (0, 0, 0), wavelength_nm=940.0)]
    views = [camera(lens, (0, 0, 0.05))]
    together = render_reference(headset(views, lamps), mesh, settings=DIRECT)["c"]
    apart = [render_reference(headset(views, [lamp]), mesh, settings=DIRECT)["c"] for lamp in lamps]
    assert together == pytest.approx(sum(apart), rel=1e-5)
    same = [
        render_reference(headset(views, [replace(lamp, wavelength_nm=850.0)]), mesh, settings=DIRECT)["c"]
        for lamp in lamps
    ]
    assert apart[0] == pytest.approx(same[0])
    assert apart[1] == pytest.approx(0.5 * same[1], rel=1e-5)
    many = [led((0.01, 0, 0.03), wavelength_nm=w) for w in (800.0, 850.0, 900.0, 940.0)]
    with pytest.raises(SimError, match="3 wavelengths"):
        render_reference(headset(views, many), mesh, settings=DIRECT)


def test_without_mitsuba_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "mitsuba", None)
    with pytest.raises(SimError, match=r"hmcsim\[reference\]"):
        load_mitsuba()


@pytest.mark.parametrize(
    "bad", [{"spp": 32}, {"spp": 4, "side": 2}, {"side": 3}, {"integrator": "ptracer"}, {"eye": "x"}]
)
def test_settings_are_checked(bad):
    with pytest.raises(SimError, match=str(next(iter(bad)))):
        ReferenceSettings(**bad)
