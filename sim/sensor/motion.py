"""Motion blur: the mean of the light at several moments of an exposure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from sim.errors import SimError
from sim.render.frame import CameraFrame


def average_frames(
    steps: Sequence[Mapping[str, CameraFrame]], labels: Mapping[str, CameraFrame]
) -> Mapping[str, CameraFrame]:
    """Frames with the mean radiance of `steps`, and all other buffers of `labels`.

    Exact as the steps become many; steps less than a pixel apart suffice: head at 0.1 m/s and eye at 500 deg/s move by
    0.05 mm and 0.05 mm in 500 µs, a third of a pixel, so that strobed headsets need two or three.

    Args:
        steps: renderings, buffer radiance, at even steps over the time that the light lasts.
        labels: the rendering in the middle of it.

    Raises:
        SimError: no step.
    """
    if not steps:
        raise SimError("`len(steps) >= 1` must hold, got 0 (average_frames)")
    return {
        name: replace(
            frame, radiance=np.mean([np.asarray(step[name].radiance) for step in steps], axis=0).astype(np.float32)
        )
        for name, frame in labels.items()
    }
