"""Draw docs/images/motion.png anew: weights and gaze over time, one panel a kind. Run after a change of faces/motion.

python docs/images/make_motion.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from faces.arkit import ARKIT_NAMES
from faces.motion import KINDS, draw_motion

HERE = Path(__file__).parent
SECONDS = {"blink": 10.0, "gaze": 5.0, "sentence": 4.0}
WIDTH, HEIGHT, LEFT, GAP, SCALE = 900, 190, 66, 26, 2
COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22")
LINES = 8
"""The weights that move most are drawn."""


def main(out: Path = HERE / "motion.png") -> None:
    """Six panels, drawn at twice the size and reduced."""
    image = Image.new("RGB", (SCALE * WIDTH, SCALE * len(KINDS) * (HEIGHT + GAP)), "white")
    draw = ImageDraw.Draw(image)
    for k, kind in enumerate(KINDS):
        _panel(draw, kind, k + 4, SCALE * (k * (HEIGHT + GAP) + GAP // 2))
    image = image.resize((WIDTH, len(KINDS) * (HEIGHT + GAP)), Image.Resampling.LANCZOS)
    image.quantize(64).save(out, optimize=True)


def _panel(draw: ImageDraw.ImageDraw, kind: str, seed: int, top: int) -> None:
    seconds = SECONDS.get(kind, 12.0)
    motion = draw_motion(np.random.default_rng(seed), kind, seconds)
    times = np.linspace(0.0, seconds, 3000, endpoint=False)
    weights, gaze = motion.weights(times), np.degrees(motion.gaze_rad(times))
    left, right, bottom = SCALE * LEFT, SCALE * (WIDTH - 170), top + SCALE * HEIGHT
    middle = top + SCALE * HEIGHT * 3 // 5
    for second in range(int(seconds) + 1):
        x = left + (right - left) * second / seconds
        draw.line([(x, top), (x, bottom)], fill="#e4e4e4", width=SCALE)
        draw.text((x, bottom), f"{second} s", fill="black", font_size=SCALE * 9, anchor="ma")
    draw.text((SCALE * 4, top), kind.replace("_", "\n"), fill="black", font_size=SCALE * 9)
    draw.text((left - 4, top), "1", fill="black", font_size=SCALE * 9, anchor="ra")
    draw.text((left - 4, middle), "0", fill="black", font_size=SCALE * 9, anchor="rs")
    draw.text((left - 4, (middle + bottom) // 2), "gaze ±40°", fill="black", font_size=SCALE * 9, anchor="rm")
    travel = np.abs(np.diff(weights, axis=0)).sum(axis=0)
    travel[ARKIT_NAMES.index("jawOpen")] *= 100.0  # first in any speech
    moving = np.argsort(-travel, kind="stable")[:LINES]
    for k, column in enumerate(moving):
        if np.ptp(weights[:, column]) > 0:
            _line(draw, weights[:, column], (left, right), (middle, top), COLOURS[k])
            at = (right + SCALE * 8, top + SCALE * 14 * k)
            draw.text(at, ARKIT_NAMES[column], fill=COLOURS[k], font_size=SCALE * 10)
    for k, (eye, angle, name) in enumerate(((0, 0, "left azimuth"), (1, 0, "right azimuth"), (0, 1, "elevation"))):
        shown = 0.5 + gaze[:, eye, angle] / 80.0
        _line(draw, shown, (left, right), (bottom, middle + SCALE * 6), COLOURS[k])
        at = (right + SCALE * 8, middle + SCALE * (26 + 14 * k))
        draw.text(at, f"gaze, {name}", fill=COLOURS[k], font_size=SCALE * 10)
    draw.rectangle([(left, top), (right, bottom)], outline="#888888")


def _line(
    draw: ImageDraw.ImageDraw, values: NDArray[np.float64], x: tuple[int, int], y: tuple[int, int], colour: str
) -> None:
    xs = np.linspace(*x, len(values))
    ys = y[0] + (y[1] - y[0]) * values
    draw.line([*zip(xs.tolist(), ys.tolist(), strict=True)], fill=colour, width=SCALE + 1, joint="curve")


if __name__ == "__main__":
    main()
