"""What a search's page shows that its study does not hold: pictures, the head, what cameras are worth.

They are taken once, when a search ends, and kept in DIR/page; `--analyse` builds the page from them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from faces.mesh import HeadMesh
from faces.protocol import HeadModel
from headsets import Headset
from hmcsim.configuration import write_json
from hmcsim.errors import HmcsimError
from hmcsim.exposure import headset_white, tone_map
from hmcsim.rendering import PICTURE_SETTINGS
from hmcsim.report.pictures import JPEG_QUALITY, shown_expressions, wearer_mesh
from optimize.objectives.objective import Objective
from optimize.results.choices import Choices
from optimize.results.worth import Worth, camera_worth
from optimize.space.space import Space
from optimize.study.posed_heads import PosedHeads
from sim.metrics.config import ScoreConfig
from sim.render import Renderer
from sim.wearers import draw_wearer

FOLDER = "page"
MANIFEST, HEAD = "page.json", "head.npz"
EXPRESSIONS = 2
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Shot:
    """A picture: a layout's camera on the first wearer with an expression."""

    trial: int
    camera: str
    expression: str
    file: str


@dataclass(frozen=True, eq=False)
class KeptHead:
    """The mean wearer's neutral face: vertices (V, 3), m, head frame, and triangles (T, 3)."""

    vertices: NDArray[np.float32]
    triangles: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Kept:
    """Attributes:
    folder: where the pictures lie.
    whites: by trial, W/m²/sr at which its pictures clip.
    worth: by trial, values of the objectives without each camera.
    head: None where the search did not end.
    """

    folder: Path
    shots: tuple[Shot, ...] = ()
    whites: dict[int, float] = field(default_factory=dict)
    worth: dict[int, Worth] = field(default_factory=dict)
    head: KeptHead | None = None


def keep(
    choices: Choices,
    space: Space,
    objectives: tuple[Objective, ...],
    head: HeadModel,
    config: ScoreConfig,
    folder: Path,
    progress: Progress | None = None,
) -> None:
    """Take pictures and measures of the chosen layouts, into an existing folder.

    A layout in the dark has no pictures.
    """
    pictured = choices.shown
    measured = list(dict.fromkeys(trial.number for trial in choices.by_count.values()))
    head = PosedHeads(head)  # the same faces are scored many times
    total, done = len(pictured) + len(measured), 0
    layouts = {number: space.layout(trial.params) for number, trial in choices.trials.items()}
    worth: dict[str, Worth] = {}
    for number in measured:
        worth[str(number)] = camera_worth(layouts[number], space, objectives, head, config)
        done += 1
        if progress is not None:
            progress(done, total)
    camera = _Camera(head, config)
    shots: list[Shot] = []
    whites: dict[str, float] = {}
    for number in pictured:
        headset = space.build(layouts[number])
        moved = [m.name for m in space.search.movables if m.kind == "cameras"]
        names = [name for name in moved or space.spec.cameras if name in headset.cameras]
        try:
            whites[str(number)] = camera.white(headset)
        except HmcsimError:  # in the dark: it has no pictures
            continue
        for expression in camera.expressions:
            for name, pixels in camera.take(headset, expression, names).items():
                file = f"trial_{number:04d}_{name}_{expression}.jpg"
                _write_jpeg(pixels, folder / file)
                shots.append(Shot(number, name, expression, file))
        done += 1
        if progress is not None:
            progress(done, total)
    neutral = head.mesh(head.neutral_identity())
    np.savez_compressed(
        folder / HEAD, vertices=neutral.vertices.astype(np.float32), triangles=neutral.triangles.astype(np.int32)
    )
    write_json(
        folder / MANIFEST,
        {"shots": [vars(shot) for shot in shots], "white_W_per_m2_sr": whites, "without_camera": worth},
    )


def kept_in(folder: Path) -> Kept:
    """What lies in a search's folder; nothing where the search did not end.

    Raises:
        HmcsimError: it cannot be read.
    """
    home = folder / FOLDER
    if not (home / MANIFEST).is_file():
        return Kept(home)
    try:
        data: dict[str, Any] = json.loads((home / MANIFEST).read_text(encoding="utf-8"))
        with np.load(home / HEAD) as arrays:
            head = KeptHead(arrays["vertices"], arrays["triangles"])
        return Kept(
            home,
            tuple(Shot(**shot) for shot in data["shots"] if (home / shot["file"]).is_file()),
            {int(number): white for number, white in data["white_W_per_m2_sr"].items()},
            {int(number): worth for number, worth in data["without_camera"].items()},
            head,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HmcsimError(f"cannot read {home / MANIFEST} or what it names: {error}") from error


def drop_stale_shots(folder: Path) -> None:
    """Pictures of layouts that an earlier part of the search had chosen."""
    kept = {shot.file for shot in kept_in(folder).shots}
    for path in (folder / FOLDER).glob("trial_*.jpg"):
        if path.name not in kept:
            path.unlink()


class _Camera:
    """Takes the first scored wearer's pictures, each layout at its own fixed exposure, as the score's report does."""

    def __init__(self, head: HeadModel, config: ScoreConfig) -> None:
        self._head, self._renderer = head, Renderer(settings=PICTURE_SETTINGS)
        self._wearer = draw_wearer(head, config.seed, 0)
        self._white = 1.0
        self.expressions = shown_expressions(config.expression_names(head))[:EXPRESSIONS]
        self._meshes: dict[str, HeadMesh] = {}

    def white(self, headset: Headset) -> float:
        """The layout's white level; `take` uses the last one asked for."""
        self._white = headset_white(self._renderer, headset, self._head)
        return self._white

    def take(self, headset: Headset, expression: str, cameras: list[str]) -> dict[str, NDArray[np.uint8]]:
        """Pictures by camera, the headset worn nominally."""
        if expression not in self._meshes:
            self._meshes[expression] = wearer_mesh(self._head, self._wearer, expression)
        frames = self._renderer.render(headset, self._meshes[expression], cameras=cameras)
        return {n: tone_map(f.radiance, self._white) for n, f in frames.items() if f.radiance is not None}


def _write_jpeg(pixels: NDArray[np.uint8], path: Path) -> None:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=JPEG_QUALITY, optimize=True)
    path.write_bytes(buffer.getvalue())
