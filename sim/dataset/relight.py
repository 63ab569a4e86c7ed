"""Stored frames under other light: LEDs brighter, dimmer or dark, other surroundings, other exposures, new noise.

Frames stored with `outputs: {lights: true}` hold the light of each LED by itself (`sim.sensor.basis`). Their weighted
sum goes through the cameras' own chain again, with the chips' own fixed patterns, so that a frame lit as it was is the
stored image again; docs/dataset.md has the error against fresh renders. LEDs that move are `sim.dataset.moved_leds`.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from headsets.build import build_headset
from headsets.headset import Headset
from headsets.schema.file import HeadsetFile
from sim.dataset.config import DatasetConfig
from sim.dataset.hardware import lens_set
from sim.dataset.items import Item
from sim.dataset.seeds import chip_seed
from sim.errors import SimError
from sim.render.ambient import Ambient
from sim.seeding import generator
from sim.sensor.auto_exposure import Exposure, default_auto_exposure
from sim.sensor.basis import EVEN, OWN
from sim.sensor.eight_bits import eight_bits
from sim.sensor.lights import light_groups
from sim.sensor.running_camera import RunningCamera
from sim.sensor.scene import Scene
from sim.sensor.settings import ImageSettings

KEPT = 80
"""Cameras whose chips are kept ready; each takes some 5 MB."""


@dataclass(frozen=True)
class LightChange:
    """How a frame is lit, against how it was.

    Attributes:
        current: factor on every LED.
        currents: further factors by LED.
        failed: LEDs that are dark.
        intensities_w_sr: by LED, on its axis, W/sr, in place of the stored one: lights one that was dark, too.
        ambient: factor on the frame's own ambient light, if it has any.
        even_w_m2: irradiance of even surroundings that are added, in band.
        exposure: "stored"; "auto": settled anew, by the cameras' own loop or, where they have none, the default one,
            and biased as the frame was; or an exposure for all cameras.
        bias: factor on what `exposure` gives, or on what automatic exposures aim at.
    """

    current: float = 1.0
    currents: Mapping[str, float] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    intensities_w_sr: Mapping[str, float] = field(default_factory=dict)
    ambient: float = 1.0
    even_w_m2: float = 0.0
    exposure: Exposure | Literal["stored", "auto"] = "stored"
    bias: float = 1.0

    def __post_init__(self) -> None:
        numbers = {"current": self.current, "ambient": self.ambient, "even_w_m2": self.even_w_m2}
        numbers |= {f"currents.{name}": value for name, value in self.currents.items()}
        numbers |= {f"intensities_w_sr.{name}": value for name, value in self.intensities_w_sr.items()}
        for name, value in numbers.items():
            if not (np.isfinite(value) and value >= 0.0):
                raise SimError(f"`{name} >= 0` must hold, got {value} (LightChange)")
        if not 0.0 < self.bias < 1e3:
            raise SimError(f"`0 < bias < 1000` must hold, got {self.bias} (LightChange)")
        if self.exposure not in ("stored", "auto") and not isinstance(self.exposure, Exposure):
            raise SimError(f"`exposure` must be 'stored', 'auto' or an Exposure, got {self.exposure!r} (LightChange)")


@dataclass(frozen=True, eq=False)
class Relit:
    """One camera's image under other light.

    Attributes:
        image: (H, W), of the form that the data set's images have.
        electrons: (H, W) photoelectrons on average, before noise and full well.
        exposure: what it is taken with.
    """

    image: NDArray[np.uint8] | NDArray[np.uint16]
    electrons: NDArray[np.float32]
    exposure: Exposure


class Relighter:
    """Lights the frames of one data set anew.

    Args:
        record: of the data set (`ShardReader.record`).
        headset: None: as the record has it, without its housing. Needed where emitters have profiles in files.
        device: of Warp.

    Raises:
        SimError: the data set stores no lights.
        HeadsetError: the headset cannot be built.
    """

    def __init__(self, record: Mapping[str, Any], headset: Headset | None = None, device: str = "cpu") -> None:
        self.config = DatasetConfig.model_validate(record["config"])
        if not self.config.outputs.lights:
            raise SimError("`outputs.lights` must be true in a data set whose frames are lit anew, got false")
        self.headset = headset or headset_of(record)
        self.seed = int(record["seed"])
        self._device = device
        self._chips: OrderedDict[tuple[str, int], RunningCamera] = OrderedDict()
        self._optics: dict[int, Headset] = {}

    def __call__(self, item: Item, change: LightChange, noise: int | None = None) -> dict[str, Relit]:
        """A frame's images under other light, by camera.

        Args:
            item: of a reader with `whole=True`, or of such a stream.
            change: how it is lit.
            noise: None: the stored image's own noise; a number: another draw.

        Raises:
            SimError: a frame without lights or label, or an LED that there is not.
        """
        if "lights" not in item or "label" not in item:
            raise SimError(f"frame {item.get('key')} must hold `lights` and `label` (open it with whole=True)")
        label = item["label"]
        unit = lit_headset(self.headset, label, change)
        return {name: self._camera(name, item, unit, change, noise) for name in item["lights"]}

    def relit(self, items: Iterable[Item], changes: Iterable[LightChange], seed: int | None = None) -> Iterator[Item]:
        """Frames with their images and labels replaced, one change each; `seed`: of new noise, None: the stored one's.

        What labels say of exposures and LEDs is that of the new image; even surroundings that were added stand as
        ambient light.

        Raises:
            SimError: see `__call__`.
        """
        for number, (item, change) in enumerate(zip(items, changes, strict=False)):
            noise = None if seed is None else int(generator(seed, "relit frame", number).integers(2**31))
            new = self(item, change, noise)
            images = {name: shot.image for name, shot in new.items()}
            yield {**item, "images": images, "label": self._relabelled(item["label"], change, new)}

    def _camera(self, name: str, item: Item, unit: Headset, change: LightChange, noise: int | None) -> Relit:
        label, basis = item["label"], item["lights"][name]
        seen = label["cameras"][name]
        scene = self._scene(name, basis, unit, change)
        running = self._running(name, int(label["lens_set"]))
        running.restart(label["exposure_bias"] * change.bias if change.exposure == "auto" else 1.0)
        if change.exposure == "auto":
            running.settle(scene)
        else:
            base = Exposure(seen["exposure_us"], seen["gain"]) if change.exposure == "stored" else change.exposure
            assert isinstance(base, Exposure)
            running.exposure = Exposure(base.exposure_us * change.bias, base.gain)
        light = scene.electrons(running.exposure.exposure_us)
        rng = (
            generator(chip_seed(self.seed, label["lens_set"]), f"sensor noise {name}", int(label["index"]))
            if noise is None
            else generator(noise, f"relit noise {name}")
        )
        dn = running.expose(light, rng)
        image = eight_bits(dn, running.sensor.bits) if self.config.images.bits == 8 else dn.astype(np.uint16)
        return Relit(image, running.expected(light), running.exposure)

    def _scene(self, name: str, basis: Mapping[str, NDArray[np.float32]], unit: Headset, change: LightChange) -> Scene:
        """What the camera sees, blurred already."""
        lights = []
        for group in light_groups(unit, unit.cameras[name]):
            total = np.zeros(next(iter(basis.values())).shape, np.float32)
            for led, weight in group.weights:
                total += np.float32(weight * unit.leds[led].radiant_intensity_w_sr) * basis[led]
            lights.append((group, total))
        ambient = np.float32(change.even_w_m2) * basis[EVEN]
        if OWN in basis:
            ambient = ambient + np.float32(change.ambient) * basis[OWN]
        leds = unit.leds.values()
        nm = float(np.mean([led.wavelength_nm for led in leds])) if leds else 850.0
        return Scene(unit.cameras[name], lights, ambient, nm)

    def _running(self, name: str, number: int) -> RunningCamera:
        """The camera's chip in a set of lenses, as `sim.sensor.recorder` makes it."""
        key = name, number
        if key not in self._chips:
            if number not in self._optics:
                self._optics[number] = lens_set(self.headset, self.config.hardware, self.seed, number)
            camera = self._optics[number].cameras[name]
            automatic = camera.sensor.auto_exposure or default_auto_exposure(camera.sensor)
            seed = chip_seed(self.seed, number)
            self._chips[key] = RunningCamera(camera, ImageSettings(), seed, self._device, automatic)
            if len(self._chips) > KEPT:
                self._chips.popitem(last=False)
        self._chips.move_to_end(key)
        return self._chips[key]

    def _relabelled(self, label: Mapping[str, Any], change: LightChange, new: Mapping[str, Relit]) -> dict[str, Any]:
        cameras = {
            name: {
                **camera,
                "exposure_us": new[name].exposure.exposure_us,
                "gain": new[name].exposure.gain,
                "gain_dn_per_e": new[name].exposure.gain * self.headset.cameras[name].sensor.gain,
            }
            for name, camera in label["cameras"].items()
        }
        unit = lit_headset(self.headset, label, change)
        leds = {
            name: {**led, "radiant_intensity_w_sr": unit.leds[name].radiant_intensity_w_sr,
                   "failed": unit.leds[name].radiant_intensity_w_sr == 0.0}
            for name, led in label["illumination"]["leds"].items()
        }  # fmt: skip
        ambient = _ambient(label["illumination"]["ambient"], change)
        illumination = {**label["illumination"], "leds": leds, "ambient": ambient}
        return {**label, "cameras": cameras, "illumination": illumination}


def headset_of(record: Mapping[str, Any]) -> Headset:
    """The nominal headset of a data set's record, without its housing, whose mesh need not be at hand, and search.

    Raises:
        HeadsetError: it needs a file that is not at hand.
    """
    plain = {key: value for key, value in record["headset"].items() if key not in ("shell", "search")}
    return build_headset(HeadsetFile.model_validate_json(json.dumps(plain)))  # JSON's keys are text, wavelengths too


def lit_headset(headset: Headset, label: Mapping[str, Any], change: LightChange) -> Headset:
    """The headset with its LEDs as bright as a label and a change have them.

    Raises:
        UnknownPartError: the change names an LED that the headset lacks.
    """
    for name in (*change.currents, *change.failed, *change.intensities_w_sr):
        headset.led(name)
    leds = {}
    for name, led in headset.leds.items():
        stored = label["illumination"]["leds"][name]
        intensity = change.intensities_w_sr.get(name, stored["radiant_intensity_w_sr"])
        factor = 0.0 if name in change.failed else change.current * change.currents.get(name, 1.0)
        leds[name] = replace(led, radiant_intensity_w_sr=intensity * factor, wavelength_nm=stored["wavelength_nm"])
    return replace(headset, leds=leds)


def _ambient(stored: Mapping[str, Any] | None, change: LightChange) -> dict[str, Any] | None:
    """Of the label: its own, scaled, and what was added."""
    even = Ambient.even(change.even_w_m2)
    own = Ambient() if stored is None else Ambient(
        tuple(stored["radiance"]), tuple(stored["sun_direction"]), stored["sun_irradiance_w_m2"]
    )  # fmt: skip
    radiance = [change.ambient * value for value in own.radiance]
    radiance[0] += even.radiance[0]
    sun = change.ambient * own.sun_irradiance_w_m2
    if not any(radiance) and not sun:
        return None
    return {"radiance": radiance, "sun_direction": list(own.sun_direction), "sun_irradiance_w_m2": sun}
