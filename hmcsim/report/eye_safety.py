"""The report's section on eye safety: one panel a layout, on the wearers and donnings of the score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from faces.protocol import HeadModel
from headsets import Headset
from headsets.errors import HeadsetError
from hmcsim.safety import estimate_safety, wearers_corneas
from hmcsim.safety_names import (
    IGNORED,
    MODE_NAMES,
    NEAR_EYE,
    TAKE_THE_SMALLER,
    SafetyRow,
    circumstances,
    largest_current,
    mode_rows,
    verdict,
)
from hmcsim.safety_result import ESTIMATE, MODES, SafetyConfig
from sim.metrics.config import ScoreConfig

SAFETY_NOTES = (ESTIMATE, NEAR_EYE, IGNORED)


@dataclass(frozen=True)
class SafetyPanel:
    """One layout's estimate as shown.

    Attributes:
        modes: name of each mode -> its rows; empty where there is nothing to assess.
        currents: name of each mode -> the largest current.
    """

    verdict: str
    circumstances: str
    modes: Mapping[str, Sequence[SafetyRow]]
    currents: Mapping[str, str]
    advice: str = TAKE_THE_SMALLER


def safety_panels(headsets: Sequence[Headset], head: HeadModel, score: ScoreConfig) -> dict[str, SafetyPanel]:
    """Panels by layout; one that the limits do not cover says so."""
    config = SafetyConfig(score.identities, score.donnings, score.seed)
    corneas = wearers_corneas(head, config)
    panels = {}
    for headset in headsets:
        try:
            estimate = estimate_safety(headset, corneas, config)
        except HeadsetError as error:
            panels[headset.name] = SafetyPanel(f"Not estimated: {error}.", "", {}, {})
            continue
        modes = MODES if estimate.leds else ()
        panels[headset.name] = SafetyPanel(
            verdict(estimate),
            circumstances(estimate),
            {MODE_NAMES[mode]: mode_rows(estimate, mode) for mode in modes},
            {MODE_NAMES[mode]: largest_current(estimate, mode) for mode in modes},
        )
    return panels
