"""The `hmcsim` command."""

from __future__ import annotations

import click

from hmcsim.cli.compare import compare
from hmcsim.cli.dataset import dataset
from hmcsim.cli.demo import demo
from hmcsim.cli.evaluate import evaluate
from hmcsim.cli.faces import faces
from hmcsim.cli.gallery import gallery
from hmcsim.cli.generate import generate
from hmcsim.cli.group import OneLineErrors, with_examples
from hmcsim.cli.headset import headset
from hmcsim.cli.render import render
from hmcsim.cli.safety import safety
from hmcsim.cli.score import score
from hmcsim.cli.search import search
from hmcsim.cli.stress import stress
from hmcsim.cli.tolerance import tolerance
from hmcsim.cli.train import train


@with_examples(
    "hmcsim demo", "hmcsim score refa_green refa_orange refa_red", "hmcsim render refa_green --expression jawOpen=0.7"
)
@click.group(
    "hmcsim", cls=OneLineErrors, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(package_name="hmcsim", prog_name="hmcsim")
def main() -> None:
    """Put faces into a VR headset, see what its infrared cameras see, and score where they sit."""


COMMANDS = (
    demo,
    score,
    compare,
    tolerance,
    search,
    render,
    gallery,
    generate,
    dataset,
    train,
    evaluate,
    stress,
    safety,
    headset,
    faces,
)
for command in COMMANDS:
    main.add_command(command)
