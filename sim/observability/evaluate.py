"""The bound of one headset at one state of one wearer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.protocol import HeadModel
from headsets.donning import DonningDistribution
from headsets.headset import Headset
from sim.observability.albedo_field import albedo_modes
from sim.observability.binning import binned
from sim.observability.bound import Bound, bound_of, region_gram, vertex_areas, wanted_count
from sim.observability.config import ObservabilityConfig
from sim.observability.derivatives import Reading, Sensitivity, differentiate, whitened
from sim.observability.diagnosis import Causes, find_causes
from sim.observability.identity_modes import identity_modes
from sim.observability.information import Floats, NoiseModel, fisher
from sim.observability.parameters import (
    Parameter,
    State,
    Step,
    donning_steps,
    expression_steps,
    gaze_steps,
    identity_steps,
)
from sim.observability.pixels import OBSERVED, Instant, Pixels, noise_model
from sim.observability.priors import Priors
from sim.render.renderer import Renderer
from sim.seeding import generator
from sim.wearers import draw_wearer

ALL = "all"
"""The regions of a configuration together."""


@dataclass(frozen=True)
class StateKey:
    """Which state: wearer and expression by number."""

    identity: int
    expression: int


@dataclass(frozen=True, eq=False)
class StateBound:
    """What one state gives.

    Attributes:
        parameters: P.
        all: the bound from all cameras.
        alone, without: camera -> the bound from it alone, and from the others.
        causes: what stands in the way.
        information: camera -> (P, P), without the prior.
    """

    parameters: tuple[Parameter, ...]
    all: Bound
    alone: Mapping[str, Bound]
    without: Mapping[str, Bound]
    causes: Causes
    information: Mapping[str, Floats]


_Moved = tuple[State, tuple[Step, ...]]


class Observer:
    """Takes bounds of one head model; keeps what states share.

    Args:
        head: whose wearers are drawn.
        config: see there.
        renderer: None: one with `OBSERVED` on the CPU.
        kept: states whose posed meshes are kept for the next headset: some 20 MB each.

    Raises:
        SimError: an expression the head does not have.
        FaceError: a region the head does not have.
    """

    def __init__(
        self, head: HeadModel, config: ObservabilityConfig, renderer: Renderer | None = None, kept: int = 1
    ) -> None:
        config.check(head)
        self._kept, self._steps_of = kept, OrderedDict[tuple[StateKey, DonningDistribution], _Moved]()
        self.head, self.config = head, config
        self.renderer = renderer or Renderer(settings=OBSERVED)
        topology = head.topology
        neutral = head.mesh(head.neutral_identity()).vertices
        places = neutral if topology.rest is None else topology.rest
        self._albedo = albedo_modes(topology, places, config.priors, config.albedo_modes)
        self._modes = identity_modes(head, config.identity_modes)
        triangles = {region: topology.region_triangles(region) for region in config.regions}
        self._regions = triangles | {ALL: np.unique(np.concatenate(list(triangles.values())))}

    def state(self, headset: Headset, key: StateKey) -> State:
        """Wearer, expression, gaze and donning of a state; headsets share the draws, each scaled by its own spread."""
        config, head = self.config, self.head
        peak = head.peaks[config.expressions[key.expression]]
        weights = config.intensity * np.array([peak.get(name, 0.0) for name in head.expression_names])
        number = key.identity * len(config.expressions) + key.expression
        gaze = np.radians(config.gaze_sd_deg) * generator(config.seed, "gaze", number).standard_normal(2)
        limit = np.radians(20.0)
        donnings = headset.donning.sample(generator(config.seed, "donning", key.identity), len(config.expressions))
        wearer = draw_wearer(head, config.seed, key.identity, config.look_priors)
        both = np.broadcast_to(np.clip(gaze, -limit, limit), (2, 2)).copy()
        return State(head, wearer, weights, both, donnings[key.expression])

    def sensitivity(
        self, headset: Headset, state: State, steps: Sequence[Step] | None = None
    ) -> tuple[Pixels, Sensitivity]:
        """Images and derivatives at a state, whose steps may be known; `headset` as it is read, binned or not."""
        steps = self._steps(headset, state) if steps is None else steps
        instant = Instant(state.mesh(), state.T_device_head)
        pixels = Pixels(self.renderer, headset, instant)
        priors, detail = self.config.priors, self.config.priors.detail_px / self.config.binning
        leds = {name: _led_sd(priors, led.bin_spread) for name, led in headset.leds.items()}
        return pixels, differentiate(pixels, instant, steps, leds, self._albedo, detail)

    def bound(self, headset: Headset, key: StateKey) -> StateBound:
        """The bound of a headset at a state."""
        state, steps = self._moved(headset, key)
        read = binned(headset, self.config.binning)
        pixels, sensitivity = self.sensitivity(read, state, steps)
        priors = self.config.priors
        information, diagonals = {}, np.zeros((2, wanted_count(sensitivity.parameters)))
        for name, camera in read.cameras.items():
            seen = pixels.base[name]
            noise = noise_model(camera, seen, priors, self.config.binning)
            information[name] = fisher(whitened(sensitivity, name, as_it_is(noise), seen.electrons))
            for row, reading in zip(diagonals, (_unclipped(noise), _noiseless(noise)), strict=True):
                rows = whitened(sensitivity, name, reading, seen.electrons, diagonals.shape[1])
                row += (rows.astype(np.float64) ** 2).sum(axis=1)
        mesh = state.mesh()
        gram = region_gram(mesh, sensitivity.motion, self._regions)
        total = np.sum(list(information.values()), axis=0)
        parameters = sensitivity.parameters
        whole = bound_of(total, parameters, gram)
        return StateBound(
            parameters,
            whole,
            {name: bound_of(one, parameters, gram) for name, one in information.items()},
            {name: bound_of(total - one, parameters, gram) for name, one in information.items()},
            find_causes(total, diagonals[0], diagonals[1], parameters, self._seen(pixels, sensitivity, state)),
            information,
        )

    def _moved(self, headset: Headset, key: StateKey) -> _Moved:
        """A state and its steps: the same for all headsets that are worn alike."""
        worn = (key, headset.donning)
        if worn not in self._steps_of:
            state = self.state(headset, key)
            self._steps_of[worn] = state, self._steps(headset, state)
            while len(self._steps_of) > self._kept:
                self._steps_of.popitem(last=False)
        return self._steps_of[worn]

    def _steps(self, headset: Headset, state: State) -> tuple[Step, ...]:
        priors, steps = self.config.priors, self.config.steps
        return (
            *expression_steps(state, priors, steps),
            *gaze_steps(state, priors, steps),
            *donning_steps(state, priors.donning or headset.donning, steps),
            *identity_steps(state, self._modes, priors, steps),
        )

    def _seen(self, pixels: Pixels, sensitivity: Sensitivity, state: State) -> Floats:
        """(Q,) share of each parameter's motion, by area, that some camera sees."""
        mesh = state.mesh()
        areas = vertex_areas(mesh, np.arange(len(mesh.triangles)))
        seen = np.zeros(len(areas), bool)
        for one in pixels.base.values():
            assert one.frame.triangle is not None
            seen[mesh.triangles[np.unique(one.frame.triangle[one.frame.triangle >= 0])]] = True
        moved = areas * (sensitivity.motion.astype(np.float64) ** 2).sum(-1)
        return np.asarray(moved[:, seen].sum(1) / np.maximum(moved.sum(1), 1e-30))


def _led_sd(priors: Priors, bin_spread: float) -> float:
    """Relative SD of an LED's power: even in its logarithm over the bin."""
    return float(np.log(bin_spread) / np.sqrt(12.0)) if priors.led is None else priors.led


def as_it_is(noise: NoiseModel) -> Reading:
    """Pixels with all their noise, which clip."""
    return Reading(lambda mean, around, index: noise.at(index).weights(mean, around), noise.black, noise.white)


def _unclipped(noise: NoiseModel) -> Reading:
    """As if no pixel clipped."""
    return Reading(lambda mean, around, index: noise.at(index).weights(mean, around, clips=False))


def _noiseless(noise: NoiseModel) -> Reading:
    """Pixels whose only noise is what is relative to their light."""

    def weigh(mean: Floats, around: Floats, index: NDArray[np.intp]) -> Floats:
        some = noise.at(index)
        return np.asarray(1.0 / (np.maximum(some.relative + some.error, 1e-6) * np.maximum(around, 1e-6) ** 2))

    return Reading(weigh)


def observer_of(
    job: tuple[HeadModel, ObservabilityConfig, tuple[Headset, ...]],
) -> Callable[[tuple[int, StateKey]], tuple[int, StateKey, StateBound]]:
    """For worker processes: takes (headset number, state), returns them with the bound."""
    head, config, headsets = job
    observer = Observer(head, config)

    def run(task: tuple[int, StateKey]) -> tuple[int, StateKey, StateBound]:
        number, key = task
        return number, key, observer.bound(headsets[number], key)

    return run
