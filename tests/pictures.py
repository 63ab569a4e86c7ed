"""Pictures of what a test compares, saved when it fails: outputs/mismatch/TEST.NAME.png.

    def test_something(pictures):
        pictures.keep("eye", got, expected)
        np.testing.assert_allclose(got, expected)

Left to right: what was got, what was expected, and five times their difference; grey, with the display's gamma.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

FOLDER = Path("outputs") / "mismatch"
_GAIN, _GAMMA = 5.0, 2.2


def side_by_side(got: ArrayLike, expected: ArrayLike | None = None) -> NDArray[np.uint8]:
    """(H, W) or (H, 3 W) of one image or of two and their difference; NaN is black, the 99.5th percentile white."""
    first = np.nan_to_num(np.asarray(got, dtype=float))
    parts = [first]
    if expected is not None:
        second = np.nan_to_num(np.asarray(expected, dtype=float))
        parts += [second, _GAIN * np.abs(first - second)]
    white = max(float(np.percentile(parts[-2] if len(parts) > 1 else first, 99.5)), 1e-30)
    whole = np.clip(np.concatenate(parts, axis=1) / white, 0.0, 1.0)
    return np.asarray(255 * whole ** (1 / _GAMMA), dtype=np.uint8)


class Pictures:
    """Images of one test; nothing is written unless it fails."""

    def __init__(self, test: str) -> None:
        self._test = re.sub(r"[^\w.-]+", "_", test).strip("_")
        self._kept: dict[str, tuple[ArrayLike, ArrayLike | None]] = {}

    def keep(self, name: str, got: ArrayLike, expected: ArrayLike | None = None) -> None:
        """Remember (H, W) images until the test ends."""
        self._kept[name] = (got, expected)

    def save(self, folder: Path = FOLDER) -> list[Path]:
        """Write what was kept."""
        paths = []
        for name, pair in self._kept.items():
            path = folder / f"{self._test}.{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(side_by_side(*pair)).save(path)
            paths.append(path)
        return paths
