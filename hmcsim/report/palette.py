"""Colours of layouts and of maps, told apart by colour-blind readers too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NAMED = {
    "green": "#009e73",
    "orange": "#e69f00",
    "red": "#d55e00",
    "blue": "#0072b2",
    "purple": "#a4508b",
    "black": "#33383e",
}
"""Okabe and Ito, "Color Universal Design", 2008: a layout named after a colour wears it."""
OTHERS = ("#0072b2", "#a4508b", "#56b4e9", "#7a6a00", "#33383e", "#009e73", "#e69f00", "#d55e00")

VIRIDIS = np.array(
    [
        [0.267, 0.005, 0.329],
        [0.283, 0.141, 0.458],
        [0.254, 0.265, 0.530],
        [0.207, 0.372, 0.553],
        [0.164, 0.471, 0.558],
        [0.128, 0.567, 0.551],
        [0.135, 0.659, 0.518],
        [0.267, 0.749, 0.441],
        [0.478, 0.821, 0.318],
        [0.741, 0.873, 0.150],
        [0.993, 0.906, 0.144],
    ]
)
"""Smith and van der Walt's viridis at eleven even steps, sRGB: even in lightness, safe for colour-blind readers."""


def layout_colours(names: Sequence[str]) -> dict[str, str]:
    """A hex colour a layout: the one its name ends with, or the next free one."""
    chosen = {name: NAMED[name.rpartition("_")[2]] for name in names if name.rpartition("_")[2] in NAMED}
    free = iter([colour for colour in OTHERS if colour not in chosen.values()] * (1 + len(names)))
    return {name: chosen.get(name) or next(free) for name in names}


def hex_colour(rgb: NDArray[np.float64]) -> str:
    """(3,) in [0, 1] to "#rrggbb"."""
    return "#" + "".join(f"{round(255 * float(c)):02x}" for c in rgb)


def map_gradient() -> str:
    """The map's colours as a CSS gradient, low to high."""
    return f"linear-gradient(to right, {', '.join(hex_colour(c) for c in VIRIDIS)})"
