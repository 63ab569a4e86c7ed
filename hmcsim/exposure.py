"""Radiance as 8-bit pictures, at one white level a headset, so that its pictures can be compared with each other.

For looking at, whatever the sensor makes of the light: linear in radiance up to white, then the sRGB curve. What the
cameras record is `sim.sensor`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from faces.protocol import HeadModel
from headsets import Headset
from hmcsim.errors import HmcsimError
from sim.render import CameraFrame, Renderer

WHITE_PERCENTILE = 99.0
HEADROOM = 1.1
"""White is this much above the percentile, so that skin stays clear of clipping and only highlights reach it."""


def headset_white(renderer: Renderer, headset: Headset, head: HeadModel) -> float:
    """White level of a headset, W/m²/sr: where its pictures of any face clip.

    It is set by the mean wearer's neutral face in the nominal pose, over all cameras together, so it depends on the
    headset and the head model alone, as a fixed camera gain would.

    Raises:
        HmcsimError: no camera sees any light.
    """
    frames = renderer.render(headset, head.mesh(head.neutral_identity()))
    lit = np.concatenate([f.radiance[f.radiance > 0] for f in frames.values() if f.radiance is not None])
    if not len(lit):
        raise HmcsimError(f"no camera of headset {headset.name!r} sees any light: its pictures would be black")
    return float(np.percentile(lit, WHITE_PERCENTILE) * HEADROOM)


def tone_map(radiance: NDArray[np.floating], white: float) -> NDArray[np.uint8]:
    """8-bit grey levels of the same shape: 255 at `white` (W/m²/sr) and above, sRGB curve below."""
    linear = np.clip(np.asarray(radiance, np.float64) / white, 0.0, 1.0)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(255 * encoded).astype(np.uint8)


def write_pictures(folder: Path, frames: Mapping[str, CameraFrame], white: float, kind: str = "") -> None:
    """One `{camera}{kind}.png` a camera; the white level stands in each file's text chunks."""
    for name, frame in frames.items():
        if frame.radiance is None:
            continue
        note = PngInfo()
        note.add_text("Software", "hmcsim")
        note.add_text("white_W_per_m2_sr", repr(white))
        note.add_text("transfer", "sRGB of radiance / white_W_per_m2_sr, clipped")
        Image.fromarray(tone_map(frame.radiance, white)).save(folder / f"{name}{kind}.png", pnginfo=note)
