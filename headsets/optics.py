"""Builds lens models and LED profiles from their sections of a headset file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from headsets.errors import HeadsetError
from headsets.leds import AngularProfile, Lambertian, Table, read_ies
from headsets.lenses import BrownConrady, DoubleSphere, KannalaBrandt4, Pinhole
from headsets.lenses.central import CentralLens
from headsets.place import Place
from headsets.schema.lenses import BrownConradyPart, DoubleSpherePart, KannalaBrandt4Part, LensPart, PinholePart
from headsets.schema.parts import EmitterPart, ProfilePart


def build_lens(part: LensPart, place: Place) -> CentralLens:
    """The lens model of a section.

    Raises:
        HeadsetError: the polynomial folds back inside the image, or the field of view exceeds the lens's domain.
    """
    fov = getattr(part, "fov_deg", None)
    with (place / "fov_deg").blame():
        fx = part.fx_px if part.fx_px is not None else _focal_length(part, np.deg2rad(fov or 0.0))
    fy = part.fy_px if part.fy_px is not None else fx
    with place.blame():
        lens = _model(part, fx, fy)
    with (place / "k").blame():
        _refuse_fold(lens)
    return lens


def _model(part: LensPart, fx: float, fy: float) -> CentralLens:
    cx = part.cx_px if part.cx_px is not None else 0.5 * (part.width_px - 1)
    cy = part.cy_px if part.cy_px is not None else 0.5 * (part.height_px - 1)
    base = (part.width_px, part.height_px, fx, fy, cx, cy)
    match part:
        case PinholePart():
            return Pinhole(*base)
        case BrownConradyPart():
            k = [*part.k, *[0.0] * (6 - len(part.k))]
            return BrownConrady(*base, k=(k[0], k[1], k[2], k[3], k[4], k[5]), p=(part.p[0], part.p[1]))
        case KannalaBrandt4Part():
            return KannalaBrandt4(*base, k=(part.k[0], part.k[1], part.k[2], part.k[3]))
        case DoubleSpherePart():
            return DoubleSphere(*base, xi=part.xi, alpha=part.alpha)
    raise HeadsetError(f"no lens model for {type(part).__name__}")


def _focal_length(part: LensPart, fov_rad: float) -> float:
    """Pixels per unit of the normalised plane with which half the width spans half the field of view."""
    unit = _model(part.model_copy(update={"cx_px": 0.0, "cy_px": 0.0}), 1.0, 1.0)
    half = 0.5 * fov_rad
    pixel, valid = unit.project([np.sin(half), 0.0, np.cos(half)])
    if not valid or pixel[0] <= 0:
        raise HeadsetError(
            f"`fov_deg < {2 * np.rad2deg(unit.max_angle_rad):.4g}` must hold (the lens maps one to one up to there), "
            f"got {np.rad2deg(fov_rad):g}"
        )
    return float(0.5 * part.width_px / pixel[0])


def _refuse_fold(lens: CentralLens) -> None:
    """A lens that turns back before the rim of the image shows two directions in one pixel: the numbers are wrong."""
    if not lens.folds:
        return
    w, h = lens.width_px - 0.5, lens.height_px - 0.5
    xs, ys = np.linspace(-0.5, w, 33), np.linspace(-0.5, h, 33)
    rim = np.concatenate([[(x, y) for x in xs for y in (-0.5, h)], [(x, y) for y in ys for x in (-0.5, w)]])
    corners = np.array([(-0.5, -0.5), (w, -0.5), (-0.5, h), (w, h)])
    for pixels in (corners, rim):
        missing = np.isnan(lens.unproject(pixels)).any(-1)
        if missing.any():
            x, y = pixels[missing][0]
            raise HeadsetError(
                "the polynomial must grow up to the image corners, "
                f"got one that folds back {np.rad2deg(lens.max_angle_rad):.4g} deg off the axis, "
                f"before pixel ({x:g}, {y:g})"
            )


def build_profile(part: EmitterPart, folder: Path | None, place: Place) -> AngularProfile:
    """The angular profile of an emitter; IES files are found beside the headset file."""
    if part.half_angle_deg is not None:
        return Lambertian.from_half_angle(float(np.deg2rad(part.half_angle_deg)))
    if part.lambertian_order is not None:
        return Lambertian(part.lambertian_order)
    place = place / "profile"
    with place.blame():
        if isinstance(part.profile, ProfilePart):
            theta = np.deg2rad(part.profile.angle_deg)
            return Table(tuple(float(t) for t in theta), tuple(part.profile.intensity))
        name = str(part.profile)
        if not name.lower().endswith(".ies") or "\0" in name:
            raise HeadsetError(f"`profile` must be a table or the name of a .ies file, got {name[:60]!r}")
        return read_ies((folder or Path()) / name)
