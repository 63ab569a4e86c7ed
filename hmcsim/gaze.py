"""Gaze as a person types it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hmcsim.errors import HmcsimError


def parse_gaze(text: str) -> NDArray[np.float64]:
    """(2,) azimuth and elevation in rad from "AZ,EL" in degrees: to the wearer's left and up is positive.

    Raises:
        HmcsimError: not two finite numbers.
    """
    try:
        values = np.array([float(word) for word in text.split(",")])
    except ValueError:
        values = np.array([np.nan])
    if values.shape != (2,) or not np.isfinite(values).all():
        raise HmcsimError(f"`gaze` must be two finite numbers AZ,EL in deg, got {text!r}")
    return np.deg2rad(values)
