"""The scores as a whole: against a slow reference, and their invariants."""

from __future__ import annotations

import dataclasses
import json

import by_hand
import numpy as np
import pytest

from headsets import load_headset
from headsets.housing import housing_of
from headsets.housing_spec import Interface
from sim.errors import SimError
from sim.housing import face_points
from sim.metrics import ScoreConfig, score
from sim.metrics.config import PEAKS
from sim.metrics.surface import sample_surface
from sim.seeding import generator
from tests.faces.ellipsoid_head import EllipsoidHead

UNDER_M = Interface().yields_over_m * np.sqrt(np.log(2.0))  # where a Gaussian groove is half as deep
SMALL = ScoreConfig(identities=2, donnings=2, points_per_region=24, seed=5, heat_map_samples=6)


@pytest.fixture(scope="module")
def head():
    return EllipsoidHead()


@pytest.fixture(scope="module")
def green():
    return load_headset("refa_green")


@pytest.fixture(scope="module")
def result(head, green):
    return score([green], head, SMALL, workers=1)


def test_coverage_is_what_either_camera_sees(head, green, result):
    scores = result.headsets["refa_green"]
    topology, reference = head.topology, head.mesh(head.neutral_identity()).vertices
    triangles = topology.triangles[topology.region_triangles("mouth")]
    points = sample_surface(generator(5, "points of mouth"), reference, triangles, 24)
    housing, skin = housing_of(green), face_points(topology)
    identity = head.sample_identity(generator(5, "identity", 0))
    neutral = head.mesh(identity)
    eyes = neutral.T_head_eye[:, :3, 3]
    more = 0
    for d, worn_so in enumerate(green.donning.sample(generator(5, "donning", 0), SMALL.donnings)):
        worn = housing.vertices(np.linalg.norm(eyes[0] - eyes[1]), worn_so.apply(neutral.vertices[skin]))
        under = by_hand.near(neutral.vertices, points, worn_so.inv().apply(housing.contacts(worn)), UNDER_M)
        for e in (0, 2):
            vertices = head.mesh(identity, head.peaks[result.expressions[e]]).vertices
            around = [vertices[topology.triangles]], [worn[housing.triangles]], under
            left, right = (
                np.array(by_hand.seen(green.cameras[name], worn_so, vertices, points, *around))
                for name in ("mouth_left", "mouth_right")
            )
            areas = np.array(by_hand.areas(vertices, points))
            more += int((left ^ right).sum())
            expected = areas[left | right].sum() / areas.sum()
            assert scores.group_samples["mouth"]["coverage"][0, e, d] == pytest.approx(expected, rel=1e-4)
    assert more > 0


def test_a_poor_camera_more_takes_nothing_from_the_coverage(head, green):
    few = dataclasses.replace(green, cameras={n: c for n, c in green.cameras.items() if n != "mouth_right"})
    away = dataclasses.replace(
        green.cameras["mouth_right"], T_device_camera=green.cameras["glabella"].T_device_camera, mirror_of=None
    )
    more = dataclasses.replace(few, name="more", cameras={**few.cameras, "mouth_right": away})
    found = score([few, more], head, SMALL, workers=1).headsets
    one, two = (found[name].groups["mouth"] for name in ("refa_green", "more"))
    assert two["visible_fraction"].mean < one["visible_fraction"].mean
    assert two["coverage"].mean >= one["coverage"].mean
    assert one["coverage"] == one["visible_fraction"]


def test_agrees_with_the_slow_reference(head, green, result):
    scores = result.headsets["refa_green"]
    topology = head.topology
    reference = head.mesh(head.neutral_identity()).vertices
    housing, skin = housing_of(green), face_points(topology)
    for i in range(SMALL.identities):
        identity = head.sample_identity(generator(5, "identity", i))
        donnings = green.donning.sample(generator(5, "donning", i), SMALL.donnings)
        neutral = head.mesh(identity)
        posed = [head.mesh(identity, head.peaks[name]) for name in result.expressions]
        eyes = neutral.T_head_eye[:, :3, 3]
        for d in range(SMALL.donnings):
            worn = housing.vertices(np.linalg.norm(eyes[0] - eyes[1]), donnings[d].apply(neutral.vertices[skin]))
            touched = donnings[d].inv().apply(housing.contacts(worn))
            for camera in (green.cameras["eye_left"], green.cameras["mouth_right"], green.cameras["glabella"]):
                region = camera.sees[0]
                got = scores.samples[camera.name][region]
                keypoints = list(topology.region_keypoints[region])
                by_expression = [
                    m.keypoints[keypoints] for m, n in zip(posed, result.expressions, strict=True) if n != "neutral"
                ]
                expected = by_hand.range_of_motion(camera, donnings[d], neutral.keypoints[keypoints], by_expression)
                assert got["range_of_motion"][i, d] == pytest.approx(expected, rel=1e-9)
                triangles = topology.triangles[topology.region_triangles(region)]
                points = sample_surface(generator(5, f"points of {region}"), reference, triangles, 24)
                under = by_hand.near(neutral.vertices, points, touched, UNDER_M)
                for e in (0, 1, 2):
                    vertices = posed[e].vertices
                    _, _, axis = by_hand.look(camera, donnings[d], np.zeros(3))
                    assert got["visibility"][i, e, d] == pytest.approx(
                        by_hand.visibility(vertices, triangles, axis), abs=1e-12
                    )
                    face = vertices[topology.triangles]
                    own = [face], [worn[housing.triangles]]
                    for metric, value in by_hand.sight(camera, donnings[d], vertices, points, *own, under).items():
                        assert got[metric][i, e, d] == pytest.approx(value, rel=1e-4, nan_ok=True), (
                            metric,
                            camera.name,
                        )


def test_the_same_for_any_number_of_workers_and_again(head, green, result):
    other = load_headset("ufe")
    alone, pair = (score([green, other], head, SMALL, workers=n) for n in (1, 2))
    assert json.dumps(alone.to_json()) == json.dumps(pair.to_json())
    for name in alone.headsets:
        np.testing.assert_array_equal(alone.headsets[name].heat, pair.headsets[name].heat)
    # Company changes nothing either: common random numbers.
    assert alone.headsets["refa_green"].to_json() == result.headsets["refa_green"].to_json()


def test_another_seed_is_another_score(head, green, result):
    other = score([green], head, dataclasses.replace(SMALL, seed=6), workers=1)
    assert other.to_json()["headsets"] != result.to_json()["headsets"]


def test_mirror_twins_score_alike(head, green):
    """On a mirror-symmetric head, expression and donning, a camera and its twin have the same scores."""
    still = dataclasses.replace(green, donning=type(green.donning)())
    config = dataclasses.replace(
        SMALL, donnings=1, points_per_region=2000, expressions=("jaw_drop", "smile", "closed_eyes")
    )
    samples = score([still], head, config, workers=1).headsets["refa_green"].samples
    for left, right in (("eye_left", "eye_right"), ("mouth_left", "mouth_right")):
        region = green.cameras[left].sees[0]
        for metric, ours in samples[left][region].items():
            theirs = samples[right][green.cameras[right].sees[0]][metric]
            # Sight is sampled, and the points are not mirrored; the rest is exact.
            sampled = metric in ("visibility_seen", "visible_fraction", "resolution_px_per_mm")
            np.testing.assert_allclose(ours, theirs, atol=0.02 if sampled else 1e-9, err_msg=metric)


def test_groups_average_the_cameras_that_see_them(result):
    scores = result.headsets["refa_green"]
    left, right = scores.samples["eye_left"]["eye_left"], scores.samples["eye_right"]["eye_right"]
    assert set(scores.groups) == {"eye", "mouth", "glabella"}
    for metric in ("visibility", "range_of_motion"):
        samples = (left[metric] + right[metric]) / 2
        statistic = scores.groups["eye"][metric]
        assert statistic.mean == pytest.approx(samples.mean())
        assert statistic.sd == pytest.approx(samples.std(ddof=1))
        assert statistic.p5 == pytest.approx(np.percentile(samples, 5))
    fraction = scores.groups["mouth"]["visible_fraction"]
    assert 0 <= fraction.p5 <= fraction.mean <= 1


def test_heat_map_is_the_share_of_faces(head, result):
    heat = result.headsets["refa_green"].camera_heat("glabella")
    asked = np.isfinite(heat)
    assert asked[head.topology.region_triangles("glabella")].all()
    assert not asked[head.topology.region_triangles("none")].any()
    np.testing.assert_allclose(heat[asked] * 6, np.round(heat[asked] * 6), atol=1e-6)
    assert heat[head.topology.region_triangles("glabella")].mean() > heat[head.topology.region_triangles("chin")].mean()


def test_worst_expressions_come_first(head, result):
    values = list(result.headsets["refa_green"].by_expression("mouth_left").values())
    assert values == sorted(values)
    assert set(result.headsets["refa_green"].by_expression("mouth_left")) == set(head.peaks)


def test_json_has_the_published_form(result):
    plain = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert set(plain) == {"schema_version", "config", "headsets"}
    assert plain["config"]["seed"] == 5
    assert plain["config"]["expressions"] == list(result.expressions)
    headset = plain["headsets"]["refa_green"]
    needed = {"visibility", "range_of_motion", "visibility_seen", "visible_fraction", "resolution_px_per_mm"}
    for group in ("eye", "mouth", "glabella"):
        assert needed <= set(headset["regions"][group])
        assert set(headset["regions"][group]["visibility"]) == {"mean", "sd", "p5"}
    assert set(headset["cameras"]) == {"eye_left", "eye_right", "mouth_left", "mouth_right", "glabella"}
    assert needed <= set(headset["cameras"]["mouth_left"]["regions"]["mouth"])


def test_glasses_hide_part_of_the_eyes(head, green):
    config = dataclasses.replace(SMALL, expressions="neutral", points_per_region=400)
    bare, worn = (
        score([green], head, dataclasses.replace(config, glasses=flag), workers=1).headsets["refa_green"].groups["eye"]
        for flag in (False, True)
    )
    assert worn["visible_fraction"].mean < bare["visible_fraction"].mean - 0.01
    assert worn["visibility"] == bare["visibility"]


def test_progress_counts_every_face(head, green):
    calls = []
    score([green], head, SMALL, progress=lambda done, total: calls.append((done, total)), workers=1)
    assert calls[-1] == (10, 10)
    assert calls == sorted(calls)


def test_neutral_alone_has_no_motion_to_measure(head, green):
    result = score([green], head, dataclasses.replace(SMALL, expressions="neutral"), workers=1)
    assert result.headsets["refa_green"].to_json()["regions"]["mouth"]["range_of_motion"]["mean"] is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"identities": 0}, "`identities >= 1`"),
        ({"donnings": -1}, "`donnings >= 1`"),
        ({"seed": 1.5}, "`seed >= 0`"),
        ({"points_per_region": 0}, "`points_per_region >= 1`"),
        ({"expressions": ""}, "`expressions`"),
    ],
)
def test_bad_configurations_are_named(values, words):
    with pytest.raises(SimError, match=words):
        ScoreConfig(**values)


def test_unknown_expressions_list_the_known(head, green):
    with pytest.raises(SimError, match=r"'grin'.*Sets: peaks.*jaw_drop"):
        ScoreConfig(expressions="smile,grin").expression_names(head)
    with pytest.raises(SimError, match="once"):
        ScoreConfig(expressions=("smile", "smile")).expression_names(head)
    assert ScoreConfig(expressions="smile, brows_up").expression_names(head) == ("smile", "brows_up")
    assert ScoreConfig(expressions=PEAKS).expression_names(head) == tuple(head.peaks)


def test_headsets_must_be_there_and_differ(head, green):
    with pytest.raises(SimError, match="at least one"):
        score([], head, SMALL)
    with pytest.raises(SimError, match="refa_green, refa_green"):
        score([green, green], head, SMALL)
    with pytest.raises(SimError, match="workers"):
        score([green], head, SMALL, workers=0)
