"""Lips that close, and teeth and tongue that stay behind them."""

import numpy as np
import pytest
import trimesh
from trimesh.ray.ray_pyembree import RayMeshIntersector

from faces.expressions import PEAKS

INSIDE = ("teeth", "gums", "tongue", "mouth_interior")
SHUT = (
    *("neutral", "closed_eyes", "smile", "pucker", "press", "lips_rolled_in", "viseme_mm", "cheek_puff", "frown"),
    *("pout", "dimples", "mouth_left", "mouth_right", "lips_closed_jaw_open", "nose_sneer", "brows_up"),
)


def inside_share(head, identity, weights, camera) -> float:
    """Share of rays towards the mouth from a point (m, head frame) that first meet what lips should hide."""
    mesh = head.mesh(identity, weights)
    t = mesh.topology
    regions = np.array(t.region_labels)[t.region_ids]
    x, y = np.meshgrid(np.linspace(-0.035, 0.035, 160), np.linspace(-0.095, -0.05, 160))
    targets = np.stack([x.ravel(), y.ravel(), np.full(x.size, 0.012)], axis=1)
    rays = targets - camera
    caster = RayMeshIntersector(trimesh.Trimesh(mesh.vertices, mesh.triangles, process=False))
    hit = caster.intersects_first(np.broadcast_to(camera, rays.shape), rays)
    return float(np.isin(regions[hit[hit >= 0]], INSIDE).mean())


@pytest.mark.parametrize("name", SHUT)
def test_shut_lips_show_nothing_behind_them(head, name):
    for camera in ((0.0, -0.065, 0.2), (0.03, -0.065, 0.085)):
        assert inside_share(head, head.neutral_identity(), PEAKS[name], np.array(camera)) < 2e-4, camera


def test_sampled_wearers_shut_their_lips(head):
    for seed in range(12):
        identity = head.sample_identity(np.random.default_rng(seed))
        assert inside_share(head, identity, {}, np.array([0.0, -0.065, 0.2])) < 1e-3, seed


@pytest.mark.parametrize("amount", [0.25, 0.5, 0.75, 1.0])
def test_mouth_close_undoes_jaw_open(head, amount):
    identity, camera = head.neutral_identity(), np.array([0.0, -0.065, 0.2])
    assert inside_share(head, identity, {"jawOpen": amount}, camera) > 0.01
    assert inside_share(head, identity, {"jawOpen": amount, "mouthClose": amount}, camera) < 3e-4


def test_teeth_and_tongue_stay_behind_the_lips(head):
    """Seen from the front, no tooth lies before the lips; the tongue does only when it is put out."""
    t = head.topology
    regions = np.array(t.region_labels)[t.region_ids]

    def foremost(mesh, *names: str) -> float:
        return float(mesh.vertices[np.unique(t.triangles[np.isin(regions, names)]), 2].max())

    for name, weights in PEAKS.items():
        mesh = head.mesh(head.neutral_identity(), weights)
        lips = foremost(mesh, "lip_upper", "lip_lower")
        assert foremost(mesh, "teeth", "gums") < lips, name
        if not weights.get("tongueOut"):
            assert foremost(mesh, "tongue") < lips, name
    out = head.mesh(head.neutral_identity(), PEAKS["tongue_out"])
    assert foremost(out, "tongue") > foremost(out, "lip_lower")
