"""Digital numbers of all cameras of a headset: rendering, lens, exposure and sensor in one call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
from scipy.spatial.transform import RigidTransform

from faces.mesh import HeadMesh
from headsets.headset import Camera, Headset
from sim.errors import SimError
from sim.render.ambient import Ambient
from sim.render.frame import CameraFrame
from sim.render.renderer import Renderer
from sim.seeding import generator
from sim.sensor.auto_exposure import Exposure, default_auto_exposure
from sim.sensor.captures import Capture, Expectation, ResidentCapture
from sim.sensor.lights import LightGroup, light_groups
from sim.sensor.motion import average_frames
from sim.sensor.running_camera import RunningCamera
from sim.sensor.scene import Scene
from sim.sensor.settings import ImageSettings

AMBIENT_BIAS_M = 0.8e-3
"""The texels of lamps two metres away are 1.4 mm wide on the face."""
_outdoors: WeakKeyDictionary[Renderer, Renderer] = WeakKeyDictionary()
Moment = tuple[HeadMesh, RigidTransform | None]
"""A posed head, and how the headset sits on it."""


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
        self._runnings: dict[str, RunningCamera] = {}
        self._bias = 1.0

    def restart(self, bias: float = 1.0) -> None:
        """Forget what exposures came to: the next frame is taken as if it were the first.

        Args:
            bias: automatic exposures aim at so many times their target, as far as the range goes, and fixed ones last
                so many times as long.

        Raises:
            SimError: a bias that is not above 0.
        """
        if not 0.0 < bias < 1e6:
            raise SimError(f"`0 < bias < 1e6` must hold, got {bias} (Recorder.restart)")
        self._bias = bias
        for running in self._runnings.values():
            running.restart(bias)

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
        electrons: bool = False,
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
            electrons: keep the expected photoelectrons too.

        Raises:
            SimError, UnknownPartError: see `Renderer.render`.
        """
        scenes = self._scenes(headset or self.headset, (mesh, T_device_head), moments, buffers, cameras, ambient)
        out = {}
        for name, (scene, seen) in scenes.items():
            running = self.running(scene.camera)
            if settle:
                running.settle(scene)
            light = running.light(scene, seen.depth)
            dn = running.expose(light, generator(self.seed, f"sensor noise {name}", frame))
            kept = running.expected(light) if electrons else None
            out[name] = Capture(dn, running.exposure, seen, kept)
            running.move_on(dn)
        return out

    def record_resident(
        self,
        mesh: HeadMesh,
        T_device_head: RigidTransform | None = None,
        frame: int = 0,
        *,
        buffers: Iterable[str] = (),
        cameras: Iterable[str] | None = None,
        ambient: Ambient | None = None,
        headset: Headset | None = None,
        settle: bool = False,
    ) -> Mapping[str, ResidentCapture]:
        """As `record`, but that images and buffers stay on the renderer's device: no image comes to the host.

        Digital numbers are those of `record` but where rounding decides, as means are summed in another order. There is
        no motion blur.
        """
        scenes = self._scenes(headset or self.headset, (mesh, T_device_head), (), buffers, cameras, ambient, True)
        out = {}
        for name, (scene, seen) in scenes.items():
            running = self.running(scene.camera)
            if settle:
                running.settle_resident(scene)
            light = running.resident_light(scene, seen.resident.get("depth"))
            dn = running.resident_dn(light, generator(self.seed, f"sensor noise {name}", frame))
            out[name] = ResidentCapture(dn, running.exposure, seen)
            running.move_on_resident(dn)
        return out

    def expect(
        self,
        mesh: HeadMesh,
        T_device_head: RigidTransform | None = None,
        *,
        buffers: Iterable[str] = (),
        cameras: Iterable[str] | None = None,
        ambient: Ambient | None = None,
        headset: Headset | None = None,
        settle: bool = False,
    ) -> Mapping[str, Expectation]:
        """What noise is drawn around: as `record`, without the chip, and exposures stay as they are unless settled."""
        scenes = self._scenes(headset or self.headset, (mesh, T_device_head), (), buffers, cameras, ambient)
        out = {}
        for name, (scene, seen) in scenes.items():
            running = self.running(scene.camera)
            if settle:
                running.settle(scene)
            out[name] = Expectation(running.expected(running.light(scene, seen.depth)), running.exposure, seen)
        return out

    def _scenes(
        self,
        worn: Headset,
        moment: Moment,
        moments: Sequence[Moment],
        buffers: Iterable[str],
        cameras: Iterable[str] | None,
        ambient: Ambient | None,
        resident: bool = False,
    ) -> dict[str, tuple[Scene, CameraFrame]]:
        """The light before each camera, and what was rendered; `resident`: on the device."""
        names = list(self.headset.cameras if cameras is None else cameras)
        views = {name: worn.camera(name) for name in names}
        wanted = [*buffers, "radiance"]
        wanted += ["depth"] if self.settings.defocus else []
        unique = tuple(dict.fromkeys(wanted))
        plans = {name: light_groups(worn, view) for name, view in views.items()}
        frames = _render(self.renderer, worn, moment, moments, unique, names, resident)
        glow = self.ambient_radiance(worn, moment, ambient, names, resident)
        lights = self._lights(worn, moment, moments, plans, frames, resident)
        nm = _mean_wavelength(worn)
        return {name: (Scene(view, lights[name], glow.get(name), nm), frames[name]) for name, view in views.items()}

    def _lights(
        self,
        headset: Headset,
        moment: Moment,
        moments: Sequence[Moment],
        plans: Mapping[str, tuple[LightGroup, ...]],
        frames: Mapping[str, CameraFrame],
        resident: bool,
    ) -> dict[str, list[tuple[LightGroup, Any]]]:
        """Each camera's groups of LEDs with the radiance of each."""
        lights: dict[str, list[tuple[LightGroup, Any]]] = {name: [] for name in plans}
        wanting: dict[LightGroup, list[str]] = {}
        for name, groups in plans.items():
            for group in groups:
                wanting.setdefault(group, []).append(name)
        for group, names in wanting.items():
            seen = frames
            if not group.covers(headset):
                lit = group.headset(headset)
                seen = _render(self.renderer, lit, moment, moments, ("radiance",), names, resident)
            for name in names:
                lights[name].append((group, _radiance(seen[name], resident)))
        return lights

    def ambient_radiance(
        self, headset: Headset, moment: Moment, ambient: Ambient | None, names: list[str], resident: bool = False
    ) -> dict[str, Any]:
        """Each camera's radiance in band by ambient light alone: diffuse, under the shadows of head and housing.

        (H, W) float32 of NumPy; of Warp if `resident`.
        """
        if ambient is None or ambient.dark:
            return {}
        lamps = {lamp.name: lamp for lamp in ambient.lamps(_mean_wavelength(headset))}
        host, device = ((), ("radiance",)) if resident else (("radiance",), ())
        frames = outdoors(self.renderer).render(replace(headset, leds=lamps), *moment, host, names, device)
        return {name: _radiance(frame, resident) for name, frame in frames.items()}

    def running(self, camera: Camera) -> RunningCamera:
        """A camera's chip and the state of its exposure."""
        if camera.name not in self._runnings:
            automatic = None if isinstance(self._exposure_us, float | int) else camera.sensor.auto_exposure
            if self._exposure_us == "auto" and automatic is None:
                automatic = default_auto_exposure(camera.sensor)
            running = RunningCamera(camera, self.settings, self.seed, str(self.renderer.device), automatic)
            if isinstance(self._exposure_us, float | int):
                running.start(Exposure(float(self._exposure_us)))
            running.restart(self._bias)
            self._runnings[camera.name] = running
        return self._runnings[camera.name]


def outdoors(renderer: Renderer) -> Renderer:
    """What renders ambient light beside a renderer; all of its recorders share it."""
    if renderer not in _outdoors:
        settings = replace(
            renderer.settings, specular=False, ghosts=False, shadow_bias_m=AMBIENT_BIAS_M, shadow_resolution=512
        )
        _outdoors[renderer] = Renderer(str(renderer.device), settings)
    return _outdoors[renderer]


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


def _render(
    renderer: Renderer,
    headset: Headset,
    moment: Moment,
    moments: Sequence[Moment],
    buffers: tuple[str, ...],
    names: list[str],
    resident: bool = False,
) -> Mapping[str, CameraFrame]:
    if resident:
        return renderer.render(headset, *moment, (), names, resident=buffers)
    frames = renderer.render(headset, *moment, buffers, names)
    if not moments:
        return frames
    steps = [renderer.render(headset, *one, ("radiance",), names) for one in moments]
    return average_frames(steps, frames)


def _radiance(frame: CameraFrame, resident: bool) -> Any:
    """(H, W), of NumPy or Warp."""
    return frame.resident["radiance"] if resident else np.asarray(frame.radiance)


def _mean_wavelength(headset: Headset) -> float:
    """Of the LEDs; ambient light is taken to have it where no filter says otherwise."""
    leds = headset.leds.values()
    return float(np.mean([led.wavelength_nm for led in leds])) if leds else 850.0
