"""The bound as a search's objective: which states it is taken over, and that none is taken twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from headsets import load_headset
from optimize.errors import OptimizeError
from optimize.objectives import observability
from optimize.objectives.registry import find_objectives
from optimize.study.evaluate import measure
from sim.metrics.config import ScoreConfig
from sim.metrics.result import group_name
from sim.observability.config import ObservabilityConfig
from sim.observability.evaluate import Observer, StateKey
from sim.render.renderer import Renderer
from tests.faces.ellipsoid_head import EllipsoidHead
from tests.optimize.search_cases import green

FEW, ALL = ScoreConfig(identities=2), ScoreConfig(identities=4)


def test_bound_rises_from_one_state_to_all_without_taking_any_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    head, layout = EllipsoidHead(), replace(green())
    asked: list[StateKey] = []
    taken = Observer.bound

    def counted(self: Observer, headset: Any, key: StateKey) -> Any:
        asked.append(key)
        return taken(self, headset, key)

    monkeypatch.setattr(Observer, "bound", counted)
    objectives = find_objectives(["mouth.observability_mm", "observability_mm", "bits"], layout)
    few, all_ = (measure(layout, objectives, head, config) for config in (FEW, ALL))
    config = observability.config_for(head, ALL.seed)
    states = [StateKey(i, config.expressions.index(name)) for i, name in observability.STATES if name in head.peaks]
    assert len(states) > 1
    assert asked == states

    observer = Observer(head, config, Renderer(settings=observability.COARSE))
    bounds = [taken(observer, layout, key).all for key in states]
    told = np.array([(one.mm["mouth"], one.mm["all"], one.bits) for one in bounds])
    np.testing.assert_allclose(few, told[0], rtol=1e-6)
    np.testing.assert_allclose(all_, told.mean(axis=0), rtol=1e-6)


def test_states_are_of_the_full_bounds_own() -> None:
    """So that a search's wearers, gazes and donnings are those that its layouts are reported with."""
    full, head = ObservabilityConfig(), EllipsoidHead()
    coarse = replace(observability.config_for(head, full.seed), expressions=full.expressions)
    assert {(key.identity, key.expression) for key in observability.states(coarse)} == {(2, 0), (0, 1), (3, 2), (1, 3)}
    assert replace(coarse, binning=full.binning, steps=full.steps) == full


def test_only_regions_that_the_bound_is_taken_for_are_offered() -> None:
    ufe = load_headset("ufe")
    seen = {group_name(region) for camera in ufe.cameras.values() for region in camera.sees}
    taken = {group_name(region) for region in ObservabilityConfig().regions}
    assert seen - taken
    assert {o.name for o in find_objectives([f"{group}.observability_mm" for group in taken], ufe)}
    for group in seen - taken:
        with pytest.raises(OptimizeError, match="unknown objective"):
            find_objectives([f"{group}.observability_mm"], ufe)


def test_headset_that_no_led_lights_is_the_worst() -> None:
    dark = replace(green(), leds={n: replace(led, radiant_intensity_w_sr=0.0) for n, led in green().leds.items()})
    objectives = find_objectives(["mouth.observability_mm", "bits"], dark)
    assert measure(dark, objectives, EllipsoidHead(), FEW) == (observability.WORST_MM, 0.0)


def test_images_of_a_layouts_housing_are_not_kept_for_the_next() -> None:
    """Each trial's cameras and LEDs stand elsewhere: kept, they came to some 5 MB a trial."""
    head = EllipsoidHead()
    layout = replace(green(), name="another")
    measure(layout, find_objectives(["observability_mm"], layout), head, FEW)
    renderer = observability._observers[id(head), FEW.seed].renderer
    fixed = [one for _, one in renderer._fixed.values()]
    assert fixed
    assert sum(one.standing.size for one in fixed) == 0
