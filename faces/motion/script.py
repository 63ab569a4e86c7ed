"""A script: what a wearer is asked to do, segment after segment, as plain data; and the sequences it asks for."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from faces.arkit import ARKIT_NAMES
from faces.errors import FaceError
from faces.motion.frames import draw_expression
from faces.motion.priors import MotionPriors
from faces.motion.segment import Segment
from faces.motion.sequence import Sequence, draw_sequence

FRAMES = "frames"
"""The kind of a segment of independent frames; all others are `faces.motion.sequence.KINDS`."""
SHORTEST_S = 2.0
"""No segment of a shortened script is shorter: an expression could not rise and be seen."""


@dataclass(frozen=True)
class ScriptSegment:
    """One task.

    Attributes:
        name: unique in its script.
        kind: "frames", or one of `faces.motion.sequence.KINDS`.
        duration_s: how long it takes.
        expression: what the kind "expression" shows, as `faces.expressions.parse_expression` reads it; None: drawn.
        anchor: whether it is recorded for calibration (UFE 4.3.2).
    """

    name: str
    kind: str
    duration_s: float
    expression: str | None = None
    anchor: bool = False


@dataclass(frozen=True)
class Script:
    """Tasks in order.

    Attributes:
        name: of the script.
        segments: the tasks.
        rate_hz: of the capture it is modelled on.
        redrawn: what differs when wearers come again; empty: they come once.
    """

    name: str
    segments: tuple[ScriptSegment, ...]
    rate_hz: float
    redrawn: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """Of all segments."""
        return math.fsum(segment.duration_s for segment in self.segments)

    @property
    def anchors(self) -> tuple[ScriptSegment, ...]:
        """The segments recorded for calibration."""
        return tuple(segment for segment in self.segments if segment.anchor)

    def sized(self, seconds: float) -> Script:
        """The script made to last `seconds`: all segments in proportion.

        Where one became shorter than `SHORTEST_S`, all get equal times; where these are too short as well, fewer
        remain: anchors first, then others spread evenly over the script.

        Raises:
            FaceError: `seconds` is not positive.
        """
        if not (math.isfinite(seconds) and seconds > 0):
            raise FaceError(f"`seconds > 0` must hold for script {self.name!r}, got {seconds:g}")
        scale = seconds / self.duration_s
        if scale * min(segment.duration_s for segment in self.segments) >= SHORTEST_S:
            kept = tuple(replace(one, duration_s=scale * one.duration_s) for one in self.segments)
        else:
            count = max(1, min(len(self.segments), int(seconds // SHORTEST_S)))
            kept = tuple(replace(self.segments[k], duration_s=seconds / count) for k in self._most_wanted(count))
        return replace(self, segments=kept)

    def _most_wanted(self, count: int) -> list[int]:
        anchors = [k for k, segment in enumerate(self.segments) if segment.anchor]
        others = [k for k, segment in enumerate(self.segments) if not segment.anchor]
        left = max(0, min(count - len(anchors), len(others)))
        chosen = [others[(2 * k + 1) * len(others) // (2 * left)] for k in range(left)]
        return sorted([*anchors[: count - left], *chosen])


def draw_segment(
    rng: np.random.Generator,
    segment: ScriptSegment,
    rate_hz: float,
    expression_names: tuple[str, ...] = ARKIT_NAMES,
    priors: MotionPriors = MotionPriors(),
) -> Sequence:
    """Frames of one segment; arguments and errors as those of `faces.motion.sequence.draw_sequence`.

    Of the kind "frames", frame k is the generator's k-th draw, and the rate says only how many there are.
    """
    if segment.kind != FRAMES:
        return draw_sequence(
            rng, segment.kind, segment.duration_s, rate_hz, expression_names, priors, expression=segment.expression
        )
    if not (math.isfinite(rate_hz) and rate_hz > 0 and segment.duration_s > 0):
        raise FaceError(
            f"`duration_s > 0` and `rate_hz > 0` must hold for segment {segment.name!r}, "
            f"got {segment.duration_s:g} s at {rate_hz:g} Hz"
        )
    count = max(1, math.ceil(round(segment.duration_s * rate_hz, 6)))
    frames = [draw_expression(rng, priors, expression_names) for _ in range(count)]
    return Sequence(
        FRAMES,
        float(rate_hz),
        np.stack([frame.weights for frame in frames]),
        np.stack([frame.gaze_rad for frame in frames]),
        tuple(Segment("frame", frame.sort, k / rate_hz, (k + 1) / rate_hz) for k, frame in enumerate(frames)),
    )
