"""How glasses vary among those who wear any, and what their numbers may be at all. Every default is a prior."""

from __future__ import annotations

from dataclasses import dataclass

from faces.distributions import Normal, Spread, Uniform
from faces.errors import FaceError
from faces.ranges import Range, check_ranges

SHAPES = ("rectangle", "square", "round", "oval", "aviator", "cat_eye", "rimless")
RANGES: dict[str, Range] = {
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
"""What each number of `GlassesLook` must lie in, bounds included."""


@dataclass(frozen=True)
class ShapePriors:
    """One shape: how common it is, relative to the others, and the size of its boxed pane."""

    share: float
    lens_width_mm: Spread
    lens_height_mm: Spread

    def __post_init__(self) -> None:
        check_ranges(self, {"share": (0.0, 1e6)})
        check_ranges(self, {name: RANGES[name] for name in ("lens_width_mm", "lens_height_mm")})


@dataclass(frozen=True)
class ShapesPriors:
    """Of each of `SHAPES`."""

    rectangle: ShapePriors = ShapePriors(0.34, Spread(mean=52.5, sd=1.8), Spread(mean=33.0, sd=2.0))
    square: ShapePriors = ShapePriors(0.14, Spread(mean=51.5, sd=1.8), Spread(mean=40.0, sd=1.8))
    round: ShapePriors = ShapePriors(0.12, Spread(mean=47.5, sd=1.6), Spread(mean=45.0, sd=1.4))
    oval: ShapePriors = ShapePriors(0.10, Spread(mean=50.0, sd=1.8), Spread(mean=33.0, sd=2.0))
    aviator: ShapePriors = ShapePriors(0.08, Spread(mean=56.0, sd=1.6), Spread(mean=47.0, sd=1.8))
    cat_eye: ShapePriors = ShapePriors(0.10, Spread(mean=52.5, sd=1.8), Spread(mean=38.0, sd=2.0))
    rimless: ShapePriors = ShapePriors(0.12, Spread(mean=52.0, sd=1.8), Spread(mean=32.0, sd=2.0))

    def __post_init__(self) -> None:
        if not sum(getattr(self, shape).share for shape in SHAPES) > 0:
            raise FaceError("`one share > 0` must hold, got 0 for every shape (ShapesPriors)")


@dataclass(frozen=True)
class GlassesPriors:
    """Distributions of `GlassesLook`.

    Attributes:
        share: of adults wear glasses, some of them under a headset.
        shape: how common and how large.
        metal_share: of frames; of `metal_share_thin` those that are rimless or aviators.
        metal_albedo: at 850 nm. Acetate is dark (`dark_albedo`) or, as dyes pass NIR, bright (`bright_albedo`, a share
            `bright_share`); `albedo_ratio` is that of 940 to 850 nm, up to an albedo of 0.9.
        metal_rim_mm, acetate_rim_mm, metal_thickness_mm, acetate_thickness_mm: by material.
        minus_dpt, plus_dpt, minus_share: power of lenses for the short-sighted and for others, and the share of the
            former.
        base_radius_mm: of the front surface at no power; it changes by `base_radius_mm_per_dpt`: strong minus lenses
            are flatter.
        centre_thickness_mm: of minus lenses; plus lenses are thicker by `centre_thickness_mm_per_dpt`.
        polycarbonate_share: of lenses; the others are of CR-39.
        coated_share, coating_reflectance, lens_transmission, bridge_mm, pantoscopic_deg, wrap_deg, vertex_distance_mm,
            drop_mm: see `GlassesLook`.

    Raises:
        FaceError: a distribution that leaves the range of its number in `RANGES`.
    """

    share: float = 0.4
    shape: ShapesPriors = ShapesPriors()
    metal_share: float = 0.35
    metal_share_thin: float = 0.95
    metal_albedo: Uniform = Uniform(low=0.06, high=0.16)
    dark_albedo: Uniform = Uniform(low=0.05, high=0.12)
    bright_albedo: Uniform = Uniform(low=0.25, high=0.6)
    bright_share: float = 0.5
    albedo_ratio: Uniform = Uniform(low=1.0, high=1.25)
    minus_dpt: Normal = Normal(mean=-2.0, sd=1.6, low=-8.0, high=4.0)
    plus_dpt: Normal = Normal(mean=1.5, sd=0.8, low=-8.0, high=4.0)
    minus_share: float = 0.7
    base_radius_mm: Normal = Normal(mean=100.0, sd=6.0, low=88.0, high=130.0)
    base_radius_mm_per_dpt: float = -6.0
    centre_thickness_mm: float = 2.0
    centre_thickness_mm_per_dpt: float = 0.5
    polycarbonate_share: float = 0.4
    coated_share: float = 0.7
    coating_reflectance: Uniform = Uniform(low=0.006, high=0.04)
    lens_transmission: Uniform = Uniform(low=0.95, high=0.99)
    bridge_mm: Normal = Normal(mean=18.0, sd=1.3, low=15.0, high=21.0)
    metal_rim_mm: Normal = Normal(mean=1.6, sd=0.25, low=1.1, high=2.2)
    acetate_rim_mm: Normal = Normal(mean=3.0, sd=0.7, low=2.0, high=5.0)
    metal_thickness_mm: Normal = Normal(mean=2.0, sd=0.3, low=1.4, high=2.8)
    acetate_thickness_mm: Normal = Normal(mean=3.8, sd=0.5, low=2.8, high=5.0)
    pantoscopic_deg: Normal = Normal(mean=8.0, sd=2.0, low=3.0, high=13.0)
    wrap_deg: Normal = Normal(mean=5.0, sd=1.2, low=2.0, high=8.0)
    vertex_distance_mm: Normal = Normal(mean=13.0, sd=1.0, low=11.0, high=15.0)
    drop_mm: Normal = Normal(mean=3.5, sd=1.0, low=1.5, high=6.0)

    def __post_init__(self) -> None:
        shares = ("share", "metal_share", "metal_share_thin", "bright_share", "minus_share", "polycarbonate_share")
        check_ranges(self, dict.fromkeys((*shares, "coated_share"), (0.0, 1.0)))
        check_ranges(self, {f"{kind}_albedo": (0.01, 0.9) for kind in ("metal", "dark", "bright")})
        check_ranges(self, {"albedo_ratio": (0.5, 2.0), "base_radius_mm_per_dpt": (-50.0, 50.0)})
        check_ranges(self, {"minus_dpt": RANGES["power_dpt"], "plus_dpt": RANGES["power_dpt"]})
        check_ranges(self, {"centre_thickness_mm": (0.8, 4.0), "centre_thickness_mm_per_dpt": (0.0, 0.5)})
        for material in ("metal", "acetate"):
            check_ranges(self, {f"{material}_{name}": RANGES[name] for name in ("rim_mm", "thickness_mm")})
        for name in ("coating_reflectance", "lens_transmission", "base_radius_mm", "bridge_mm"):
            check_ranges(self, {name: RANGES[name]})
        for name in ("pantoscopic_deg", "wrap_deg", "vertex_distance_mm", "drop_mm"):
            check_ranges(self, {name: RANGES[name]})
