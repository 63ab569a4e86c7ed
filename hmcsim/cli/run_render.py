"""What `hmcsim render` does with what was typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from scipy.spatial.transform import RigidTransform

from faces.expressions import parse_expression
from faces.look import Look
from faces.priors import LookPriors
from faces.priors_file import load_look_priors
from headsets import parse_donning
from hmcsim.cli.headset_argument import load_argument
from hmcsim.cli.load_head import load_head
from hmcsim.cli.progress import progress_bar
from hmcsim.cli.render import ImageOptions, WearerOptions
from hmcsim.errors import HmcsimError
from hmcsim.gaze import parse_gaze
from hmcsim.output import output_folder
from hmcsim.rendering import PICTURE_SETTINGS, RenderRequest, render_to_folder
from hmcsim.wearer import drawn_look, dressed
from sim.reference import ReferenceRenderer, ReferenceSettings
from sim.reference.variant import load_mitsuba
from sim.render import PRESETS, Renderer, RenderSettings
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
    if wearer.looks is not None and wearer.identity_seed is None:
        raise HmcsimError("`--looks` belongs to `--identity-seed`, the mean wearer's look is not drawn")
    priors = LookPriors() if wearer.looks is None else load_look_priors(wearer.looks)
    reference = _reference(renderer_name, spp)
    settings = PICTURE_SETTINGS if preset == "full" else PRESETS[preset]
    with output_folder(out) as folder, _renderer(device, settings, reference) as renderer:
        head = load_head()
        identity, look = head.neutral_identity(), Look()
        if wearer.identity_seed is not None:
            identity = head.sample_identity(generator(wearer.identity_seed, "identity"))
            look = drawn_look(wearer.identity_seed, identity, priors)
        look = dressed(look, wearer.beard, wearer.glasses, priors)
        request = RenderRequest(loaded, identity, weights, angles, pose, buffers, look, **vars(image), priors=priors)
        files = render_to_folder(request, head, renderer, folder)
    for file in files:
        click.echo(out / file.relative_to(folder))


@contextmanager
def _renderer(device: str, settings: RenderSettings, reference: ReferenceSettings | None) -> Iterator[Renderer]:
    """The fast renderer, or Mitsuba with a bar that shows how far it is."""
    if reference is None:
        yield Renderer(device, settings)
        return
    with progress_bar("images path-traced") as move:
        yield ReferenceRenderer(device, settings, reference, move)


def _reference(renderer_name: str, spp: int | None) -> ReferenceSettings | None:
    """Settings of the reference renderer if it is asked for, and it is there."""
    if renderer_name == "fast":
        if spp is not None:
            raise HmcsimError("`--spp` belongs to `--renderer mitsuba`, the fast renderer draws no samples")
        return None
    load_mitsuba()
    return ReferenceSettings() if spp is None else ReferenceSettings(spp=spp)
