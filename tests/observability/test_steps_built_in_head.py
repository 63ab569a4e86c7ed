"""The bound on the built-in head does not depend on the steps: lids on eyes, lips on teeth, lashes and all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from faces import load_head_model
from faces.protocol import HeadModel
from headsets import load_headset
from sim.observability.binning import binned
from sim.observability.bound import bound_of, region_gram
from sim.observability.config import ObservabilityConfig
from sim.observability.derivatives import differentiate, whitened
from sim.observability.evaluate import Observer, StateKey, as_it_is
from sim.observability.information import fisher
from sim.observability.parameters import State, Step, Steps, expression_steps
from sim.observability.pixels import OBSERVED, Instant, Pixels, noise_model
from sim.observability.priors import Priors
from sim.render.renderer import Renderer

NAMES = (
    "eyeBlinkLeft",
    "eyeSquintLeft",
    "jawOpen",
    "mouthClose",
    "mouthSmileLeft",
    "mouthLowerDownLeft",
    "browDownLeft",
)
CAMERAS = ("eye_left", "mouth_left")


@pytest.fixture(scope="module")
def head() -> HeadModel:
    return load_head_model()


@pytest.fixture(scope="module")
def state(head: HeadModel) -> State:
    config = ObservabilityConfig(expressions=("smile",), identity_modes=0, albedo_modes=0)
    return Observer(head, config, Renderer(settings=OBSERVED)).state(load_headset("refa_green"), StateKey(1, 0))


def millimetres(head: HeadModel, state: State, factor: float, renderer: Renderer) -> dict[str, float]:
    """Region -> bound with few parameters and two cameras."""
    whole = binned(load_headset("refa_green"), 2)
    worn = replace(whole, cameras={name: whole.cameras[name] for name in CAMERAS})

    def steps() -> Iterator[Step]:
        for step in expression_steps(state, Priors(), Steps().scaled(factor)):
            if step.parameter.name in NAMES:
                yield step

    instant = Instant(state.mesh(), state.T_device_head)
    pixels = Pixels(renderer, worn, instant)
    none = np.zeros((len(head.topology.uv), 0), np.float32)
    got = differentiate(pixels, instant, steps(), {}, none, detail_px=1.5)
    rows = []
    for name, camera in worn.cameras.items():
        reading = as_it_is(noise_model(camera, pixels.base[name], Priors()))
        rows.append(whitened(got, name, reading, pixels.base[name].electrons))
    regions = {region: head.topology.region_triangles(region) for region in ("eye_left", "mouth")}
    gram = region_gram(instant.mesh, got.motion, regions)
    return dict(bound_of(fisher(np.concatenate(rows, axis=1)), got.parameters, gram).mm)


def test_bound_of_two_cameras_does_not_depend_on_the_step(head: HeadModel, state: State) -> None:
    renderer = Renderer(settings=OBSERVED)
    usual, short, long = (millimetres(head, state, factor, renderer) for factor in (1.0, 0.5, 2.0))
    for region, value in usual.items():
        assert 0.0 < value < 1.0
        assert short[region] == pytest.approx(value, rel=0.1)
        assert long[region] == pytest.approx(value, rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("key", [StateKey(0, 1), StateKey(1, 2)], ids=["glasses_smile", "jaw_drop"])
def test_bound_of_the_whole_headset_does_not_depend_on_the_step(head: HeadModel, key: StateKey) -> None:
    config, headset, renderer = ObservabilityConfig(binning=2), load_headset("refa_green"), Renderer(settings=OBSERVED)
    usual, short, long = (
        Observer(head, replace(config, steps=Steps().scaled(factor)), renderer).bound(headset, key).all.mm
        for factor in (1.0, 0.5, 2.0)
    )
    for region, value in usual.items():
        assert short[region] == pytest.approx(value, rel=0.1)
        assert long[region] == pytest.approx(value, rel=0.1)


@pytest.mark.slow
def test_steps_to_one_side_give_nearly_the_same_bound(head: HeadModel) -> None:
    config, headset, renderer = ObservabilityConfig(binning=2), load_headset("refa_green"), Renderer(settings=OBSERVED)
    both, one = (
        Observer(head, replace(config, steps=Steps(one_sided=side)), renderer).bound(headset, StateKey(0, 1)).all.mm
        for side in (False, True)
    )
    for region, value in both.items():
        assert one[region] == pytest.approx(value, rel=0.1)
