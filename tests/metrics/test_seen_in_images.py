"""What the scores call seen against rendered depth: a point is seen where its pixel is as deep as the point."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import cKDTree

from faces import load_head_model
from headsets import load_headset
from headsets.housing import housing_of
from headsets.housing_spec import Interface
from sim.housing import face_points
from sim.metrics.evaluate import LASHES
from sim.metrics.occlusion import Occluder
from sim.metrics.resolution import LensDensity
from sim.metrics.surface import sample_surface
from sim.metrics.visibility import Surroundings, place_camera, seen_points, view_points
from sim.metrics.worn import WornHousing
from sim.render.renderer import Renderer
from sim.render.settings import DIRECT
from sim.seeding import generator
from tests.resampled import resampled

POINTS = 1500
FINER = 4
"""Depth is rendered so many times finer than the camera's image, as pixels at edges show one side of them only."""
DEPTH_M = 0.5e-3
GROOVE_M = 2.5 * Interface().yields_over_m
"""Nearer to the facial interface images show a groove that the scores' faces lack."""
SLANT = 0.1
"""Points whose cosine to the line of sight is smaller are left out: nearly all lie within a pixel of a silhouette."""
EDGES = 0.02
"""Share of points whose pixel's centre may fall on the other side of an edge."""


@pytest.fixture(scope="module")
def head():
    return load_head_model()


@pytest.fixture(scope="module")
def renderer():
    return Renderer(settings=replace(DIRECT, specular=False, shadows=False, antialias=False))


class Scene:
    """One wearer in one donning of a headset, through the scores and through the renderer."""

    def __init__(self, head, renderer, name, expression, cameras, wearer=1):
        headset, topology = load_headset(name), head.topology
        identity = head.sample_identity(generator(0, "identity", wearer))
        donning = headset.donning.sample(generator(0, "donning", wearer), 1)[0]
        self.headset, self.topology, self.pose = headset, topology, donning.as_matrix()[None]
        self.reference = head.mesh(head.neutral_identity()).vertices
        self.neutral, self.mesh = head.mesh(identity), head.mesh(identity, head.peaks[expression])
        lashes = topology.region_labels.index(LASHES)
        self.face = Occluder(self.mesh.vertices, topology.triangles[topology.region_ids != lashes])
        self.worn = WornHousing(housing_of(headset), 1, topology, self.reference)
        self.worn.wear(self.neutral, self.pose)
        eyes = self.mesh.T_head_eye[:, :3, 3]
        skin = donning.apply(self.mesh.vertices[face_points(topology)])
        housing = housing_of(headset)
        around = housing.vertices(np.linalg.norm(eyes[0] - eyes[1]), skin)
        self.contacts = donning.inv().apply(housing.contacts(around))
        fine = replace(
            headset,
            cameras={
                name: replace(camera, lens=resampled(camera.lens, FINER)) for name, camera in headset.cameras.items()
            },
        )
        self.frames = renderer.render(fine, self.mesh, donning, ("depth", "region"), cameras)
        self.lashes = lashes

    def compare(self, camera_name, region, housing=True):
        """(N,) seen by the score, and in the image, of the points in the frame that face the camera."""
        camera = self.headset.cameras[camera_name]
        triangles = self.topology.triangles[self.topology.region_triangles(region)]
        drawn = sample_surface(np.random.default_rng(3), self.reference, triangles, POINTS)
        points = drawn.locate(self.mesh.vertices)
        placed = place_camera(camera.lens, camera.T_device_camera.as_matrix(), self.pose)
        view = view_points(placed, points)
        seen = seen_points(view, placed, points, Surroundings((self.face,), self.worn.occluders if housing else ()))
        seen &= ~self.worn.covers(drawn.locate(self.neutral.vertices))
        frame, framed = self.frames[camera_name], view.framed[0]
        x, y = np.round((view.pixels[0, framed] + 0.5) * FINER - 0.5).astype(int).T
        # Across a pixel a slanted surface's depth changes by the pixel's width there times the slant's tangent.
        cosine = view.facing[0, framed]
        width = view.distances[0, framed] / np.sqrt(LensDensity(camera.lens).at(view.pixels[0, framed])) / FINER
        tolerance = DEPTH_M + width * np.sqrt(1 - cosine**2) / cosine
        with np.errstate(invalid="ignore"):
            shown = np.abs(frame.depth[y, x] - placed.to_camera(points.positions)[0, framed, 2]) < tolerance
        alike = (frame.region[y, x] != self.lashes) & (cosine > SLANT)  # scores leave lashes out
        alike &= cKDTree(self.contacts).query(points.positions[framed])[0] > GROOVE_M
        return seen[0, framed][alike], shown[alike]


@pytest.fixture(scope="module")
def red(head, renderer):
    return Scene(head, renderer, "refa_red", "neutral", ("eye_left", "eye_right", "mouth_left", "glabella"))


@pytest.mark.parametrize(
    ("camera", "region"),
    [
        ("eye_left", "eye_left"),
        ("eye_right", "cheeks"),  # some of it behind foam
        ("mouth_left", "mouth"),
        ("mouth_left", "nose"),  # most of it behind a barrel
        ("glabella", "glabella"),
    ],
)
def test_seen_is_what_the_image_shows(red, camera, region):
    seen, shown = red.compare(camera, region)
    assert len(seen) > 200
    assert (seen != shown).mean() <= EDGES


def test_the_interface_of_the_neutral_face_serves_expressions(head, renderer):
    """Ufe's foam reaches to the brows: made from the raised brows themselves it hides the same of them."""
    scene = Scene(head, renderer, "ufe", "brows_up", ("eye_left", "eye_right"))
    of_neutral = [scene.compare(camera, camera) for camera in ("eye_left", "eye_right")]
    scene.worn.wear(scene.mesh, scene.pose)
    for (seen, shown), camera in zip(of_neutral, ("eye_left", "eye_right"), strict=True):
        assert (seen != shown).mean() <= EDGES
        assert (seen != scene.compare(camera, camera)[0]).mean() <= EDGES


def test_a_barrel_hides_the_glabella_where_the_shell_does_not(red):
    """Orange's and red's glabella cameras look up between the barrels; where these close in, they stand before it."""
    seen, shown = red.compare("glabella", "glabella")
    alone, _ = red.compare("glabella", "glabella", housing=False)
    hidden = alone & ~seen
    assert hidden.mean() > 0.1
    assert shown[hidden].mean() <= EDGES
