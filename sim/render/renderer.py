"""Render every camera of a headset on a posed head."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from weakref import WeakKeyDictionary

from scipy.spatial.transform import RigidTransform

from faces.hair.growth import grow
from faces.mesh import HeadMesh, Topology
from headsets.headset import Headset
from headsets.housing import Housing, housing_of
from headsets.lenses.lens import Lens
from sim.render.camera import CameraPass
from sim.render.device import compile_kernels, open_device
from sim.render.eye_pass import EyePass
from sim.render.frame import CameraFrame, check_buffers
from sim.render.hair import HairPass
from sim.render.lighting import Lighting
from sim.render.panes import frame_mirrors
from sim.render.scene import Fixed, upload_fixed, upload_moving
from sim.render.settings import RenderSettings
from sim.render.skin import SkinTextures
from sim.render.surface_light import SurfaceLight
from sim.render.tables import lens_tables
from sim.render.targets import ALL, ORDINARY, LensView


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
        self._lenses: dict[Lens, LensView] = {}

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
        fixed = self._upload_fixed(mesh.topology, self._housing(headset) if self.settings.shell else None)
        moving = upload_moving(fixed, mesh, T_device_head, self._skin, self.device, self.settings.hair)
        self._lighting.set_leds(tuple(headset.leds.values()))
        lit = "radiance" in names or "irradiance" in names
        if lit:
            strands = grow(mesh) if self.settings.hair else None
            # Lashes among the strands shade by opacity, like other hair, in place of the mesh's ribbons.
            fringed = strands is not None and strands.grown < strands.count
            self._lighting.prepare(fixed, moving, ORDINARY if fringed else ALL)
            self._hair.clear()
            if strands is not None:
                self._hair.prepare(strands, T_device_head, self._lighting.leds, fixed, moving)
            self._surface_light.set_openness(fixed, mesh.topology)
            self._surface_light.prepare(fixed, moving, self._lighting.leds)
            self._camera_pass.mirrors.frame = frame_mirrors(self.settings, headset, mesh, T_device_head)
        self._eyes.prepare(mesh, T_device_head, lit)
        return {
            view.name: self._camera_pass.render(view, self._lens(view.lens), fixed, moving, names) for view in views
        }

    def _housing(self, headset: Headset) -> Housing | None:
        if headset not in self._housings:
            # One that differs in cameras or LEDs alone has the same housing, and what was made for it is kept.
            found = next((k for h, k in list(self._housings.items()) if _same_housing(h, headset)), None)
            self._housings[headset] = housing_of(headset) if found is None else found
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
        return self._lenses[lens]


def _same_housing(one: Headset, other: Headset) -> bool:
    return one.shell is other.shell and one.keep_out is other.keep_out and one.ipd_mm == other.ipd_mm
