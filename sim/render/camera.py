"""One camera's image: project, rasterise, light, antialias, and fill the buffers asked for."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import warp as wp

from headsets.headset import Camera
from sim.render.antialias import SAMPLES, blend, find_weights, store
from sim.render.attributes import depth_buffer, region_buffer, surface_buffers, triangle_buffer
from sim.render.buffers import ImageArrays
from sim.render.eye_pass import EyePass
from sim.render.frame import CameraFrame
from sim.render.hair import HairPass
from sim.render.light import LANES, light
from sim.render.lighting import Lighting
from sim.render.listing import list_pixels
from sim.render.mirror_pass import MirrorPass
from sim.render.rays import PADDING
from sim.render.scene import Fixed, Moving
from sim.render.settings import RenderSettings
from sim.render.spread import FLOOR, spread
from sim.render.targets import ORDINARY, THIN, LensView, Stations
from sim.render.thin import aim, cover, lay_over


@dataclass(frozen=True, eq=False)
class _Shot:
    """What the steps of one image share: arrays, scene, and the camera's pose."""

    image: ImageArrays
    lens: LensView
    stations: Stations
    fixed: Fixed
    moving: Moving
    names: tuple[str, ...]
    rotation: wp.mat33
    origin: wp.vec3

    @property
    def size(self) -> tuple[int, int]:
        return self.lens.grid.width, self.lens.grid.height

    @property
    def lit(self) -> bool:
        return "radiance" in self.names or "irradiance" in self.names


class CameraPass:
    """What it takes to render the cameras of a frame one after the other; arrays are reused."""

    def __init__(
        self, settings: RenderSettings, lighting: Lighting, eyes: EyePass, hair: HairPass, device: wp.Device
    ) -> None:
        self._hair = hair
        self._settings = settings
        self._lighting = lighting
        self._eyes = eyes
        self._device = device
        self.mirrors = MirrorPass(lighting, device)
        self.white = 0.0  # radiance of skin in full light, W/m²/sr
        self._images: dict[tuple[int, int], ImageArrays] = {}
        self._stands: WeakKeyDictionary[Camera, tuple[Stations, wp.mat33, wp.vec3]] = WeakKeyDictionary()
        self._one = wp.zeros(1, dtype=float, device=device)
        self._no_states = wp.zeros(1, dtype=int, device=device)

    def render(
        self,
        camera: Camera,
        lens: LensView,
        fixed: Fixed,
        moving: Moving,
        wanted: tuple[str, ...],
        resident: tuple[str, ...] = (),
    ) -> CameraFrame:
        """The buffers `wanted` of one camera, and on the device `resident`; the lighting must be prepared if they need
        light."""
        names = (*wanted, *(name for name in resident if name not in wanted))
        size = (lens.grid.width, lens.grid.height)
        if size not in self._images:
            self._images[size] = ImageArrays(*size, self._device)
        stations, rotation, origin = self._stand(camera)
        shot = _Shot(self._images[size], lens, stations, fixed, moving, names, rotation, origin)
        target = shot.image.target
        target.start(lens, stations, fixed, moving)
        target.draw(lens, stations, fixed, moving, ORDINARY)
        # Lashes are laid over the finished image by coverage; without antialiasing they are surfaces like any other.
        layered = self._settings.antialias and fixed.thin.shape[0] > 0
        if not layered:
            target.draw(lens, stations, fixed, moving, THIN)
        if shot.lit:
            self._light(shot)
        self._eyes.shade(shot.image, lens, fixed, moving.vertices, names, rotation, origin)
        if self._settings.antialias and "radiance" in names:
            self._antialias(shot)
        if "radiance" in names:
            self._eyes.add_glints(shot.image, lens, rotation, origin)
            pose = (shot.rotation, shot.origin)
            self._hair.draw(lens, target.ranges, pose, self._chunk(shot), shot.image.output("radiance"))
        if layered:
            if "radiance" in names and not self._hair.has_lashes:
                self._lay_thin_over(shot)
            target.draw(lens, stations, fixed, moving, THIN)
        if "radiance" in names:
            self.mirrors.draw(camera, lens, shot.image)
        self._fill(shot)
        self._eyes.fill_albedo(shot.image, names)
        return shot.image.download(wanted, lens.valid, resident)

    def _stand(self, camera: Camera) -> tuple[Stations, wp.mat33, wp.vec3]:
        """The camera's pose on the device; scipy takes a fifth of a millisecond for it."""
        if camera not in self._stands:
            matrix = camera.T_device_camera.rotation.as_matrix().astype(np.float32)
            stations = Stations(camera.position[None], matrix[None], self._device)
            self._stands[camera] = (stations, wp.mat33(matrix), wp.vec3(*camera.position.astype(np.float32)))
        return self._stands[camera]

    def _launch(self, kernel: wp.Kernel, count: int, inputs: list[object], outputs: list[object]) -> None:
        wp.launch(kernel, dim=count, inputs=inputs, outputs=outputs, device=self._device)

    def _chunk(self, shot: _Shot) -> int:
        """Pixels that a thread takes where it takes a row on the CPU."""
        return 1 if self._device.is_cuda else shot.size[0]

    def _fill(self, shot: _Shot) -> None:
        """Buffers that need no light."""
        image, fixed, names = shot.image, shot.fixed, shot.names
        ids, rays = image.target.ids, shot.lens.grid.rays
        if "depth" in names:
            self._launch(depth_buffer, image.pixels, [image.target.ranges, ids, rays], [image.output("depth")])
        if "region" in names:
            chunk = self._chunk(shot)
            self._launch(region_buffer, image.pixels // chunk, [chunk, ids, fixed.regions], [image.output("region")])
        if "triangle" in names:
            self._launch(triangle_buffer, image.pixels, [ids, fixed.order], [image.output("triangle")])
        surface = ("barycentric", "normal", "albedo")
        if any(name in names for name in surface):
            inputs = [ids, rays, fixed.triangles, shot.moving.vertices, shot.rotation]
            inputs += [shot.origin, self._lighting.packed.albedo_weight]
            self._launch(surface_buffers, image.pixels, inputs, [image.output(name, name in names) for name in surface])

    def _light(self, shot: _Shot) -> None:
        """Radiance and irradiance of every pixel; pairs of pixels for `_antialias`."""
        image = shot.image
        image.counts.zero_()
        radiance, irradiance = image.output("radiance"), image.output("irradiance", "irradiance" in shot.names)
        irradiance.zero_()  # stays so where nothing is seen
        chunk = self._chunk(shot)
        inputs = [chunk, *shot.size, image.target.ids, shot.fixed.solid]
        fixed = shot.fixed
        sparse = self._settings.sparse
        coarse = fixed.housing is not None and (sparse or self._settings.node_light)
        inputs += [int(self._settings.antialias), int(sparse), int(coarse), fixed.head_triangles]
        lists = [radiance, image.work, image.pairs, image.counts]
        self._launch(list_pixels, image.pixels // chunk, inputs, lists)
        count = int(image.counts.numpy()[0])
        ids, rays, outputs = image.target.ids, shot.lens.grid.rays, [radiance, irradiance]
        outputs.append(image.states if sparse or coarse else self._no_states)
        self._light_listed(shot, count, image.work, ids, rays, outputs)
        # What lies between lit pixels: first the housing's pixels of even column and row, then all others.
        steps = [(2, fixed.head_triangles)] if coarse else []
        steps += [(1, 0 if sparse else fixed.head_triangles)] if sparse or coarse else []
        for step, begin in steps:
            inputs = [chunk, *shot.size, step, begin, fixed.head_triangles, ids, fixed.materials, fixed.table]
            inputs += [image.target.ranges, image.states, int("irradiance" in shot.names)]
            inputs.append(FLOOR * self.white)
            self._launch(spread, image.pixels // chunk, inputs, [*outputs[:2], image.work, image.counts])
            count = int(image.counts.numpy()[1 + step])
            self._light_listed(shot, count, image.work, ids, rays, outputs)

    def _light_listed(
        self, shot: _Shot, count: int, work: wp.array, ids: wp.array, rays: wp.array, outputs: list[object]
    ) -> None:
        lanes = 1 if self._device.is_cuda else LANES
        fixed = shot.fixed
        inputs = [count, lanes, work, ids, rays, fixed.triangles, shot.moving.vertices, fixed.materials, fixed.table]
        inputs += [fixed.head_triangles, shot.rotation, shot.origin, shot.lens.pixel_angle]
        inputs += [shot.moving.maps, self._lighting.leds]
        self._launch(light, -(-count // lanes), inputs, outputs)

    def _antialias(self, shot: _Shot) -> None:
        """Find the outlines' weights, light the nearer surface there, and blend."""
        image, fixed, target = shot.image, shot.fixed, shot.image.target
        count = int(image.counts.numpy()[1])
        radiance = image.output("radiance")
        image.need_edges(count)
        inputs = [image.pairs, *shot.size, target.ranges, target.ids, shot.lens.grid.rays, fixed.triangles]
        inputs += [fixed.neighbours, shot.moving.vertices, fixed.materials, self._eyes.flags(fixed.table.shape[0])]
        # Where light is taken at the nodes it changes little within a pixel: the neighbour's will do.
        heads = 0 if self._settings.node_light else fixed.head_triangles
        inputs += [heads, shot.moving.pose, shot.rotation, shot.origin]
        samples = [image.edge_ids, image.edge_rays, image.edge_work, image.edge_shares, image.counts]
        self._launch(find_weights, count, inputs, [image.weights, image.sources, image.touched, *samples])
        lit = int(image.counts.numpy()[SAMPLES]) if heads else 0
        outputs = [image.edge_radiance, self._one, self._no_states]
        if lit:
            self._light_listed(shot, lit, image.edge_work, image.edge_ids, image.edge_rays, outputs)
        inputs = [image.touched, image.weights, image.sources, radiance, image.edge_radiance, image.edge_shares]
        self._launch(blend, 2 * count, [*inputs, shot.size[0]], [image.blended])
        self._launch(store, 2 * count, [image.touched, image.blended], [radiance, image.weights])

    def _lay_thin_over(self, shot: _Shot) -> None:
        """Light each thin triangle once, and blend them all over the image."""
        image, fixed, lens = shot.image, shot.fixed, shot.lens
        n = fixed.thin.shape[0]
        if image.thin_rays.shape[1] != n + PADDING:
            image.thin_rays = wp.zeros((3, n + PADDING), dtype=float, device=self._device)
            image.thin_radiance = wp.zeros(n, dtype=float, device=self._device)
            image.thin_work = wp.empty(n, dtype=int, device=self._device)
            image.thin_boxes = wp.empty(n, dtype=wp.vec4i, device=self._device)
        image.counts.zero_()
        scene = [fixed.thin, fixed.triangles, shot.moving.pose.positions, shot.rotation, shot.origin, lens.grid]
        lists = [image.thin_rays, image.thin_boxes, image.thin_work, image.counts]
        self._launch(aim, n, [*scene, lens.directions], lists)
        count = int(image.counts.numpy()[0])
        self._light_listed(
            shot, count, image.thin_work, fixed.thin, image.thin_rays, [image.thin_radiance, self._one, self._no_states]
        )
        inputs = [image.thin_work, *scene, image.thin_boxes, image.target.ranges, image.thin_radiance]
        self._launch(cover, count, inputs, [image.thin_samples, image.thin_light])
        radiance, chunk = image.output("radiance"), self._chunk(shot)
        self._launch(lay_over, image.pixels // chunk, [chunk], [image.thin_samples, image.thin_light, radiance])
