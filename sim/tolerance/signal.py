"""Signal scores of headsets as built and worn, and their sweeps: all that moves geometric scores, and the LEDs."""

from __future__ import annotations

from functools import partial

import numpy as np

from faces.protocol import HeadModel
from headsets.headset import Headset
from sim.metrics.config import ScoreConfig
from sim.metrics.result import summarise
from sim.metrics.signal import SIGNAL_METRICS, SignalConfig, signal_scores
from sim.tolerance.freedoms import Freedom, geometric_freedoms, led_freedoms
from sim.tolerance.result import Scores
from sim.tolerance.study import Extra, Progress, ToleranceConfig
from sim.tolerance.variants import Variants, built

STEPS = 3
"""Of a sweep, on either side: each value is recorded anew."""


def signal_extra(preset: str) -> Extra:
    """SNR, saturated and black share, recorded with a preset of the renderer, swept in every degree of freedom."""
    return Extra("signal", _swept, STEPS, partial(record, preset))


def _swept(headset: Headset) -> tuple[Freedom, ...]:
    return (*geometric_freedoms(headset), *led_freedoms(headset))


def record(
    preset: str,
    headset: Headset,
    head: HeadModel,
    config: ToleranceConfig,
    variants: Variants,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Scores:
    """Signal scores of variants: each is a headset of its own, recorded on the neutral faces of a few wearers."""
    headsets = [built(headset, variants, k, f"variant {k}") for k in range(len(variants))]
    score = ScoreConfig(config.signal_identities, donnings=1, seed=config.seed, regions=(), looks=True)
    found = signal_scores(headsets, head, score, SignalConfig(preset=preset), workers, progress, maps=False)
    out: dict[str, dict[str, list[float]]] = {}
    for own in found.values():
        for group, metrics in own.groups(headset).items():
            for metric in SIGNAL_METRICS:
                out.setdefault(group, {}).setdefault(metric, []).append(summarise(metrics[metric]).mean)
    return {group: {metric: np.array(values) for metric, values in metrics.items()} for group, metrics in out.items()}
