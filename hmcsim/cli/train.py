"""`hmcsim train`."""

from __future__ import annotations

from pathlib import Path

import click

from hmcsim.cli.group import with_examples
from hmcsim.cli.ranges import FloatRange


@with_examples(
    "hmcsim train --data outputs/data --encoder refa --out outputs/encoder",
    "hmcsim train --data outputs/data --out outputs/encoder --steps 3000 --resume",
    "hmcsim train --data stream:refa_green --encoder refa_paper --device cuda --out outputs/paper",
    "hmcsim train --data outputs/ufe --cameras eye_left,eye_right,mouth_left,mouth_right --out outputs/four",
)
@click.command(short_help="Train an encoder on labelled frames.")
@click.option("--data", required=True, metavar="DIR", help="A data set of hmcsim generate, or stream:HEADSET.")
@click.option("--encoder", default="refa", show_default=True, metavar="NAME",
              help="refa: 64 px, for a CPU; refa_paper: 224 px, ResNet-18's blocks.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), default=Path("outputs/encoder"), show_default=True,
              metavar="DIR")  # fmt: skip
@click.option("--cameras", metavar="A,B", help="Its inputs.  [default: all]")
@click.option("--size", type=click.IntRange(16, 512), metavar="PX", help="Of its images.")
@click.option("--steps", type=click.IntRange(min=1), metavar="N", help="Updates.  [default: 3000]")
@click.option("--batch", type=click.IntRange(min=2), metavar="N", help="Frames in each.  [default: 32]")
@click.option("--learning-rate", type=FloatRange(0, 1, min_open=True, max_open=True), metavar="X",
              help="At the start of its cosine.  [default: 0.004]")  # fmt: skip
@click.option("--augment", type=click.Choice(("small", "ufe", "none")), default="small", show_default=True,
              help="Mirroring, rotation, scale and CutMix; ufe: as UFE has the last three.")  # fmt: skip
@click.option("--save-every", type=click.IntRange(min=1), metavar="N", help="Steps.  [default: 500]")
@click.option("--views", type=click.IntRange(0, 100), default=0, show_default=True, metavar="N",
              help="Copies of each frame seen from elsewhere (MIA 3.2); needs outputs: {mesh: true}.")  # fmt: skip
@click.option("--relit", type=click.IntRange(0, 100), default=0, show_default=True, metavar="N",
              help="Copies of each frame under other light; needs outputs: {lights: true}.")  # fmt: skip
@click.option("--memory", type=FloatRange(min=0), default=4.0, show_default=True, metavar="GB",
              help="Frames that need more lie in files beside the encoder while it trains.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), metavar="S", help="Of every random draw.  [default: 0]")
@click.option("--device", default="cpu", show_default=True, help="'cpu', or 'cuda' for a GPU.")
@click.option("--resume", is_flag=True, help="Go on from encoder.pt; on a CPU the result is the same.")
def train(
    data: str,
    encoder: str,
    out: Path,
    cameras: str | None,
    size: int | None,
    steps: int | None,
    batch: int | None,
    learning_rate: float | None,
    augment: str,
    save_every: int | None,
    views: int,
    relit: int,
    memory: float,
    seed: int | None,
    device: str,
    resume: bool,
) -> None:
    """Train an encoder: camera images to 52 blendshape weights and gaze.

    Writes encoder.pt (to resume and to evaluate), encoder.onnx, log.csv, and TensorBoard's files where that is
    installed. Needs pip install 'hmcsim[train]'.
    """
    from hmcsim.cli.progress import progress_bar
    from hmcsim.training import train_to_folder

    given = {"steps": steps, "batch": batch, "learning_rate": learning_rate, "save_every": save_every, "seed": seed}
    settings = {name: value for name, value in given.items() if value is not None} | {"augment": augment}
    with progress_bar("reading frames") as reading, progress_bar("training") as training:
        train_to_folder(
            data, encoder, out, cameras=None if cameras is None else cameras.split(","), settings=settings,
            size_px=size, device=device, resume=resume, memory_gb=memory, views=views,
            relit=relit, reading=reading, training=training,
        )  # fmt: skip
    click.echo(f"Encoder: {out / 'encoder.pt'}, {out / 'encoder.onnx'}   Log: {out / 'log.csv'}")
