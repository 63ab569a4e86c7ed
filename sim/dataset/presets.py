"""Data sets in the form of the papers' ones; what the papers leave open is filled in here and is a prior."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from sim.errors import SimError

PRESETS: Mapping[str, dict[str, Any]] = {
    "independent": {},
    "refa_synthetic": {"wearers": {"script": "refa_synthetic", "frames_each": 30_000, "wearings_each": 20}},
    "ufe_capture": {"wearers": {"script": "ufe_capture", "frames_each": 40_608, "wearings_each": 1}},
    "recapture": {"wearers": {"script": "recapture", "frames_each": 40_000, "wearings_each": 1, "captures": 2}},
}
"""`independent`: every frame stands by itself. `refa_synthetic` (REFA 6.3): 30,000 frames an identity, independent
frames and sequences. `ufe_capture` (UFE 5.1): expression segments, sentences and range of motion, anchors marked.
`recapture` (MIA 4.1): the same wearers come twice, with another headset, donning, light and beard."""


def preset(name: str) -> dict[str, Any]:
    """A preset's keys, a copy.

    Raises:
        SimError: there is none of that name; the message lists them.
    """
    if name not in PRESETS:
        raise SimError(f"unknown preset {name!r}. Presets of data sets: {', '.join(PRESETS)}")
    return copy.deepcopy(PRESETS[name])
