"""What happens when in a sequence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Segment:
    """One event of a sequence.

    Attributes:
        kind: "blink", "half_blink", "voluntary_blink", "wink_left", "wink_right", "fixation", "saccade", "pursuit",
            "expression", "sweep" or "phrase".
        name: what is shown, such as "smile"; of a phrase its visemes; "" where the kind says it all.
        start_s, end_s: from the sequence's start; the end may lie beyond the sequence's.
    """

    kind: str
    name: str
    start_s: float
    end_s: float
