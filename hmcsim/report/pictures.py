"""Pictures as data URIs, and the camera pictures of a report."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from faces.mesh import HeadMesh
from faces.protocol import HeadModel
from headsets import Headset
from hmcsim.errors import HmcsimError
from hmcsim.exposure import headset_white, tone_map
from hmcsim.rendering import PICTURE_SETTINGS
from sim.metrics.config import NEUTRAL
from sim.metrics.result import ScoreResult
from sim.render import Renderer
from sim.wearers import Wearer, draw_wearer

WEARERS = 2
EXPRESSIONS = 3
TELLING = ("smile", "jaw_drop", "jaw_open", "pucker", "wide_eyes", "eyes_wide", "closed_eyes", "blink", "frown")
"""Peaks worth showing, first those that change most of the face."""
JPEG_QUALITY = 85


@dataclass(frozen=True)
class Picture:
    """An image ready for a page."""

    uri: str
    width_px: int
    height_px: int
    alt: str


@dataclass(frozen=True)
class PictureSet:
    """One wearer with one expression as every camera of every layout sees them: layout -> camera -> picture."""

    title: str
    key: str
    layouts: Mapping[str, Mapping[str, Picture]]


def data_uri(pixels: NDArray[np.uint8], alt: str, quality: int = JPEG_QUALITY) -> Picture:
    """Embed an image (H, W) or (H, W, 3) as JPEG."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality, optimize=True)
    text = base64.b64encode(buffer.getvalue()).decode("ascii")
    return Picture(f"data:image/jpeg;base64,{text}", pixels.shape[1], pixels.shape[0], alt)


def shown_expressions(names: Sequence[str]) -> list[str]:
    """A few expressions that a report shows: neutral, then telling ones, of those that were scored."""
    ranked = [NEUTRAL, *(name for telling in TELLING for name in names if name == telling)]
    ranked += [name for telling in TELLING for name in names if telling in name]
    ranked += list(names)
    return [name for name in dict.fromkeys(ranked) if name in names or name == NEUTRAL][:EXPRESSIONS]


def wearer_mesh(head: HeadModel, wearer: Wearer, expression: str) -> HeadMesh:
    """A wearer as drawn, with skin, eyes, hair and glasses, with a peak expression or neutral."""
    weights = head.peaks[expression] if expression != NEUTRAL else {}
    return head.mesh(wearer.identity, weights, look=wearer.look)


class Photographer:
    """Takes camera pictures of the wearers that were scored, each headset at its own fixed exposure.

    Attributes:
        whites: by headset, W/m²/sr at which its pictures clip.
        dark: headsets whose cameras see no light: their pictures are black.
    """

    def __init__(self, result: ScoreResult, headsets: Sequence[Headset], head: HeadModel) -> None:
        self._head, self._headsets, self._seed = head, headsets, result.config.seed
        self._renderer = Renderer(settings=PICTURE_SETTINGS)
        self.whites: dict[str, float] = {}
        self.dark: list[str] = []
        for headset in headsets:
            try:
                self.whites[headset.name] = headset_white(self._renderer, headset, head)
            except HmcsimError:
                self.dark.append(headset.name)

    def mesh(self, wearer: int, expression: str) -> HeadMesh:
        """A scored wearer with a peak expression, in the look that was drawn, glasses included."""
        return wearer_mesh(self._head, draw_wearer(self._head, self._seed, wearer), expression)

    def take(
        self, headset: Headset, mesh: HeadMesh, what: str, cameras: Sequence[str] | None = None
    ) -> dict[str, Picture]:
        """Pictures of a posed head by camera name, the headset worn nominally."""
        frames = self._renderer.render(headset, mesh, cameras=cameras)
        white = self.whites.get(headset.name, 1.0)
        return {
            name: data_uri(tone_map(frame.radiance, white), f"{headset.name}, camera {name}: {what}")
            for name, frame in frames.items()
            if frame.radiance is not None
        }


def picture_sets(
    photographer: Photographer,
    result: ScoreResult,
    headsets: Sequence[Headset],
    step: Callable[[], None],
) -> Iterator[PictureSet]:
    """Sets of every shown wearer and expression."""
    for wearer in range(min(WEARERS, result.config.identities)):
        for expression in shown_expressions(result.expressions):
            title = f"Wearer {wearer + 1}, {readable(expression)}"
            mesh = photographer.mesh(wearer, expression)
            layouts = {headset.name: photographer.take(headset, mesh, title) for headset in headsets}
            step()
            yield PictureSet(title, f"set-{wearer}-{expression}", layouts)


def readable(name: str) -> str:
    """A name from code as words: "jaw_drop" -> "jaw drop"."""
    return name.replace("_", " ")
