"""The caliper against a slow loop, and against what distances must do."""

import itertools

import numpy as np
import pytest

from faces.asset import HeadAsset, load_asset
from faces.population.measurements import LISTED, MEASUREMENTS, NAMES, NIOSH, Caliper
from faces.population.sampler import Population


@pytest.fixture(scope="module")
def asset() -> HeadAsset:
    return load_asset()


@pytest.fixture(scope="module")
def face(asset: HeadAsset) -> tuple[np.ndarray, np.ndarray]:
    person = Population(asset).sample(np.random.default_rng(11))
    return (
        person.scale * asset.shape_vertices(person.coefficients),
        person.scale * asset.eye_centres(person.coefficients),
    )


def _slowly(asset: HeadAsset, vertices: np.ndarray, eyes: np.ndarray) -> dict[str, float]:
    """Every pair of candidates in turn."""
    at = {int(raw): vertices[i] for i, raw in enumerate(asset.vertex_ids)}
    twin = {int(raw): vertices[asset.mirror[i]] for i, raw in enumerate(asset.vertex_ids)}
    found = {}
    for m in MEASUREMENTS:
        if m.name == "interpupillary_distance":
            found[m.name] = abs(eyes[0][0] - eyes[1][0]) * 1e3
            continue
        ends = itertools.product([at[v] for v in m.a], [at[v] for v in m.b] if m.b else [twin[v] for v in m.a])
        lengths = {
            "breadth": lambda p, q: p[0] - q[0],
            "height": lambda p, q: p[1] - q[1],
            "distance": lambda p, q: float(np.sqrt(((p - q) ** 2).sum())),
        }
        found[m.name] = max(lengths[m.kind](p, q) for p, q in ends) * 1e3
    return found


def test_the_caliper_agrees_with_a_slow_loop(asset: HeadAsset, face: tuple[np.ndarray, np.ndarray]) -> None:
    measured = Caliper(asset).measure(*face)
    slow = _slowly(asset, *face)
    np.testing.assert_allclose(measured, [slow[name] for name in NAMES], rtol=1e-12)


def test_distances_ignore_where_the_head_is_and_grow_with_it(
    asset: HeadAsset, face: tuple[np.ndarray, np.ndarray]
) -> None:
    caliper, (vertices, eyes) = Caliper(asset), face
    here = caliper.measure(vertices, eyes)
    shift = np.array([0.1, -0.2, 0.3])
    np.testing.assert_allclose(caliper.measure(vertices + shift, eyes + shift), here, atol=1e-9)
    np.testing.assert_allclose(caliper.measure(1.1 * vertices, 1.1 * eyes), 1.1 * here, rtol=1e-12)
    both = caliper.measure(np.stack([vertices, 1.1 * vertices]), np.stack([eyes, 1.1 * eyes]))
    np.testing.assert_allclose(both, [here, 1.1 * here], rtol=1e-12)


def test_units_are_the_gradient(asset: HeadAsset, face: tuple[np.ndarray, np.ndarray]) -> None:
    caliper = Caliper(asset)
    points = np.concatenate([face[0][caliper.vertices], face[1]])[None]
    values, ends, units = caliper.measure_points(points)
    rng, step = np.random.default_rng(0), 1e-9
    push = rng.standard_normal(points.shape)
    numeric = (caliper.measure_points(points + step * push)[0] - values)[0] / step
    moved = push[0][ends[0, :, 0]] - push[0][ends[0, :, 1]]
    np.testing.assert_allclose(numeric, (units[0] * moved).sum(-1) * 1e3, rtol=1e-4, atol=1e-2)


def test_mirrored_faces_measure_alike(asset: HeadAsset, face: tuple[np.ndarray, np.ndarray]) -> None:
    caliper, flip = Caliper(asset), np.array([-1.0, 1.0, 1.0])
    breadths = [k for k, m in enumerate(MEASUREMENTS) if m.kind == "breadth"]
    mirrored = caliper.measure(face[0][asset.mirror] * flip, face[1][::-1] * flip)
    np.testing.assert_allclose(mirrored[breadths], caliper.measure(*face)[breadths], atol=1e-9)


def test_landmarks_are_where_anatomy_has_them(asset: HeadAsset) -> None:
    mean = Population(asset).neutral()
    at = {int(raw): p for raw, p in zip(asset.vertex_ids, asset.shape_vertices(mean.coefficients), strict=True)}
    ends = {m.name: m for m in MEASUREMENTS}
    sellion, menton = at[ends["menton_sellion"].b[0]], at[ends["menton_sellion"].a[0]]
    subnasale, pronasale = at[ends["nose_protrusion"].b[0]], at[ends["nose_protrusion"].a[0]]
    cheilion = at[ends["lip_length"].a[0]]
    assert sellion[1] > pronasale[1] > subnasale[1] > cheilion[1] > menton[1]
    midline = [p for p in at.values() if abs(p[0]) < 2e-4 and abs(p[1] - pronasale[1]) < 5e-3]
    assert pronasale[2] >= max(p[2] for p in midline) - 1.5e-3
    assert cheilion[0] > 0  # the wearer's left
    assert all(abs(p[0]) < 1e-4 for p in (sellion, menton, subnasale, pronasale))
    for side in ("bizygomatic_breadth", "bigonial_breadth", "head_breadth", "nose_breadth"):
        assert all(at[v][0] > 0 for v in ends[side].a)


def test_names() -> None:
    assert len(LISTED) == 8
    assert NIOSH[:8] == LISTED
    assert len(set(NAMES)) == len(NAMES) == 18
