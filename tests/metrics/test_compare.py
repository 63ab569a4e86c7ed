"""Comparisons: coverage of the interval by simulation, the rest by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headsets import load_headset
from sim.errors import SimError
from sim.metrics import ScoreConfig, score
from sim.metrics.compare import compare
from sim.metrics.paired import paired
from sim.metrics.result import HeadsetScores, ScoreResult, of_wearers
from sim.metrics.traits import Traits, parts, wearer_traits
from sim.seeding import generator
from tests.faces.ellipsoid_head import EllipsoidHead

SMALL = ScoreConfig(identities=7, donnings=2, points_per_region=24, seed=2, heat_map_samples=0, looks=True)
EXPRESSIONS = ("neutral", "smile")


@pytest.fixture(scope="module")
def result() -> ScoreResult:
    headsets = [load_headset("refa_green"), load_headset("refa_red")]
    return score(headsets, EllipsoidHead(), replace(SMALL, expressions=EXPRESSIONS), workers=1)


def _differences(rng: np.random.Generator, n: int, faces: int, skewed: bool) -> np.ndarray:
    """Differences (n, faces) of mean 1: wearers differ, and their faces around them."""
    wearer = rng.gamma(2.0, 0.5, n) - 1.0 if skewed else 0.7 * rng.standard_normal(n)
    return 1.0 + wearer[:, None] + 0.5 * rng.standard_normal((n, faces))


@pytest.mark.parametrize(("n", "skewed"), [(8, False), (30, False), (30, True)])
def test_the_interval_covers_the_true_difference_in_95_of_100_studies(n: int, skewed: bool) -> None:
    rng = np.random.default_rng(42)
    inside, by_face = 0, 0
    for _ in range(4000):
        faces = _differences(rng, n, 6, skewed)
        found = paired(faces.mean(axis=1))
        inside += found.low <= 1.0 <= found.high
        wrong = paired(faces)  # every face as if it were a wearer
        by_face += wrong.low <= 1.0 <= wrong.high
    assert 0.92 <= inside / 4000 <= 0.98
    assert by_face / 4000 < 0.85, "faces of one wearer are not independent; this check must tell"


def test_the_interval_against_a_printed_table() -> None:
    """Student's "Sleep" data, Biometrika 1908: ten differences, mean 1.58, s 1.23, t(9) = 2.262."""
    found = paired([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    assert found.mean == pytest.approx(1.58)
    assert found.low == pytest.approx(1.58 - 2.262157 * 1.229995 / np.sqrt(10), abs=1e-5)
    assert found.high == pytest.approx(1.58 + 2.262157 * 1.229995 / np.sqrt(10), abs=1e-5)
    assert found.clear
    assert found.n == 10


def test_few_wearers_have_no_interval() -> None:
    assert np.isnan(paired([]).mean)
    one = paired([2.0, np.nan])
    assert (one.mean, one.n) == (2.0, 1)
    assert np.isnan(one.low)
    assert not one.clear


def test_differences_by_hand(result: ScoreResult) -> None:
    comparison = compare(result)
    assert comparison.base == "refa_green"
    row = next(r for r in comparison.rows if (r.region, r.metric) == ("mouth", "visible_fraction"))
    green, red = (result.headsets[name].samples for name in ("refa_green", "refa_red"))
    by_wearer = []
    for i in range(SMALL.identities):
        a, b = ([s[c]["mouth"]["visible_fraction"][i] for c in ("mouth_left", "mouth_right")] for s in (green, red))
        by_wearer.append(sum(map(np.sum, b)) / 8 - sum(map(np.sum, a)) / 8)  # 2 cameras × 2 expressions × 2 donnings
    assert row.difference.mean == pytest.approx(sum(by_wearer) / 7)
    assert row.difference.n == 7
    assert row.better == pytest.approx(sum(d > 0 for d in by_wearer) / 7)
    assert row.other - row.base == pytest.approx(row.difference.mean)


def test_both_are_taken_over_the_samples_that_both_have(result: ScoreResult) -> None:
    """A layout that sees nothing in some faces, its hard ones, is not the better for that."""
    metric, rng = "resolution_px_per_mm", np.random.default_rng(0)
    base = rng.uniform(1.0, 3.0, (7, 2, 2))
    other = base + 0.1
    other[base < 2.0] = np.nan
    other[:, 0, 0] = base[:, 0, 0] + 0.1
    joined = {
        name: scores.joined(of_all_cameras={"mouth": {metric: values}})
        for (name, scores), values in zip(result.headsets.items(), (base, other), strict=True)
    }
    row = next(r for r in compare(replace(result, headsets=joined)).rows if (r.region, r.metric) == ("mouth", metric))
    assert (row.difference.low, row.difference.high) == (pytest.approx(0.1), pytest.approx(0.1))


def test_a_layout_against_itself_differs_by_nothing() -> None:
    green = load_headset("refa_green")
    config = replace(SMALL, identities=2, expressions=("neutral",))
    twins = score([green, replace(green, name="again")], EllipsoidHead(), config, workers=1)
    for row in compare(twins).rows:
        if row.difference.n:
            assert (row.difference.mean, row.difference.low, row.difference.high) == (0.0, 0.0, 0.0)
            assert row.better == 0.5
            assert not row.difference.clear


def test_a_score_of_another_kind_joins_in_one_place(result: ScoreResult) -> None:
    """Any metric of a wearer, better low, with a limit in mm: what observability will be."""
    errors = {"refa_green": np.array([0.4, 0.9, 1.1, 2.0, 0.7, 1.5, 0.2]), "refa_red": np.full(7, 0.8)}
    joined: dict[str, HeadsetScores] = {
        name: scores.joined(of_all_cameras={"mouth": {"observability_mm": errors[name]}})
        for name, scores in result.headsets.items()
    }
    comparison = compare(replace(result, headsets=joined), limits={"observability_mm": 1.0})
    (row,) = (r for r in comparison.rows if r.metric == "observability_mm")
    assert row.region == "mouth"
    assert row.limit is not None
    assert (row.limit.base, row.limit.other) == (4 / 7, 1.0)
    assert row.better == pytest.approx(4 / 7)
    assert row.difference.mean == pytest.approx(0.8 - errors["refa_green"].mean())


def test_limits_count_wearers(result: ScoreResult) -> None:
    values = np.sort(of_wearers(result.headsets["refa_green"].group_samples["mouth"]["visible_fraction"]))
    limit = float(values[2:4].mean())
    rows = compare(result, limits={"visible_fraction": limit}).rows
    row = next(r for r in rows if (r.region, r.metric) == ("mouth", "visible_fraction"))
    assert row.limit is not None
    assert row.limit.base == pytest.approx(4 / 7)
    with pytest.raises(SimError, match=r"'sharpness'.*visible_fraction"):
        compare(result, limits={"sharpness": 1.0})


def test_one_headset_is_nothing_to_compare(result: ScoreResult) -> None:
    alone = replace(result, headsets={"refa_green": result.headsets["refa_green"]})
    with pytest.raises(SimError, match=r"headsets >= 2.*refa_green"):
        compare(alone)


def test_groups_split_the_wearers_and_are_compared_apart(result: ScoreResult) -> None:
    traits = Traits(
        np.array([9.0, 1.0, 5.0, 3.0, 7.0, 2.0, 8.0]), np.full(7, 0.6), np.arange(7.0),
        np.array([True, False, False, True, False, False, False]), np.zeros(7, bool),
    )  # fmt: skip
    groups = parts(traits)
    assert [g.trait for g in groups] == ["face size"] * 3 + ["interpupillary distance"] * 3 + ["glasses"] * 2
    small, middle, large = (np.flatnonzero(g.members).tolist() for g in groups[:3])
    assert (small, middle, large) == ([1, 3, 5], [2, 4], [0, 6])
    assert groups[0].range == "1.00–3.00"
    row = compare(result, groups).rows[0]
    both = (result.headsets[name].group_samples for name in ("refa_green", "refa_red"))
    values = [of_wearers(samples[row.region][row.metric]) for samples in both]
    glasses = next(p for p in row.parts if (p.trait, p.name) == ("glasses", "yes"))
    assert glasses.difference.n == 2
    assert glasses.difference.mean == pytest.approx((values[1] - values[0])[[0, 3]].mean())


def test_traits_are_the_wearers_own() -> None:
    from faces import load_head_model

    head = load_head_model()
    traits = wearer_traits(head, replace(SMALL, identities=4))
    for i in range(4):
        identity = head.sample_identity(generator(2, "identity", i))
        measured = identity.describe()["measurements_mm"]
        assert traits.face_size_mm2[i] == pytest.approx(measured["bizygomatic_breadth"] * measured["menton_sellion"])  # type: ignore[index]
        assert traits.ipd_mm[i] == pytest.approx(measured["interpupillary_distance"], abs=0.2)  # type: ignore[index]
    assert ((traits.skin_reflectance > 0.3) & (traits.skin_reflectance < 0.7)).all()


def test_wearers_own_glasses_hide_their_eyes_and_nobody_elses() -> None:
    from faces import load_head_model
    from sim.wearers import wearer_identity, wearer_look

    head, green = load_head_model(), load_headset("refa_green")
    config = replace(
        SMALL, seed=1, identities=4, donnings=1, expressions=("neutral",), points_per_region=128, regions=()
    )
    bare, worn = (
        score([green], head, replace(config, looks=looks, glasses=False), workers=1)
        .headsets["refa_green"]
        .group_samples
        for looks in (False, True)
    )
    glasses = [wearer_look(1, i, wearer_identity(head, 1, i)).glasses is not None for i in range(4)]
    assert any(glasses)
    assert not all(glasses)
    for i, own in enumerate(glasses):
        before, after = (of_wearers(v["eye"]["visible_fraction"])[i] for v in (bare, worn))
        assert after < before - 0.005 if own else after == before
