"""`hmcsim render`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from hmcsim.cli.group import with_examples
from hmcsim.cli.headset_argument import set_option
from hmcsim.cli.ranges import FloatRange
from hmcsim.cli.types import SEED, looks_option, out_option


@dataclass(frozen=True)
class ImageOptions:
    """How the picture is taken; fields as in `hmcsim.rendering.RenderRequest`."""

    exposure_us: float | Literal["auto"] | None = None
    current: float = 1.0
    noise: bool = True
    ambient_w_m2: float = 0.0
    seed: int = 0
    radiance: bool = False
    white: float | None = None


@dataclass(frozen=True)
class WearerOptions:
    """Who is rendered, as typed."""

    identity_seed: int | None = None
    expression: str = "neutral"
    gaze: str | None = None
    donning: str | None = None
    beard: str | None = None
    glasses: str | None = None
    looks: Path | None = None


@with_examples(
    "hmcsim render refa_green",
    "hmcsim render refa_green --expression jawOpen=0.7,mouthSmileLeft=1 --gaze 10,-5",
    "hmcsim render ufe --identity-seed 3 --beard full --glasses round",
    "hmcsim render refa_green --renderer mitsuba --spp 64",
    "hmcsim render ufe --identity-seed 7 --donning 0,2,0,0,1.5,0 --buffers --out outputs/ufe",
    "hmcsim render refa_green --set lenses.wide.f_number=2.0 --set sensors.vga_nir.full_well_e=9000",
    "hmcsim render refa_green --exposure 300 --current 4 --ambient 0.05 --radiance",
)
@click.command(short_help="Render one frame of a headset.")
@click.argument("headset")
@set_option()
@click.option(
    "--identity-seed",
    type=SEED,
    metavar="S",
    help="Which wearer, with skin, eyes, hair and glasses.  [default: the mean wearer]",
)
@looks_option
@click.option("--expression", default="neutral", show_default=True, metavar="NAME=W,…",
              help="ARKit weights from 0 to 1, or names of peak expressions, separated by commas.")  # fmt: skip
@click.option("--gaze", metavar="AZ,EL", help="Degrees, to the wearer's left and up.  [default: straight ahead]")
@click.option(
    "--donning", metavar="x,y,z,rx,ry,rz", help="How the head sits: shift in mm, turn in deg.  [default: nominal]"
)
@click.option("--beard", metavar="STYLE", help="none, stubble, full, …, in place of the wearer's own.")
@click.option("--glasses", metavar="SHAPE", help="none, round, aviator, …, in place of the wearer's own.")
@click.option("--preset", type=click.Choice(["full", "fast"]), default="full", show_default=True,
              help="What is rendered; see docs/rendering.md.")  # fmt: skip
@click.option("--exposure", metavar="auto|US",
              help="Automatic, or µs.  [default: as the headset file says]")  # fmt: skip
@click.option("--current", type=FloatRange(min=0, max=1000), default=1.0, show_default=True, metavar="FACTOR",
              help="Current of the LEDs, relative to the headset file's.")  # fmt: skip
@click.option("--noise/--no-noise", default=True, show_default=True, help="Shot and read noise, PRNU, DSNU.")
@click.option("--ambient", type=FloatRange(min=0, max=1e4), default=0.0, show_default=True, metavar="W/m²",
              help="Irradiance by even surroundings within the filter's band.")  # fmt: skip
@click.option("--seed", type=SEED, default=0, show_default=True, help="Of the noise.")
@click.option("--radiance", is_flag=True, help="Add pictures of the radiance, on the sRGB curve up to one white level.")
@click.option("--white", type=FloatRange(min=1e-9, max=1e9), metavar="W/m²/sr",
              help="Radiance at which those clip.  [default: set by the headset on the mean wearer]")  # fmt: skip
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
    settings: tuple[str, ...],
    identity_seed: int | None,
    looks: Path | None,
    expression: str,
    gaze: str | None,
    donning: str | None,
    beard: str | None,
    glasses: str | None,
    preset: str,
    exposure: str | None,
    current: float,
    noise: bool,
    ambient: float,
    seed: int,
    radiance: bool,
    white: float | None,
    device: str,
    buffers: bool,
    renderer: str,
    spp: int | None,
    out: Path,
) -> None:
    """Render one frame: a picture a camera, and frame.npz with digital numbers, radiance, depth, normal, region and
    keypoints.

    HEADSET is the name of a shipped headset (hmcsim headset list) or a YAML file. Pictures are what the cameras record:
    the upper 8 bits of their digital numbers, linear; frame.json and the PNG files record exposure and gain.
    """
    from hmcsim.cli.run_render import run_render

    for name, value in (("--white", white), ("--current", current), ("--ambient", ambient)):
        if value is not None and math.isnan(value):
            raise click.BadParameter("a number must be given, got nan", param_hint=name)
    image = ImageOptions(exposure_option(exposure), current, noise, ambient, seed, radiance or white is not None, white)
    wearer = WearerOptions(identity_seed, expression, gaze, donning, beard, glasses, looks)
    run_render(headset, wearer, image, preset, device, buffers, out, renderer, spp, settings)


def exposure_option(text: str | None) -> float | Literal["auto"] | None:
    """What `--exposure` says.

    Raises:
        click.BadParameter: neither "auto" nor a number of µs.
    """
    if text is None or text == "auto":
        return text  # type: ignore[return-value]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 < value <= 1e7:
        raise click.BadParameter(
            f"'auto' or µs above 0 and up to 1e7 must be given, got {text!r}", param_hint="--exposure"
        )
    return value
