"""Plots of a search's page as plain plotly.js data: progress over the trials, and the Pareto front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.trial import FrozenTrial

from hmcsim.report.search.labels import COUNTS, ObjectiveLabel
from optimize.results.choices import Choices
from optimize.results.front import fidelity_of
from optimize.results.hypervolume import growth
from optimize.study.evaluate import ALL, scored_in_full

Plot = dict[str, Any]
FEW_COLOUR, FULL_COLOUR, BEST_COLOUR = "#c3cad0", "#7b8a97", "#0b5cad"
FEW_NAME, FULL_NAME = "turned down on few faces (estimate)", "scored in full"
MARGIN = 0.1
"""The hypervolume's reference lies this share of the range beyond the worst layout, so that the worst count too."""


def feasible_trials(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Those that were scored, on few faces at least."""
    return [t for t in trials if t.values is not None and fidelity_of(t) in ("few", "all")]


def progress_plots(
    trials: Sequence[FrozenTrial], labels: Sequence[ObjectiveLabel], choices: Choices, signs: NDArray[np.float64]
) -> dict[str, Plot]:
    """By title: the hypervolume where there are several objectives, then the best value of each so far."""
    full = scored_in_full(trials)
    if not full:
        return {}
    last = max(trial.number for trial in trials)
    plots: dict[str, Plot] = {}
    values = np.array([trial.values for trial in full])
    spread = np.ptp(values, axis=0)
    free = spread > 0
    if free.sum() > 1:
        scaled = (signs * values)[:, free] / spread[free]
        reference = scaled.min(axis=0) - MARGIN
        box = float(np.prod(scaled.max(axis=0) - reference))
        shares = np.array(growth(scaled, reference, np.ones(int(free.sum())))) / box
        plots["All objectives together"] = _plot(
            [_steps([t.number for t in full], shares.tolist(), last, "hypervolume")], "hypervolume, share", last
        )
    for k, label in enumerate(labels):
        if label.key in COUNTS:
            continue
        best = np.maximum.accumulate(signs[k] * values[:, k]) * signs[k]
        seen = [t for t in feasible_trials(trials) if t.values[k] != label.unseen]  # the others would squash the axis
        traces = [
            _dots([t for t in seen if fidelity_of(t) != ALL], k, FEW_NAME, FEW_COLOUR),
            _dots([t for t in seen if fidelity_of(t) == ALL], k, FULL_NAME, FULL_COLOUR),
            _steps([t.number for t in full], best.tolist(), last, "best so far"),
        ]  # fmt: skip
        if choices.scored and choices.existing is not None:
            level = choices.existing.values[k]
            traces.append(_line([0, last], [level, level], "existing layout"))
        plots[label.title] = _plot(traces, f"{label.axis}<br><i>{label.better}</i>", last)
    return plots


def front_data(
    trials: Sequence[FrozenTrial], front: Sequence[FrozenTrial], labels: Sequence[ObjectiveLabel],
    choices: Choices, names: Mapping[int, str], colours: Mapping[int, str],
) -> dict[str, Any]:  # fmt: skip
    """What the page's script draws objectives against each other from: groups of layouts with their values."""
    on_front = {trial.number for trial in front}
    shown = set(choices.shown) if choices.scored else set(choices.roles)
    rest = [t for t in feasible_trials(trials) if t.number not in shown]
    groups = [
        _group(FEW_NAME, [t for t in rest if not _full(t)], FEW_COLOUR, "circle-open", 6),
        _group(FULL_NAME, [t for t in rest if _full(t) and t.number not in on_front], FULL_COLOUR, "circle", 6),
        _group("Pareto front", [t for t in rest if t.number in on_front], BEST_COLOUR, "circle", 9),
    ]  # fmt: skip
    groups += [
        _group(names[n], [choices.trials[n]], colours[n], "square" if n not in choices.roles else "diamond", 13)
        for n in choices.shown
        if n in shown
    ]
    return {
        "axes": [{"title": label.axis, "better": label.better} for label in labels],
        "groups": [group for group in groups if group["values"]],
    }


def _group(name: str, trials: Sequence[FrozenTrial], colour: str, symbol: str, size: int) -> dict[str, Any]:
    return {
        "name": name, "colour": colour, "symbol": symbol, "size": size,
        "trials": [t.number for t in trials], "values": [list(t.values) for t in trials],
    }  # fmt: skip


def _dots(trials: Sequence[FrozenTrial], k: int, name: str, colour: str) -> Plot:
    return {
        "type": "scatter", "mode": "markers", "name": name, "marker": {"color": colour, "size": 5},
        "x": [t.number for t in trials], "y": [t.values[k] for t in trials],
        "hovertemplate": "trial %{x}<br>%{y:.4g}<extra></extra>",
    }  # fmt: skip


def _steps(x: Sequence[int], y: Sequence[float], last: int, name: str) -> Plot:
    return {
        "type": "scatter", "mode": "lines", "name": name, "line": {"shape": "hv", "color": BEST_COLOUR, "width": 2},
        "x": [*x, last], "y": [*y, y[-1]], "hovertemplate": "trial %{x}<br>%{y:.4g}<extra></extra>",
    }  # fmt: skip


def _line(x: Sequence[int], y: Sequence[float], name: str) -> Plot:
    return {
        "type": "scatter", "mode": "lines", "name": name, "hoverinfo": "skip", "x": list(x), "y": list(y),
        "line": {"color": "#33383e", "width": 1.5, "dash": "dash"},
    }  # fmt: skip


def _plot(traces: list[Plot], y: str, last: int) -> Plot:
    return {
        "data": [trace for trace in traces if trace["x"]],
        "layout": {
            "xaxis": {"title": {"text": "trial"}, "range": [-0.5, last + 0.5]},
            "yaxis": {"title": {"text": y}},
            "showlegend": len(traces) > 1,
        },
    }


def _full(trial: FrozenTrial) -> bool:
    return fidelity_of(trial) == ALL
