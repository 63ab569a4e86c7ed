"""What `hmcsim render` does with what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from scipy.spatial.transform import RigidTransform

from faces.expressions import parse_expression
from faces.look import Look
from headsets import parse_donning
from hmcsim.cli.headset_argument import load_argument
from hmcsim.cli.load_head import load_head
from hmcsim.cli.render import ImageOptions, WearerOptions
from hmcsim.errors import HmcsimError
from hmcsim.gaze import parse_gaze
from hmcsim.output import output_folder
from hmcsim.rendering import PICTURE_SETTINGS, RenderRequest, render_to_folder
from hmcsim.wearer import drawn_look, dressed
from sim.reference import ReferenceRenderer, ReferenceSettings
from sim.reference.variant import load_mitsuba
from sim.render import PRESETS, Renderer
from sim.seeding import generator


def run_render(
    headset: str,
    wearer: WearerOptions,
    image: ImageOptions,
    preset: str,
    device: str,
    buffers: bool,
    out: Path,
    renderer_name: str = "fast",
    spp: int | None = None,
    overrides: Sequence[str] = (),
) -> None:
    """Check everything typed, then render into `out`.

    Args:
        wearer: who is seen; without a seed the mean wearer.
        preset: "full", as people look at pictures, or "fast".
        image: how the picture is taken.
        renderer_name: "fast" or "mitsuba"; `spp` belongs to the latter.
        overrides: of `--set`.

    Raises:
        FaceError, HeadsetError, SimError, HmcsimError: something typed breaks a rule.
    """
    loaded = load_argument(headset, overrides)
    weights = parse_expression(wearer.expression)
    angles = None if wearer.gaze is None else parse_gaze(wearer.gaze)
    pose = RigidTransform.identity() if wearer.donning is None else parse_donning(wearer.donning)
    reference = _reference(renderer_name, spp)
    settings = PICTURE_SETTINGS if preset == "full" else PRESETS[preset]
    renderer = Renderer(device, settings)
    if reference is not None:
        renderer = ReferenceRenderer(device, settings, reference)
    with output_folder(out) as folder:
        head = load_head()
        identity, look = head.neutral_identity(), Look()
        if wearer.identity_seed is not None:
            identity = head.sample_identity(generator(wearer.identity_seed, "identity"))
            look = drawn_look(wearer.identity_seed, identity)
        look = dressed(look, wearer.beard, wearer.glasses)
        request = RenderRequest(loaded, identity, weights, angles, pose, buffers, look, **vars(image))
        files = render_to_folder(request, head, renderer, folder)
    for file in files:
        click.echo(out / file.relative_to(folder))


def _reference(renderer_name: str, spp: int | None) -> ReferenceSettings | None:
    """Settings of the reference renderer if it is asked for, and it is there."""
    if renderer_name == "fast":
        if spp is not None:
            raise HmcsimError("`--spp` belongs to `--renderer mitsuba`, the fast renderer draws no samples")
        return None
    load_mitsuba()
    return ReferenceSettings() if spp is None else ReferenceSettings(spp=spp)
