"""How far expressions move a region's keypoints across the image: REFA eq. 2 (source in `visibility`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.metrics.visibility import PlacedCamera


@dataclass(frozen=True, eq=False)
class Motion:
    """Projected displacement of keypoints from neutral.

    Attributes:
        norm_px: (E, D) Frobenius norm over the scored keypoints, the term that eq. 2 averages over expressions.
        rms_px: (E, D) root mean square per keypoint, over all keypoints; NaN where none is left.
        dropped: (E, D) share of keypoints outside the lens's domain in either pose, left out of both.
    """

    norm_px: NDArray[np.float64]
    rms_px: NDArray[np.float64]
    dropped: NDArray[np.float64]


def keypoint_motion(
    placed: PlacedCamera,
    neutral: NDArray[np.float64],
    posed: NDArray[np.float64],
    scored: NDArray[np.bool_] | None = None,
) -> Motion:
    """Displacement of keypoints in the image; like eq. 2 it does not ask whether they are in the frame or hidden.

    Args:
        placed: the camera in D donnings.
        neutral: (K, 3) keypoints of the neutral face, m, head frame.
        posed: (E, K, 3) the same under E expressions.
        scored: (K,) which of them the Frobenius norm is taken over; all if None.
    """
    count, keypoints = posed.shape[:2]
    lens = placed.lens
    start, start_valid = lens.project(placed.to_camera(neutral))
    points = placed.to_camera(posed.reshape(-1, 3))
    end, end_valid = lens.project(points.reshape(len(points), count, keypoints, 3))
    valid = start_valid[:, None] & end_valid
    squared = np.where(valid, ((end - start[:, None]) ** 2).sum(-1), 0.0)
    used = valid.sum(-1)
    with np.errstate(invalid="ignore"):
        rms = np.sqrt(np.where(used > 0, squared.sum(-1), np.nan) / used)
    norm = np.sqrt((squared if scored is None else squared[..., scored]).sum(-1))
    scale = placed.scale[:, None]
    return Motion((scale * norm).T, (scale * rms).T, (1.0 - used / keypoints).T)
