"""The knobs that shape a face beyond sex, age and ancestry: MakeHuman's local targets, with priors.

A control is a signed weight: positive values move one target, negative ones its opposite. Its SD is a prior, chosen by
the size of the target (mostly 2-15 mm a unit) so that one SD is about a millimetre on the face, and by looking.
A control that `fits` may also be moved to make the mesh measure as drawn; the others only vary at random.
"""

from __future__ import annotations

from dataclasses import dataclass

BOUND_SD = 3.0
"""Random variation stays within this many SDs, and within the control's bounds."""


@dataclass(frozen=True)
class Control:
    """One knob.

    Attributes:
        name: of the control.
        positive, negative: MakeHuman targets, without side ("eye-scale-incr" stands for l- and r-); "" for none.
        sd: of the random variation, in target weights.
        low, high: bounds of the weight.
        fits: whether the solver may use it.
        paired: the target exists once a side; both sides get the weight, plus the identity's asymmetry.
        asymmetry_sd: SD of half the difference of the sides (paired), or of the whole weight (an asymmetric target).
    """

    name: str
    positive: str
    negative: str
    sd: float
    low: float
    high: float
    fits: bool = False
    paired: bool = False
    asymmetry_sd: float = 0.0


def _both(stem: str, sd: float, high: float = 0.8, *, fits: bool = False, ends: str = "incr decr") -> Control:
    positive, negative = (f"{stem}-{end}" for end in ends.split())
    return Control(f"{stem} {ends}", positive, negative, sd, -high, high, fits)


def _pair(stem: str, sd: float, high: float = 0.7, *, fits: bool = False, ends: str = "incr decr") -> Control:
    positive, negative = (f"{stem}-{end}" for end in ends.split())
    return Control(f"{stem} {ends}", positive, negative, sd, -high, high, fits, True, min(0.05, sd / 4))


def _one(stem: str, sd: float, high: float) -> Control:
    return Control(stem, stem, "", sd, 0.0, high)


def _skew(stem: str, sd: float) -> Control:
    """An asymmetric target; its two versions push to either side."""
    return Control(stem, f"{stem}-l", f"{stem}-r", 0.0, -0.5, 0.5, asymmetry_sd=sd)


UP_DOWN, OUT_IN, FRONT_BACK = "up down", "out in", "forward backward"

CONTROLS: tuple[Control, ...] = (
    # Skull and the outline of the face
    _both("head-scale-horiz", 0.10, 0.7, fits=True),
    _both("head-scale-vert", 0.10, 0.7, fits=True),
    _both("head-scale-depth", 0.12, 0.8, fits=True),
    _both("head-back-scale-depth", 0.10, 0.8, fits=True),
    _both("head-fat", 0.18, 0.45, fits=True),
    _both("head-angle", 0.05, 0.2, ends="out in"),
    *(_one(f"head-{kind}", 0.08, 0.25) for kind in ("oval", "round", "rectangular")),
    _both("head", 0.12, 0.5, fits=True, ends="triangular invertedtriangular"),
    _both("head", 0.10, 0.35, fits=True, ends="square diamond"),
    # Forehead and brows
    _both("forehead-scale-vert", 0.08, 0.3, fits=True),
    _both("forehead-temple", 0.15, 0.4),
    _both("forehead-trans", 0.12, 0.4, ends=FRONT_BACK),
    _both("eyebrows-angle", 0.15, 0.4, ends=UP_DOWN),
    _both("eyebrows-trans", 0.12, 0.35, ends=FRONT_BACK),
    _both("eyebrows-trans", 0.15, 0.4, ends=UP_DOWN),
    # Eyes
    _pair("eye-trans", 0.20, 1.0, fits=True, ends=OUT_IN),
    _pair("eye-trans", 0.12, 0.35, ends=UP_DOWN),
    _pair("eye-scale", 0.20, 0.7, fits=True),
    _pair("eye-push1", 0.15, 0.6, fits=True, ends=OUT_IN),
    _pair("eye-push2", 0.15, 0.6, fits=True, ends=OUT_IN),
    _pair("eye-corner1", 0.30, ends=UP_DOWN),
    _pair("eye-corner2", 0.25, ends=UP_DOWN),
    _pair("eye-height1", 0.15, 0.5),
    _pair("eye-height2", 0.15, 0.6, fits=True),
    _pair("eye-height3", 0.15, 0.5),
    _pair("eye-epicanthus", 0.20, 0.5, ends=OUT_IN),
    _pair("eye-eyefold-angle", 0.25, ends=UP_DOWN),
    _pair("eye-eyefold", 0.25, ends=UP_DOWN),
    _pair("eye-eyefold", 0.15, 0.5, ends="convex concave"),
    _pair("eye-bag", 0.30),
    _pair("eye-bag-height", 0.15, 0.5),
    _pair("eye-bag", 0.20, 0.6, ends=OUT_IN),
    # Nose
    _both("nose-base", 0.15, 0.6, fits=True, ends=UP_DOWN),
    _both("nose-compression", 0.12, 0.35, ends="compress uncompress"),
    _both("nose-curve", 0.18, 0.5, ends="convex concave"),
    _both("nose-flaring", 0.20, 0.7, fits=True),
    _both("nose-greek", 0.15, 0.4),
    _both("nose-hump", 0.15, 0.4),
    _both("nose-nostrils-angle", 0.15, 0.4, ends=UP_DOWN),
    _both("nose-nostrils-width", 0.20, 0.7, fits=True),
    _both("nose-point", 0.08, 0.4, fits=True, ends=UP_DOWN),
    _both("nose-point-width", 0.30, 0.8),
    _both("nose-scale-depth", 0.25, 1.0, fits=True),
    _both("nose-scale-horiz", 0.20, 0.8, fits=True),
    _both("nose-scale-vert", 0.25, 1.0, fits=True),
    _both("nose-septumangle", 0.12, 0.4, fits=True),
    _both("nose-trans", 0.10, 0.3, ends=FRONT_BACK),
    _both("nose-trans", 0.12, 0.4, fits=True, ends=UP_DOWN),
    _both("nose-volume", 0.12, 0.35),
    _both("nose-width1", 0.25, 0.8, fits=True),
    _both("nose-width2", 0.25, 0.7),
    _both("nose-width3", 0.20, 0.7, fits=True),
    # Mouth and lips
    _both("mouth-angles", 0.15, 0.4, ends=UP_DOWN),
    _both("mouth-cupidsbow", 0.30),
    _both("mouth-cupidsbow-width", 0.30),
    _both("mouth-dimples", 0.15, 0.4, ends="in out"),
    _both("mouth-laugh-lines", 0.20, 0.5, ends="in out"),
    _both("mouth-lowerlip-ext", 0.15, 0.4, ends=UP_DOWN),
    _both("mouth-lowerlip-height", 0.15, 0.4),
    _both("mouth-lowerlip-middle", 0.15, 0.4, ends=UP_DOWN),
    _both("mouth-lowerlip-volume", 0.25, 0.6),
    _both("mouth-lowerlip-width", 0.15, 0.4),
    _both("mouth-philtrum-volume", 0.20, 0.5, fits=True),
    _both("mouth-scale-depth", 0.25, 0.6),
    _both("mouth-scale-horiz", 0.25, 1.0, fits=True),
    _both("mouth-scale-vert", 0.20, 0.5),
    _both("mouth-trans", 0.12, 0.4, fits=True, ends=FRONT_BACK),
    _both("mouth-trans", 0.12, 0.4, fits=True, ends=UP_DOWN),
    _both("mouth-upperlip-ext", 0.15, 0.4, ends=UP_DOWN),
    _both("mouth-upperlip-height", 0.20, 0.5),
    _both("mouth-upperlip-middle", 0.15, 0.4, ends=UP_DOWN),
    _both("mouth-upperlip-volume", 0.25, 0.6),
    _both("mouth-upperlip-width", 0.15, 0.4, fits=True),
    # Cheeks, chin and jaw
    _pair("cheek-bones", 0.25),
    _pair("cheek-inner", 0.20, 0.5),
    _pair("cheek-trans", 0.20, 0.5, ends=UP_DOWN),
    _pair("cheek-volume", 0.25),
    _both("chin-bones", 0.25, 0.8, fits=True),
    _both("chin-cleft", 0.20, 0.5),
    _both("chin-height", 0.12, 0.6, fits=True),
    _both("chin-jaw-drop", 0.20, 0.5),
    _both("chin-prognathism", 0.15, 0.4),
    _both("chin-prominent", 0.15, 0.4),
    _both("chin-width", 0.20, 0.6),
    _one("chin-triangle", 0.10, 0.3),
    # Neck and ears: seen by few cameras, but heads differ in them
    _both("neck-double", 0.15, 0.6),
    _both("neck-scale-depth", 0.20, 0.5),
    _both("neck-scale-horiz", 0.20, 0.5),
    _pair("ear-scale", 0.20, 0.5),
    _pair("ear-wing", 0.30, 0.6),
    _pair("ear-lobe", 0.30, 0.6),
    # What makes the two halves of a face differ
    *(_skew(f"asym-brown-{i}", 0.10) for i in (1,)),
    *(_skew(f"asym-cheek-{i}", 0.10) for i in (1, 2)),
    *(_skew(f"asym-jaw-{i}", 0.10) for i in (1, 2, 3)),
    *(_skew(f"asym-mouth-{i}", 0.12) for i in (1, 2)),
    *(_skew(f"asym-nose-{i}", 0.15) for i in (1, 2, 3, 4)),
    _skew("asym-temple-1", 0.15),
)
