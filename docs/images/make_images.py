"""Make the README's pictures anew, from a report: run after a change that shows.

hmcsim demo && python docs/images/make_images.py outputs/demo/report.html
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from faces import load_head_model
from headsets import load_headset
from hmcsim.exposure import headset_white, tone_map
from sim.render import Renderer
from sim.seeding import generator

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.conftest import find_browser  # noqa: E402
from tests.report.chromium import chromium  # noqa: E402

HERE = Path(__file__).parent
SIZE, GAP = 246, 6
SMILE = {
    "jawOpen": 0.12,
    "mouthSmileLeft": 0.8,
    "mouthSmileRight": 0.7,
    "cheekSquintLeft": 0.3,
    "cheekSquintRight": 0.3,
}


def cameras() -> None:
    """A wearer who smiles, as refa_green's cameras see it."""
    head, headset, renderer = load_head_model(), load_headset("refa_green"), Renderer()
    mesh = head.mesh(head.sample_identity(generator(4, "identity")), SMILE, np.radians([6.0, -3.0]))
    frames, white = renderer.render(headset, mesh), headset_white(renderer, headset, head)
    strip = Image.new("L", (len(frames) * (SIZE + GAP) - GAP, SIZE), 255)
    for i, frame in enumerate(frames.values()):
        picture = Image.fromarray(tone_map(np.asarray(frame.radiance), white))
        strip.paste(picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS), (i * (SIZE + GAP), 0))
    strip.save(HERE / "cameras.png", optimize=True)


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
    report(Path(sys.argv[1]))
