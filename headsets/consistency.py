"""Parts of a headset that are right one by one, and wrong together: windows that nothing looks through, light that a
sensor's file says nothing about."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from headsets.cover_glass import CoverGlass
from headsets.errors import UnfitPartsError
from headsets.headset import Camera, Led
from headsets.place import Place
from headsets.schema.file import HeadsetFile

FAR_NM = 50.0
"""Beyond this from every wavelength at which a quantum efficiency is stated it would be a guess: that of silicon halves
from 850 to 940 nm [prior]."""


def check_glasses(
    glasses: Mapping[str, CoverGlass], cameras: Mapping[str, Camera], leds: Mapping[str, Led], root: Place
) -> None:
    """Hold cover glasses against the parts about them.

    Raises:
        UnfitPartsError: a camera or LED inside a glass; or a glass right behind a camera or LED, and before none.
    """
    parts = [("camera", name, camera.position) for name, camera in cameras.items()]
    parts += [("LED", name, led.position) for name, led in leds.items()]
    for name, glass in glasses.items():
        place = root / "cover_glasses" / (glass.mirror_of or name) / "position_mm"
        behind, nearest = False, ("", np.inf)
        for kind, part, position in parts:
            local = glass.T_device_glass.inv().apply(position)
            depth = float(local[2])
            if not _within(glass, local):
                # Whatever lies behind may look or shine through at a slant.
                behind |= depth < -glass.thickness_m
                continue
            if -glass.thickness_m <= depth <= 0.0:
                thick = f"which is {_mm(glass.thickness_m)} thick"
                rule = f"`position_mm` must leave {kind} {part!r} behind the glass, {thick}"
                raise _unfit(place, rule, f"one with it inside, {_mm(-depth)} behind the outer surface")
            behind |= depth < 0.0
            if 0.0 < depth < nearest[1]:
                nearest = (f"{kind} {part!r}", depth)
        if not behind and nearest[0]:
            rule = "`position_mm` must lie before the cameras and LEDs that the glass covers"
            raise _unfit(place, rule, f"one {_mm(nearest[1])} behind {nearest[0]}")


def check_spectra(cameras: Mapping[str, Camera], leds: Mapping[str, Led], spec: HeadsetFile, root: Place) -> None:
    """Hold LEDs against what sensors' files state.

    Raises:
        UnfitPartsError: a camera's filter lets an LED's light through, and its sensor's quantum efficiency is stated
            nowhere near.
    """
    for name, camera in cameras.items():
        stated = sorted(camera.sensor.quantum_efficiency)
        for led in leds.values():
            band = camera.optics.band_pass_nm
            reach = led.fwhm_nm
            if band is not None and not band[0] - reach < led.wavelength_nm < band[1] + reach:
                continue  # it does not see this LED
            away = min(abs(led.wavelength_nm - known) for known in stated)
            if away > FAR_NM:
                rule = (
                    f"`quantum_efficiency` must state a wavelength within {FAR_NM:g} nm of LED {led.name!r}, "
                    f"{led.wavelength_nm:g} nm, which camera {name!r} sees"
                )
                raise _unfit(_sensor_place(spec, camera, root), rule, ", ".join(f"{known:g}" for known in stated))


def _within(glass: CoverGlass, local: NDArray[np.float64]) -> bool:
    """Whether a point (3,), m, in the glass's frame, lies before or behind its outline."""
    if glass.half_m is None:
        return bool(np.hypot(local[0], local[1]) <= (glass.radius_m or 0.0))
    return bool((np.abs(local[:2]) <= glass.half_m).all())


def _sensor_place(spec: HeadsetFile, camera: Camera, root: Place) -> Place:
    name = camera.mirror_of or camera.name
    sensor = spec.cameras[name].sensor
    where = root / "sensors" / sensor if isinstance(sensor, str) else root / "cameras" / name / "sensor"
    return where / "quantum_efficiency"


def _unfit(place: Place, rule: str, got: str) -> UnfitPartsError:
    return UnfitPartsError(str(place.error(rule, got)))


def _mm(length_m: float) -> str:
    return f"{1e3 * length_m:.3g} mm"
