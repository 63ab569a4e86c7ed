"""Maps of light and signal on the face as a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sim.metrics.signal import SignalScores


def write_signal_maps(signal: Mapping[str, SignalScores], path: Path) -> None:
    """One .npz of float32 arrays (T,), a value for each triangle of the head, NaN where there is none:
    `HEADSET/irradiance_mw_cm2/LED`, and `HEADSET/snr|saturated|black/CAMERA`."""
    arrays = {}
    for name, scores in signal.items():
        for led, values in scores.irradiance.items():
            arrays[f"{name}/irradiance_mw_cm2/{led}"] = values
        for camera, maps in scores.maps.items():
            for kind in ("snr", "saturated", "black"):
                arrays[f"{name}/{kind}/{camera}"] = getattr(maps, kind)
    np.savez_compressed(path, allow_pickle=False, **arrays)
