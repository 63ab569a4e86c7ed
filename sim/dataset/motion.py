"""The seam to `faces.motion`: what a wearer does, segment after segment, and the frames of a sequence.

Segments of the kind `FRAMES` are frames by themselves, which `sim.dataset.expressions` draws; all others are drawn here
as a whole, weights (F, E) and gaze (F, 2, 2) in rad.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from faces.errors import FaceError
from faces.motion.presets import script as find_script
from faces.motion.script import ScriptSegment, draw_segment
from sim.errors import SimError

FRAMES = "frames"


@dataclass(frozen=True)
class Task:
    """One segment of a wearer's frames.

    Attributes:
        name, kind: as in the script; `FRAMES`: frames by themselves.
        start, count: which of the wearer's frames.
        anchor: recorded for calibration.
        source: the script's own segment; None: there is no script.
    """

    name: str
    kind: str
    start: int
    count: int
    anchor: bool = False
    source: ScriptSegment | None = None


def tasks_of(script: str | None, frames: int, rate_hz: float) -> tuple[Task, ...]:
    """What one wearer does in so many frames.

    Raises:
        SimError: no such script.
    """
    if script is None:
        return (Task(FRAMES, FRAMES, 0, frames),)
    try:
        sized = find_script(script).sized(frames / rate_hz)
    except FaceError as error:
        raise SimError(f"{error} (wearers.script)") from error
    ends = np.cumsum([segment.duration_s for segment in sized.segments]) * rate_hz
    ends = np.rint(ends * frames / ends[-1]).astype(int)
    starts = [0, *ends[:-1].tolist()]
    return tuple(
        Task(segment.name, segment.kind, start, int(end) - start, bool(segment.anchor), segment)
        for segment, start, end in zip(sized.segments, starts, ends, strict=True)
        if end > start
    )


def sequence(
    rng: np.random.Generator, task: Task, rate_hz: float, names: tuple[str, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights (F, E) in the order of `names` and gaze (F, 2, 2) rad of a task's frames."""
    assert task.source is not None
    lasting = replace(task.source, duration_s=math.nextafter(task.count / rate_hz, math.inf))
    drawn = draw_segment(rng, lasting, rate_hz, names)
    return np.asarray(drawn.weights)[: task.count], np.asarray(drawn.gaze_rad)[: task.count]
