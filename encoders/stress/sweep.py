"""Sweep factors: the same wearers, expressions and gazes at every step, so that differences are the factor's alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders.decode import DescribedHead
from encoders.errors import EncoderError
from encoders.evaluate import ERRORS, Estimates, judge, mean_guess, run
from encoders.frames import Frames, pack
from encoders.metrics.levels import interval95
from encoders.model import Encoder
from encoders.stress.factors import NOMINAL, Factor, Patch
from encoders.stress.tolerance import crossings
from sim.dataset import stream
from sim.dataset.load_config import parse_config

Progress = Callable[[float, float], None]
Render = Callable[[Patch], Frames]
"""A change of the nominal configuration -> its frames, with labels."""
CENTRE = {"led_current": 1.0}
"""Nominal severity of factors whose nominal is not 0."""
WORST = 3


def renderer(headset: str, sizes: Mapping[str, tuple[int, int]], frames: int, each: int, seed: int) -> Render:
    """Renders frames of a headset by `sim.dataset.stream`.

    Args:
        sizes: of the encoder's images.
        frames, each: in all, and of each wearer.
    """
    base = merged(NOMINAL, {"wearers": {"frames_each": each, "wearings_each": 1}})

    def render(patch: Patch) -> Frames:
        config = parse_config(json.dumps(patch), "stress", base)
        frames_of = stream(headset, config, frames=frames, seed=seed, whole=True)
        return pack((frames_of[k] for k in range(frames)), sizes)

    return render


def sweep(
    encoder: Encoder,
    head: DescribedHead,
    names: Sequence[str],
    factors: Sequence[Factor],
    render: Render,
    limit_mm: float,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Stress an encoder.

    The mean predictor gives the nominal frames' mean, whatever it sees; no encoder that sees anything does worse.

    Args:
        names: of the weights.
        factors: to sweep.
        render: see `renderer`.
        limit_mm: an absolute limit of the mesh error; the other is half again the nominal error.
        progress: told (done, total) step by step.

    Returns:
        Plain data: nominal errors, and of each factor its steps, tolerances and worst frames.
    """
    if not limit_mm > 0:
        raise EncoderError(f"`limit > 0` mm must hold for stress, got {limit_mm:g}")
    total = 1 + sum(len(factor.points) for factor in factors)
    shown = render({})
    mean = mean_guess(shown, len(shown))
    nominal = _judged(encoder, head, names, shown, mean)
    base = _step("nominal", 0.0, nominal, nominal, shown)
    limits = {"absolute": limit_mm, "relative": 1.5 * base["errors"]["mesh_mm"]["mean"]}
    out: dict[str, Any] = {"limits_mm": limits, "nominal": base, "factors": {}}
    done = 1
    for factor in factors:
        steps = []
        for point in factor.points:
            if progress is not None:
                progress(done, total)
            frames = render(point.patch)
            steps.append(
                _step(point.label, point.severity, _judged(encoder, head, names, frames, mean), nominal, frames)
            )
            done += 1
        out["factors"][factor.name] = {"unit": factor.unit, "steps": steps, **_tolerances(factor, base, steps, limits)}
    if progress is not None:
        progress(total, total)
    return out


def failing(found: Mapping[str, Any], factors: Sequence[Factor]) -> dict[str, Any]:
    """A configuration for `hmcsim generate` that has more of what the encoder failed at."""
    out: Patch = {"hmcsim_dataset": 1}
    for factor in factors:
        if found["factors"][factor.name]["fails"]:
            out = merged(out, factor.wider)
    return dict(out)


def merged(under: Patch, over: Patch) -> dict[str, Any]:
    """Mappings merged key by key; a distribution is replaced as a whole."""
    out = dict(under)
    for key, value in over.items():
        old = out.get(key)
        distribution = isinstance(value, Mapping) and {"constant", "normal", "uniform", "log_normal"} & set(value)
        both = isinstance(value, Mapping) and isinstance(old, Mapping) and not distribution
        out[key] = merged(old, value) if both else value  # type: ignore[arg-type]  # mypy does not follow `both`
    return out


def _judged(
    encoder: Encoder,
    head: DescribedHead,
    names: Sequence[str],
    frames: Frames,
    mean: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> dict[str, Estimates]:
    return judge(head, frames, {"encoder": run(encoder, frames, names), "mean_predictor": mean})


def _step(
    label: str, severity: float | None, judged: dict[str, Estimates], nominal: dict[str, Estimates], frames: Frames
) -> dict[str, Any]:
    who = [one["identity"] for one in frames.labels]
    own, mean = judged["encoder"].errors, judged["mean_predictor"].errors
    more = own["mesh_mm"] - nominal["encoder"].errors["mesh_mm"]
    worst = np.argsort(-own["mesh_mm"], kind="stable")[:WORST]
    between = {name: interval95(own[name], who) for name in ERRORS}
    increase = interval95(more, who)
    return {
        "label": label,
        "severity": severity,
        "errors": {
            name: {"mean": float(own[name].mean()), "interval95": None if (b := between[name]) is None else list(b)}
            for name in ERRORS
        },
        "mean_predictor": {name: float(mean[name].mean()) for name in ERRORS},
        "increase_mm": {"mean": float(more.mean()), "interval95": None if increase is None else list(increase)},
        "worst": [
            {"key": frames.labels[k]["key"], "expression": frames.labels[k]["expression"],
             "mesh_mm": float(own["mesh_mm"][k])}
            for k in worst
        ],
    }  # fmt: skip


def _tolerances(
    factor: Factor, base: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], limits: Mapping[str, float]
) -> dict[str, Any]:
    errors = [step["errors"]["mesh_mm"]["mean"] for step in (base, *steps)]
    out: dict[str, Any] = {"fails": bool(max(errors[1:]) >= min(limits.values()))}
    if all(point.severity is not None for point in factor.points):
        severities = [CENTRE.get(factor.name, 0.0), *(float(point.severity or 0.0) for point in factor.points)]
        out["nominal_severity"] = severities[0]
        out["tolerance"] = {name: list(crossings(severities, errors, limit)) for name, limit in limits.items()}
    return out
