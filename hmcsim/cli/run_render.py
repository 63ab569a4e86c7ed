"""What `hmcsim render` does with what was typed."""

from __future__ import annotations

from pathlib import Path

import click
from scipy.spatial.transform import RigidTransform

from faces.expressions import parse_expression
from headsets import load_headset, parse_donning
from hmcsim.cli.load_head import load_head
from hmcsim.cli.render import ImageOptions
from hmcsim.errors import HmcsimError
from hmcsim.gaze import parse_gaze
from hmcsim.output import output_folder
from hmcsim.rendering import PICTURE_SETTINGS, RenderRequest, render_to_folder
from sim.reference import ReferenceRenderer, ReferenceSettings
from sim.reference.variant import load_mitsuba
from sim.render import Renderer
from sim.seeding import generator


def run_render(
    headset: str,
    identity_seed: int | None,
    expression: str,
    gaze: str | None,
    donning: str | None,
    image: ImageOptions,
    device: str,
    buffers: bool,
    out: Path,
    renderer_name: str = "fast",
    spp: int | None = None,
) -> None:
    """Check everything typed, then render into `out`.

    Args:
        identity_seed: None: the mean wearer.
        image: how the picture is taken.
        renderer_name: "fast" or "mitsuba"; `spp` belongs to the latter.

    Raises:
        FaceError, HeadsetError, SimError, HmcsimError: something typed breaks a rule.
    """
    loaded = load_headset(headset)
    weights = parse_expression(expression)
    angles = None if gaze is None else parse_gaze(gaze)
    pose = RigidTransform.identity() if donning is None else parse_donning(donning)
    reference = _reference(renderer_name, spp)
    renderer = Renderer(device, PICTURE_SETTINGS)
    if reference is not None:
        renderer = ReferenceRenderer(device, PICTURE_SETTINGS, reference)
    with output_folder(out) as folder:
        head = load_head()
        chosen = None if identity_seed is None else generator(identity_seed, "identity")
        identity = head.neutral_identity() if chosen is None else head.sample_identity(chosen)
        request = RenderRequest(loaded, identity, weights, angles, pose, buffers, **vars(image))
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
