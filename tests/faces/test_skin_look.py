"""Skin's reflectance in the population, and a mesh's albedo that follows it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from faces.builtin import AnnyHead
from faces.errors import FaceError
from faces.look import Look
from faces.skin.look import SkinLook, sample_skin_look
from faces.skin.priors import ReflectancePriors
from faces.skin.reflectance import draw_reflectance

N = 60_000


def test_reflectance_has_nists_moments_and_range() -> None:
    drawn = draw_reflectance(np.random.default_rng(1), N, priors=ReflectancePriors(tail_share=0.0))
    for w, (mean, sd, low, high) in enumerate([(0.603, 0.033, 0.490, 0.665), (0.532, 0.024, 0.468, 0.581)]):
        value = drawn[:, w]
        assert abs(value.mean() - mean) < 4 * sd / np.sqrt(N)
        fourth = np.mean((value - value.mean()) ** 4)
        assert abs(value.var() - sd**2) < 4 * np.sqrt((fourth - sd**4) / N)
        assert low <= value.min() < low + sd
        assert high - sd < value.max() <= high
    fisher = np.arctanh(np.corrcoef(drawn.T)[0, 1]) - np.arctanh(0.93)
    assert abs(fisher) < 4 / np.sqrt(N)


def test_the_tail_is_dark_and_follows_melanin() -> None:
    drawn = draw_reflectance(np.random.default_rng(2), N, priors=ReflectancePriors(tail_share=0.2))
    dark = drawn[drawn[:, 0] < 0.49]
    assert abs(len(dark) / N - 0.2) < 4 * np.sqrt(0.2 * 0.8 / N)
    assert dark[:, 0].min() == pytest.approx(0.35, abs=0.001)
    slope = np.polyfit(np.log(dark[:, 0]), np.log(dark[:, 1]), 1)[0]
    assert slope == pytest.approx((940 / 850) ** -3.33, abs=0.01)  # Jacques' melanosomes
    assert np.corrcoef(drawn.T)[0, 1] > 0.95


def test_looks_follow_sex_and_age_and_repeat() -> None:
    def draw(seed: int, **known: object) -> list[SkinLook]:
        rng = np.random.default_rng(seed)
        return [sample_skin_look(rng, **known) for _ in range(150)]  # type: ignore[arg-type]

    assert draw(3) == draw(3) != draw(4)
    assert all(look.stubble == 0 for look in draw(5, sex="female"))
    assert any(look.stubble > 0.3 for look in draw(5, sex="male"))
    young, old = draw(6, age_years=20.0), draw(6, age_years=70.0)
    assert np.mean([look.wrinkles for look in old]) > 0.6 + np.mean([look.wrinkles for look in young])
    assert len({look.seed for look in young}) == 150


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reflectance": (0.603, 0.02)}, "0.06 < reflectance < 0.9"),
        ({"reflectance": (0.603, float("nan"))}, "reflectance"),
        ({"oiliness": 1.2}, "0 <= oiliness <= 1"),
        ({"wrinkles": -0.1}, "0 <= wrinkles <= 1"),
        ({"pores": 3.0}, "0 <= pores <= 2"),
        ({"nevi": 99}, "0 <= nevi <= 40"),
        ({"seed": -1}, "seed >= 0"),
    ],
)
def test_a_look_out_of_range_is_an_error(changes: dict[str, object], message: str) -> None:
    with pytest.raises(FaceError, match=message):
        replace(SkinLook(), **changes)  # type: ignore[arg-type]


def test_sampling_checks_its_arguments() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(FaceError, match="unknown sex 'x'"):
        sample_skin_look(rng, sex="x")
    with pytest.raises(FaceError, match="18 <= age_years <= 100"):
        sample_skin_look(rng, age_years=5.0)


def test_albedo_follows_the_reflectance(head: AnnyHead) -> None:
    identity = head.neutral_identity()
    plain = head.mesh(identity)
    assert head.mesh(identity, look=Look()).albedo.tobytes() == plain.albedo.tobytes()
    dark = head.mesh(identity, look=Look(skin=SkinLook(reflectance=(0.40, 0.39))))

    def of(material: str) -> np.ndarray:
        """Vertices of triangles of this material and of no other."""
        topology = head.topology
        mine = topology.material_ids == topology.material_names.index(material)
        return np.setdiff1d(topology.triangles[mine], topology.triangles[~mine])

    def of_region(label: str) -> np.ndarray:
        return np.intersect1d(of("skin"), head.topology.triangles[head.topology.region_triangles(label)])

    # reflectance less the 4.2 % that the surface returns, on cheek, lid and ear alike
    for where in (of_region("cheek_left"), of_region("lids_right"), of_region("forehead"), of_region("none")):
        share = dark.albedo[:, where] / plain.albedo[:, where]
        np.testing.assert_allclose(share, np.broadcast_to([[0.358 / 0.561], [0.348 / 0.490]], share.shape), rtol=1e-4)
    np.testing.assert_allclose(dark.albedo[:, of_region("cheek_left")].mean(axis=1), [0.358, 0.348], rtol=0.01)
    for material in ("lips", "gums"):
        share = dark.albedo[:, of(material)] / plain.albedo[:, of(material)]
        np.testing.assert_allclose(share, np.broadcast_to([[0.358 / 0.561], [0.348 / 0.490]], share.shape), rtol=1e-4)
    for material in ("teeth", "sclera", "iris", "pupil", "lash", "tongue", "caruncle"):
        np.testing.assert_array_equal(dark.albedo[:, of(material)], plain.albedo[:, of(material)])
    brow = dark.albedo[0, of("brow")] / plain.albedo[0, of("brow")]  # hair lies on it as strands
    np.testing.assert_allclose(brow, 0.358 / 0.561, rtol=1e-3)


def test_lip_contrast(head: AnnyHead) -> None:
    topology, identity = head.topology, head.neutral_identity()
    lips = topology.triangles[topology.material_ids == topology.material_names.index("lips")].ravel()

    def mean(contrast: float) -> float:
        return float(head.mesh(identity, look=Look(skin=SkinLook(lip_contrast=contrast))).albedo[0, lips].mean())

    assert mean(0.0) > mean(1.0) > mean(1.5)
    assert 0.561 - mean(1.5) == pytest.approx(1.5 * (0.561 - mean(1.0)), rel=0.1)
