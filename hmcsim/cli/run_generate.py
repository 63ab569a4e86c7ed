"""What `hmcsim generate` does with what was typed."""

from __future__ import annotations

import time

import click

from hmcsim.cli.generate import GenerateOptions
from hmcsim.cli.headset_argument import load_argument
from hmcsim.cli.load_head import load_head
from hmcsim.cli.progress import progress_bar
from hmcsim.errors import HmcsimError
from sim.counted import counted
from sim.dataset.generate import Engine, generate
from sim.dataset.load_config import load_config
from sim.dataset.sizing import sized


def run_generate(headset: str, out: str, options: GenerateOptions) -> None:
    """Check everything typed, then make the data set.

    Raises:
        FaceError, HeadsetError, SimError, HmcsimError: something typed breaks a rule.
    """
    started = time.monotonic()
    loaded = load_argument(headset, options.settings)
    if options.ray_address is not None and options.engine != "ray":
        raise HmcsimError("`--ray-address` belongs to `--engine ray`, local processes have no address")
    rate = max(camera.sensor.frame_rate_hz for camera in loaded.cameras.values())
    config, frames = sized(
        load_config(options.config, options.preset), rate, options.frames, options.identities, options.seconds
    )
    engine = Engine("ray" if options.engine == "ray" else "local", options.workers, options.ray_address, options.device)
    head = load_head()
    with progress_bar("making frames") as move:
        record = generate(
            loaded, head, config, frames, out, seed=options.seed, engine=engine, resume=options.resume, progress=move
        )
    size = sum(shard["bytes"] for shard in record["shards"])
    parts = ", ".join(f"{name} {split['frames']}" for name, split in record["splits"].items())
    images = counted(frames * len(loaded.cameras), "image")
    click.echo(
        f"{counted(frames, 'frame')} ({parts}), {images}, {size / 1e6:.0f} MB in "
        f"{counted(len(record['shards']), 'shard')}: {out}   ({time.monotonic() - started:.0f} s)"
    )
