"""Sun past the facial interface, from the headset file to electrons, against rays cast at head and housing."""

from dataclasses import replace

import numpy as np
import trimesh

from faces import load_head_model
from headsets import load_headset
from headsets.housing import housing_of
from sim.render import DIRECT, Renderer
from sim.render.ambient import Ambient
from sim.render.scene import face_points
from sim.sensor import capture
from tests.render.render_scenes import points
from tests.sensor.test_capture import BARE
from tests.sensor.test_driven import slow_response

CAMERA, SUN = "mouth_left", np.array([0.55, -0.45, 0.7036])
IRRADIANCE, EXPOSURE_US = 8.0, 1000.0


def test_the_sun_falls_in_where_nothing_stands_before_it(pictures):
    """Electrons of Lambert's law where a ray to the sun is free, none where it is not.

    The lamp that stands for the sun is 2 m away, and the face 5 cm nearer: 5 % too bright.
    """
    whole = load_headset("refa_green")
    camera = whole.camera(CAMERA)
    chip = {"bits": 16, "auto_exposure": None, "dark_e_per_s": 0.0, "full_well_e": 60000.0}
    camera = replace(camera, sensor=replace(camera.sensor, **chip))
    parts = replace(
        whole,
        cameras={CAMERA: camera},
        leds={n: replace(led, radiant_intensity_w_sr=0.0) for n, led in whole.leds.items()},
    )
    model = load_head_model()
    mesh = model.mesh(model.neutral_identity())
    light = Ambient(sun_direction=tuple(SUN / np.linalg.norm(SUN)), sun_irradiance_w_m2=IRRADIANCE)
    buffers = ("depth", "normal", "albedo", "region")
    renderer = Renderer(settings=replace(DIRECT, antialias=False, sparse=False))
    shot = capture(renderer, parts, mesh, settings=BARE, ambient=light, exposure_us=EXPOSURE_US, buffers=buffers)[
        CAMERA
    ]
    got = (shot.dn.astype(float) - camera.sensor.black_dn) / camera.sensor.gain

    frame, step = shot.frame, np.s_[::4, ::4]
    face = (frame.region >= 0)[step]
    p = points(camera, frame.depth)[step][face]
    n = (frame.normal @ camera.T_device_camera.rotation.as_matrix().T)[step][face]
    to = 2.0 * SUN / np.linalg.norm(SUN) - p  # a lamp 2 m away stands for it
    to /= np.linalg.norm(to, axis=1, keepdims=True)
    cosine = np.einsum("ij,ij->i", n, to)
    housing = housing_of(parts)
    eyes = mesh.T_head_eye[:, :3, 3]
    around = housing.vertices(np.linalg.norm(eyes[0] - eyes[1]), mesh.vertices[face_points(mesh.topology)])
    bodies = trimesh.util.concatenate(
        [
            trimesh.Trimesh(mesh.vertices, mesh.triangles, process=False),
            trimesh.Trimesh(around, housing.triangles, process=False),
        ]
    )
    free = (cosine > 0) & ~bodies.ray.intersects_any(p + 1e-3 * n + 5e-4 * to, to)
    optics, sensor = camera.optics, camera.sensor
    gather = np.pi * optics.transmission / (1 + 4 * optics.f_number**2) * (sensor.pixel_um * 1e-6) ** 2
    per_radiance = gather * slow_response(sensor, optics.band_pass_nm) * EXPOSURE_US * 1e-6
    whole_face = np.zeros(face.shape)
    whole_face[face] = per_radiance * frame.albedo[step][face] / np.pi * IRRADIANCE * np.maximum(cosine, 0.0) * free
    pictures.keep(CAMERA, np.where(face, got[step], 0.0), whole_face)
    lit, seen, wanted = free & (cosine > 0.2), got[step][face], whole_face[face]
    error = np.abs(seen - wanted)[lit] / wanted[lit]
    assert lit.sum() > 300 < (~free).sum()
    assert np.median(error) < 0.06
    assert np.percentile(error, 95) < 0.08
    assert seen[~free].sum() < 0.02 * seen.sum()
