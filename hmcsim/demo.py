"""What the demo shows beside the score: one frame of each layout, a wearer mid-word, and a short search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from faces.protocol import HeadModel
from headsets import Headset
from headsets.search import read_search
from hmcsim.rendering import PICTURE_SETTINGS, RenderRequest, render_to_folder
from hmcsim.report.search.page import PAGE, SearchCard
from hmcsim.searching import SearchProgresses, search_to_folder
from optimize.study.run import Where
from optimize.study.settings import EXPRESSIONS, SearchSettings
from sim.metrics.config import NEUTRAL
from sim.render import Renderer
from sim.seeding import generator

DEMO_HEADSETS = ("refa_green", "refa_orange", "refa_red")
DEMO_EXPRESSION = {"jawOpen": 0.35, "mouthSmileLeft": 0.5, "mouthSmileRight": 0.4, "browInnerUp": 0.4}
DEMO_IDENTITY_SEED = 3
SEARCH, SPACE_FILE = "search", "space.yaml"
DEMO_SPACE = """\
# What the demo's search may move: the mouth cameras, within the box and angles of refa_green's own search section.
mounts:
  lower_edge: {box: {low_mm: [16, -44, 32], high_mm: [60, -30, 56]}}
cameras:
  mouth_left: {mount: lower_edge, pan_deg: [-25, 25], tilt_deg: [-25, 25]}
constraints: {led_power_mw: 6}
"""
DEMO_OBJECTIVES = ("mouth.visible_fraction", "mouth.resolution_px_per_mm")
DEMO_TRIALS, DEMO_REDRAWS = 20, 30
"""Half of what a sampler draws at random here breaks a constraint: drawn again, such cost none of the few trials."""


def render_demo_frames(headsets: Sequence[Headset], head: HeadModel, folder: Path) -> None:
    """Render one frame of each headset, buffers included, into a subfolder named after it."""
    renderer = Renderer(settings=PICTURE_SETTINGS)
    identity = head.sample_identity(generator(DEMO_IDENTITY_SEED, "identity"))
    expression = {name: weight for name, weight in DEMO_EXPRESSION.items() if name in head.expression_names}
    for headset in headsets:
        (folder / headset.name).mkdir()
        request = RenderRequest(headset, identity, expression, all_buffers=True)
        render_to_folder(request, head, renderer, folder / headset.name)


def demo_search(
    headset: Headset, head: HeadModel, folder: Path, shown: Path, progress: SearchProgresses | None = None
) -> SearchCard | None:
    """Search for better mouth cameras in the subfolder `SEARCH`.

    Args:
        shown: the folder as the command line to repeat it names it.
    """
    place = folder / SEARCH
    place.mkdir()
    (place / SPACE_FILE).write_text(DEMO_SPACE, encoding="utf-8")
    settings = SearchSettings(DEMO_OBJECTIVES, redraws=DEMO_REDRAWS)
    known = tuple(name for name in EXPRESSIONS if name == NEUTRAL or name in head.peaks)
    settings = replace(settings, score=replace(settings.score, expressions=known))
    words = [
        "hmcsim", "search", headset.name, f"--space={shown / SEARCH / SPACE_FILE}",
        *(f"--objective={name}" for name in DEMO_OBJECTIVES), f"--trials={DEMO_TRIALS}", f"--redraws={DEMO_REDRAWS}",
    ]  # fmt: skip
    part = read_search(place / SPACE_FILE)
    found = search_to_folder(headset, part, head, settings, Where(place), DEMO_TRIALS, 1, words, progress)
    return None if found.card is None else replace(found.card, href=f"{SEARCH}/{PAGE}")
