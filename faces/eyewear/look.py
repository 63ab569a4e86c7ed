"""Which glasses a wearer has. Sizes follow the boxing system (ISO 8624); every default and spread is a prior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faces.errors import FaceError
from faces.eyewear.priors import RANGES, SHAPES, GlassesPriors, ShapePriors
from faces.ranges import check_pair, check_ranges

FRAME_MATERIALS = ("acetate", "metal")
LENS_INDEX = {"cr39": 1.498, "polycarbonate": 1.585}


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
        check_ranges(self, RANGES)
        check_pair(self, "frame_albedo", 0.0, 1.0)

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


def sample_glasses_look(rng: np.random.Generator, *, priors: GlassesPriors = GlassesPriors()) -> GlassesLook:
    """Glasses of some wearer of glasses; whether someone wears any is the caller's draw.

    Args:
        rng: the only source of randomness.
        priors: what is drawn from.
    """
    chance = np.array([getattr(priors.shape, shape).share for shape in SHAPES])
    shape = SHAPES[int(rng.choice(len(SHAPES), p=chance / chance.sum()))]
    size: ShapePriors = getattr(priors.shape, shape)
    thin = shape in ("rimless", "aviator")
    metal = bool(rng.random() < (priors.metal_share_thin if thin else priors.metal_share))
    albedo = priors.metal_albedo.draw(rng) if metal else _acetate_albedo(rng, priors)
    minus, plus = priors.minus_dpt.of(rng.standard_normal()), priors.plus_dpt.of(rng.standard_normal())
    power = minus if rng.random() < priors.minus_share else plus
    radius = priors.base_radius_mm.of(rng.standard_normal(), priors.base_radius_mm_per_dpt * power)
    rim, thickness = (
        (priors.metal_rim_mm, priors.metal_thickness_mm)
        if metal
        else (priors.acetate_rim_mm, priors.acetate_thickness_mm)
    )
    return GlassesLook(
        shape=shape,
        lens_width_mm=size.lens_width_mm.of(rng.standard_normal()),
        lens_height_mm=size.lens_height_mm.of(rng.standard_normal()),
        bridge_mm=priors.bridge_mm.of(rng.standard_normal()),
        rim_mm=rim.of(rng.standard_normal()),
        thickness_mm=thickness.of(rng.standard_normal()),
        frame_material="metal" if metal else "acetate",
        frame_albedo=(albedo, min(albedo * priors.albedo_ratio.draw(rng), 0.9)),
        lens_index=LENS_INDEX["polycarbonate" if rng.random() >= 1.0 - priors.polycarbonate_share else "cr39"],
        coated=bool(rng.random() < priors.coated_share),
        coating_reflectance=priors.coating_reflectance.draw(rng),
        lens_transmission=priors.lens_transmission.draw(rng),
        base_radius_mm=radius,
        power_dpt=power,
        centre_thickness_mm=priors.centre_thickness_mm + priors.centre_thickness_mm_per_dpt * max(power, 0.0),
        pantoscopic_deg=priors.pantoscopic_deg.of(rng.standard_normal()),
        wrap_deg=priors.wrap_deg.of(rng.standard_normal()),
        vertex_distance_mm=priors.vertex_distance_mm.of(rng.standard_normal()),
        drop_mm=priors.drop_mm.of(rng.standard_normal()),
    )


def _acetate_albedo(rng: np.random.Generator, priors: GlassesPriors) -> float:
    """Dark or bright; both are drawn, so that what follows is the same either way."""
    dark, bright = priors.dark_albedo.draw(rng), priors.bright_albedo.draw(rng)
    return bright if rng.integers(2**32) >= (1.0 - priors.bright_share) * 2**32 else dark
