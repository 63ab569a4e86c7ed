"""What `hmcsim safety` does: load, estimate, print."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import click

from hmcsim.cli.headset_argument import load_argument
from hmcsim.cli.load_head import load_head
from hmcsim.cli.safety_table import print_safety
from hmcsim.safety import estimate_safety, wearers_corneas
from hmcsim.safety_result import SafetyConfig


def run_safety(name: str, options: Mapping[str, int], as_json: bool, settings: Sequence[str] = ()) -> None:
    """Print the estimate for one headset.

    Args:
        name: a shipped headset or a file.
        options: fields of `SafetyConfig` that are not left at their defaults.
        settings: of `--set`.
    """
    headset = load_argument(name, settings)
    config = SafetyConfig(**options)
    estimate = estimate_safety(headset, wearers_corneas(load_head(), config), config)
    if as_json:
        click.echo(json.dumps(estimate.to_json(), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print_safety(estimate)
