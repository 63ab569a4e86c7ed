"""Objectives from the bound of `sim.observability`: `observability_mm`, `REGION.observability_mm`, `bits`.

A search asks hundreds of layouts, so few states and coarse pixels stand for all: of the states of
`hmcsim score --observability` each wearer in one expression, `BINNING` × `BINNING` pixels read as one, steps to one
side, and `COARSE` images. States are the same for every layout, and what few of them told is not computed again for
all. `benchmarks/search_fidelity.py` holds the ranking against full fidelity's.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from faces.protocol import HeadModel
from headsets.headset import Headset
from optimize.objectives.objective import MAXIMIZE, MINIMIZE, Objective, Scored
from sim.metrics.result import group_name
from sim.observability.config import REGIONS, ObservabilityConfig
from sim.observability.evaluate import ALL, Observer, StateBound, StateKey
from sim.observability.parameters import Steps
from sim.observability.pixels import OBSERVED
from sim.render.renderer import Renderer

METRIC, BITS = "observability_mm", "bits"
STATES = ((2, "neutral"), (0, "smile"), (1, "pucker"), (3, "jaw_drop"))
"""Wearer and expression. All are asked where a score takes `ALL_FROM` wearers or more, the first alone where it takes
fewer. Over 20 layouts these four have nearly the mean of all sixteen (docs/search.md), and of single states the first
comes closest to it."""
ALL_FROM = 4
COARSE = replace(OBSERVED, panes=False, ghosts=False)
"""Hair and sharp shadows stay: without lashes, and with shadow maps of half the texels, eyes' bounds were up to 20 %
too low, by layouts differently."""
WORST_MM = 100.0
"""Of a layout that cannot be measured: no LED shines, or no camera is there."""
BINNING = 3
GROUPS = tuple(dict.fromkeys(group_name(region) for region in REGIONS))
"""Those that the bound is taken for, whatever cameras are said to see."""
KEPT = 2
"""Layouts that are remembered: several objectives ask for the same."""

_observers: dict[tuple[int, int], Observer] = {}
_bounds: OrderedDict[tuple[int, int, int], tuple[Headset, dict[StateKey, StateBound]]] = OrderedDict()


def parse(text: str, groups: tuple[str, ...]) -> Objective | None:
    """An objective of the bound; None where the text is none."""
    if text == BITS:
        return Objective(BITS, MAXIMIZE, "bit", 0.0, True, False, _bits, light=True)
    if text == METRIC:
        return _bound_objective(METRIC, ALL)
    group, _, metric = text.partition(".")
    return _bound_objective(text, group) if metric == METRIC and group in GROUPS else None


def names(groups: tuple[str, ...]) -> list[str]:
    """What may be asked for."""
    return [METRIC, *(f"{group}.{METRIC}" for group in GROUPS), BITS]


def config_for(head: HeadModel, seed: int) -> ObservabilityConfig:
    """What bounds are taken over, of which `states` are asked."""
    known = tuple(name for name in ObservabilityConfig().expressions if name in head.peaks)
    return ObservabilityConfig(expressions=known, seed=seed, binning=BINNING, steps=Steps(one_sided=True))


def states(config: ObservabilityConfig) -> list[StateKey]:
    """`STATES`, less expressions that the head does not have."""
    known = config.expressions
    return [StateKey(wearer, known.index(name)) for wearer, name in STATES if name in known]


def _bound_objective(name: str, group: str) -> Objective:
    return Objective(name, MINIMIZE, "mm", WORST_MM, True, False, lambda layout: _mm(layout, group), light=True)


def _mm(layout: Scored, group: str) -> float:
    bounds = _observe(layout)
    return _mean([one.all.mm[name] for one in bounds for name in one.all.mm if group in (name, _group(name))])


def _bits(layout: Scored) -> float:
    return _mean([one.all.bits for one in _observe(layout)])


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _group(region: str) -> str:
    return region if region == ALL else group_name(region)


def _observe(layout: Scored) -> list[StateBound]:
    """Bounds of as many states as the score's fidelity asks for; none where there is nothing to see."""
    headset = layout.headset
    if not (headset.cameras and any(led.radiant_intensity_w_sr > 0.0 for led in headset.leds.values())):
        return []
    config = config_for(layout.head, layout.config.seed)
    tool = (id(layout.head), config.seed)
    if tool not in _observers:
        _observers[tool] = Observer(layout.head, config, Renderer(settings=COARSE), kept=len(STATES))
    known = _known(tool, headset)
    keys = states(config) if layout.config.identities >= ALL_FROM else states(config)[:1]
    missing = [key for key in keys if key not in known]
    for key in missing:
        known[key] = _observers[tool].bound(headset, key)
    if missing:
        _observers[tool].renderer.forget_standing()  # the next layout's cameras and LEDs stand elsewhere
    return [known[key] for key in keys]


def _known(tool: tuple[int, int], headset: Headset) -> dict[StateKey, StateBound]:
    """What a layout is known to give; it is held with that, so that its id stays its own."""
    key = (*tool, id(headset))
    if key not in _bounds:
        _bounds[key] = headset, {}
        while len(_bounds) > KEPT:
            _bounds.popitem(last=False)
    return _bounds[key][1]
