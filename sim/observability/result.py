"""Bounds of headsets over wearers and expressions, with their spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.protocol import HeadModel
from headsets.headset import Headset
from sim.errors import SimError
from sim.metrics.result import Statistic, summarise
from sim.observability.config import ObservabilityConfig
from sim.observability.diagnosis import OBSERVABLE
from sim.observability.evaluate import ALL, StateBound, StateKey, observer_of
from sim.observability.parameters import WANTED
from sim.parallel import in_processes, portable

SCHEMA_VERSION = 1


@dataclass(frozen=True, eq=False)
class Observability:
    """Bounds of one headset.

    Attributes:
        cameras: C names.
        expressions: E names of the states' expressions.
        parameters: Q names of what is asked for.
        units: (Q,) "" for weights, "deg" for gaze.
        sd: (I, E, Q) SDs.
        prior_sd: (Q,) without images.
        mm: region, or "all" -> (I, E) RMS error of the surface, mm: `observability_mm`.
        prior_mm: the same without images.
        bits: (I, E) gained.
        bits_alone, bits_added: (C, I, E) by a camera alone, and by it to the others.
        mm_without: region -> (C, I, E) without one camera.
        reasons: (I, E, Q) "observable", or why not.
    """

    cameras: tuple[str, ...]
    expressions: tuple[str, ...]
    parameters: tuple[str, ...]
    units: tuple[str, ...]
    sd: NDArray[np.float64]
    prior_sd: NDArray[np.float64]
    mm: Mapping[str, NDArray[np.float64]]
    prior_mm: Mapping[str, NDArray[np.float64]]
    bits: NDArray[np.float64]
    bits_alone: NDArray[np.float64]
    bits_added: NDArray[np.float64]
    mm_without: Mapping[str, NDArray[np.float64]]
    reasons: NDArray[np.str_]

    @property
    def observability_mm(self) -> Statistic:
        """The one score of a layout: mean over states of the RMS error of all its regions, mm; less is better."""
        return summarise(self.mm[ALL])

    def unobservable(self) -> dict[str, dict[str, float]]:
        """Parameter -> reason -> share of states; those that are observable in every state are left out."""
        out = {}
        for k, name in enumerate(self.parameters):
            counts = Counter(self.reasons[..., k].ravel().tolist())
            if set(counts) != {OBSERVABLE}:
                size = self.reasons[..., k].size
                out[name] = {reason: counts[reason] / size for reason in sorted(counts)}
        return out

    def to_json(self) -> dict[str, object]:
        """Plain data, as observability.json has it."""
        return {
            "observability_mm": {region: _plain(values) for region, values in self.mm.items()},
            "prior_mm": {region: _plain(values) for region, values in self.prior_mm.items()},
            "bits": _plain(self.bits),
            "parameters": {
                name: {"unit": self.units[k], "prior_sd": float(self.prior_sd[k]), "sd": _plain(self.sd[..., k])}
                for k, name in enumerate(self.parameters)
            },
            "cameras": {
                name: {
                    "bits_alone": _plain(self.bits_alone[c]),
                    "bits_added": _plain(self.bits_added[c]),
                    "mm_without": {region: _plain(values[c]) for region, values in self.mm_without.items()},
                }
                for c, name in enumerate(self.cameras)
            },
            "unobservable": self.unobservable(),
        }


def observe(
    headsets: Sequence[Headset],
    head: HeadModel,
    config: ObservabilityConfig | None = None,
    progress: Callable[[int, int], None] | None = None,
    workers: int | None = None,
) -> dict[str, Observability]:
    """Bounds of headsets over the same wearers, expressions and draws.

    Args:
        headsets: with different names.
        head: whose wearers are drawn.
        config: defaults if None.
        progress: called with the number of states done and in all.
        workers: processes; None: one a core. The result does not depend on it.

    Raises:
        SimError: a configuration that breaks a rule, headsets of one name, or a headset without LEDs.
        FaceError: a region that the head does not have.
    """
    config = config or ObservabilityConfig()
    config.check(head)
    names = [headset.name for headset in headsets]
    if len(set(names)) != len(names) or not names:
        raise SimError(f"`headsets` must differ in name and not be empty for observability, got {', '.join(names)}")
    for headset in headsets:
        if not any(led.radiant_intensity_w_sr > 0.0 for led in headset.leds.values()):
            raise SimError(f"`leds` must shine for observability (headset {headset.name!r})")
    keys = [StateKey(i, e) for i in range(config.identities) for e in range(len(config.expressions))]
    tasks = [(h, key) for key in keys for h in range(len(headsets))]
    done: dict[tuple[int, StateKey], StateBound] = {}
    job = (head, config, tuple(portable(headset) for headset in headsets))
    for number, key, one in in_processes(observer_of, job, tasks, workers):
        done[number, key] = one
        if progress is not None:
            progress(len(done), len(tasks))
    return {
        headset.name: gather([done[h, key] for key in keys], config, tuple(headset.cameras))
        for h, headset in enumerate(headsets)
    }


def gather(states: Sequence[StateBound], config: ObservabilityConfig, cameras: tuple[str, ...]) -> Observability:
    """Put states together: identity by identity, each with its expressions."""
    shape = (len(states) // len(config.expressions), len(config.expressions))
    asked = [p for p in states[0].parameters if p.group in WANTED]

    def table(value: Callable[[StateBound], object]) -> NDArray[np.float64]:
        rows = np.array([value(state) for state in states])
        return rows.reshape(*shape, *rows.shape[1:])

    def by_camera(value: Callable[[StateBound, str], object]) -> NDArray[np.float64]:
        return np.stack([table(lambda state, name=name: value(state, name)) for name in cameras])  # type: ignore[misc]

    def by_region(value: Callable[[StateBound, str], NDArray[np.float64] | float]) -> dict[str, NDArray[np.float64]]:
        return {region: table(lambda state, region=region: value(state, region)) for region in states[0].all.mm}  # type: ignore[misc]

    def without(state: StateBound, region: str) -> NDArray[np.float64]:
        return np.array([state.without[name].mm[region] for name in cameras])

    return Observability(
        cameras,
        config.expressions,
        tuple(p.name for p in asked),
        tuple("deg" if p.group == "gaze" else "" for p in asked),
        table(lambda state: state.all.sd),
        np.array([p.prior_sd for p in asked]),
        by_region(lambda state, region: state.all.mm[region]),
        by_region(lambda state, region: state.all.prior_mm[region]),
        table(lambda state: state.all.bits),
        by_camera(lambda state, name: state.alone[name].bits),
        by_camera(lambda state, name: state.all.bits - state.without[name].bits),
        {region: np.moveaxis(values, -1, 0) for region, values in by_region(without).items()},
        table(lambda state: [state.causes.reason(k) for k in range(len(asked))]).astype(str),
    )


def _plain(values: NDArray[np.float64]) -> dict[str, float | None]:
    return summarise(values).to_json()
