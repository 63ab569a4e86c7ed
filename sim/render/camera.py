"""One camera's image: project, rasterise, light, antialias, and fill the buffers asked for."""

from __future__ import annotations

import numpy as np
import warp as wp

from headsets.headset import Camera
from sim.render.antialias import blend, find_weights, list_pixels, store
from sim.render.attributes import depth_buffer, region_buffer, surface_buffers, triangle_buffer
from sim.render.buffers import ImageArrays
from sim.render.frame import CameraFrame
from sim.render.light import LANES, light
from sim.render.lighting import Lighting
from sim.render.scene import Fixed, Moving
from sim.render.settings import RenderSettings
from sim.render.targets import LensArrays, Projection


class CameraPass:
    """What it takes to render the cameras of a frame one after the other; arrays are reused."""

    def __init__(self, settings: RenderSettings, lighting: Lighting, device: wp.Device) -> None:
        self._settings = settings
        self._lighting = lighting
        self._device = device
        self._images: dict[tuple[int, int], ImageArrays] = {}
        self._view = Projection(1, 1, device)

    def render(
        self, camera: Camera, lens: LensArrays, fixed: Fixed, moving: Moving, names: tuple[str, ...]
    ) -> CameraFrame:
        """The buffers `names` of one camera; the lighting must be prepared if they need light."""
        size = (lens.table.width, lens.table.height)
        if size not in self._images:
            self._images[size] = ImageArrays(*size, self._device)
        image = self._images[size]
        n = moving.positions.shape[0]
        if self._view.positions.shape != (1, n):
            self._view = Projection(1, n, self._device)
        rotation = wp.mat33(camera.T_device_camera.rotation.as_matrix().astype(np.float32))
        origin = wp.vec3(*camera.position.astype(np.float32))
        self._view.move(camera.position[None])
        lens.project(self._view, moving.positions, rotation)
        image.target.draw(lens.table, self._view, fixed, moving)
        self._fill(image, lens, fixed, moving, names, rotation, origin)
        if "radiance" in names or "irradiance" in names:
            self._light(image, lens, fixed, moving, names, rotation, origin)
        if "radiance" in names and self._settings.antialias:
            self._antialias(image, lens, fixed)
        return image.download(names, lens.valid)

    def _launch(self, kernel: wp.Kernel, count: int, inputs: list[object], outputs: list[object]) -> None:
        wp.launch(kernel, dim=count, inputs=inputs, outputs=outputs, device=self._device)

    def _fill(
        self,
        image: ImageArrays,
        lens: LensArrays,
        fixed: Fixed,
        moving: Moving,
        names: tuple[str, ...],
        rotation: wp.mat33,
        origin: wp.vec3,
    ) -> None:
        """Buffers that need no light."""
        ids = image.target.ids
        if "depth" in names:
            self._launch(
                depth_buffer, image.pixels, [image.target.ranges, ids, lens.table.rays], [image.output("depth")]
            )
        if "region" in names:
            self._launch(region_buffer, image.pixels, [ids, fixed.regions], [image.output("region")])
        if "triangle" in names:
            self._launch(triangle_buffer, image.pixels, [ids, fixed.head_triangles], [image.output("triangle")])
        surface = ("barycentric", "normal", "albedo")
        if any(name in names for name in surface):
            self._launch(
                surface_buffers,
                image.pixels,
                [
                    ids,
                    lens.table.rays,
                    fixed.triangles,
                    moving.vertices,
                    fixed.head_triangles,
                    rotation,
                    origin,
                    self._lighting.packed.albedo_weight,
                ],
                [image.output(name, name in names) for name in surface],
            )

    def _light(
        self,
        image: ImageArrays,
        lens: LensArrays,
        fixed: Fixed,
        moving: Moving,
        names: tuple[str, ...],
        rotation: wp.mat33,
        origin: wp.vec3,
    ) -> None:
        image.counts.zero_()
        radiance, irradiance = image.output("radiance"), image.output("irradiance", "irradiance" in names)
        irradiance.zero_()  # stays so where nothing is seen
        self._launch(
            list_pixels,
            image.pixels,
            [lens.table.width, lens.table.height, image.target.ids, fixed.triangles, int(self._settings.antialias)],
            [radiance, image.work, image.pairs, image.counts],
        )
        count = int(image.counts.numpy()[0])
        lanes = 1 if self._device.is_cuda else LANES
        self._launch(
            light,
            -(-count // lanes),
            [
                count,
                lanes,
                image.work,
                image.target.ids,
                lens.table.rays,
                fixed.triangles,
                moving.vertices,
                fixed.materials,
                fixed.table,
                fixed.head_triangles,
                rotation,
                origin,
                *self._lighting.kernel_inputs,
            ],
            [radiance, irradiance],
        )

    def _antialias(self, image: ImageArrays, lens: LensArrays, fixed: Fixed) -> None:
        size = [lens.table.width, lens.table.height]
        count = int(image.counts.numpy()[1])
        target, radiance = image.target, image.output("radiance")
        self._launch(
            find_weights,
            count,
            [
                image.pairs,
                *size,
                target.ranges,
                target.ids,
                lens.table.rays,
                fixed.triangles,
                fixed.neighbours,
                self._view.positions,
            ],
            [image.weights, image.touched],
        )
        self._launch(blend, 2 * count, [image.touched, image.weights, radiance, size[0]], [image.blended])
        self._launch(store, 2 * count, [image.touched, image.blended], [radiance, image.weights])
