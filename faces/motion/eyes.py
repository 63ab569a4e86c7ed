"""Eyes: fixations, saccades on the main sequence, smooth pursuit, and vergence.

Amplitudes are differences of azimuth and elevation taken as a plane, which overstates sideways ones by
1/cos(elevation). Microsaccades, drift, torsion and the eye's own small turn in a blink are left out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faces.builtin import GAZE_AZIMUTH, GAZE_ELEVATION
from faces.eyeball import KAPPA_AZIMUTH, KAPPA_ELEVATION
from faces.motion.priors import GazePriors
from faces.motion.segment import Segment
from faces.motion.transitions import Transition, evaluate

AZIMUTH, ELEVATION, VERGENCE = range(3)
SHAPE_SUM = 4.6
"""a + b of a saccade's profile: peak speed is then some 1.65 times the mean (Harwood, Mezey and Harris 1999, cited from
memory), against 1.875 for minimum jerk."""
PURSUIT = (1.25, 1.25)
"""Almost even speed, reached within some 100 ms of a second's pursuit."""
HALF_IPD_M = 0.0315
"""Half the distance between adults' eyes; a person's own changes vergence by a tenth."""


def saccade_shape(amplitude_deg: float) -> tuple[float, float]:
    """Exponents of its profile: speed peaks half-way in small saccades, and earlier, after a third, in large ones
    (van Opstal and van Gisbergen 1987, cited from memory)."""
    peak = float(np.clip(0.5 - 0.005 * (amplitude_deg - 5.0), 0.33, 0.5))
    return 1.0 + (SHAPE_SUM - 2.0) * peak, 1.0 + (SHAPE_SUM - 2.0) * (1.0 - peak)


def draw_eyes(
    rng: np.random.Generator, duration_s: float, priors: GazePriors, *, sweep: bool = False
) -> tuple[list[Transition], list[Segment]]:
    """Movements of the visual axes from straight ahead: columns azimuth, elevation, vergence, in degrees.

    Args:
        rng: the only source of randomness.
        duration_s: movements start before it.
        priors: what is drawn from.
        sweep: to the limits of the range in turn, instead of looking about.
    """
    at = np.zeros(2) if sweep else _clipped(rng.normal(size=2) * [10.0, 10.0 * priors.vertical], priors)
    vergence, settled = vergence_deg(priors.distance_m.of(rng.standard_normal())), -1.0
    steps = [Transition(-2.0, 1.0, {AZIMUTH: at[0], ELEVATION: at[1], VERGENCE: vergence})]
    segments = []
    now = -0.5 * priors.fixation_s.of(rng.standard_normal())
    while now < duration_s:
        moves = now + priors.fixation_s.of(rng.standard_normal())
        segments.append(Segment("fixation", "", now, moves))
        u, speed, turns, slow = rng.random(4)
        pursuit = u < (priors.sweep_pursuit_share if sweep else priors.pursuit_share)
        target = _edge(rng, priors) if sweep else _next(rng, at, pursuit, priors)
        amplitude = float(np.hypot(*(target - at)))
        change = {AZIMUTH: target[0] - at[0], ELEVATION: target[1] - at[1]}
        if pursuit:
            speeds = priors.sweep_deg_s if sweep else priors.pursuit_deg_s
            now = moves + max(amplitude / (speeds.low + (speeds.high - speeds.low) * speed), 0.1)
            steps.append(Transition(moves, now - moves, change, PURSUIT))
        else:
            now = moves + priors.saccade_s + priors.saccade_s_per_deg * amplitude
            steps.append(Transition(moves, now - moves, change, saccade_shape(amplitude)))
        segments.append(Segment("pursuit" if pursuit else "saccade", "", moves, now))
        at = target
        new = vergence_deg(priors.distance_m.of(rng.standard_normal()))
        if turns < priors.vergence_share and moves > settled:
            takes = priors.vergence_s.low + (priors.vergence_s.high - priors.vergence_s.low) * slow
            steps.append(Transition(moves, takes, {VERGENCE: new - vergence}))
            vergence, settled = new, moves + takes
    return steps, [segment for segment in segments if segment.end_s > 0 and segment.start_s < duration_s]


def optical_axes(steps: list[Transition], times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """(F, 2, 2) azimuth and elevation of left and right eye's optical axes, rad, within the built-in head's range."""
    visual = np.radians(evaluate(steps, times_s, 3))
    return from_visual(visual[:, :2], visual[:, VERGENCE])


def from_visual(direction: NDArray[np.float64], vergence: NDArray[np.float64]) -> NDArray[np.float64]:
    """(*batch, 2, 2) optical axes from directions of sight (*batch, 2) and vergence (*batch,), rad.

    Each visual axis lies nasally of and above its optical one; vergence turns both towards the nose, the left eye's
    azimuth down and the right one's up.
    """
    inwards = np.array([-1.0, 1.0])
    azimuth = direction[..., :1] + inwards * (0.5 * vergence[..., None] - KAPPA_AZIMUTH)
    elevation = np.broadcast_to(direction[..., 1:] - KAPPA_ELEVATION, azimuth.shape)
    return in_range(np.stack([azimuth, elevation], axis=-1))


def in_range(gaze_rad: NDArray[np.float64]) -> NDArray[np.float64]:
    """Optical axes (..., 2) brought into the range of the built-in head."""
    low, high = [-GAZE_AZIMUTH, GAZE_ELEVATION[0]], [GAZE_AZIMUTH, GAZE_ELEVATION[1]]
    return np.clip(gaze_rad, low, high)


def vergence_deg(distance_m: float) -> float:
    """Angle between the visual axes of eyes that look at something straight ahead."""
    return float(np.degrees(2.0 * np.arctan(HALF_IPD_M / distance_m)))


def _next(rng: np.random.Generator, at: NDArray[np.float64], pursuit: bool, priors: GazePriors) -> NDArray[np.float64]:
    """Where the next movement ends: mostly back towards straight ahead, and never beyond the limits."""
    heading = 2.0 * np.pi * rng.random()
    direction = np.array([np.cos(heading), priors.vertical * np.sin(heading)])
    saccade, follow = priors.saccade_deg.of(rng.standard_normal()), priors.pursuit_deg.draw(rng)
    move = (follow if pursuit else saccade) * direction / np.hypot(*direction)
    if rng.random() < priors.recentring and move @ at > 0:
        move = -move
    if (_clipped(at + move, priors) != at + move).any():
        move = -move
    return _clipped(at + move, priors)


def _edge(rng: np.random.Generator, priors: GazePriors) -> NDArray[np.float64]:
    """A point near the limits, in any direction."""
    heading, reach = 2.0 * np.pi * rng.random(), rng.uniform(0.75, 1.0)
    up = priors.up_deg if np.sin(heading) > 0 else priors.down_deg
    return reach * np.array([priors.azimuth_deg * np.cos(heading), up * np.sin(heading)])


def _clipped(point: NDArray[np.float64], priors: GazePriors) -> NDArray[np.float64]:
    return np.clip(point, [-priors.azimuth_deg, -priors.down_deg], [priors.azimuth_deg, priors.up_deg])
