"""Make the README's pictures anew, from a report: run after a change that shows.

hmcsim demo && python docs/images/make_images.py outputs/demo/report.html
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from faces import load_head_model
from headsets import load_headset
from hmcsim.exposure import headset_white, tone_map
from hmcsim.gallery import write_gallery
from hmcsim.rendering import PICTURE_SETTINGS
from hmcsim.wearer import drawn_look
from sim.render import Renderer
from sim.seeding import generator

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.conftest import find_browser  # noqa: E402
from tests.report.chromium import chromium  # noqa: E402

HERE = Path(__file__).parent
SIZE, GAP, TILE = 246, 6, 156
SMILE = {
    "jawOpen": 0.12,
    "mouthSmileLeft": 0.8,
    "mouthSmileRight": 0.7,
    "cheekSquintLeft": 0.3,
    "cheekSquintRight": 0.3,
}


def cameras() -> None:
    """A wearer who smiles, as refa_green's cameras see it."""
    head, headset, renderer = load_head_model(), load_headset("refa_green"), Renderer(settings=PICTURE_SETTINGS)
    wearer = head.sample_identity(generator(4, "identity"))
    mesh = head.mesh(wearer, SMILE, np.radians([6.0, -3.0]), drawn_look(4, wearer))
    frames, white = renderer.render(headset, mesh), headset_white(renderer, headset, head)
    strip = Image.new("L", (len(frames) * (SIZE + GAP) - GAP, SIZE), 255)
    for i, frame in enumerate(frames.values()):
        picture = Image.fromarray(tone_map(np.asarray(frame.radiance), white))
        strip.paste(picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS), (i * (SIZE + GAP), 0))
    strip.save(HERE / "cameras.png", optimize=True)


ROWS = (0, 1, 2, 6, 8, 9)
"""Scenes of the gallery that the README shows."""


def gallery() -> None:
    """What ufe's cameras record: some rows of `hmcsim gallery ufe`."""
    head, headset = load_head_model(), load_headset("ufe")
    names = list(headset.cameras)
    strip = Image.new("L", (len(names) * (TILE + 2) - 2, len(ROWS) * (TILE + 2) - 2), 255)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_gallery(headset, head, Renderer(settings=PICTURE_SETTINGS), folder)
        for k, row in enumerate(ROWS):
            for i, name in enumerate(names):
                with Image.open(folder / f"{row:02d}_{name}.png") as picture:
                    small = picture.resize((TILE, TILE), Image.Resampling.LANCZOS)
                strip.paste(small, (i * (TILE + 2), k * (TILE + 2)))
    strip.save(HERE / "gallery.png", optimize=True)


def report(page: Path) -> None:
    """The score table above the 3D view, out of a report opened in Chromium."""
    browser = find_browser()
    assert browser is not None, "Chromium is missing: apt-get install chromium"
    with chromium(browser) as tab:
        tab.open(page.resolve(), "document.documentElement.dataset.scene === 'drawn'", 1280, 1200)
        scores, scene = (tab.screenshot(part)[:620] for part in ("#scores", "#scene"))
    scale = scores.shape[1] / scene.shape[1]
    scene_picture = Image.fromarray(scene).resize((scores.shape[1], round(scene.shape[0] * scale)))
    whole = Image.new("RGB", (scores.shape[1], scores.shape[0] + scene_picture.height), "white")
    whole.paste(Image.fromarray(scores), (0, 0))
    whole.paste(scene_picture, (0, scores.shape[0]))
    small = whole.resize((790, round(790 * whole.height / whole.width)), Image.Resampling.LANCZOS)
    small.save(HERE / "report.png", optimize=True)


if __name__ == "__main__":
    cameras()
    gallery()
    if len(sys.argv) > 1:
        report(Path(sys.argv[1]))
