"""A sheet of portraits: wearers in rows, expressions in columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw

from faces.expressions import named_expression
from faces.protocol import HeadModel
from hmcsim.exposure import tone_map
from hmcsim.portrait import STUDIO_SETTINGS, portrait_studio
from sim.render import Renderer
from sim.seeding import generator

WIDTH, HEIGHT, CAPTION = 260, 312, 18
WHITE = 0.38
"""Radiance at which portraits clip, W/m²/sr."""


def contact_sheet(
    head: HeadModel,
    expressions: Sequence[str],
    wearers: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> Image.Image:
    """Render portraits; the first row is the mean wearer, the others are drawn as `hmcsim render` draws them.

    Args:
        expressions: peaks, or ARKit actions at full weight.
        wearers: drawn, beside the mean one.
        progress: called with the portraits done and in all.

    Raises:
        UnknownExpressionError: a name that is neither.
    """
    weights = {name: named_expression(name) for name in expressions}
    renderer, studio = Renderer(settings=STUDIO_SETTINGS), portrait_studio(WIDTH, HEIGHT)
    sheet = Image.new("L", (WIDTH * len(weights), HEIGHT * (1 + wearers) + CAPTION))
    draw = ImageDraw.Draw(sheet)
    for column, name in enumerate(weights):
        draw.text((WIDTH * column + 6, 3), name, fill=200)
    identities = [head.neutral_identity()]
    identities += [head.sample_identity(generator(seed + i, "identity")) for i in range(wearers)]
    for row, identity in enumerate(identities):
        for column, expression in enumerate(weights.values()):
            frame = renderer.render(studio, head.mesh(identity, expression))["az0"]
            picture = Image.fromarray(tone_map(np.asarray(frame.radiance), WHITE))
            sheet.paste(picture, (WIDTH * column, CAPTION + HEIGHT * row))
            if progress is not None:
                progress(row * len(weights) + column + 1, len(identities) * len(weights))
    return sheet
