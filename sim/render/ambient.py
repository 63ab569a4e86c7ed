"""Near-infrared light that is not the headset's own: the surroundings, and sun that leaks past the facial interface.

All of it counts within the cameras' pass band: W/m² "in band" is what their filter would let through.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform, Rotation

from headsets.headset import Led
from headsets.leds.table import Table
from sim.errors import SimError

ORDERS = 9
"""Real spherical harmonics up to order 2, as 1, y, z, x, xy, yz, 3z²-1, xz, x²-y² (Ramamoorthi and Hanrahan 2001)."""
_BASIS = np.array([0.282095, 0.488603, 0.488603, 0.488603, 1.092548, 1.092548, 0.315392, 1.092548, 0.546274])
DIRECTIONS, FAR_M = 24, 2.0
"""Surroundings shine from this many directions, as lamps this far away; those from behind the head are left out."""
BEHIND = -0.6
_BEAM = Table((0.0, float(np.radians(8.0)), float(np.radians(9.5))), (1.0, 1.0, 0.0))
"""Even over a head, 0.28 m about the origin, and narrow: shadow maps spread their texels over the whole beam."""
_COSINE = np.array([np.pi, *3 * [2 * np.pi / 3], *5 * [np.pi / 4]])
"""How the clamped cosine weighs the orders when radiance becomes irradiance."""


@dataclass(frozen=True)
class Ambient:
    """Ambient light in the device frame.

    Attributes:
        radiance: (9,) or fewer coefficients of the surroundings' radiance in band, W/m²/sr; see `ORDERS`.
        sun_direction: (3,) unit, towards the sun.
        sun_irradiance_w_m2: in band, on a surface that faces the sun, where it leaks in.
    """

    radiance: tuple[float, ...] = (0.0,)
    sun_direction: tuple[float, float, float] = (0.0, 1.0, 0.0)
    sun_irradiance_w_m2: float = 0.0

    def __post_init__(self) -> None:
        values = (*self.radiance, *self.sun_direction, self.sun_irradiance_w_m2)
        if not np.isfinite(values).all():
            raise SimError(f"ambient light must be finite, got {values} (Ambient)")
        if not 1 <= len(self.radiance) <= ORDERS:
            raise SimError(f"`1 <= len(radiance) <= {ORDERS}` must hold, got {len(self.radiance)} (Ambient)")
        if self.radiance[0] < 0.0 or self.sun_irradiance_w_m2 < 0.0:
            raise SimError("`radiance[0] >= 0` and `sun_irradiance_w_m2 >= 0` must hold (Ambient)")
        if abs(float(np.linalg.norm(self.sun_direction)) - 1.0) > 1e-3:
            raise SimError(f"`sun_direction` must be a unit vector, got {self.sun_direction} (Ambient)")

    @classmethod
    def even(cls, irradiance_w_m2: float) -> Ambient:
        """Surroundings alike in every direction, by their irradiance in band on a surface in the open, W/m²."""
        return cls(radiance=(irradiance_w_m2 / np.pi / float(_BASIS[0]),))

    @property
    def dark(self) -> bool:
        """Whether there is none."""
        return not any(self.radiance) and self.sun_irradiance_w_m2 == 0.0

    def lamps(self, wavelength_nm: float) -> tuple[Led, ...]:
        """Far lamps that light a head as the surroundings and the sun do, shadows of head and housing included.

        Each stands for an equal part of the sphere. An even surrounding on an open surface comes out within 5 %.
        """
        k = np.arange(DIRECTIONS) + 0.5
        z, turn = 1 - 2 * k / DIRECTIONS, np.pi * (3 - np.sqrt(5)) * k
        r = np.sqrt(1 - z * z)
        towards = np.stack([r * np.cos(turn), r * np.sin(turn), z], axis=-1)
        power = np.maximum(self._radiance(towards), 0.0) * (4 * np.pi / DIRECTIONS) * (z > BEHIND)
        lamps = [
            _lamp(f"surroundings_{i}", d, p, wavelength_nm)
            for i, (d, p) in enumerate(zip(towards, power, strict=True))
            if p > 0
        ]
        if self.sun_irradiance_w_m2 > 0.0:
            lamps.append(_lamp("sun", np.array(self.sun_direction), self.sun_irradiance_w_m2, wavelength_nm))
        return tuple(lamps)

    def _radiance(self, directions: NDArray[np.float64]) -> NDArray[np.float64]:
        """(*batch,) W/m²/sr from unit directions (*batch, 3)."""
        count = len(self.radiance)
        weights = np.array(self.radiance) * _BASIS[:count]
        return np.asarray(sum(w * b for w, b in zip(weights, _harmonics(directions), strict=False)))

    def irradiance(self, normals: NDArray[np.floating]) -> NDArray[np.float64]:
        """(*batch,) W/m² in band on open surfaces of these unit normals (*batch, 3), device frame; nothing shadows."""
        n = np.asarray(normals, np.float64)
        basis = _harmonics(n)
        count = len(self.radiance)
        weights = np.array(self.radiance) * _BASIS[:count] * _COSINE[:count]
        total = sum(w * b for w, b in zip(weights, basis, strict=False))
        sun = self.sun_irradiance_w_m2 * np.maximum(n @ np.array(self.sun_direction), 0.0)
        return np.asarray(np.maximum(total, 0.0) + sun)


def _harmonics(directions: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """The polynomials of `ORDERS`."""
    x, y, z = directions[..., 0], directions[..., 1], directions[..., 2]
    return [np.ones_like(x), y, z, x, x * y, y * z, 3 * z**2 - 1, x * z, x**2 - y**2]


def _lamp(name: str, towards: NDArray[np.float64], irradiance: float, wavelength_nm: float) -> Led:
    """A lamp of this irradiance at the origin, on a surface that faces it."""
    turn, _ = Rotation.align_vectors(-towards[None], [[0.0, 0.0, 1.0]])
    pose = RigidTransform.from_components(FAR_M * towards, turn)
    return Led(name, pose, float(irradiance) * FAR_M**2, _BEAM, wavelength_nm, 30.0, 1e-3, 1e3, 30.0)
