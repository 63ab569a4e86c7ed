"""The HEADSET argument and `--set`: which headset a command takes, and what of it is set otherwise.

A HEADSET is a shipped name or a file, with settings of its own behind colons, if any:
`refa_green:lenses.wide.f_number=2.0:sensors.vga_nir.exposure_us=300`. `--set KEY=VALUE` sets a key of all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from hmcsim.cli.types import Decorator

if TYPE_CHECKING:
    from headsets import Headset


def set_option() -> Decorator:
    """`--set KEY=VALUE`, once a key; the command gets them as `settings`."""
    return click.option(
        "--set", "settings", multiple=True, metavar="KEY=VALUE",
        help="Set a key of the headset file, dotted, the value as YAML: lenses.wide.f_number=2.0. Repeatable.",
    )  # fmt: skip


def load_argument(text: str, settings: Sequence[str] = ()) -> Headset:
    """The headset of a HEADSET argument, with the settings of `--set`.

    Raises:
        HeadsetError: no such headset, or a setting that breaks a rule.
    """
    from headsets.argument import load_argument as load

    return load(text, settings)


def set_words(settings: Sequence[str]) -> list[str]:
    """`--set` as words of a command line."""
    return [f"--set={setting}" for setting in settings]
