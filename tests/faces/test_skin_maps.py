"""Maps of the skin's detail: layout, slopes, seams, means, wrinkles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from faces.arkit import ARKIT_NAMES, other_side
from faces.builtin import AnnyHead
from faces.errors import FaceError
from faces.skin.atlas import MAPPED, RESOLUTION, Atlas, load_atlas
from faces.skin.look import SkinLook
from faces.skin.maps import NEUTRAL, SkinMaps, compose, skin_maps, slopes
from faces.skin.wrinkles import WRINKLE_NAMES

SIZE = 576
PLAIN = SkinLook(nevi=0, seed=11)


@pytest.fixture(scope="module")
def atlas(head: AnnyHead) -> Atlas:
    return load_atlas(head.topology, SIZE)


@pytest.fixture(scope="module")
def maps(head: AnnyHead) -> SkinMaps:
    return skin_maps(head.topology, PLAIN, SIZE)


def tap(image: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """Bilinear lookup as the docs describe it: row 0 at v = 0, centres at half texels, clamped."""
    height, width = image.shape[:2]
    x = np.clip(uv[:, 0] * width - 0.5, 0, width - 1)
    y = np.clip(uv[:, 1] * height - 0.5, 0, height - 1)
    i, j = np.minimum(x.astype(int), width - 2), np.minimum(y.astype(int), height - 2)
    a, b = (x - i)[:, None], (y - j)[:, None]
    image = image.reshape(height, width, -1).astype(float)
    low = image[j, i] * (1 - a) + image[j, i + 1] * a
    return (low * (1 - b) + (image[j + 1, i] * (1 - a) + image[j + 1, i + 1] * a) * b).squeeze()


def mapped_triangles(head: AnnyHead, atlas: Atlas) -> np.ndarray:
    """Triangles that the maps apply to and that lie well inside the atlas, not on lid margins (no area in it)."""
    names = [head.topology.material_names.index(name) for name in MAPPED]
    triangles = head.topology.triangles[np.isin(head.topology.material_ids, names)]
    solid = (tap(atlas.fade, atlas.uv[triangles].mean(axis=1)) > 250) & (area(atlas.uv[triangles]) > 1e-8)
    return triangles[solid & ((atlas.uv[triangles] > 0.01) & (atlas.uv[triangles] < 0.99)).all(axis=(1, 2))]


def area(corners: np.ndarray) -> np.ndarray:
    """Signed area of flat triangles (T, 3, 2)."""
    p, q = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return (p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]) / 2


def spots(head: AnnyHead, triangles: np.ndarray, count: int = 40_000) -> tuple[np.ndarray, np.ndarray]:
    """Random points, even over the mean face: (n,) triangle and (n, 3) barycentric weights."""
    rng = np.random.default_rng(5)
    corners = head.topology.rest[triangles].astype(float)
    size = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    return rng.choice(len(triangles), count, p=size / size.sum()), rng.dirichlet(np.ones(3), count)


def test_layout_is_upright_without_overlaps_and_fine_enough(head: AnnyHead, atlas: Atlas) -> None:
    assert atlas.uv.min() == 0.0
    assert atlas.uv.max() == 1.0
    triangles = mapped_triangles(head, atlas)
    assert len(triangles) > 10_000
    assert (area(atlas.uv[triangles]) > 0).mean() > 0.99, "counter-clockwise, as seen from outside"
    rest = head.topology.rest * 1e3
    used = np.unique(triangles)
    assert np.corrcoef(atlas.uv[used, 0], rest[used, 0])[0, 1] > 0.98, "u runs to the wearer's left"
    assert np.corrcoef(atlas.uv[used, 1], rest[used, 1])[0, 1] > 0.98, "v runs up"
    which, weights = spots(head, triangles, 5_000)
    step = tap(atlas.step_mm, (atlas.uv[triangles[which]] * weights[..., None]).sum(axis=1)) * (SIZE / RESOLUTION)
    assert (np.median(step, axis=0) < 0.2).all()
    assert np.percentile(step, 95) < 0.3


def test_texels_know_where_they_are(head: AnnyHead, atlas: Atlas) -> None:
    triangles = mapped_triangles(head, atlas)
    which, weights = spots(head, triangles, 5_000)
    uv = (atlas.uv[triangles[which]] * weights[..., None]).sum(axis=1)
    truth = (head.topology.rest[triangles[which]] * weights[..., None]).sum(axis=1) * 1e3
    error = np.linalg.norm(tap(atlas.position_mm(), uv) - truth, axis=1)
    assert np.percentile(error, 99) < 0.1


def test_eyes_and_hidden_islands_are_neutral(head: AnnyHead, maps: SkinMaps) -> None:
    assert (NEUTRAL[0] / 128, 0.10 + 0.40 * NEUTRAL[1] / 255) == pytest.approx((1.0, 0.35), abs=1e-3)
    topology = head.topology
    for material in ("sclera", "iris", "pupil", "teeth", "tongue"):
        vertices = topology.triangles[topology.material_ids == topology.material_names.index(material)].ravel()
        codes = tap(maps.base, maps.uv[vertices])
        np.testing.assert_array_equal(codes, np.broadcast_to(NEUTRAL, codes.shape))


def test_seams_do_not_show(head: AnnyHead, maps: SkinMaps) -> None:
    """Both texture coordinates of a vertex on a seam of mapped surfaces give the same texel values."""
    topology = head.topology
    names = [topology.material_names.index(name) for name in MAPPED]
    skin = np.zeros(len(topology.uv), bool)
    skin[topology.triangles[np.isin(topology.material_ids, names)]] = True
    interior = topology.material_ids == topology.material_names.index("mouth_interior")
    skin[topology.triangles[interior]] = False
    _, index = np.unique(topology.rest, axis=0, return_inverse=True)
    order = np.argsort(index.ravel(), kind="stable")
    order = order[skin[order]]
    same = index.ravel()[order][1:] == index.ravel()[order][:-1]
    first, second = order[:-1][same], order[1:][same]
    apart = np.abs(maps.uv[first] - maps.uv[second]).max(axis=1) > 1e-6
    assert apart.sum() > 50, "there are seams on the skin"
    jump = np.abs(tap(maps.base, maps.uv[first]) - tap(maps.base, maps.uv[second]))
    assert jump.max() <= 1.0


def test_slopes_of_a_spherical_cap() -> None:
    """A cap of radius R on a flat sheet: the slope along x is -x / sqrt(R² - r²)."""
    radius, step = 40.0, np.array([0.2, 0.3])
    x, y = np.meshgrid(np.arange(-50, 51) * step[0], np.arange(-40, 41) * step[1])
    height = np.sqrt(radius**2 - x**2 - y**2)
    found = slopes(height.astype(np.float64), np.broadcast_to(step, (*height.shape, 2)))[1:-1, 1:-1]
    truth = np.stack([-x / height, -y / height], axis=-1)[1:-1, 1:-1]
    np.testing.assert_allclose(found, truth, atol=2e-4)


def test_slopes_on_the_face_are_surface_gradients(head: AnnyHead, atlas: Atlas) -> None:
    """A height that grows along a direction in space: slope = that gradient along the triangle's own u and v axes."""
    gradient = np.array([0.06, -0.11, 0.04])
    slope = slopes((atlas.position_mm() @ gradient).astype(np.float32), atlas.step_mm.astype(np.float32))
    triangles = mapped_triangles(head, atlas)
    corner, uv = head.topology.rest[triangles].astype(float), atlas.uv[triangles].astype(float)
    edge = np.stack([corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]], axis=-1)
    flat = np.stack([uv[:, 1] - uv[:, 0], uv[:, 2] - uv[:, 0]], axis=-1)
    axes = edge @ np.linalg.inv(flat)  # columns dP/du and dP/dv
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    error = np.abs(tap(slope, uv.mean(axis=1)) - np.einsum("i,tik->tk", gradient, axes))
    assert np.median(error) < 0.003
    assert np.percentile(error, 90) < 0.02


def test_albedo_keeps_its_mean_and_varies(head: AnnyHead, atlas: Atlas, maps: SkinMaps) -> None:
    triangles = mapped_triangles(head, atlas)
    which, weights = spots(head, triangles)
    uv = (atlas.uv[triangles[which]] * weights[..., None]).sum(axis=1)
    skin = tap(atlas.lips, uv) < 1
    gain = tap(maps.base[..., 0], uv[skin]) / 128
    assert gain.mean() == pytest.approx(1.0, abs=0.01)
    assert 0.02 < gain.std() < 0.06
    marked = skin_maps(head.topology, replace(PLAIN, nevi=20, stubble=1.0, freckles=1.0), SIZE)
    darker = tap(marked.base[..., 0], uv[skin]) / 128
    assert 0.85 < darker.mean() < 0.99
    beard = atlas.position_mm()[..., 1] < -85
    ratio = marked.base[..., 0] / np.maximum(maps.base[..., 0], 1)
    inside, forehead = atlas.fade > 250, atlas.position_mm()[..., 1] > 30
    assert ratio[beard & inside].mean() < 0.9
    assert ratio[forehead & inside].mean() > 0.99
    assert ratio[forehead & inside].min() < 0.93, "moles are dark"


def test_sheen_of_nose_and_lips(head: AnnyHead, atlas: Atlas, maps: SkinMaps) -> None:
    def alpha(look: SkinLook, where: np.ndarray) -> float:
        return float(0.10 + 0.40 * skin_maps(head.topology, look, SIZE).base[where, 1].mean() / 255)

    position = atlas.position_mm()
    nose = (np.abs(position[..., 0]) < 6) & (np.abs(position[..., 1] + 30) < 8) & (position[..., 2] > 30)
    cheek = (np.abs(position[..., 0] - 40) < 8) & (np.abs(position[..., 1] + 35) < 10)
    wet = (atlas.wet > 240) & (atlas.fade > 250)
    assert 0.24 < alpha(replace(PLAIN, oiliness=1.0), nose) < alpha(replace(PLAIN, oiliness=0.0), nose) < 0.40
    assert alpha(PLAIN, nose) < alpha(PLAIN, cheek) - 0.08
    assert alpha(PLAIN, wet) < 0.15


def test_pores_lie_where_they_belong(head: AnnyHead, atlas: Atlas, maps: SkinMaps) -> None:
    def rough(look: SkinLook, where: np.ndarray) -> float:
        return float(skin_maps(head.topology, look, SIZE).base[where][:, 2:].astype(float).std() / 254)

    position = atlas.position_mm()
    nose = (np.abs(position[..., 0]) < 8) & (np.abs(position[..., 1] + 28) < 8) & (position[..., 2] > 30)
    lid = (atlas.lids > 250) & (position[..., 1] > 3)
    assert rough(PLAIN, nose) > 1.3 * rough(PLAIN, lid)
    assert (
        rough(replace(PLAIN, pores=2.0), nose) > 1.5 * rough(PLAIN, nose) > 1.5 * rough(replace(PLAIN, pores=0.0), nose)
    )


def test_seeds_decide_everything(head: AnnyHead, maps: SkinMaps) -> None:
    fresh = skin_maps.__wrapped__(head.topology, PLAIN, SIZE)
    assert fresh.base.tobytes() == maps.base.tobytes()
    assert all(a.slope.tobytes() == b.slope.tobytes() for a, b in zip(fresh.wrinkles, maps.wrinkles, strict=True))
    other = skin_maps(head.topology, replace(PLAIN, seed=12), SIZE)
    assert np.corrcoef(*(m.base[200:400, 150:420, 2].ravel() for m in (maps, other)))[0, 1] < 0.3
    assert any(a.slope.shape != b.slope.shape for a, b in zip(other.wrinkles, maps.wrinkles, strict=True))


def weights_of(maps: SkinMaps, **amounts: float) -> np.ndarray:
    return maps.weights(np.array([amounts.get(name, 0.0) for name in ARKIT_NAMES]))


def test_wrinkle_weights(head: AnnyHead, maps: SkinMaps) -> None:
    young, old = replace(PLAIN, wrinkles=0.1), replace(PLAIN, wrinkles=0.9)
    smooth, lined = (skin_maps(head.topology, look, SIZE) for look in (young, old))
    assert not smooth.weights(None).any()
    assert (lined.weights(None)[[WRINKLE_NAMES.index(n) for n in ("crow_left", "nasolabial_right")]] > 0.2).all()
    expressions = {
        "forehead_middle": ("browInnerUp",),
        "glabella_left": ("browDownLeft",),
        "crow_right": ("eyeSquintRight", "cheekSquintRight", "mouthSmileRight"),
        "nasolabial_left": ("mouthSmileLeft", "noseSneerLeft"),
        "chin": ("mouthShrugLower",),
    }
    for name, drivers in expressions.items():
        k = WRINKLE_NAMES.index(name)
        for driver in drivers:
            rising = [weights_of(smooth, **{driver: a})[k] for a in np.linspace(0, 1, 6)]
            assert rising[0] == 0.0
            assert (np.diff(rising) > 0).all(), (name, driver)
            assert weights_of(lined, **{driver: 0.5})[k] > weights_of(smooth, **{driver: 0.5})[k]
    rng = np.random.default_rng(3)
    asked = rng.random(52)
    swapped = asked[[ARKIT_NAMES.index(other_side(n)) for n in ARKIT_NAMES]]
    mirror = [
        WRINKLE_NAMES.index(n.replace("left", "x").replace("right", "left").replace("x", "right"))
        for n in WRINKLE_NAMES
    ]
    np.testing.assert_allclose(maps.weights(swapped), maps.weights(asked)[mirror])
    assert maps.weights(np.zeros((4, 52))).shape == (4, len(WRINKLE_NAMES))


def test_composition_adds_slopes_and_multiplies_albedo(maps: SkinMaps) -> None:
    """Against a slow sum in floating point: VNPFA's eqs. 14 and 2."""
    weights = np.random.default_rng(7).random(len(WRINKLE_NAMES)) * (np.arange(len(WRINKLE_NAMES)) % 3 > 0)
    slope, gain = maps.base[..., 2:].astype(float) - 128, maps.base[..., 0].astype(float)
    for weight, wrinkle in zip(weights, maps.wrinkles, strict=True):
        here = (wrinkle.rows, wrinkle.columns)
        slope[here] += weight * np.moveaxis(wrinkle.slope, 0, 2)
        gain[here] *= 1 - weight * wrinkle.shade / 256
    packed = compose(maps, weights)
    assert np.abs(packed[..., 2:] - 128.0 - np.clip(slope, -127, 127)).max() <= 2.5
    assert np.abs(packed[..., 0] - gain).max() <= 2.5
    np.testing.assert_array_equal(packed[..., 1], maps.base[..., 1])
    assert compose(maps, weights) is packed, "kept while the weights stay"
    assert compose(maps, np.zeros(len(WRINKLE_NAMES))).tobytes() == maps.base.tobytes()


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("forehead_middle", (-45, 22), (45, 64)),
        ("glabella_right", (-16, -2), (-1, 30)),
        ("crow_left", (40, -24), (66, 20)),
        ("nasolabial_right", (-45, -82), (-12, -30)),
        ("nose_root", (-13, -8), (13, 9)),
    ],
)
def test_wrinkles_lie_in_their_place(
    atlas: Atlas, maps: SkinMaps, name: str, low: tuple[float, float], high: tuple[float, float]
) -> None:
    weights = np.array([float(n == name) for n in WRINKLE_NAMES])
    changed = np.abs(compose(maps, weights)[..., 2:].astype(int) - maps.base[..., 2:]).max(axis=2)
    assert 30 < changed.max() <= 127
    point = atlas.position_mm()[changed > 12][:, :2]
    assert len(point) > 150
    assert (point >= low).all()
    assert (point <= high).all()


def test_what_is_wrong_is_said(head: AnnyHead, maps: SkinMaps) -> None:
    with pytest.raises(FaceError, match="need a topology with `rest`"):
        skin_maps(replace(head.topology, rest=None), PLAIN, SIZE)
    with pytest.raises(FaceError, match="64 <= resolution <= 4096"):
        skin_maps(head.topology, PLAIN, 8)
    with pytest.raises(FaceError, match=r"`weights` must have shape \(18,\)"):
        compose(maps, np.zeros(3))
    with pytest.raises(FaceError, match="0 <= weight <= 1"):
        compose(maps, np.full(len(WRINKLE_NAMES), 1.5))
    with pytest.raises(FaceError, match=r"`arkit_weights` must have shape \(\.\.\., 52\)"):
        maps.weights(np.zeros(7))


def test_maps_stay_small(maps: SkinMaps, atlas: Atlas) -> None:
    scale = (RESOLUTION / SIZE) ** 2
    wrinkles = sum(w.slope.nbytes + w.shade.nbytes for w in maps.wrinkles)
    assert (maps.base.nbytes + wrinkles) * scale < 12e6
    baked = sum(
        a.nbytes
        for a in (
            atlas.position,
            atlas.step_mm,
            atlas.shear,
            atlas.lips,
            atlas.lids,
            atlas.wet,
            atlas.fade,
            atlas.relief,
        )
    )
    assert baked * scale < 40e6
