"""Strands: coverage, shade and light against closed forms and supersampling; brows and beards in a shipped headset."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import warp as wp
from render_scenes import LENSES, camera, headset, led, plane
from render_scenes import points as points_of
from scipy import ndimage

from faces import load_head_model
from faces.hair.growth import grow
from faces.hair.look import BARE, HairLook
from faces.hair.strands import Strands
from faces.look import Look
from faces.mesh import HeadMesh
from headsets import load_headset
from headsets.headset import Camera
from headsets.lenses import Pinhole
from sim.render import Renderer, RenderSettings
from sim.render.fibre import fibre

PLAIN = RenderSettings(specular=False, shadows=False, sparse=False, antialias=False)
HEADSET = load_headset("refa_green")
EYE = ["eye_left"]


def lawn(points: np.ndarray, width: float, vertices: int, albedo: float = 0.0) -> Strands:
    """Strands (S, P, 3) of one width over a mesh of so many vertices facing +z."""
    count, nodes = points.shape[:2]
    return Strands(
        points.astype(np.float32),
        np.full((count, nodes), width, np.float32),
        np.tile(np.float32([0, 0, 1]), (count, 1)),
        np.full((2, count), albedo, np.float32),
        count // 2,
        count,
        np.arange(vertices, dtype=np.int32),
    )


def images(
    monkeypatch: pytest.MonkeyPatch, parts, mesh: HeadMesh, strands: Strands, settings: RenderSettings, buffer: str
) -> tuple[np.ndarray, np.ndarray]:
    """One buffer of the one camera, without and with strands."""
    out = []
    for grown in (None, strands):
        monkeypatch.setattr("sim.render.renderer.grow", lambda _, grown=grown: grown)
        frame = renderer(settings).render(parts, mesh, buffers=(buffer,))["c"]
        out.append(getattr(frame, buffer).astype(float))
    return out[0], out[1]


def supersampled(view: Camera, strands: Strands, fold: int = 16) -> np.ndarray:
    """(H, W) share of fold x fold rays of each pixel that pass a strand's piece by less than half its width."""
    lens = view.lens
    height, width = lens.height_px, lens.width_px
    rotation = view.T_device_camera.rotation.as_matrix()
    y, x = (np.mgrid[: height * fold, : width * fold] + 0.5) / fold - 0.5
    hit = np.zeros(y.shape, bool)
    for line, wide in zip(strands.points.astype(float), strands.widths[:, 0], strict=True):
        for k in range(len(line) - 1):
            a, b = line[k] - view.position, line[k + 1] - view.position
            ends, _ = lens.project(np.stack([a, b]) @ rotation)
            low, high = (ends.min(axis=0) - 3) * fold, (ends.max(axis=0) + 3) * fold
            x0, y0 = np.maximum(low, 0).astype(int)
            x1, y1 = np.maximum(high, 0).astype(int)
            box = np.s_[y0:y1, x0:x1]
            d = lens.unproject(np.stack([x[box], y[box]], -1).reshape(-1, 2)) @ rotation.T
            # Nearest approach of ray and line, then of ray and whichever end lies beyond.
            e, da = b - a, d @ a
            de, ee, ea = d @ e, e @ e, e @ a
            way = (de * da - ea) / np.maximum(ee - de**2, 1e-30)
            at = a + np.clip(way, 0.0, 1.0)[:, None] * e
            near = np.linalg.norm(at - np.sum(at * d, axis=1)[:, None] * d, axis=1) < wide / 2
            near &= (way > 0) | (k > 0)  # round at joints, cut at the strand's ends
            near &= (way < 1) | (k < len(line) - 2)
            hit[box] |= near.reshape(x[box].shape)
    return hit.reshape(height, fold, width, fold).mean(axis=(1, 3))


@pytest.mark.parametrize("lens", ["pinhole", "kannala_brandt4", "double_sphere"])
@pytest.mark.parametrize("width_px", [0.2, 0.6])
def test_coverage_is_that_of_supersampling(monkeypatch: pytest.MonkeyPatch, pictures, lens: str, width_px: float):
    rng = np.random.default_rng(5)
    view = camera(LENSES[lens], (0, 0, 0.05), (0, 0, 0))
    focal = 1 / np.linalg.norm(np.diff(LENSES[lens].unproject(np.array([[31.0, 24], [32, 24]])), axis=0))
    starts = rng.uniform(-0.02, 0.02, (10, 1, 3)) * [1, 0.8, 0.05] + [0, 0, 0.004]
    turn = rng.uniform(0, 2 * np.pi, (10, 1)) + rng.normal(0, 0.06, (10, 1)) * np.arange(7)
    steps = 0.0025 * np.stack([np.cos(turn), np.sin(turn), 0.1 * np.cos(3 * turn)], axis=-1)
    points = starts + np.cumsum(steps, axis=1)
    mesh = plane(0.3, 30)
    strands = lawn(points, width_px * 0.047 / focal, len(mesh.vertices))
    bare, haired = images(monkeypatch, headset([view], [led((0, 0, 0.1))]), mesh, strands, PLAIN, "radiance")
    seen = bare > 0
    covered = np.where(seen, 1 - haired / np.where(seen, bare, 1), 0)
    expected = np.where(seen, supersampled(view, strands), 0)
    pictures.keep("coverage", covered, expected)
    assert expected.sum() > 8
    assert covered.sum() == pytest.approx(expected.sum(), rel=0.05)
    assert np.abs(covered - expected).mean() < 0.15 * expected.mean()


def test_strands_behind_a_surface_are_hidden(monkeypatch: pytest.MonkeyPatch):
    mesh = plane()
    points = np.linspace([-0.01, 0, -0.002], [0.01, 0, -0.002], 4)[None]
    parts = headset([camera(LENSES["pinhole"], (0, 0, 0.05))], [led((0, 0, 0.1))])
    bare, haired = images(monkeypatch, parts, mesh, lawn(points, 1e-4, len(mesh.vertices)), PLAIN, "radiance")
    np.testing.assert_array_equal(bare, haired)


@pytest.mark.parametrize("tilt", [0.0, 45.0])
def test_a_lawn_shadows_by_its_optical_depth(monkeypatch: pytest.MonkeyPatch, tilt: float):
    """exp(-depth), depth = width x length x strands / area, over the cosine of incidence across the strands."""
    rng = np.random.default_rng(0)
    half, side, width, length = 0.012, 78, 6e-5, 1.2e-3
    count = side * side
    cell = np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1).reshape(-1, 2)
    spread = (cell + rng.random((count, 2))) / side * 2 * half - half  # one in each cell, so that few overlap
    middle = np.concatenate([spread, np.full((count, 1), 1e-3)], axis=1)
    points = middle[:, None] + np.array([[-0.5, 0, 0], [0, 0, 0], [0.5, 0, 0]]) * length
    mesh = plane(0.02, 40)
    away = np.radians(tilt)
    lamp = led((0, 0.1 * np.sin(away), 0.1 * np.cos(away)))
    parts = headset([camera(LENSES["pinhole"], (0, 0, 0.02))], [lamp])
    settings = replace(PLAIN, shadows=True)
    bare, haired = images(monkeypatch, parts, mesh, lawn(points, width, len(mesh.vertices)), settings, "irradiance")
    inner = np.s_[16:32, 23:40]  # the middle 10 mm
    depth = width * length * count / (2 * half) ** 2 / np.cos(away)
    assert 0.5 < depth < 2
    assert np.mean(haired[inner] / bare[inner]) == pytest.approx(np.exp(-depth), rel=0.05)
    # Hair is not between the LED and what lies above it.
    low = points - [0, 0, 10e-3]
    _, above = images(monkeypatch, parts, mesh, lawn(low, width, len(mesh.vertices)), settings, "irradiance")
    np.testing.assert_allclose(above[inner], bare[inner], rtol=1e-6)


@wp.kernel
def _scatter(
    tangent: wp.vec3,
    light: wp.vec3,
    views: wp.array[wp.vec3],
    albedo: float,
    glossy: int,
    out: wp.array[float],
) -> None:
    out[wp.tid()] = fibre(tangent, light, views[wp.tid()], albedo, glossy)


@pytest.mark.parametrize("lean", [0.0, 0.6, 1.2])
def test_fibres_scatter_what_they_catch_and_no_more(lean: float):
    """What leaves per length, the integral of L cos(theta_r), is the albedo times E cos(theta_i) without gloss."""
    n = 200_000
    u = (np.arange(n) + 0.5) / n
    z, phi = 2 * u - 1, np.pi * (1 + 5**0.5) * np.arange(n)
    views = np.stack([np.sqrt(1 - z * z) * np.cos(phi), np.sqrt(1 - z * z) * np.sin(phi), z], -1)
    out = wp.zeros(n, dtype=float, device="cpu")
    light = wp.vec3(np.cos(lean), 0.0, np.sin(lean))

    def leaving(albedo: float, glossy: int) -> float:
        inputs = [wp.vec3(0.0, 0.0, 1.0), light, wp.array(views, dtype=wp.vec3, device="cpu"), albedo, glossy]
        wp.launch(_scatter, dim=n, inputs=inputs, outputs=[out], device="cpu")
        return float((out.numpy() * np.sqrt(1 - z * z)).mean() * 4 * np.pi / np.cos(lean))

    assert leaving(0.3, 0) == pytest.approx(0.3, rel=0.02)
    assert 0.02 < leaving(0.3, 1) - 0.3 < 0.25
    assert leaving(0.7, 1) < 1.0


@cache
def renderer(settings: RenderSettings) -> Renderer:
    return Renderer(settings=settings)


def frames(look: Look, settings: RenderSettings, cameras: list[str] = EYE, buffers: tuple[str, ...] = ("radiance",)):
    head = load_head_model()
    mesh = head.mesh(head.neutral_identity(), look=look)
    return renderer(settings).render(HEADSET, mesh, buffers=buffers, cameras=cameras)


def roughness(image: np.ndarray, where: np.ndarray) -> float:
    """Mean departure from the surroundings' mean over 5 pixels, relative."""
    smooth = ndimage.uniform_filter(image, 5)
    return float((np.abs(image - smooth)[where] / np.maximum(smooth[where], 1e-9)).mean())


def brow(frame) -> np.ndarray:
    labels = load_head_model().topology.region_labels
    return frame.region == labels.index("brow_left")


def test_brows_are_strands_in_a_shipped_headset():
    """Finer than paint could be; fails with hair switched off."""
    settings = RenderSettings()
    haired = frames(Look(), settings, ["glabella"], ("radiance", "region"))["glabella"]
    bare = frames(Look(hair=BARE), settings, ["glabella"], ("radiance", "region"))["glabella"]
    where = brow(bare)
    assert where.sum() > 500
    assert roughness(haired.radiance, where) > 2 * roughness(bare.radiance, where)
    ratio = haired.radiance[where].mean() / bare.radiance[where].mean()
    assert 0.3 < ratio < 0.9  # hair is darker than skin, yet not black


@pytest.mark.parametrize("style", ["stubble", "full"])
def test_beards_darken_the_mouth_region(style: str):
    settings = RenderSettings()
    names = ("radiance", "region")
    haired = frames(Look(hair=HairLook(beard=style)), settings, ["mouth_left"], names)["mouth_left"]
    bare = frames(Look(hair=BARE), settings, ["mouth_left"], names)["mouth_left"]
    labels = load_head_model().topology.region_labels
    where = bare.region == labels.index("chin")
    ratio = haired.radiance[where].mean() / bare.radiance[where].mean()
    assert 0.15 < ratio < {"stubble": 0.97, "full": 0.7}[style]


def test_labels_know_no_strands():
    names = ("depth", "region", "triangle")
    haired, bare = (
        frames(Look(hair=HairLook(beard=beard)), RenderSettings(hair=on), ["mouth_left"], names)["mouth_left"]
        for beard, on in (("full", True), ("none", False))
    )
    for name in names:
        np.testing.assert_array_equal(getattr(haired, name), getattr(bare, name))


def test_without_hair_the_look_costs_nothing():
    """A bare face is rendered alike with hair on and off."""
    on, off = (frames(Look(hair=BARE), RenderSettings(hair=flag))["eye_left"].radiance for flag in (True, False))
    np.testing.assert_array_equal(on, off)


def test_order_of_strands_does_not_show(monkeypatch: pytest.MonkeyPatch):
    head = load_head_model()
    strands = grow(head.mesh(head.neutral_identity()))
    assert strands is not None
    first = frames(Look(), RenderSettings())["eye_left"].radiance
    order = np.random.default_rng(0).permutation(strands.grown)
    order = np.concatenate([order, np.arange(strands.grown, strands.count)[::-1]])
    shuffled = replace(
        strands,
        points=strands.points[order],
        widths=strands.widths[order],
        normals=strands.normals[order],
        albedo=strands.albedo[:, order],
    )
    monkeypatch.setattr("sim.render.renderer.grow", lambda _: shuffled)
    assert frames(Look(), RenderSettings())["eye_left"].radiance.tobytes() == first.tobytes()


@pytest.mark.parametrize(("bounce", "most"), [(False, 1e-3), (True, 8e-3)])
def test_light_on_hair_adds_up_over_leds(bounce: bool, most: float):
    """Two halves of the LEDs give the sum of each, diffused light included: hair dims what arrives from each LED.

    What face and housing throw at each other is dimmed by the share of all LEDs' light, and adds up less closely.
    """
    head = load_head_model()
    mesh = head.mesh(head.neutral_identity(), look=Look(hair=HairLook(beard="full")))
    settings = RenderSettings(sparse=False, bounce=bounce)
    names = list(HEADSET.leds)

    def image(leds: list[str]) -> np.ndarray:
        parts = replace(HEADSET, leds={name: HEADSET.leds[name] for name in leds})
        frame = renderer(settings).render(parts, mesh, cameras=["mouth_left"])["mouth_left"]
        return frame.radiance.astype(float)

    whole, parts = image(names), image(names[:4]) + image(names[4:])
    error = np.abs(parts - whole) / (whole + 1e-2 * whole.max())
    assert np.percentile(error, 99.5) < most


def opacity(strands: Strands, lamp: np.ndarray, p: np.ndarray, reach: float = 1.2e-3) -> float:
    """Optical depth between lamp and p: what strands within `reach` of the ray cover, seen along it, over pi reach².

    A slow sum over all pieces; `reach` as wide as strands are many enough to be even.
    """
    d = (p - lamp) / np.linalg.norm(p - lamp)
    a, b = strands.points[:, :-1].reshape(-1, 3).astype(float), strands.points[:, 1:].reshape(-1, 3).astype(float)
    to, piece = 0.5 * (a + b) - lamp, b - a
    along = to @ d
    near = (np.linalg.norm(to - along[:, None] * d, axis=1) < reach) & (along > 0) & (along < np.linalg.norm(p - lamp))
    area = np.linalg.norm(np.cross(piece, d), axis=1) * strands.widths[:, 1:].ravel()
    return float(area[near].sum() / (np.pi * reach**2))


def test_hair_shades_the_eyes(monkeypatch: pytest.MonkeyPatch):
    """Sclera, iris and glint behind a mat of strands whose density grows from one side to the other."""
    head = load_head_model()
    mesh = head.mesh(head.neutral_identity(), look=Look(hair=BARE))
    eye = mesh.T_head_eye[0, :3, 3]
    lamp = led(eye + np.array([0.045, 0.0, 0.040]), eye)
    lens = Pinhole(96, 96, 160.0, 160.0, 47.5, 47.5)
    view = camera(lens, eye + np.array([0.004, -0.004, 0.05]), eye + np.array([0, 0, 0.012]))
    parts = headset([view], [lamp])
    rng = np.random.default_rng(2)
    count, half = 16000, 0.010
    to = (lamp.position - eye) / np.linalg.norm(lamp.position - eye)
    side = np.cross(to, [0, 1.0, 0])
    side /= np.linalg.norm(side)
    up = np.cross(side, to)
    x, y = half * (2 * rng.beta(1.6, 1.0, count) - 1), rng.uniform(-half, half, count)
    turn = rng.uniform(0, np.pi, count)
    way = np.cos(turn)[:, None] * side + np.sin(turn)[:, None] * up
    middle = eye + 0.034 * to + x[:, None] * side + y[:, None] * up
    points = middle[:, None] + 6e-4 * np.array([-1, 0, 1])[None, :, None] * way[:, None]
    mat = lawn(points, 1.6e-5, len(mesh.vertices))
    mat = replace(mat, left=0, grown=0, normals=np.tile(to.astype(np.float32), (count, 1)))
    thin = replace(mat, widths=mat.widths * np.float32(1e-6))
    settings = RenderSettings(scattering=False, bounce=False, skin_maps=False, sparse=False, antialias=False)
    images = []
    for grown in (thin, mat):
        monkeypatch.setattr("sim.render.renderer.grow", lambda _, grown=grown: grown)
        images.append(renderer(settings).render(parts, mesh, buffers=("radiance", "depth", "triangle"))["c"])
    bare, shaded = images
    materials = [mesh.topology.material_names.index(name) for name in ("pupil", "iris", "sclera")]
    seen = (bare.triangle >= 0) & np.isin(mesh.topology.material_ids[np.maximum(bare.triangle, 0)], materials)
    at = np.argwhere(seen & (bare.radiance > 0.05 * np.median(bare.radiance[seen])))
    where = points_of(view, bare.depth)
    depth = np.array([opacity(mat, lamp.position, where[i, j]) for i, j in at])
    ratio = (shaded.radiance / np.maximum(bare.radiance, 1e-12))[at[:, 0], at[:, 1]]
    assert len(at) > 300
    assert np.percentile(depth, 95) > 1.5 * np.percentile(depth, 5) > 0.3
    error = ratio / np.exp(-depth) - 1
    white = mesh.topology.material_ids[bare.triangle[at[:, 0], at[:, 1]]] == materials[2]
    assert white.sum() > 100
    assert abs(np.median(error[white])) < 0.03
    assert np.percentile(np.abs(error[white]), 90) < 0.12
    # The iris gets some light by way of the sclera, and sees the LED past another point of the cornea.
    assert abs(np.median(error[~white])) < 0.1
    for part in np.array_split(
        np.flatnonzero(white)[np.argsort(depth[white])], 3
    ):  # where the mat is thin, and where it is dense
        assert ratio[part].mean() == pytest.approx(np.exp(-depth[part]).mean(), rel=0.1)
    glint = np.argmax(bare.radiance[at[:, 0], at[:, 1]])
    assert ratio[glint] == pytest.approx(np.exp(-depth[glint]), rel=0.15)


def test_a_mirrored_look_gives_mirrored_images():
    look = Look(hair=HairLook(beard="circle"))
    both = frames(look, RenderSettings(sparse=False, skin_maps=False), ["mouth_left", "mouth_right"])
    left, right = both["mouth_left"].radiance.astype(float), both["mouth_right"].radiance[:, ::-1].astype(float)
    error = np.abs(left - right) / left.max()
    assert np.percentile(error, 99) < 0.01
