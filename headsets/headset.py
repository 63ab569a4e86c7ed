"""The headset as every consumer sees it: typed, immutable, in SI units (the file format is in `headsets.schema`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from headsets.cover_glass import CoverGlass
from headsets.donning import DonningDistribution
from headsets.errors import UnknownPartError
from headsets.housing_spec import HousingSpec
from headsets.keep_out import KeepOut
from headsets.leds.profile import AngularProfile
from headsets.lenses.lens import Lens
from headsets.schema.file import HeadsetFile


@dataclass(frozen=True)
class AutoExposure:
    """How a camera finds its exposure (the loop itself is `sim.sensor.auto_exposure`).

    Attributes:
        target: share of the range above the offset that the image shall reach.
        max_us, min_us: limits of the exposure.
        percentile: of the pixels that is held to the target; None: their mean.
        lag: share of the error, as a ratio, that is left from one frame to the next.
        max_gain: analogue gain that is used once the exposure is at its limit.
    """

    target: float
    min_us: float
    max_us: float
    percentile: float | None = None
    lag: float = 0.7
    max_gain: float = 1.0


@dataclass(frozen=True)
class Sensor:
    """An image sensor, EMVA 1288 parameters (design numbers; the chain itself is `sim.sensor`).

    Attributes:
        prnu: SD of the pixels' responses, relative.
        dsnu_e: SD of the pixels' dark signals, electrons.
        offset_dn: digital number without light; None: a 64th of the range.
        gain_dn_per_e: K; None: the full well just fits the range above the offset.
        auto_exposure: None: the exposure is fixed.
    """

    pixel_um: float
    quantum_efficiency: Mapping[float, float]
    full_well_e: float
    read_noise_e: float
    dark_e_per_s: float
    bits: int
    exposure_us: float
    frame_rate_hz: float = 30.0
    prnu: float = 0.01
    dsnu_e: float = 2.0
    offset_dn: float | None = None
    gain_dn_per_e: float | None = None
    auto_exposure: AutoExposure | None = None

    @property
    def white_dn(self) -> int:
        """The largest digital number."""
        return int(2**self.bits - 1)

    @property
    def black_dn(self) -> float:
        """The digital number without light."""
        return float(2**self.bits // 64) if self.offset_dn is None else self.offset_dn

    @property
    def gain(self) -> float:
        """K, digital numbers per electron, at an analogue gain of 1."""
        return self.gain_dn_per_e or (self.white_dn - self.black_dn) / self.full_well_e


@dataclass(frozen=True)
class Opening:
    """A round opening of the housing before the entrance pupil, about the optical axis: it vignettes oblique light."""

    radius_mm: float
    distance_mm: float


@dataclass(frozen=True)
class Optics:
    """What a lens does to light, apart from where it sends it.

    Attributes:
        psf_sigma_px: of the Gaussian to which lens and pixel blur a point in focus.
        veiling_glare: share of the light that reaches the sensor evenly spread.
        vignetting: the housing's opening, or None.
    """

    f_number: float
    focus_mm: float
    transmission: float
    band_pass_nm: tuple[float, float] | None
    psf_sigma_px: float = 0.6
    veiling_glare: float = 0.015
    vignetting: Opening | None = None


@dataclass(frozen=True)
class Tolerance:
    """One standard deviation of a part's placement: along each axis (m) and about each axis (rad)."""

    position_m: float
    rotation_rad: float


@dataclass(frozen=True, eq=False)
class Camera:
    """One inward camera.

    Attributes:
        name: unique in the headset.
        lens: projection; `lens.width_px`, `lens.height_px` are the image size.
        optics: aperture, focus, transmission.
        sensor: the chip.
        T_device_camera: camera (OpenCV: x right, y down, z forward) to device.
        sees: scored regions this camera is for, such as ("eye_left",) or ("mouth",).
        mirror_of: the camera this one is the mirror twin of, or None.
        tolerance: placement tolerance of the assembly, where the file states one.
    """

    name: str
    lens: Lens
    optics: Optics
    sensor: Sensor
    T_device_camera: RigidTransform
    sees: tuple[str, ...]
    mirror_of: str | None = None
    tolerance: Tolerance | None = None

    @property
    def width_px(self) -> int:
        return self.lens.width_px

    @property
    def height_px(self) -> int:
        return self.lens.height_px

    @property
    def position(self) -> NDArray[np.float64]:
        """(3,) m, device frame."""
        return self.T_device_camera.translation

    @property
    def optical_axis(self) -> NDArray[np.float64]:
        """(3,) unit, device frame."""
        return self.T_device_camera.rotation.as_matrix()[:, 2]


@dataclass(frozen=True, eq=False)
class Led:
    """One LED.

    Attributes:
        T_device_led: LED frame (+z: emission axis) to device.
        radiant_intensity_w_sr: on axis, W/sr, while the pulse lasts, at this LED's current.
        profile: relative intensity over the angle from the axis.
        source_m: diameter of the emitting area, m.
        bin_spread: the brightest over the dimmest that is delivered under one part number.
        droop_per_k: relative change of the radiant intensity with temperature.
        shift_nm_per_k: of the wavelength with temperature.
    """

    name: str
    T_device_led: RigidTransform
    radiant_intensity_w_sr: float
    profile: AngularProfile
    wavelength_nm: float
    fwhm_nm: float
    source_m: float
    pulse_us: float
    rate_hz: float
    mirror_of: str | None = None
    bin_spread: float = 2.0
    droop_per_k: float = -0.005
    shift_nm_per_k: float = 0.3

    @property
    def position(self) -> NDArray[np.float64]:
        """(3,) m, device frame."""
        return self.T_device_led.translation

    @property
    def axis(self) -> NDArray[np.float64]:
        """(3,) unit, device frame."""
        return self.T_device_led.rotation.as_matrix()[:, 2]


@dataclass(frozen=True, eq=False)
class Shell:
    """The housing as a triangle mesh in the device frame: vertices (V, 3) m, triangles (T, 3) int32, two-sided.

    `reflectance` is its diffuse NIR albedo.
    """

    vertices: NDArray[np.float64]
    triangles: NDArray[np.int32]
    reflectance: float
    source: str


@dataclass(frozen=True, eq=False)
class Headset:
    """A headset: cameras, LEDs, shell, keep-outs and how it sits on heads.

    Attributes:
        cameras: by name, in file order, each mirror twin after its original.
        leds: by name, likewise.
        shell: None where the file has none.
        housing: surfaces of barrels, viewing lenses and facial interface.
        donning: distribution of T_device_head; the nominal pose is the identity.
        keep_out: lens barrels, display frustum, glasses (see `headsets.keep_out`).
        source: the file it was read from, or None.
        spec: that file as it was read, mirror twins not yet made (change a copy and build it: `headsets.build`);
            None for headsets that no file describes.
        cover_glasses: windows before cameras and LEDs, by name, likewise.
    """

    name: str
    note: str
    cameras: Mapping[str, Camera]
    leds: Mapping[str, Led]
    shell: Shell | None
    donning: DonningDistribution
    keep_out: KeepOut
    eye_relief_mm: float
    ipd_mm: tuple[float, float]
    source: Path | None
    spec: HeadsetFile | None = None
    housing: HousingSpec = HousingSpec()
    cover_glasses: Mapping[str, CoverGlass] = field(default_factory=lambda: MappingProxyType({}))

    def camera(self, name: str) -> Camera:
        """Look a camera up.

        Raises:
            UnknownPartError: the message lists the valid names.
        """
        if name not in self.cameras:
            raise UnknownPartError(f"{name!r}. Cameras of {self.name!r}: {', '.join(self.cameras)}")
        return self.cameras[name]

    def led(self, name: str) -> Led:
        """Look an LED up.

        Raises:
            UnknownPartError: the message lists the valid names.
        """
        if name not in self.leds:
            raise UnknownPartError(f"{name!r}. LEDs of {self.name!r}: {', '.join(self.leds)}")
        return self.leds[name]
