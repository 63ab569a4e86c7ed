"""Objectives from the bound of `sim.observability`: `observability_mm`, `REGION.observability_mm`, `bits`.

Few states and coarse pixels stand for all: half as many wearers as the score has at that fidelity, up to `WEARERS`,
in as many of `EXPRESSIONS`, with pixels read two by two. Wearers and draws are the same for every layout.
"""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from faces.protocol import HeadModel
from headsets.headset import Headset
from optimize.objectives.objective import MAXIMIZE, MINIMIZE, Objective, Scored
from sim.metrics.config import ScoreConfig
from sim.metrics.result import group_name
from sim.observability.config import ObservabilityConfig
from sim.observability.evaluate import ALL, Observer, StateKey
from sim.observability.result import Observability, gather

METRIC, BITS = "observability_mm", "bits"
EXPRESSIONS = ("smile", "jaw_drop")
WEARERS = 2
WORST_MM = 100.0
"""Of a layout that cannot be measured: no LED shines, or no camera is there."""
KEPT = 4
"""Results that are remembered: several objectives ask for the same."""

_observers: dict[tuple[int, ObservabilityConfig], Observer] = {}
_results: OrderedDict[tuple[int, int, ObservabilityConfig], tuple[Headset, Observability | None]] = OrderedDict()


def parse(text: str, groups: tuple[str, ...]) -> Objective | None:
    """An objective of the bound; None where the text is none."""
    if text == BITS:
        return Objective(BITS, MAXIMIZE, "bit", 0.0, True, False, _bits, light=True)
    if text == METRIC:
        return _bound_objective(METRIC, ALL)
    group, _, metric = text.partition(".")
    if metric != METRIC or group not in groups:
        return None
    return _bound_objective(text, group)


def names(groups: tuple[str, ...]) -> list[str]:
    """What may be asked for."""
    return [METRIC, *(f"{group}.{METRIC}" for group in groups), BITS]


def config_for(score: ScoreConfig, head: HeadModel) -> ObservabilityConfig:
    """What the bound is taken over where a score is taken over `score`."""
    known = tuple(name for name in EXPRESSIONS if name in head.peaks)
    wearers = min(max(1, score.identities // 2), WEARERS)
    return ObservabilityConfig(identities=wearers, expressions=known[:wearers], seed=score.seed, binning=2)


def _bound_objective(name: str, group: str) -> Objective:
    return Objective(name, MINIMIZE, "mm", WORST_MM, True, False, lambda layout: _mm(layout, group), light=True)


def _mm(layout: Scored, group: str) -> float:
    found = _observe(layout)
    if found is None:
        return float("nan")
    regions = [name for name in found.mm if name == group or (name != ALL and group_name(name) == group)]
    return float(np.mean([found.mm[name].mean() for name in regions])) if regions else float("nan")


def _bits(layout: Scored) -> float:
    found = _observe(layout)
    return float("nan") if found is None else float(found.bits.mean())


def _observe(layout: Scored) -> Observability | None:
    config = config_for(layout.config, layout.head)
    tool, key = (id(layout.head), config), (id(layout.head), id(layout.headset), config)
    if tool not in _observers:
        _observers[tool] = Observer(layout.head, config)
    if key not in _results:
        _results[key] = (layout.headset, _bound(_observers[tool], layout.headset))  # held, so that its id stays its own
        while len(_results) > KEPT:
            _results.popitem(last=False)
    return _results[key][1]


def _bound(observer: Observer, headset: Headset) -> Observability | None:
    shining = any(led.radiant_intensity_w_sr > 0.0 for led in headset.leds.values())
    if not (shining and headset.cameras):
        return None
    config = observer.config
    keys = [StateKey(i, e) for i in range(config.identities) for e in range(len(config.expressions))]
    return gather([observer.bound(headset, key) for key in keys], config, tuple(headset.cameras))
