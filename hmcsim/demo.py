"""What the demo shows beside the score: one frame of each layout, a wearer mid-word."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from faces.protocol import HeadModel
from headsets import Headset
from hmcsim.rendering import PICTURE_SETTINGS, RenderRequest, render_to_folder
from sim.render import Renderer
from sim.seeding import generator

DEMO_HEADSETS = ("refa_green", "refa_orange", "refa_red")
DEMO_EXPRESSION = {"jawOpen": 0.35, "mouthSmileLeft": 0.5, "mouthSmileRight": 0.4, "browInnerUp": 0.4}
DEMO_IDENTITY_SEED = 3


def render_demo_frames(headsets: Sequence[Headset], head: HeadModel, folder: Path) -> None:
    """Render one frame of each headset, buffers included, into a subfolder named after it."""
    renderer = Renderer(settings=PICTURE_SETTINGS)
    identity = head.sample_identity(generator(DEMO_IDENTITY_SEED, "identity"))
    expression = {name: weight for name, weight in DEMO_EXPRESSION.items() if name in head.expression_names}
    for headset in headsets:
        (folder / headset.name).mkdir()
        request = RenderRequest(headset, identity, expression, all_buffers=True)
        render_to_folder(request, head, renderer, folder / headset.name)
