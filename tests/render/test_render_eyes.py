"""Pupils and glints of shipped headsets, as rendered, against a slow ray trace of the same eye (`eye_trace`)."""

from dataclasses import replace

import eye_trace as trace
import numpy as np
import pytest
from pupil_edge import sector_errors
from render_scenes import camera, headset, led

from faces import load_head_model
from faces.eyes.look import EyeLook
from faces.look import Look
from headsets import load_headset
from headsets.lenses import Pinhole
from sim.render import DIRECT, Renderer

SEEN = replace(DIRECT, eyes=True, sparse=False)
MIRROR = np.diag([-1.0, 1.0, 1.0])
CASES = [
    ("refa_green", "eye_left", (0.0, 0.0), 3.6),
    ("refa_green", "eye_left", (18.0, -6.0), 2.4),
    ("refa_green", "eye_right", (-12.0, 8.0), 5.5),
    ("ufe", "eye_left", (10.0, 5.0), 4.2),
]


@pytest.fixture(scope="module")
def head():
    return load_head_model()


@pytest.fixture(scope="module")
def plain():
    return Renderer(settings=replace(SEEN, specular=False))


@pytest.fixture(scope="module")
def glossy():
    return Renderer(settings=SEEN)


@pytest.fixture(scope="module")
def painted():
    return Renderer(settings=replace(SEEN, eyes=False, specular=False))


def posed(head, gaze, pupil=3.6, expression=None, **look):
    """Wide eyes, so that lids hide little."""
    eyes = EyeLook(pupil_diameter_mm=pupil, bright_pupil=0.0, **look)
    wide = {"eyeWideLeft": 1.0, "eyeWideRight": 1.0} if expression is None else expression
    return head.mesh(head.neutral_identity(), wide, np.radians(gaze), Look(eyes=eyes))


class Eye:
    """From an eye's frame, mm, right eyes mirrored, to the device's, m, and the pixels of one camera."""

    def __init__(self, mesh, side, camera):
        self.camera = camera
        self.turn = mesh.T_head_eye[side, :3, :3] @ (MIRROR if side else np.eye(3))
        self.centre = mesh.T_head_eye[side, :3, 3]

    def local(self, device):
        return 1e3 * (np.asarray(device) - self.centre) @ self.turn

    def pixel(self, local):
        device = self.centre + 1e-3 * np.asarray(local) @ self.turn.T
        return self.camera.lens.project(self.camera.T_device_camera.inv().apply(device))[0]


def bilinear(image, xy):
    x, y = np.moveaxis(np.asarray(xy), -1, 0)
    i, j = np.floor(x).astype(int), np.floor(y).astype(int)
    f, g = x - i, y - j
    return (
        image[j, i] * (1 - f) * (1 - g)
        + image[j, i + 1] * f * (1 - g)
        + image[j + 1, i] * (1 - f) * g
        + image[j + 1, i + 1] * f * g
    )


def enlarged(parts, name, middle, fold=4):
    """The headset with one of its cameras `fold` times finer, its image around the pixel `middle`."""
    lens = parts.cameras[name].lens
    (x, y), (w, h) = middle, (lens.width_px, lens.height_px)
    cx, cy = (lens.cx_px - x) * fold + 0.5 * w, (lens.cy_px - y) * fold + 0.5 * h
    lens = replace(lens, fx_px=fold * lens.fx_px, fy_px=fold * lens.fy_px, cx_px=cx, cy_px=cy)
    return replace(parts, cameras={name: replace(parts.cameras[name], lens=lens)})


@pytest.mark.parametrize(("name", "camera", "gaze", "pupil"), CASES)
def test_pupil_edge_is_where_the_trace_has_it(head, plain, pictures, name, camera, gaze, pupil):
    """To 0.05 mm in each of 16 directions at the shipped resolution, and to 0.01 mm with a camera four times finer."""
    parts, mesh = load_headset(name), posed(head, gaze, pupil)
    side = int(camera.endswith("right"))
    image = plain.render(parts, mesh, cameras=(camera,))[camera].radiance
    eye = Eye(mesh, side, parts.cameras[camera])
    pictures.keep("shipped", image)
    np.testing.assert_array_less(np.abs(sector_errors(image, eye, pupil)), 0.05)
    o = eye.local(parts.cameras[camera].position)
    fine = enlarged(parts, camera, eye.pixel(o + 30 * trace.aim(o, np.zeros(2))))
    image = plain.render(fine, mesh)[camera].radiance
    pictures.keep("finer", image)
    np.testing.assert_array_less(np.abs(sector_errors(image, Eye(mesh, side, fine.cameras[camera]), pupil)), 0.01)


def test_without_refraction_the_pupil_is_elsewhere(head, painted):
    parts, mesh = load_headset("refa_green"), posed(head, (0.0, 0.0))
    image = painted.render(parts, mesh, cameras=("eye_left",))["eye_left"].radiance
    errors = sector_errors(image, Eye(mesh, 0, parts.cameras["eye_left"]), 3.6)
    assert np.sqrt(np.mean(errors**2)) > 0.15


def test_an_edge_beside_the_traced_one_is_found_there(head, plain):
    """The image of a pupil against the trace of one whose radius is 0.1 mm smaller or larger, 1.13 times that seen."""
    parts, mesh = load_headset("refa_green"), posed(head, (0.0, 0.0))
    image = plain.render(parts, mesh, cameras=("eye_left",))["eye_left"].radiance
    eye = Eye(mesh, 0, parts.cameras["eye_left"])
    own, smaller, larger = (sector_errors(image, eye, pupil) for pupil in (3.6, 3.4, 3.8))
    np.testing.assert_allclose(smaller - own, 0.1, atol=0.04)
    np.testing.assert_allclose(larger - own, -0.1, atol=0.04)


def glint_of(renderer, dark, parts, mesh, camera, led):
    """What one LED's reflection adds to an image, W/m²/sr."""
    one = replace(parts, leds={led: parts.leds[led]})
    return [r.render(one, mesh, cameras=(camera,))[camera].radiance for r in (renderer, dark)]


@pytest.mark.parametrize(("name", "camera", "gaze", "led"), [
    ("refa_green", "eye_left", (10.0, 5.0), "eye_left_b"),
    ("refa_green", "eye_left", (18.0, -6.0), "eye_left_b"),
    ("refa_green", "eye_right", (-12.0, 8.0), "eye_right_b"),
    ("ufe", "eye_left", (18.0, -6.0), "eye_left_a"),
])  # fmt: skip
def test_glints_are_where_the_trace_has_them_and_as_bright(head, glossy, plain, pictures, name, camera, gaze, led):
    """Position to 0.05 mm on the eye; flux to 3 % of rays counted at the camera."""
    parts, mesh = load_headset(name), posed(head, gaze)
    view, lamp = parts.cameras[camera], parts.leds[led]
    eye = Eye(mesh, int(camera.endswith("right")), view)
    o, lamp_at = eye.local(view.position), eye.local(lamp.position)
    c = trace.mirror(lamp_at, o)
    assert c is not None
    want = eye.pixel(c)
    lit, matt = glint_of(glossy, plain, parts, mesh, camera, led)
    x, y = np.round(want).astype(int)
    yy, xx = np.mgrid[y - 4 : y + 5, x - 4 : x + 5]
    added = (lit - matt)[yy, xx]
    pictures.keep("with and without", lit, matt)
    assert added.max() > 0
    centroid = np.array([(xx * added).sum(), (yy * added).sum()]) / added.sum()
    off = np.linalg.norm(view.lens.unproject(centroid) - view.lens.unproject(want)) * np.linalg.norm(o - c)
    corners = [view.lens.unproject(np.stack([xx + a, yy + b], -1).astype(float)) for a, b in ((-0.5, 0), (0.5, 0))]
    sides = [view.lens.unproject(np.stack([xx + a, yy + b], -1).astype(float)) for a, b in ((0, -0.5), (0, 0.5))]
    solid = np.linalg.norm(np.cross(corners[1] - corners[0], sides[1] - sides[0]), axis=-1)
    flux = (added * solid).sum()
    to_eye = (eye.centre + 1e-3 * eye.turn @ c) - lamp.position
    angle = np.arccos(np.clip(to_eye @ lamp.axis / np.linalg.norm(to_eye), -1, 1))
    intensity = lamp.radiant_intensity_w_sr * float(lamp.profile.relative(angle))
    counted = 1e6 * intensity * trace.mirrored_irradiance(lamp_at, o, c)
    assert off < 0.05, (off, flux / counted)
    assert flux == pytest.approx(counted, rel=0.03)


def front_view(mesh, leds, size=240, focal=900.0, distance=0.06):
    """A headset with one camera on the left eye's optical axis, looking at it."""
    axis, centre = mesh.T_head_eye[0, :3, 2], mesh.T_head_eye[0, :3, 3]
    lens = Pinhole(size, size, focal, focal, 0.5 * (size - 1), 0.5 * (size - 1))
    return headset([camera(lens, centre + distance * axis, centre)], leds)


def test_the_apparent_pupil_is_an_eighth_larger(head, plain):
    """Seen along the axis, by area; the trace says 1.14 for this distance."""
    mesh = posed(head, (0.0, 0.0), 4.0)
    centre = mesh.T_head_eye[0, :3, 3]
    parts = front_view(mesh, [led(centre + np.array([0.02, 0.01, 0.06]), centre)])
    image = plain.render(parts, mesh)["c"].radiance
    yy, xx = np.mgrid[:240, :240] - 119.5
    level = 0.5 * (image[115:125, 115:125].mean() + np.median(image[119, 60:68]))
    area = ((image < level) & (np.hypot(xx, yy) < 55)).sum()
    o = np.array([0.0, 0.0, 60.0])
    want = np.sqrt(np.prod([trace.aim(o, e)[i] / -trace.aim(o, e)[2] for i, e in enumerate(2.0 * np.eye(2))])) * 900
    assert np.sqrt(area / np.pi) == pytest.approx(want, rel=0.02)
    unrefracted = 900 * 2.0 / (60 - trace.IRIS_Z)
    assert 1.08 < want / unrefracted < 1.18


@pytest.mark.parametrize("degrees", [20.0, 45.0, 65.0])
def test_light_on_the_iris_is_that_of_traced_bundles(head, degrees):
    """The ratio of two LEDs' light at points of the iris, so that its texture cancels."""
    renderer = Renderer(settings=replace(SEEN, specular=False, shadows=False))
    mesh = posed(head, (0.0, 0.0), 3.0)
    frame, centre = mesh.T_head_eye[0, :3, :3], mesh.T_head_eye[0, :3, 3]
    tilt = np.radians(degrees)
    lamps = [np.array([5.0, 3.0, 55.0]), 9.0 * np.array([0, 0, 1]) + 40 * np.array([np.sin(tilt), 0, np.cos(tilt)])]
    images = []
    for lamp in lamps:
        device = centre + 1e-3 * frame @ lamp
        parts = front_view(mesh, [led(device, centre, profile=Isotropic())])
        images.append(renderer.render(parts, mesh)["c"].radiance)
    eye = Eye(mesh, 0, parts.cameras["c"])
    o = eye.local(parts.cameras["c"].position)
    for point in ([2.2, 0.0], [-2.2, 0.5], [0.3, 2.6], [0.5, -3.0], [3.2, 1.0]):
        at = eye.pixel(o + 30 * trace.aim(o, np.array(point)))
        got = bilinear(images[1], at) / bilinear(images[0], at)
        bundles = [trace.iris_irradiance(lamp, np.array(point)) for lamp in lamps]
        assert got == pytest.approx(bundles[1] / bundles[0], rel=0.08), point


class Isotropic:
    """Shines alike in all directions."""

    def relative(self, theta_rad):
        return np.ones_like(theta_rad)


def test_uniform_light_never_comes_back_brighter(head):
    """Under a dome of LEDs, albedo times the light's own radiance bounds the iris, whatever the cornea does."""
    renderer = Renderer(settings=replace(SEEN, specular=False, shadows=False))
    mesh = posed(head, (0.0, 0.0), 2.0, iris_albedo=0.5)
    turn_eye, centre = mesh.T_head_eye[0, :3, :3], mesh.T_head_eye[0, :3, 3]
    k = np.arange(200) + 0.5
    z, turn = k / 200, 2.399963 * k
    side = np.sqrt(1 - z * z)
    dome = np.stack([side * np.cos(turn), side * np.sin(turn), z], -1) @ turn_eye.T
    apex = centre + 0.0101 * turn_eye[:, 2]
    lamps = [led(apex + 0.2 * d, apex, 0.2**2 * 2 * np.pi / 200, Isotropic()) for d in dome]  # radiance 1
    frame = renderer.render(front_view(mesh, lamps, 80, 300.0), mesh, buffers=("radiance", "albedo"))["c"]
    yy, xx = np.mgrid[:80, :80] - 39.5
    rho = np.hypot(xx, yy) / 300 * 47  # mm, roughly
    iris = (frame.radiance / frame.albedo)[(rho > 1.8) & (rho < 4.0) & (yy > 0)]
    assert iris.max() < 1.0
    assert iris.mean() > 0.5  # two transmittances over the index squared, and the cornea's gathering


def test_mirrored_eyes_give_mirrored_images(head, glossy, pictures):
    parts, mesh = load_headset("refa_green"), posed(head, (0.0, 0.0), 3.0)
    frames = glossy.render(parts, mesh, cameras=("eye_left", "eye_right"), buffers=("radiance", "region"))
    left, right = frames["eye_left"], frames["eye_right"]
    there = right.radiance[:, ::-1]
    pictures.keep("radiance", left.radiance, there)
    own = left.region == mesh.topology.region_labels.index("eyeball_left")
    error = np.abs(left.radiance - there)[own] / left.radiance[own].mean()
    assert own.sum() > 500
    assert np.median(error) < 1e-3
    assert np.percentile(error, 97) < 0.05


def test_lids_hide_glints(head, glossy, plain):
    """A half-shut lid lies over the mirror point, where wide eyes show a glint."""
    parts = load_headset("refa_green")
    added = {}
    for name, expression in {"wide": {"eyeWideLeft": 1.0}, "half": {"eyeBlinkLeft": 0.75}}.items():
        mesh = posed(head, (18.0, -6.0), expression=expression)
        eye = Eye(mesh, 0, parts.cameras["eye_left"])
        o, lamp_at = eye.local(parts.cameras["eye_left"].position), eye.local(parts.leds["eye_left_b"].position)
        x, y = np.round(eye.pixel(trace.mirror(lamp_at, o))).astype(int)
        lit, matt = glint_of(glossy, plain, parts, mesh, "eye_left", "eye_left_b")
        added[name] = (lit - matt)[y - 1 : y + 2, x - 1 : x + 2].max()
    assert added["wide"] > 1.0
    assert added["half"] < 0.05 * added["wide"]


def test_a_pupil_shines_back_at_an_led_beside_the_camera(head, plain):
    """Dark for an LED 30 degrees off; bright for one half a degree off; the lobe can be switched off."""
    values = {}
    for degrees in (0.5, 30.0):
        for bright in (0.0, 0.8):
            look = Look(eyes=EyeLook(pupil_diameter_mm=5.0, bright_pupil=bright))
            mesh = head.mesh(head.neutral_identity(), {"eyeWideLeft": 1.0}, None, look)
            centre = mesh.T_head_eye[0, :3, 3]
            tilt = np.radians(degrees)
            lamp = led(centre + 0.05 * np.array([0.0, -np.sin(tilt), np.cos(tilt)]), centre)
            image = plain.render(front_view(mesh, [lamp]), mesh)["c"].radiance
            values[degrees, bright] = image[118:122, 118:122].mean() / np.median(image[119, 48:56])
    assert values[0.5, 0.8] > 1.0
    assert values[0.5, 0.0] < 0.15
    assert values[30.0, 0.8] == pytest.approx(values[30.0, 0.0], rel=0.01)


def test_the_fundus_sends_light_back_in_a_lobe_of_the_width_asked_for(head, plain):
    """Some 3 degrees off the LED: exp(-(angle / width)²) of the peak."""
    angle, values = np.radians(2.4), []
    for width, bright in ((0.042, 0.8), (0.084, 0.8), (0.042, 0.0)):
        eyes = EyeLook(pupil_diameter_mm=5.0, bright_pupil=bright, bright_width_rad=width)
        mesh = head.mesh(head.neutral_identity(), {"eyeWideLeft": 1.0}, None, Look(eyes=eyes))
        centre = mesh.T_head_eye[0, :3, 3]
        lamp = led(centre + 0.05 * np.array([0.0, -np.sin(angle), np.cos(angle)]), centre)
        values.append(plain.render(front_view(mesh, [lamp]), mesh)["c"].radiance[118:122, 118:122].mean())
    narrow, wide, none = values
    # Seen from the apparent pupil, 3.05 mm behind an apex 13.3 mm before the rotation centre.
    at = np.arctan2(0.05 * np.sin(angle), 0.05 * np.cos(angle) - 0.0133 + 0.00305)
    expected = np.exp((at / 0.042) ** 2 - (at / 0.084) ** 2)
    assert (wide - none) / (narrow - none) == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("pupil_albedo", [0.02, 0.08])
def test_the_albedo_buffer_holds_what_lies_behind_the_cornea(head, plain, pupil_albedo):
    """And depth stays on the cornea: the same with and without the eye's optics."""
    mesh = posed(head, (18.0, -6.0), 6.0, pupil_albedo=pupil_albedo)
    parts = load_headset("refa_green")
    frame = plain.render(parts, mesh, buffers=("albedo", "depth"), cameras=("eye_left",))["eye_left"]
    eye = Eye(mesh, 0, parts.cameras["eye_left"])
    o = eye.local(parts.cameras["eye_left"].position)
    x, y = np.round(eye.pixel(o + 30 * trace.aim(o, np.array([0.0, -2.5])))).astype(int)
    assert frame.albedo[y, x] == pytest.approx(pupil_albedo)
    off = Renderer(settings=DIRECT).render(parts, mesh, buffers=("depth",), cameras=("eye_left",))
    np.testing.assert_array_equal(frame.depth, off["eye_left"].depth)


def test_a_tear_meniscus_shines_along_the_lower_lid(head, plain, glossy, painted):
    """From in front, an LED above gives a dash at the lower lid's edge, wider than high; eyes off: none."""
    mesh = head.mesh(head.neutral_identity())
    centre = mesh.T_head_eye[0, :3, 3]
    parts = front_view(mesh, [led(centre + np.array([-0.005, 0.025, 0.05]), centre)], 200, 400.0)
    without = Renderer(settings=replace(SEEN, eyes=False))
    frames = [r.render(parts, mesh)["c"].radiance for r in (glossy, plain, without, painted)]
    names = mesh.topology.keypoint_names
    lid = mesh.keypoints[names.index("eye_lid_lower_3_left")]
    view = parts.cameras["c"]
    x, y = view.lens.project(view.T_device_camera.inv().apply(lid))[0].round().astype(int)
    box = np.s_[y - 16 : y + 4, x - 30 : x + 30]
    added, other = ((a - b)[box] / np.median(b[box]) for a, b in (frames[:2], frames[2:]))
    assert added.max() > 0.2
    assert added.max() > 2 * other.max()
    rows, columns = np.nonzero(added > 0.5 * added.max())
    assert np.ptp(columns) > np.ptp(rows)
