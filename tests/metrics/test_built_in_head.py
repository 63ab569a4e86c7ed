"""The fast scores against the slow reference on the built-in head: few points, many triangles."""

from __future__ import annotations

import by_hand
import numpy as np
import pytest

from faces import load_head_model
from headsets import load_headset
from headsets.housing import housing_of
from headsets.housing_spec import Interface
from sim.housing import face_points
from sim.metrics import ScoreConfig, score
from sim.metrics.keypoints import KEY_POINTS, scored_keypoints
from sim.metrics.surface import sample_surface
from sim.seeding import generator

UNDER_M = Interface().yields_over_m * np.sqrt(np.log(2.0))  # where a Gaussian groove is half as deep
CONFIG = ScoreConfig(
    identities=1,
    donnings=1,
    expressions="jaw_drop,smile",
    points_per_region=40,
    seed=1,
    glasses=True,
    heat_map_samples=0,
)


def test_agrees_with_the_slow_reference():
    head, headset = load_head_model(), load_headset("refa_green")
    topology = head.topology
    result = score([headset], head, CONFIG, workers=1).headsets["refa_green"]
    identity = head.sample_identity(generator(1, "identity", 0))
    donning = headset.donning.sample(generator(1, "donning", 0), 1)[0]
    reference = head.mesh(head.neutral_identity()).vertices
    neutral, posed = head.mesh(identity), head.mesh(identity, [head.peaks["jaw_drop"], head.peaks["smile"]])
    solid = topology.triangles[topology.region_ids != topology.region_labels.index("lashes")]
    frame_vertices, frame_triangles = headset.keep_out.glasses.mesh()
    housing, eyes = housing_of(headset), neutral.T_head_eye[:, :3, 3]
    worn = housing.vertices(
        np.linalg.norm(eyes[0] - eyes[1]), donning.apply(neutral.vertices[face_points(topology.head)])
    )
    touched = donning.inv().apply(housing.contacts(worn))
    for name in ("eye_left", "mouth_left", "glabella"):
        camera = headset.cameras[name]
        (region,) = camera.sees
        got = result.samples[name][region]
        triangles = topology.triangles[topology.region_triangles(region)]
        points = sample_surface(generator(1, f"points of {region}"), reference, triangles, 40)
        _, _, axis = by_hand.look(camera, donning, np.zeros(3))
        for e in range(2):
            vertices = posed.vertices[e]
            face = [vertices[solid], frame_vertices[frame_triangles]]
            under = by_hand.near(neutral.vertices, points, touched, UNDER_M)
            expected = by_hand.sight(camera, donning, vertices, points, face, [worn[housing.triangles]], under)
            expected["visibility"] = by_hand.visibility(vertices, triangles, axis)
            for metric, value in expected.items():
                assert got[metric][0, e, 0] == pytest.approx(value, rel=1e-4, abs=1e-9), (metric, name)
        chosen = list(scored_keypoints(topology, region))
        motion = by_hand.range_of_motion(camera, donning, neutral.keypoints[chosen], posed.keypoints[:, chosen])
        assert got["range_of_motion"][0, 0] == pytest.approx(motion, rel=1e-9)


def test_the_built_in_head_has_all_key_points():
    topology = load_head_model().topology
    for region, names in KEY_POINTS.items():
        chosen = scored_keypoints(topology, region)
        assert tuple(topology.keypoint_names[k] for k in chosen) == names
        assert set(chosen) <= set(topology.region_keypoints[region])
        assert scored_keypoints(topology, region, "all") == tuple(topology.region_keypoints[region])
