"""A headset named on a command line: `refa_green:lenses.wide.f_number=2.0`, with settings of its own behind colons."""

from __future__ import annotations

import re
from collections.abc import Sequence

from headsets.headset import Headset
from headsets.load import load_headset
from headsets.override import parse_overrides

_SETTING = re.compile(r":(?=[A-Za-z_][^\s:=/\\]*=)")


def load_argument(text: str, settings: Sequence[str] = ()) -> Headset:
    """The headset of a shipped name or file, with its own settings (KEY=VALUE) and those of `settings`.

    Raises:
        HeadsetError: no such headset, or a setting that breaks a rule.
    """
    name, *own = _SETTING.split(text)
    return load_headset(name, parse_overrides([*own, *settings]))
