"""The eyes of a frame on the device, and the steps that a camera's image takes for them."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
import warp as wp
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.eyes.illumination import diffuse_gain, iris_light
from faces.eyes.texture import iris_map, vessel_map
from faces.look import EyeLook
from faces.materials import MATERIALS
from faces.mesh import HeadMesh, Topology
from sim.render.buffers import ImageArrays
from sim.render.eyes import Eyes, list_eyes, mark_leds, shade_eyes, store_albedo
from sim.render.glints import CORNEAL, glints
from sim.render.lid_curves import lid_curves, lid_keypoints
from sim.render.lighting import Lighting
from sim.render.meniscus import SAMPLES, menisci
from sim.render.scene import Fixed
from sim.render.settings import RenderSettings
from sim.render.targets import LensView

PARTS = ("pupil", "iris", "sclera")
"""Materials of an eyeball."""


class EyePass:
    """Refraction, iris, sclera and glints of both eyes; does nothing for heads without eyes.

    Pixels are listed once an image; `shade` lights them, `add_glints` and `fill_albedo` follow.
    """

    def __init__(self, settings: RenderSettings, lighting: Lighting, device: wp.Device) -> None:
        self._settings = settings
        self._lighting = lighting
        self._device = device
        self._eyes: Eyes | None = None
        self._curves: wp.array | None = None
        self._maps: tuple[int, wp.array, wp.array] | None = None
        self._is_eye: WeakKeyDictionary[Topology, wp.array] = WeakKeyDictionary()
        self._lids: WeakKeyDictionary[Topology, NDArray[np.intp] | None] = WeakKeyDictionary()
        self._flags: wp.array | None = None
        self._no_flags = wp.zeros(1, dtype=int, device=device)
        self._work = wp.zeros(1, dtype=int, device=device)
        self._albedo = wp.zeros(1, dtype=float, device=device)
        self._fills = wp.zeros(2, dtype=float, device=device)
        self._bearings = wp.zeros(2, dtype=wp.vec4, device=device)
        self._light = wp.array(iris_light(), dtype=float, device=device) if settings.eyes else None
        self._gain = diffuse_gain() if settings.eyes else 0.0
        self._counts = wp.zeros(1, dtype=int, device=device)
        self._count = 0

    def prepare(self, mesh: HeadMesh, T_device_head: RigidTransform | None, lit: bool) -> None:
        """Pose the eyes of a frame; the lighting must be prepared if it is `lit`."""
        self._eyes = None
        turn = mesh.T_head_eye[..., :3, :3]
        if not self._settings.eyes or not np.allclose(np.linalg.det(turn), 1.0, atol=1e-3):
            return
        centres = mesh.T_head_eye[:, :3, 3]
        if T_device_head is not None:
            centres, turn = T_device_head.apply(centres), T_device_head.rotation.as_matrix() @ turn
        turn = turn * np.array([[1.0, 1, 1], [-1, 1, 1]])[:, None]
        eyes, look = Eyes(), mesh.look.eyes
        eyes.rotations = wp.array(turn.astype(np.float32), dtype=wp.mat33, device=self._device)
        eyes.centres = wp.array(centres.astype(np.float32), dtype=wp.vec3, device=self._device)
        self._set_look(eyes, look)
        self._curves = None
        if lit and self._settings.specular and (points := self._lid_keypoints(mesh.topology)) is not None:
            curves = lid_curves(mesh, points, SAMPLES)
            curves = curves if T_device_head is None else T_device_head.apply(curves.reshape(-1, 3)).reshape(4, -1, 3)
            self._curves = wp.array(curves.astype(np.float32), dtype=wp.vec3, device=self._device)
        self._eyes, self._flags = eyes, self._upload_flags(mesh.topology)
        leds, count = self._lighting.leds, 2 * self._lighting.packed.count
        if self._fills.shape[0] < count:
            self._fills = wp.zeros(count, dtype=float, device=self._device)
            self._bearings = wp.zeros(count, dtype=wp.vec4, device=self._device)
        if lit:
            self._launch(mark_leds, count, [eyes, leds], [self._fills, self._bearings])

    def shade(
        self,
        image: ImageArrays,
        lens: LensView,
        fixed: Fixed,
        vertices: wp.array,
        names: tuple[str, ...],
        rotation: wp.mat33,
        origin: wp.vec3,
    ) -> None:
        """List the pixels that see an eye, and shade them."""
        self._count = 0
        wanted = "radiance" in names or "albedo" in names
        if self._eyes is None or not wanted:
            return
        if self._work.shape[0] < image.pixels:
            self._work = wp.empty(image.pixels, dtype=int, device=self._device)
            self._albedo = wp.empty(image.pixels, dtype=float, device=self._device)
        self._counts.zero_()
        target, grid = image.target, lens.grid
        inputs = [grid.width, grid.height, grid, rotation, origin, self._eyes, target.ids, fixed.materials]
        inputs += [self._flags, target.ranges]
        self._launch(list_eyes, grid.tiles.shape[0] * grid.tiles.shape[1], inputs, [self._work, self._counts])
        self._count = int(self._counts.numpy()[0])
        lit = "radiance" in names
        inputs = [
            self._work,
            target.ids,
            fixed.triangles,
            vertices,
            target.ranges,
            grid.rays,
            rotation,
            origin,
            lens.pixel_angle,
        ]
        inputs += [
            self._lighting.packed.albedo_weight,
            self._eyes,
            self._lighting.leds,
            self._fills,
            self._bearings,
            int(lit),
        ]
        self._launch(shade_eyes, self._count, inputs, [image.output("radiance", lit), self._albedo])

    def add_glints(self, image: ImageArrays, lens: LensView, rotation: wp.mat33, origin: wp.vec3) -> None:
        """Reflections of the LEDs in both corneas and along the lids."""
        if not self._count or not self._settings.specular or not self._lighting.packed.count:
            return
        inputs = [lens.grid, lens.directions, lens.pixel_angle, rotation, origin, self._eyes, self._lighting.leds]
        inputs += [image.target.ranges]
        count, radiance = self._lighting.packed.count, image.output("radiance")
        self._launch(glints, CORNEAL * count, inputs, [radiance])
        if self._curves is not None:
            inputs = [self._curves, lens.grid, lens.directions, rotation, origin, self._eyes, self._lighting.leds]
            self._launch(menisci, 4 * count, [*inputs, image.target.ranges], [radiance])

    def flags(self, materials: int) -> wp.array:
        """(materials,) 1 for those that `shade` lights."""
        if self._eyes is not None and self._flags is not None:
            return self._flags
        if self._no_flags.shape[0] != materials:
            self._no_flags = wp.zeros(materials, dtype=int, device=self._device)
        return self._no_flags

    def fill_albedo(self, image: ImageArrays, names: tuple[str, ...]) -> None:
        """What a ray meets behind the cornea, into the albedo buffer."""
        if self._count and "albedo" in names:
            self._launch(store_albedo, self._count, [self._work, self._albedo], [image.output("albedo")])

    def _set_look(self, eyes: Eyes, look: EyeLook) -> None:
        painted = np.array(MATERIALS["sclera"].albedo)
        eyes.pupil, eyes.limbus = 0.5e-3 * look.pupil_diameter_mm, 1e-3 * look.limbus_width_mm
        eyes.iris, eyes.vessels, eyes.bright = look.iris_albedo, look.vessel_strength, look.bright_pupil
        eyes.dark, eyes.lobe = look.pupil_albedo, look.bright_width_rad
        eyes.sclera = look.sclera_albedo / painted[0]
        eyes.sclera_albedo = wp.vec2(*(eyes.sclera * painted))
        if self._maps is None or self._maps[0] != look.seed:
            iris, vessels = (wp.array(m(look.seed), dtype=float, device=self._device) for m in (iris_map, vessel_map))
            self._maps = (look.seed, iris, vessels)
        eyes.light, eyes.gain = self._light, self._gain
        eyes.iris_map, eyes.vessel_map = self._maps[1:]

    def _lid_keypoints(self, topology: Topology) -> NDArray[np.intp] | None:
        if topology not in self._lids:
            self._lids[topology] = lid_keypoints(topology)
        return self._lids[topology]

    def _upload_flags(self, topology: Topology) -> wp.array:
        if topology not in self._is_eye:
            flags = np.array([name in PARTS for name in topology.material_names] + [False], np.int32)
            self._is_eye[topology] = wp.array(flags, dtype=int, device=self._device)
        return self._is_eye[topology]

    def _launch(self, kernel: wp.Kernel, count: int, inputs: list[object], outputs: list[object]) -> None:
        wp.launch(kernel, dim=count, inputs=inputs, outputs=outputs, device=self._device)
