"""Render every camera of a headset on a posed head."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from weakref import WeakKeyDictionary

import numpy as np
import warp as wp
from scipy.spatial.transform import RigidTransform

from faces.mesh import HeadMesh, Topology
from headsets.headset import Camera, Headset, Shell
from headsets.lenses.lens import Lens
from sim.render.antialias import blend, find_weights, store
from sim.render.buffers import ImageArrays
from sim.render.device import open_device
from sim.render.frame import CameraFrame, check_buffers
from sim.render.lighting import Lighting
from sim.render.scene import Fixed, Moving, upload_fixed, upload_moving
from sim.render.settings import RenderSettings
from sim.render.shade import WRITES, shade
from sim.render.tables import lens_tables
from sim.render.targets import LensArrays, Projection


class Renderer:
    """Images and buffers of a head in a headset; keeps tables and device memory from call to call.

    One renderer serves one thread. On the CPU a call uses one core: run one renderer a process (`sim.render.pool`).
    The same call gives the same bytes, whatever was rendered before, in this process or another.

    Args:
        device: "cpu", "cuda" or "cuda:0"…
        settings: what is rendered; see `RenderSettings`.

    Raises:
        SimError: there is no such device.
    """

    def __init__(self, device: str = "cpu", settings: RenderSettings | None = None) -> None:
        self.settings = settings or RenderSettings()
        self.device = open_device(device)
        self._lighting = Lighting(self.settings, self.device)
        self._fixed: WeakKeyDictionary[Topology, tuple[Shell | None, Fixed]] = WeakKeyDictionary()
        self._lenses: dict[Lens, LensArrays] = {}
        self._images: dict[tuple[int, int], ImageArrays] = {}
        self._view: Projection | None = None

    def render(
        self,
        headset: Headset,
        mesh: HeadMesh,
        T_device_head: RigidTransform | None = None,
        buffers: Iterable[str] = ("radiance",),
        cameras: Iterable[str] | None = None,
    ) -> Mapping[str, CameraFrame]:
        """Render one frame: one instant, seen by all cameras.

        Args:
            headset: its cameras, LEDs and shell.
            mesh: one posed head (no batch), head frame.
            T_device_head: how the headset sits; None: nominal.
            buffers: which buffers to fill, of `sim.render.BUFFERS`.
            cameras: names of the cameras to render, None: all.

        Returns:
            Frames by camera name, in the order asked for.

        Raises:
            SimError: an unknown buffer, a batch of meshes, coordinates that are not finite.
            UnknownPartError: an unknown camera.
        """
        names = check_buffers(buffers)
        views = [headset.camera(name) for name in (headset.cameras if cameras is None else cameras)]
        fixed = self._upload_fixed(mesh.topology, headset.shell if self.settings.shell else None)
        moving = upload_moving(fixed, mesh, T_device_head, self.device)
        lit = "radiance" in names or "irradiance" in names
        self._lighting.set_leds(tuple(headset.leds.values()))
        if lit:
            self._lighting.draw_shadows(fixed, moving)
        return {view.name: self._render_camera(view, fixed, moving, names) for view in views}

    def _render_camera(self, camera: Camera, fixed: Fixed, moving: Moving, names: tuple[str, ...]) -> CameraFrame:
        lens = self._lens(camera.lens)
        size = (lens.table.width, lens.table.height)
        if size not in self._images:
            self._images[size] = ImageArrays(*size, self.device)
        image = self._images[size]
        n = moving.positions.shape[0]
        if self._view is None or self._view.positions.shape != (1, n):
            self._view = Projection(1, n, self.device)
        view = self._view
        rotation = wp.mat33(camera.T_device_camera.rotation.as_matrix().astype(np.float32))
        view.move(camera.position[None])
        lens.project(view, moving.positions, rotation)
        image.target.draw(lens.table, view, fixed, moving)
        antialias = self.settings.antialias and "radiance" in names
        image.count.zero_()
        wp.launch(
            shade,
            dim=size[0] * size[1],
            inputs=[
                image.target.ranges,
                image.target.ids,
                lens.table.rays,
                fixed.triangles,
                moving.vertices,
                fixed.materials,
                fixed.table,
                fixed.regions,
                fixed.head_triangles,
                rotation,
                wp.vec3(*camera.position.astype(np.float32)),
                self._lighting.packed.albedo_weight,
                int(self.settings.specular),
                *self._lighting.kernel_inputs(),
                sum(1 << i for i, name in enumerate(WRITES) if name in names),
                int(antialias),
                *size,
            ],
            outputs=[*(image.output(name, name in names) for name in WRITES), image.pairs, image.count],
            device=self.device,
        )
        if antialias:
            self._antialias(lens, image, fixed, view)
        return image.download(names, lens.valid)

    def _antialias(self, lens: LensArrays, image: ImageArrays, fixed: Fixed, view: Projection) -> None:
        size = (lens.table.width, lens.table.height)
        count = int(image.count.numpy()[0])
        radiance = image.outputs["radiance"]
        image.weights.zero_()
        wp.launch(
            find_weights,
            dim=count,
            inputs=[
                image.pairs,
                *size,
                image.target.ranges,
                image.target.ids,
                lens.table.rays,
                fixed.triangles,
                fixed.neighbours,
                view.positions,
            ],
            outputs=[image.weights, image.touched],
            device=self.device,
        )
        wp.launch(
            blend,
            dim=count,
            inputs=[image.touched, image.weights, radiance, *size],
            outputs=[image.blended],
            device=self.device,
        )
        wp.launch(store, dim=count, inputs=[image.touched, image.blended], outputs=[radiance], device=self.device)

    def _upload_fixed(self, topology: Topology, shell: Shell | None) -> Fixed:
        cached = self._fixed.get(topology)
        if cached is None or cached[0] is not shell:
            cached = (shell, upload_fixed(topology, shell, self.device))
            self._fixed[topology] = cached
        return cached[1]

    def _lens(self, lens: Lens) -> LensArrays:
        if lens not in self._lenses:
            self._lenses[lens] = LensArrays(lens_tables(lens), self.device)
        return self._lenses[lens]
