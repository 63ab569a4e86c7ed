"""Digital numbers of all cameras of a headset: rendering, lens, exposure and sensor in one call.

    electrons on the axis = A · π τ / (1 + 4 N²) · (Σ_led R_led L_led min(pulse, t) + R_band L_ambient t)

with the pixel's area A, the responses R of `sim.sensor.response`, and radiances L blurred by the lens. Of these,
`sim.sensor.chain` makes numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.mesh import HeadMesh
from headsets.headset import AutoExposure, Camera, Headset
from sim.errors import SimError
from sim.render.ambient import Ambient
from sim.render.frame import CameraFrame
from sim.render.renderer import Renderer
from sim.seeding import generator
from sim.sensor.auto_exposure import Exposure, default_auto_exposure, first_exposure, metered, next_exposure
from sim.sensor.blur import Blur
from sim.sensor.chain import SensorChain
from sim.sensor.exposure import housing_vignetting, irradiance_per_radiance, relative_illumination
from sim.sensor.lights import LightGroup, light_groups
from sim.sensor.motion import average_frames
from sim.sensor.response import band_response
from sim.sensor.settings import ImageSettings

Moment = tuple[HeadMesh, RigidTransform | None]
"""A posed head, and how the headset sits on it."""
_SETTLED, _MOST_ROUNDS = 1e-3, 64


@dataclass(frozen=True, eq=False)
class Capture:
    """What one camera records.

    Attributes:
        dn: (H, W) digital numbers, uint8 up to 8 bits, else uint16.
        exposure: what it was taken with.
        frame: the rendered buffers, radiance (while the LEDs shine) among them.
    """

    dn: NDArray[np.uint8] | NDArray[np.uint16]
    exposure: Exposure
    frame: CameraFrame


class Recorder:
    """The cameras of one headset over time: their fixed patterns, and the state of their exposures.

    The same seed, frame numbers and calls give the same bytes; the noise of a frame depends on seed, frame number and
    camera alone.

    Args:
        renderer: makes the radiance; its device does the rest too.
        headset: cameras and LEDs; LEDs may be changed from frame to frame (`record(headset=…)`).
        settings: which steps are taken.
        seed: of fixed patterns and noise.
        exposure_us: None: as the headset file says, automatic or fixed; "auto": automatic, by priors where the file
            states none; a number: fixed at it.

    Raises:
        SimError: an exposure that is not above 0.
    """

    def __init__(
        self,
        renderer: Renderer,
        headset: Headset,
        settings: ImageSettings | None = None,
        seed: int = 0,
        exposure_us: float | Literal["auto"] | None = None,
    ) -> None:
        if exposure_us is not None and exposure_us != "auto" and not 0.0 < exposure_us < 1e7:
            raise SimError(f"`0 < exposure_us < 1e7` must hold, got {exposure_us} (Recorder)")
        self.renderer = renderer
        self.headset = headset
        self.settings = settings or ImageSettings()
        self.seed = seed
        self._exposure_us = exposure_us
        self._chips: dict[str, _Chip] = {}

    def record(
        self,
        mesh: HeadMesh,
        T_device_head: RigidTransform | None = None,
        frame: int = 0,
        *,
        buffers: Iterable[str] = (),
        cameras: Iterable[str] | None = None,
        ambient: Ambient | None = None,
        moments: Sequence[Moment] = (),
        headset: Headset | None = None,
        settle: bool = False,
    ) -> Mapping[str, Capture]:
        """Record one frame; automatic exposures then move on.

        Args:
            mesh, T_device_head: the wearer at the middle of the exposure.
            frame: number of the frame; the noise depends on it.
            buffers: of the rendering, to keep.
            cameras: names, None: all.
            ambient: light beside the LEDs'; it falls in during the whole exposure.
            moments: heads at steps over the exposure, in place of `mesh` for the light: motion blur.
            headset: the same cameras with LEDs driven otherwise (`sim.drive`); None: as given at first.
            settle: let automatic exposures converge on this scene first, as for single frames.

        Raises:
            SimError, UnknownPartError: see `Renderer.render`.
        """
        worn = headset or self.headset
        names = list(self.headset.cameras if cameras is None else cameras)
        views = {name: worn.camera(name) for name in names}
        wanted = [*buffers, "radiance"]
        wanted += ["depth"] if self.settings.defocus else []
        wanted += ["normal", "albedo"] if ambient is not None and not ambient.dark else []
        unique = tuple(dict.fromkeys(wanted))
        plans = {name: light_groups(worn, view) for name, view in views.items()}
        frames = _render(self.renderer, worn, (mesh, T_device_head), moments, unique, names)
        lights = self._lights(worn, (mesh, T_device_head), moments, plans, frames)
        out = {}
        for name, view in views.items():
            chip = self._chip(view)
            glow = None if ambient is None or ambient.dark else ambient_radiance(ambient, view, frames[name])
            scene = _Scene(view, lights[name], glow, _mean_wavelength(worn))
            if settle:
                chip.settle(scene)
            dn = chip.expose(scene, frames[name].depth, generator(self.seed, f"sensor noise {name}", frame))
            out[name] = Capture(dn, chip.exposure, frames[name])
            chip.move_on(dn)
        return out

    def _lights(
        self,
        headset: Headset,
        moment: Moment,
        moments: Sequence[Moment],
        plans: Mapping[str, tuple[LightGroup, ...]],
        frames: Mapping[str, CameraFrame],
    ) -> dict[str, list[tuple[LightGroup, NDArray[np.float32]]]]:
        """Each camera's groups of LEDs with the radiance of each."""
        lights: dict[str, list[tuple[LightGroup, NDArray[np.float32]]]] = {name: [] for name in plans}
        wanting: dict[LightGroup, list[str]] = {}
        for name, groups in plans.items():
            for group in groups:
                wanting.setdefault(group, []).append(name)
        for group, names in wanting.items():
            seen = frames
            if not group.covers(headset):
                lit = group.headset(headset)
                seen = _render(self.renderer, lit, moment, moments, ("radiance",), names)
            for name in names:
                lights[name].append((group, np.asarray(seen[name].radiance)))
        return lights

    def _chip(self, camera: Camera) -> _Chip:
        if camera.name not in self._chips:
            automatic = None if isinstance(self._exposure_us, float | int) else camera.sensor.auto_exposure
            if self._exposure_us == "auto" and automatic is None:
                automatic = default_auto_exposure(camera.sensor)
            chip = _Chip(camera, self.settings, self.seed, str(self.renderer.device), automatic)
            if isinstance(self._exposure_us, float | int):
                chip.exposure = Exposure(float(self._exposure_us))
            self._chips[camera.name] = chip
        return self._chips[camera.name]


def capture(
    renderer: Renderer,
    headset: Headset,
    mesh: HeadMesh,
    T_device_head: RigidTransform | None = None,
    *,
    settings: ImageSettings | None = None,
    seed: int = 0,
    frame: int = 0,
    exposure_us: float | Literal["auto"] | None = None,
    buffers: Iterable[str] = (),
    cameras: Iterable[str] | None = None,
    ambient: Ambient | None = None,
    moments: Sequence[Moment] = (),
) -> Mapping[str, Capture]:
    """One frame by itself, automatic exposures settled on it; see `Recorder` and `Recorder.record`."""
    recorder = Recorder(renderer, headset, settings, seed, exposure_us)
    return recorder.record(
        mesh,
        T_device_head,
        frame,
        buffers=buffers,
        cameras=cameras,
        ambient=ambient,
        moments=moments,
        settle=True,
    )


def ambient_radiance(ambient: Ambient, camera: Camera, frame: CameraFrame) -> NDArray[np.float32]:
    """(H, W) W/m²/sr in band that surfaces send from ambient light, as if in the open: neither face nor shell shadows.

    An upper bound inside a headset. Needs the buffers normal and albedo.
    """
    normals = np.asarray(frame.normal) @ camera.T_device_camera.rotation.as_matrix().T.astype(np.float32)
    return np.asarray(np.asarray(frame.albedo) * ambient.irradiance(normals) / np.pi, np.float32)


@dataclass(frozen=True, eq=False)
class _Scene:
    """The light before one camera."""

    camera: Camera
    lights: Sequence[tuple[LightGroup, NDArray[np.float32]]]
    ambient: NDArray[np.float32] | None
    wavelength_nm: float

    def electrons(self, exposure_us: float) -> NDArray[np.float32]:
        """(H, W) on the axis, before blur."""
        camera = self.camera
        gather = irradiance_per_radiance(camera.optics) * (camera.sensor.pixel_um * 1e-6) ** 2 * 1e-6
        total = np.zeros((camera.height_px, camera.width_px), np.float32)
        for group, radiance in self.lights:
            total += np.float32(gather * group.response * min(group.pulse_us, exposure_us)) * radiance
        if self.ambient is not None:
            response = band_response(camera.sensor, camera.optics, self.wavelength_nm)
            total += np.float32(gather * response * exposure_us) * self.ambient
        return total


class _Chip:
    """One camera's lens and sensor, and its exposure."""

    def __init__(
        self, camera: Camera, settings: ImageSettings, seed: int, device: str, automatic: AutoExposure | None
    ) -> None:
        self.sensor = camera.sensor
        self.automatic = automatic
        self.exposure = first_exposure(camera.sensor, automatic)
        self._noise = settings.noise
        self._glare = camera.optics.veiling_glare if settings.glare else 0.0
        shape = (camera.height_px, camera.width_px)
        field = relative_illumination(camera.lens) if settings.illumination else np.ones(shape)
        if settings.vignetting:
            field = field * housing_vignetting(camera.lens, camera.optics, camera.sensor)
        self._field = field.astype(np.float32)
        self._blur = Blur(camera, device, settings.defocus, settings.point_spread)
        pattern = generator(seed, f"fixed pattern {camera.name}")
        self._chain = SensorChain(camera.sensor, shape, pattern, field, settings.fixed_pattern, device)

    def expose(
        self, scene: _Scene, depth: NDArray[np.float32] | None, rng: np.random.Generator
    ) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """(H, W) digital numbers at the present exposure."""
        now = self.exposure
        electrons = self._blur(scene.electrons(now.exposure_us), depth)
        dn = self._chain.expose(electrons, rng, now.exposure_us * 1e-6, now.gain, self._glare, self._noise)
        return dn.astype(np.uint8) if self.sensor.bits <= 8 else dn

    def settle(self, scene: _Scene) -> None:
        """Let automatic exposure converge, on the scene without noise and blur."""
        if self.automatic is None:
            return
        sensor = self.sensor
        for _ in range(_MOST_ROUNDS):
            light = scene.electrons(self.exposure.exposure_us) * self._field
            light = np.minimum((1.0 - self._glare) * light + self._glare * light.mean(), sensor.full_well_e)
            dn = np.minimum(self.exposure.gain * sensor.gain * light + sensor.black_dn, sensor.white_dn)
            then = next_exposure(self.exposure, metered(dn, sensor, self.automatic), self.automatic, lag=0.0)
            change = then.exposure_us * then.gain / (self.exposure.exposure_us * self.exposure.gain)
            self.exposure = then
            if abs(change - 1.0) < _SETTLED:
                return

    def move_on(self, dn: NDArray[np.unsignedinteger]) -> None:
        """What the next frame is taken with."""
        if self.automatic is not None:
            self.exposure = next_exposure(self.exposure, metered(dn, self.sensor, self.automatic), self.automatic)


def _render(
    renderer: Renderer,
    headset: Headset,
    moment: Moment,
    moments: Sequence[Moment],
    buffers: tuple[str, ...],
    names: list[str],
) -> Mapping[str, CameraFrame]:
    frames = renderer.render(headset, *moment, buffers, names)
    if not moments:
        return frames
    steps = [renderer.render(headset, *one, ("radiance",), names) for one in moments]
    return average_frames(steps, frames)


def _mean_wavelength(headset: Headset) -> float:
    """Of the LEDs; ambient light is taken to have it where no filter says otherwise."""
    leds = headset.leds.values()
    return float(np.mean([led.wavelength_nm for led in leds])) if leds else 850.0
