"""Clusters hold every triangle once, and point at the right vertices."""

import numpy as np
import trimesh

from sim.render.clusters import CLUSTER, cluster
from sim.render.scene import edge_neighbours


def test_clusters_partition_the_triangles_by_key():
    ball = trimesh.creation.icosphere(subdivisions=4)
    triangles = np.asarray(ball.faces, np.int32)
    keys = (np.asarray(ball.triangles_center)[:, 2] > 0.3).astype(int)
    got = cluster(triangles, edge_neighbours(triangles), keys)
    assert sorted(got.order.tolist()) == list(range(len(triangles)))
    sizes = np.diff(got.starts)
    assert sizes.max() <= CLUSTER
    assert sizes.mean() > 0.8 * CLUSTER
    radii = []
    for c, (begin, end) in enumerate(zip(got.starts[:-1], got.starts[1:], strict=True)):
        members = got.order[begin:end]
        assert len(set(keys[members])) == 1
        own = got.vertices[got.vertex_starts[c] : got.vertex_starts[c + 1]]
        assert (np.diff(own) > 0).all()
        np.testing.assert_array_equal(own[got.corners[begin:end]], triangles[members])
        points = ball.vertices[own]
        radii.append(np.linalg.norm(points - points.mean(0), axis=1).max())
    assert np.median(radii) < 0.35  # compact: a cap of 64 of these 5,120 triangles has a radius of 0.22


def test_no_triangles_make_no_clusters():
    empty = np.zeros((0, 3), np.int32)
    got = cluster(empty, empty, np.zeros(0, int))
    assert got.starts.tolist() == [0]
    assert got.corners.shape == (0, 3)
