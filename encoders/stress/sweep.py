"""Sweep factors: the same wearers, expressions and gazes at every step, so that differences are the factor's alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from encoders.decode import DescribedHead
from encoders.errors import EncoderError
from encoders.evaluate import Estimates, judge, mean_guess, run
from encoders.frames import Frames
from encoders.model import Encoder
from encoders.stress.factors import Factor, Point
from encoders.stress.frames import Render
from encoders.stress.pairs import RULE, Pair, mildest, paired, strongest
from encoders.stress.patches import Patch, merged
from encoders.stress.steps import Step
from encoders.stress.tolerance import crossings

Progress = Callable[[float, float], None]
NOMINAL_POINT = Point("nominal", 0.0, {})


@dataclass(frozen=True, eq=False)
class Sweep:
    """An encoder on a headset.

    Attributes:
        limits: of the mean mesh error, mm: "absolute", and "relative", half again the nominal error.
        factors: each with its steps.
        chosen: the factors that were paired, each at its step alone; `pairs` of them.
    """

    limits: dict[str, float]
    nominal: Step
    factors: tuple[tuple[Factor, tuple[Step, ...]], ...]
    chosen: dict[str, Step]
    pairs: tuple[Pair, ...]

    @property
    def limit(self) -> float:
        """The lower limit of those that the nominal error keeps; what reaches it fails."""
        return min(limit for limit in self.limits.values() if limit > self.nominal.error)

    def record(self) -> dict[str, Any]:
        """Plain data: nominal errors; of each factor its steps, tolerances and worst frames; pairs."""
        return {
            "limits_mm": dict(self.limits),
            "nominal": self.nominal.record(self.nominal),
            "factors": {factor.name: self._factor(factor, steps) for factor, steps in self.factors},
            "pairs": {
                "rule": RULE.format(count=len(self.chosen)),
                "factors": {
                    name: {"step": step.label, "increase_mm": step.error - self.nominal.error}
                    for name, step in self.chosen.items()
                },
                "found": [pair.record(self.nominal, self.limit) for pair in self.pairs],
            },
        }

    def failing(self) -> dict[str, Any]:
        """A configuration for `hmcsim generate` that has more of what the encoder failed at, alone or in pairs."""
        failed = {factor.name for factor, steps in self.factors if max(step.error for step in steps) >= self.limit}
        failed |= {name for pair in self.pairs if pair.joint.error >= self.limit for name in pair.names}
        out: Patch = {"hmcsim_dataset": 1}
        for factor, _ in self.factors:
            if factor.name in failed:
                out = merged(out, factor.wider)
        return dict(out)

    def worst(self, count: int) -> list[tuple[str, Step, int]]:
        """The worst frame of each factor, of the nominal step and of the pairs, and of these those with the largest
        errors: what was stressed, its step, and the frame's index in it."""
        groups = {"nominal": [self.nominal], **{factor.name: list(steps) for factor, steps in self.factors}}
        for pair in self.pairs:
            groups.setdefault("pair", []).append(pair.joint)
        found = [(name, step, step.worst(1)[0]) for name, steps in groups.items() for step in steps]
        best: dict[str, tuple[str, Step, int]] = {}
        for name, step, k in found:
            if name not in best or step.errors[k] > best[name][1].errors[best[name][2]]:
                best[name] = name, step, k
        return sorted(best.values(), key=lambda one: -one[1].errors[one[2]])[:count]

    def _factor(self, factor: Factor, steps: Sequence[Step]) -> dict[str, Any]:
        errors = [self.nominal.error, *(step.error for step in steps)]
        out: dict[str, Any] = {
            "unit": factor.unit,
            "steps": [step.record(self.nominal) for step in steps],
            "fails": max(errors[1:]) >= self.limit,
        }
        if factor.ordered:
            severities = [factor.centre, *(float(step.severity or 0.0) for step in steps)]
            out["nominal_severity"] = factor.centre
            out["tolerance"] = {name: list(crossings(severities, errors, limit)) for name, limit in self.limits.items()}
        return out


def sweep(
    encoders: Sequence[Encoder],
    head: DescribedHead,
    names: Sequence[str],
    factors: Sequence[Factor],
    render: Render,
    limit_mm: float,
    *,
    pairs: int = 4,
    progress: Progress | None = None,
) -> list[Sweep]:
    """Stress encoders on the same frames.

    The mean predictor gives the nominal frames' mean, whatever it sees; no encoder that sees anything does worse.

    Args:
        names: of the weights.
        factors: to sweep.
        render: see `encoders.stress.frames.renderer`.
        limit_mm: an absolute limit of the mesh error; the other is half again the nominal error.
        pairs: so many factors are paired; below two: none.
        progress: told (done, total) step by step; the total grows when pairs are known.

    Returns:
        What was found of each encoder.
    """
    if not limit_mm > 0:
        raise EncoderError(f"`limit > 0` mm must hold for stress, got {limit_mm:g}")
    bench = _Bench(encoders, head, names, render, progress)
    swept = bench.steps([[NOMINAL_POINT, *(point for factor in factors for point in factor.points)]] * len(encoders))
    parts = []
    for nominal, *steps in swept:
        if not nominal.error > 0:
            raise EncoderError("the nominal mesh error must be above 0 for stress, got 0: limits are multiples of it")
        left = iter(steps)
        grouped = tuple((factor, tuple(next(left) for _ in factor.points)) for factor in factors)
        parts.append((nominal, grouped, {"absolute": limit_mm, "relative": 1.5 * nominal.error}))
    chosen = [{} for _ in parts] if pairs < 2 else _chosen(bench, parts, pairs)
    combined = [paired(own) for own in chosen]
    joint = bench.steps([[point for *_, point in own] for own in combined])
    return [
        Sweep(limits, nominal, grouped, mild, tuple(
            Pair(who, alone, step) for (who, alone, _), step in zip(own, steps, strict=True)
        ))
        for (nominal, grouped, limits), mild, own, steps in zip(parts, chosen, combined, joint, strict=True)
    ]  # fmt: skip


def _chosen(bench: _Bench, parts: Sequence[tuple[Step, Any, dict[str, float]]], count: int) -> list[dict[str, Step]]:
    """Of each encoder the factors that are paired, each at a step that is borne alone."""
    found = [
        {factor.name: mildest(factor, steps, nominal, limits["relative"]) for factor, steps in grouped}
        for nominal, grouped, limits in parts
    ]
    missing = [{name: one for name, one in own.items() if isinstance(one, Point)} for own in found]
    rendered = bench.steps([list(own.values()) for own in missing])
    out = []
    for own, wanted, steps, (nominal, _, limits) in zip(found, missing, rendered, parts, strict=True):
        known = {name: one for name, one in own.items() if isinstance(one, Step)}
        known |= dict(zip(wanted, steps, strict=True))
        out.append(strongest({name: known[name] for name in own if name in known}, nominal, limits["relative"], count))
    return out


class _Bench:
    """Renders what encoders are to be tried on, each condition once, and judges what they make of it."""

    def __init__(
        self,
        encoders: Sequence[Encoder],
        head: DescribedHead,
        names: Sequence[str],
        render: Render,
        progress: Progress | None,
    ) -> None:
        self._encoders, self._head, self._names, self._render = encoders, head, names, render
        self._progress, self._done, self._total = progress, 0, 0
        self._first: Frames | None = None
        self._mean: Estimates | None = None

    def steps(self, wanted: Sequence[Sequence[Point]]) -> list[list[Step]]:
        """Of each encoder the steps at its points."""
        texts = [[json.dumps(point.patch, sort_keys=True) for point in points] for points in wanted]
        patches = {t: point.patch for own, points in zip(texts, wanted, strict=True)
                   for t, point in zip(own, points, strict=True)}  # fmt: skip
        found: dict[tuple[int, int], Step] = {}
        self._move(0, len(patches))
        for text, shown in zip(patches, self._render(list(patches.values())), strict=True):
            for e, points in enumerate(wanted):
                at = [k for k, own in enumerate(texts[e]) if own == text]
                if at:
                    own, mean = self._judged(self._encoders[e], shown[e])
                    for k in at:
                        point = points[k]
                        found[e, k] = Step(point.label, point.severity, point.patch, shown[e].labels, own, mean)
            self._move(1, 0)
        return [[found[e, k] for k in range(len(points))] for e, points in enumerate(wanted)]

    def _judged(self, encoder: Encoder, frames: Frames) -> tuple[Estimates, Estimates]:
        """Of the encoder and of the mean predictor; the latter's errors are the same at every step."""
        first = self._first or frames
        if not (np.array_equal(frames.weights, first.weights) and np.array_equal(frames.gaze, first.gaze)):
            raise EncoderError("a factor must leave wearers' faces as they are, got other expressions than nominally")
        guesses = {"encoder": run(encoder, frames, self._names)}
        if self._mean is None:
            guesses["mean"] = mean_guess(frames, len(frames))
        judged = judge(self._head, frames, guesses)
        self._first = first
        self._mean = self._mean or judged["mean"]
        return judged["encoder"], self._mean

    def _move(self, done: int, more: int) -> None:
        self._done += done
        self._total += more
        if self._progress is not None:
            self._progress(self._done, self._total)
