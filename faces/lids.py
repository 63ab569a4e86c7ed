"""Lid margins seated on the anatomical eye: where they rest, and how blink, wide, squint and gaze move them.

MakeHuman models its lids on a ball of 15 mm. Here each margin is a curve y(x) seen from the front, taken from the
wearer's own lids; its depth is that of the eye itself (12 mm sphere, corneal bulge where the gaze puts it) plus a tear
film, running out to the canthi, which lie off the globe. A blink moves every point of both margins along its column
x = const, which on the sphere is a turn about the transverse axis, until the two curves are one: upper and lower lid
meet exactly, and the opening shrinks in proportion to the weight.

Eye frame: origin at the rotation centre, +x temporal (so that both eyes share all formulas), +y up, +z forward; m.
A margin has `COLUMNS` points: 0 the medial canthus, 56 the lateral one, upper lid between, 57 .. 111 back along the
lower lid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from faces.eyeball import IRIS_RADIUS, SCLERA_RADIUS, surface_radius

LOOP = 56
"""Margin points that the subdivided skin has; every second of `COLUMNS`."""
COLUMNS = 112
LATERAL = COLUMNS // 2
TEAR_FILM = 0.00012
THICKNESS = (0.0016, 0.0008)
"""Lid margin between its inner and outer edge, at mid lid and at the canthi."""
FORWARD = (0.15, 0.60)
"""How far the margin's face turns from the globe's normal to straight ahead, at mid lid and more at the canthi."""
CARUNCLE_ENDS = -0.0070
"""Where the caruncle's mound, from the medial canthus, has dipped under the globe."""
CARUNCLE_HEIGHT = 0.0009
SKIN_CLEARANCE = 0.00165

UPPER_COVER = 0.0015
"""Of the iris, in the mean (adults 1 to 2 mm)."""
LOWER_COVER = 0.0002
UPPER_RANGE = (0.0034, 0.0056)
LOWER_RANGE = (0.0050, 0.0064)
"""Heights of the margins above and below the pupil that a neutral face may have."""
MEAN_UPPER, MEAN_LOWER = 0.0043, 0.0056
"""The same heights on the shapes of the mean adult, once seated: differences from these are the wearer's own."""
SEAT_MIDDLE, SEAT_DEPTH = -0.00065, 0.0134
"""Height and depth, from the rotation centre, of the point midway between the margins' outer edges before the pupil."""

WIDE_UP, WIDE_DOWN = 0.0019, 0.0006
LOOK_UP = (0.0034, 0.0014)
LOOK_DOWN = (-0.0056, -0.0024)
"""Travel of upper and lower margin at full weight; a gaze of 35 degrees up or 40 down counts as full."""
GAZE_FULL_UP, GAZE_FULL_DOWN = np.radians(35.0), np.radians(40.0)
SQUINT_CLOSES = 0.5
LEAST_OPENING = 0.3
"""Of the neutral opening, that looking alone leaves."""
MEET_BLINK, MEET_SQUINT = 0.24, 0.62
"""Where in the opening the margins meet, from the lower one."""


@dataclass(frozen=True, eq=False)
class LidFit:
    """One wearer's margins at rest, both eyes (left, right), in eye frames, m.

    Attributes:
        x: (2, COLUMNS). upper, lower: (2, COLUMNS) heights of the two margins at each column's x.
        opening: (2, COLUMNS) neutral opening relative to its greatest, 0 at the canthi.
        floor: (2, COLUMNS) depth of the canthal line, below which margins do not recede.
        thickness: (2, COLUMNS).
        caruncle: (2, COLUMNS) in [0, 1], how much a column belongs to the caruncle.
    """

    x: NDArray[np.float64]
    upper: NDArray[np.float64]
    lower: NDArray[np.float64]
    opening: NDArray[np.float64]
    floor: NDArray[np.float64]
    thickness: NDArray[np.float64]
    caruncle: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Margins:
    """Posed margins, (B, 2, COLUMNS, 3) in eye frames: outer and inner edge, and two rows of conjunctiva behind."""

    outer: NDArray[np.float64]
    inner: NDArray[np.float64]
    fornix: NDArray[np.float64]
    behind: NDArray[np.float64]


def densify(loop: NDArray[np.floating]) -> NDArray[np.float64]:
    """(..., LOOP, 3) margin points to (..., COLUMNS, 3) by a cubic spline along each lid."""
    upper = loop[..., : LOOP // 2 + 1, :]
    lower = np.concatenate([loop[..., LOOP // 2 :, :], loop[..., :1, :]], axis=-2)
    knots = np.arange(LOOP // 2 + 1)
    dense = np.arange(LATERAL + 1) / 2
    parts = [CubicSpline(knots, lid, axis=-2, bc_type="natural")(dense)[..., :-1, :] for lid in (upper, lower)]
    return np.concatenate(parts, axis=-2)


def seat(loop: NDArray[np.floating]) -> NDArray[np.float64]:
    """How far (2, 3) to move each rotation centre, in eye frames, so that the eye sits in the wearer's lids.

    MakeHuman's balls are larger and its shapes move lids and balls apart; sideways the ball's centre is kept.

    Args:
        loop: (2, LOOP, 3) the margins' outer edges about the centres of MakeHuman's eyeballs.
    """
    shift = np.zeros((2, 3))
    for k, ring in enumerate(densify(loop)):
        lids = ring[: LATERAL + 1], np.concatenate([ring[LATERAL:], ring[:1]])[::-1]
        before = np.array([[np.interp(0.0, _increasing(lid[:, 0]), lid[:, c]) for c in (1, 2)] for lid in lids])
        shift[k, 1:] = before.mean(axis=0) - [SEAT_MIDDLE, SEAT_DEPTH]
    return shift


def fit_margins(loop: NDArray[np.floating]) -> LidFit:
    """Seat a wearer's margins on the eye.

    Args:
        loop: (2, LOOP, 3) the margins' outer edges as MakeHuman's shapes have them, in eye frames.
    """
    fits = [_fit_one(densify(side)) for side in loop]
    return LidFit(*(np.stack(arrays) for arrays in zip(*fits, strict=True)))


def _fit_one(ring: NDArray[np.float64]) -> tuple[NDArray[np.floating], ...]:
    medial, lateral = ring[0], ring[LATERAL]
    x_medial = np.clip(medial[0], -0.0175, -0.0130)
    x_lateral = np.clip(lateral[0], 0.0118, 0.0145)
    y_medial = np.clip(medial[1], -0.0030, 0.0005)
    y_lateral = np.clip(lateral[1], -0.0015, 0.0030)
    lids = []
    for lid in (ring[: LATERAL + 1], np.concatenate([ring[LATERAL:], ring[:1]])[::-1]):
        x = _increasing(lid[:, 0])
        x = x_medial + (x - x[0]) * (x_lateral - x_medial) / (x[-1] - x[0])
        line = medial[1] + (lid[:, 0] - medial[0]) * (lateral[1] - medial[1]) / (lateral[0] - medial[0])
        height = np.abs(_smooth(np.where(np.arange(LATERAL + 1) % LATERAL == 0, 0.0, lid[:, 1] - line)))
        lids.append((x, height))
    axis = [y_medial + (x - x_medial) * (y_lateral - y_medial) / (x_lateral - x_medial) for x, _ in lids]
    rest = (IRIS_RADIUS - UPPER_COVER, IRIS_RADIUS - LOWER_COVER)
    curves = []
    for k, (sign, mean, span) in enumerate(((1, MEAN_UPPER, UPPER_RANGE), (-1, MEAN_LOWER, LOWER_RANGE))):
        x, height = lids[k]
        own = sign * np.interp(0.0, x, axis[k] + sign * height)
        wanted = np.clip(rest[k] + 0.6 * (own - mean), *span)
        factor = (wanted - sign * np.interp(0.0, x, axis[k])) / np.interp(0.0, x, height)
        curves.append(axis[k] + sign * factor * height)
    (xu, _), (xl, _) = lids
    shared = (xu + xl) / 2  # the same columns on both lids: what meets is the same polyline, and nothing shows between
    upper, lower = np.interp(shared, xu, curves[0]), np.interp(shared, xl, curves[1])
    x, upper, lower = (np.concatenate([v[:-1], v[:0:-1]]) for v in (shared, upper, lower))
    gap = np.maximum(upper - lower, 0.0)
    upper, lower = (upper + lower + gap) / 2, (upper + lower - gap) / 2
    opening = gap / gap.max()
    z_medial = np.clip(medial[2] - 0.0012, 0.0075, 0.0105)
    z_lateral = np.clip(lateral[2] - 0.0022, 0.0050, 0.0075)
    floor = z_medial + (x - x_medial) / (x_lateral - x_medial) * (z_lateral - z_medial)
    thickness = THICKNESS[1] + (THICKNESS[0] - THICKNESS[1]) * np.clip(opening / 0.5, 0, 1) ** 0.5
    caruncle = _smoothstep((CARUNCLE_ENDS - x) / 0.0015)
    return x, upper, lower, opening, floor, thickness, caruncle


def _increasing(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Strictly increasing version of x, smoothed, with the same ends."""
    steps = np.maximum(np.diff(x), 0.00012)
    for _ in range(3):
        steps = np.convolve(np.pad(steps, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    return np.concatenate([[0.0], np.cumsum(steps)]) * (x[-1] - x[0]) / steps.sum() + x[0]


def _smooth(height: NDArray[np.float64]) -> NDArray[np.float64]:
    for _ in range(4):
        height[1:-1] = 0.25 * height[:-2] + 0.5 * height[1:-1] + 0.25 * height[2:]
    return height


def _smoothstep(t: NDArray[np.floating]) -> NDArray[np.floating]:
    t = np.clip(t, 0.0, 1.0)
    return t * t * (3 - 2 * t)


def smooth_max(a: NDArray[np.floating], b: NDArray[np.floating], width: float) -> NDArray[np.floating]:
    """Maximum of a and b, rounded over differences of about `width`; never below either."""
    gap = a - b
    return b + (gap + np.sqrt(gap * gap + width * width)) / 2


def margin_heights(
    fit: LidFit,
    *,
    blink: NDArray[np.floating],
    wide: NDArray[np.floating],
    squint: NDArray[np.floating],
    up: NDArray[np.floating],
    down: NDArray[np.floating],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Heights (B, 2, COLUMNS) of upper and lower margin at each column's x; weights are (B, 2) in [0, 1]."""
    blink, wide, squint, up, down = (w[..., None] for w in (blink, wide, squint, up, down))
    rise = fit.opening**0.9
    upper = fit.upper + rise * (WIDE_UP * wide + LOOK_UP[0] * up + LOOK_DOWN[0] * down)
    lower = fit.lower + rise * (-WIDE_DOWN * wide + LOOK_UP[1] * up + LOOK_DOWN[1] * down)
    upper = np.maximum(upper, lower + LEAST_OPENING * (fit.upper - fit.lower))
    squeezed = SQUINT_CLOSES * squint
    open_share = (1 - squeezed) * (1 - blink)
    toward_squint = squeezed * (1 - blink)
    meet = lower + (upper - lower) * np.where(
        open_share < 1, (MEET_BLINK * blink + MEET_SQUINT * toward_squint) / np.maximum(1 - open_share, 1e-12), 0.0
    )
    return meet + open_share * (upper - meet), meet + open_share * (lower - meet)


def pose_margins(
    fit: LidFit, upper: NDArray[np.floating], lower: NDArray[np.floating], axis: NDArray[np.floating]
) -> Margins:
    """Place the margins on the eye.

    Args:
        fit: of the wearer.
        upper, lower: (B, 2, COLUMNS) from `margin_heights`.
        axis: (B, 2, 3) optical axes in eye frames.
    """
    own = np.where(np.arange(COLUMNS) <= LATERAL, upper, lower)
    y = own.copy()
    for canthus in (0, LATERAL):  # goes halfway along with the lids, or their first columns would pass it
        y[..., canthus] = (own[..., canthus - 1] + own[..., canthus + 1]) / 2
    x = np.broadcast_to(fit.x, y.shape)
    reach = SCLERA_RADIUS + TEAR_FILM
    globe = np.sqrt(np.maximum(reach**2 - x**2 - y**2, 0.0))
    p = np.stack([x, y, smooth_max(globe, np.broadcast_to(fit.floor, y.shape), 0.0008)], axis=-1)
    distance = np.linalg.norm(p, axis=-1, keepdims=True)
    unit = p / distance
    eye = surface_radius(np.einsum("bsci,bsi->bsc", unit, axis))[..., None]
    distance = smooth_max(distance, eye + TEAR_FILM, 0.00003)
    inner = unit * distance
    ahead = np.broadcast_to(FORWARD[0] + FORWARD[1] * (1 - fit.opening) ** 1.5, y.shape)[..., None]
    facing = (1 - ahead) * unit + ahead * np.array([0.0, 0.0, 1.0])
    outer = inner + fit.thickness[..., None] * facing / np.linalg.norm(facing, axis=-1, keepdims=True)
    sunk = unit * (eye - 0.0010)
    middle = (upper + lower) / 2
    mound_height = CARUNCLE_HEIGHT * np.exp(-(((x - CARUNCLE_ENDS + 0.0042) / 0.0019) ** 2))
    mound = np.stack([x + 0.0006, middle, inner[..., 2] - 0.0006 + mound_height], axis=-1)
    share = np.broadcast_to(fit.caruncle, y.shape)[..., None]
    fornix = (1 - share) * unit * (eye - 0.0004) + share * mound
    return Margins(outer, inner, fornix, sunk)
