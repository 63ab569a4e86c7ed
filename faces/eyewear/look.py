"""Which glasses a wearer has. Sizes follow the boxing system (ISO 8624); every default and spread is a prior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faces.errors import FaceError

SHAPES = ("rectangle", "square", "round", "oval", "aviator", "cat_eye", "rimless")
FRAME_MATERIALS = ("acetate", "metal")
LENS_INDEX = {"cr39": 1.498, "polycarbonate": 1.585}

_RANGES: dict[str, tuple[float, float]] = {
    "lens_width_mm": (36.0, 66.0),
    "lens_height_mm": (20.0, 60.0),
    "bridge_mm": (10.0, 28.0),
    "rim_mm": (0.8, 8.0),
    "thickness_mm": (1.0, 8.0),
    "lens_index": (1.3, 2.0),
    "coating_reflectance": (0.0, 0.2),
    "lens_transmission": (0.0, 1.0),
    "base_radius_mm": (60.0, 1000.0),
    "power_dpt": (-12.0, 8.0),
    "centre_thickness_mm": (0.8, 8.0),
    "pantoscopic_deg": (-5.0, 20.0),
    "wrap_deg": (-5.0, 20.0),
    "vertex_distance_mm": (8.0, 20.0),
    "drop_mm": (-5.0, 12.0),
}
"""What each number must lie in, bounds included."""


@dataclass(frozen=True)
class GlassesLook:
    """A pair of glasses. Lengths in mm; names as in `headsets.glasses`.

    Attributes:
        shape: of the panes, one of `SHAPES`; "rimless" has no rims.
        lens_width_mm, lens_height_mm: one pane, boxed.
        bridge_mm: between the panes.
        rim_mm: width of the rim in the plane of the pane.
        thickness_mm: of the frame front, along the line of sight.
        frame_material: "acetate" or "metal".
        frame_albedo: diffuse, at 850 and 940 nm. The dyes of black acetate absorb little there, so it is often bright.
        lens_index: refractive index; see `LENS_INDEX`.
        coated: whether the panes have an antireflection coating.
        coating_reflectance: of one coated surface at normal incidence. Coatings made for the visible reflect more
            in the near infrared. Uncoated ones return what their index says, 4.0 % or 5.1 %.
        lens_transmission: inside the material, from surface to surface.
        base_radius_mm: of the front surface.
        power_dpt: of the lens; curves the back surface. Its refraction is not rendered.
        centre_thickness_mm: of the lens.
        pantoscopic_deg: tilt of the front, lower rim towards the cheek.
        wrap_deg: of each pane about the vertical, outer edge towards the temple.
        vertex_distance_mm: from the corneal apex to the back of the pane.
        drop_mm: pane's boxed centre below the eye.
    """

    shape: str = "rectangle"
    lens_width_mm: float = 52.0
    lens_height_mm: float = 34.0
    bridge_mm: float = 18.0
    rim_mm: float = 2.8
    thickness_mm: float = 3.6
    frame_material: str = "acetate"
    frame_albedo: tuple[float, float] = (0.35, 0.40)
    lens_index: float = 1.498
    coated: bool = True
    coating_reflectance: float = 0.02
    lens_transmission: float = 0.98
    base_radius_mm: float = 100.0
    power_dpt: float = -1.5
    centre_thickness_mm: float = 1.8
    pantoscopic_deg: float = 8.0
    wrap_deg: float = 5.0
    vertex_distance_mm: float = 13.0
    drop_mm: float = 3.0

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("shape", self.shape, SHAPES),
            ("frame_material", self.frame_material, FRAME_MATERIALS),
        ):
            if value not in allowed:
                raise FaceError(f"unknown {name} {value!r} (GlassesLook). Known: {', '.join(allowed)}")
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise FaceError(f"`{low:g} <= {name} <= {high:g}` must hold, got {value} (GlassesLook)")
        if not (len(self.frame_albedo) == 2 and all(0.0 < a < 1.0 for a in self.frame_albedo)):
            raise FaceError(f"`frame_albedo` must be two numbers in (0, 1), got {self.frame_albedo} (GlassesLook)")

    @property
    def rimmed(self) -> bool:
        """Whether rims hold the panes."""
        return self.shape != "rimless"

    @property
    def surface_reflectance(self) -> float:
        """Reflectance of one surface at normal incidence."""
        bare = ((self.lens_index - 1) / (self.lens_index + 1)) ** 2
        return self.coating_reflectance if self.coated else bare

    @property
    def back_radius_m(self) -> float:
        """Radius of the back surface, m, from the lens maker's equation; positive: its centre lies behind the pane."""
        front, thick = 1e-3 * self.base_radius_mm, 1e-3 * self.centre_thickness_mm
        n = self.lens_index
        # P = (n-1) (1/R1 - 1/R2 + (n-1) t / (n R1 R2))
        inverse = (1 / front - self.power_dpt / (n - 1)) / (1 - (n - 1) * thick / (n * front))
        return float(1 / max(inverse, 1e-3))


# width, spread, height, spread of the boxed pane, mm, and chance; all priors
_SIZES: dict[str, tuple[float, float, float, float, float]] = {
    "rectangle": (52.5, 1.8, 33.0, 2.0, 0.34),
    "square": (51.5, 1.8, 40.0, 1.8, 0.14),
    "round": (47.5, 1.6, 45.0, 1.4, 0.12),
    "oval": (50.0, 1.8, 33.0, 2.0, 0.10),
    "aviator": (56.0, 1.6, 47.0, 1.8, 0.08),
    "cat_eye": (52.5, 1.8, 38.0, 2.0, 0.10),
    "rimless": (52.0, 1.8, 32.0, 2.0, 0.12),
}


def sample_glasses_look(rng: np.random.Generator) -> GlassesLook:
    """Glasses of some wearer of glasses; whether someone wears any is the caller's draw."""
    chance = np.array([_SIZES[s][4] for s in SHAPES])
    shape = SHAPES[int(rng.choice(len(SHAPES), p=chance / chance.sum()))]
    width, dw, height, dh, _ = _SIZES[shape]
    thin = shape in ("rimless", "aviator")
    metal = bool(rng.random() < (0.95 if thin else 0.35))
    dark = float(rng.uniform(0.06, 0.16) if metal else rng.choice([rng.uniform(0.05, 0.12), rng.uniform(0.25, 0.6)]))
    minus, plus = rng.normal(-2.0, 1.6), rng.normal(1.5, 0.8)
    power = float(np.clip(minus if rng.random() < 0.7 else plus, -8.0, 4.0))
    radius = float(np.clip(100.0 - 6.0 * power + rng.normal(0, 6.0), 88.0, 130.0))  # strong minus lenses are flatter

    def clipped(mean: float, spread: float, low: float, high: float) -> float:
        return float(np.clip(rng.normal(mean, spread), low, high))

    return GlassesLook(
        shape=shape,
        lens_width_mm=clipped(width, dw, width - 2.5 * dw, width + 2.5 * dw),
        lens_height_mm=clipped(height, dh, height - 2.5 * dh, height + 2.5 * dh),
        bridge_mm=clipped(18.0, 1.3, 15.0, 21.0),
        rim_mm=clipped(1.6, 0.25, 1.1, 2.2) if metal else clipped(3.0, 0.7, 2.0, 5.0),
        thickness_mm=clipped(2.0, 0.3, 1.4, 2.8) if metal else clipped(3.8, 0.5, 2.8, 5.0),
        frame_material="metal" if metal else "acetate",
        frame_albedo=(dark, min(dark * float(rng.uniform(1.0, 1.25)), 0.9)),
        lens_index=float(rng.choice(list(LENS_INDEX.values()), p=[0.6, 0.4])),
        coated=bool(rng.random() < 0.7),
        coating_reflectance=float(rng.uniform(0.006, 0.04)),
        lens_transmission=float(rng.uniform(0.95, 0.99)),
        base_radius_mm=radius,
        power_dpt=power,
        centre_thickness_mm=float(2.0 if power <= 0 else 2.0 + 0.5 * power),
        pantoscopic_deg=clipped(8.0, 2.0, 3.0, 13.0),
        wrap_deg=clipped(5.0, 1.2, 2.0, 8.0),
        vertex_distance_mm=clipped(13.0, 1.0, 11.0, 15.0),
        drop_mm=clipped(3.5, 1.0, 1.5, 6.0),
    )
