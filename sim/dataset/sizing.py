"""How large a data set gets: frames, wearers, and how long each is recorded; what is left open follows."""

from __future__ import annotations

import math

from sim.dataset.config import DatasetConfig
from sim.errors import SimError

SOME = 10
"""Wearers of a scripted data set whose frames alone are given: a script fits any length, and more faces serve more."""


def sized(
    config: DatasetConfig, rate_hz: float, frames: int | None, identities: int | None, seconds: float | None
) -> tuple[DatasetConfig, int]:
    """The configuration with its frames a wearer, and the number of frames.

    Args:
        rate_hz: of the cameras.
        frames, identities, seconds: at least one of the first two.

    Raises:
        SimError: neither frames nor identities are given, or all three; seconds that are not above 0.
    """
    visits = config.wearers.captures
    if frames is None and identities is None:
        raise SimError("`--frames` or `--identities` must be given for a data set, got neither")
    if frames is not None and identities is not None and seconds is not None:
        raise SimError("at most two of `--frames`, `--identities` and `--seconds` can be given, got all three")
    if seconds is not None and not 0.0 < seconds < math.inf:
        raise SimError(f"`0 < seconds` must hold, got {seconds:g}")
    each = config.wearers.frames_each
    if seconds is not None:
        each = max(1, round(seconds * rate_hz))
    elif frames is not None and identities is not None:
        each = math.ceil(frames / (identities * visits))
    elif frames is not None and config.wearers.script is not None:
        each = min(each, max(1, math.ceil(frames / (SOME * visits))))
    total = frames if frames is not None else (identities or 1) * visits * each
    changes = {"frames_each": each, "wearings_each": min(config.wearers.wearings_each, each)}
    data = config.record()
    data["wearers"] |= changes
    return DatasetConfig.model_validate(data), total
