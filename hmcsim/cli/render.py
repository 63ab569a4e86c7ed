"""`hmcsim render`."""

from __future__ import annotations

import math
from pathlib import Path

import click

from hmcsim.cli.group import with_examples
from hmcsim.cli.types import SEED, out_option


@with_examples(
    "hmcsim render refa_green",
    "hmcsim render refa_green --expression jawOpen=0.7,mouthSmileLeft=1 --gaze 10,-5",
    "hmcsim render refa_green --renderer mitsuba --spp 256",
    "hmcsim render ufe --identity-seed 7 --donning 0,2,0,0,1.5,0 --buffers --out outputs/ufe",
)
@click.command(short_help="Render one frame of a headset.")
@click.argument("headset")
@click.option("--identity-seed", type=SEED, metavar="S", help="Which wearer.  [default: the mean wearer]")
@click.option("--expression", default="neutral", show_default=True, metavar="NAME=W,…",
              help="ARKit weights from 0 to 1, or names of peak expressions, separated by commas.")  # fmt: skip
@click.option("--gaze", metavar="AZ,EL", help="Degrees, to the wearer's left and up.  [default: straight ahead]")
@click.option(
    "--donning", metavar="x,y,z,rx,ry,rz", help="How the head sits: shift in mm, turn in deg.  [default: nominal]"
)
@click.option("--white", type=click.FloatRange(min=1e-9, max=1e9), metavar="W/m²/sr",
              help="Radiance at which pictures clip.  [default: set by the headset on the mean wearer]")  # fmt: skip
@click.option("--device", default="cpu", show_default=True, help="'cpu', or 'cuda' for a GPU.")
@click.option(
    "--buffers", is_flag=True, help="Keep every buffer in frame.npz, and add pictures of depth, normals, regions."
)
@click.option("--renderer", type=click.Choice(["fast", "mitsuba"]), default="fast", show_default=True,
              help="mitsuba: path-traced, minutes; needs pip install 'hmcsim[reference]'.")  # fmt: skip
@click.option("--spp", type=int, metavar="N", help="Samples a pixel for mitsuba, a power of 4 from 16.  [default: 64]")
@out_option("outputs/render")
def render(
    headset: str,
    identity_seed: int | None,
    expression: str,
    gaze: str | None,
    donning: str | None,
    white: float | None,
    device: str,
    buffers: bool,
    renderer: str,
    spp: int | None,
    out: Path,
) -> None:
    """Render one frame: a picture a camera, and frame.npz with radiance, depth, normal, region and keypoints.

    HEADSET is the name of a shipped headset (hmcsim headset list) or a YAML file. Pictures are linear in radiance up
    to one white level for all cameras, then sRGB; frame.json and the PNG files record it.
    """
    from hmcsim.cli.run_render import run_render

    if white is not None and math.isnan(white):
        raise click.BadParameter("a number must be given, got nan", param_hint="--white")
    run_render(headset, identity_seed, expression, gaze, donning, white, device, buffers, out, renderer, spp)
