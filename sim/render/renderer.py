"""Render every camera of a headset on a posed head."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.hair.growth import grow
from faces.mesh import HeadMesh, Topology
from headsets.headset import Headset
from headsets.housing import Housing, housing_of
from headsets.lenses.lens import Lens
from sim.errors import SimError
from sim.render.camera import CameraPass
from sim.render.device import compile_kernels, open_device
from sim.render.eye_pass import EyePass
from sim.render.frame import RESIDENT, CameraFrame, check_buffers
from sim.render.hair import HairPass
from sim.render.lighting import Lighting
from sim.render.panes import frame_mirrors
from sim.render.scene import Fixed, Moving, upload_fixed, upload_moving
from sim.render.settings import RenderSettings
from sim.render.skin import SkinTextures
from sim.render.surface_light import SurfaceLight
from sim.render.tables import lens_tables
from sim.render.targets import ALL, ORDINARY, LensView

HOUSINGS = 4
"""Those used last are kept for other headsets with the same shell and lens barrels."""
LENSES = 64
"""Tables of those used last are kept, 6 MB each at 400 x 400: data sets vary lenses from headset to headset."""


class Renderer:
    """Images and buffers of a head in a headset; keeps tables and device memory from call to call.

    One renderer serves one thread. On the CPU a call uses one core: run one renderer a process (`sim.render.pool`).
    The same call gives the same bytes, whatever was rendered before, in this process or another.

    Args:
        device: "cpu", "cuda" or "cuda:0"…
        settings: what is rendered; see `RenderSettings`.
        report: progress of loading the kernels, which are compiled on their first use on a machine (4 s); see
            `sim.render.device.compile_kernels`.

    Raises:
        SimError: there is no such device.
    """

    def __init__(
        self,
        device: str = "cpu",
        settings: RenderSettings | None = None,
        report: Callable[[str, int, int], None] | None = None,
    ) -> None:
        self.settings = settings or RenderSettings()
        self.device = open_device(device)
        compile_kernels(self.device, report)
        self._lighting = Lighting(self.settings, self.device)
        self._skin = SkinTextures(self.settings.skin_maps, self.device)
        self._surface_light = SurfaceLight(self.settings, self.device)
        self._eyes = EyePass(self.settings, self._lighting, self.device)
        self._hair = HairPass(self.device)
        self._camera_pass = CameraPass(self.settings, self._lighting, self._eyes, self._hair, self.device)
        self._fixed: WeakKeyDictionary[Topology, tuple[Housing | None, Fixed]] = WeakKeyDictionary()
        self._housings: WeakKeyDictionary[Headset, Housing | None] = WeakKeyDictionary()
        self._built: list[tuple[tuple[object, ...], Housing | None]] = []
        self._lenses: OrderedDict[Lens, LensView] = OrderedDict()
        self._drawn: tuple[Moving, Fixed, int] | None = None
        self._housing_triangles: WeakKeyDictionary[Fixed, NDArray[np.int32]] = WeakKeyDictionary()

    def render(
        self,
        headset: Headset,
        mesh: HeadMesh,
        T_device_head: RigidTransform | None = None,
        buffers: Iterable[str] = ("radiance",),
        cameras: Iterable[str] | None = None,
        resident: Iterable[str] = (),
    ) -> Mapping[str, CameraFrame]:
        """Render one frame: one instant, seen by all cameras.

        Args:
            headset: its cameras, LEDs and shell.
            mesh: one posed head (no batch), head frame.
            T_device_head: how the headset sits; None: nominal.
            buffers: which buffers to fill, of `sim.render.BUFFERS`.
            cameras: names of the cameras to render, None: all.
            resident: which buffers to hand out on the device, of `sim.render.frame.RESIDENT`; none of them comes to the
                host unless `buffers` names it too.

        Returns:
            Frames by camera name, in the order asked for.

        Raises:
            SimError: an unknown buffer, a batch of meshes, coordinates that are not finite.
            UnknownPartError: an unknown camera.
        """
        names, kept = check_buffers(buffers), check_buffers(resident, RESIDENT)
        views = [headset.camera(name) for name in (headset.cameras if cameras is None else cameras)]
        fixed = self._upload_fixed(mesh.topology, self._housing(headset) if self.settings.shell else None)
        moving = upload_moving(fixed, mesh, T_device_head, self._skin, self.device, self.settings.hair)
        self._drawn = moving, fixed, len(mesh.vertices)
        self._lighting.set_leds(tuple(headset.leds.values()))
        lit = any(name in ("radiance", "irradiance") for name in (*names, *kept))
        if lit:
            mirrors = frame_mirrors(self.settings, headset, mesh, T_device_head)
            self._camera_pass.mirrors.frame = mirrors
            self._lighting.set_sheets(mirrors.layers)
            strands = grow(mesh) if self.settings.hair else None
            # Lashes among the strands shade by opacity, like other hair, in place of the mesh's ribbons.
            fringed = strands is not None and strands.grown < strands.count
            self._lighting.prepare(fixed, moving, ORDINARY if fringed else ALL)
            self._hair.clear(self._lighting.leds)
            if strands is not None:
                self._hair.prepare(strands, T_device_head, self._lighting.leds, fixed, moving)
            self._surface_light.set_openness(fixed, mesh.topology)
            self._surface_light.prepare(fixed, moving, self._lighting.leds, self._hair.share)
            self._camera_pass.white = self._surface_light.white(fixed, moving)
        self._eyes.prepare(mesh, T_device_head, lit)
        return {
            view.name: self._camera_pass.render(view, self._lens(view.lens), fixed, moving, names, kept)
            for view in views
        }

    def forget_standing(self) -> None:
        """Free the images of housings: cameras and LEDs have moved, and will not come back to where they were."""
        for _, fixed in self._fixed.values():
            fixed.standing.clear()

    def drawn(self) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Where the latest frame's vertices were drawn, device frame, m: (V + H, 3), the head's first, then the
        housing's; and the housing's triangles (T, 3) among them, the same array for the same housing.

        The head's differ from the mesh's where the facial interface presses the skin.

        Raises:
            SimError: nothing was rendered yet.
        """
        if self._drawn is None:
            raise SimError("`render` must come first, before `drawn`")
        moving, fixed, first = self._drawn
        if fixed not in self._housing_triangles:
            own = np.zeros((0, 3), np.int32) if fixed.housing is None else fixed.housing.triangles
            self._housing_triangles[fixed] = (own + first).astype(np.int32)
        return np.asarray(moving.pose.positions.numpy()), self._housing_triangles[fixed]

    def _housing(self, headset: Headset) -> Housing | None:
        """Headsets that differ in cameras and LEDs alone share one."""
        if headset not in self._housings:
            parts = (headset.shell, headset.keep_out.lens_barrels, headset.ipd_mm, headset.housing)
            known = [housing for key, housing in self._built if key == parts]
            housing = known[0] if known else housing_of(headset)
            self._built = [(parts, housing), *((k, h) for k, h in self._built if k != parts)][:HOUSINGS]
            self._housings[headset] = housing
        return self._housings[headset]

    def _upload_fixed(self, topology: Topology, housing: Housing | None) -> Fixed:
        cached = self._fixed.get(topology)
        if cached is None or cached[0] is not housing:
            cached = (housing, upload_fixed(topology, housing, self.settings, self.device))
            self._fixed[topology] = cached
        return cached[1]

    def _lens(self, lens: Lens) -> LensView:
        if lens not in self._lenses:
            self._lenses[lens] = LensView(lens_tables(lens), self.device)
            if len(self._lenses) > LENSES:
                self._lenses.popitem(last=False)
        self._lenses.move_to_end(lens)
        return self._lenses[lens]
