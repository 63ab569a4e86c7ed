"""Score over the mounts: where each moved part was tried, in 3D around the head and as a map of its coordinates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.trial import FrozenTrial, TrialState

from headsets.search import Box, Movable, Patch, Rail
from hmcsim.report.scene import Trace, head_trace, packed, part_traces, shell_traces
from hmcsim.report.search.kept import KeptHead
from hmcsim.report.search.labels import ObjectiveLabel, coordinate_label, part_label
from hmcsim.report.search.plots import feasible_trials
from optimize.results.choices import Choices
from optimize.space.mount import PlacedMount
from optimize.space.space import Space

CELLS = (4, 14)
"""Fewest and most cells of a map each way."""
LINES = 5
"""Of a patch's grid, each way."""


def mounts_data(
    trials: Sequence[FrozenTrial], labels: Sequence[ObjectiveLabel], choices: Choices, space: Space,
    head: KeptHead | None, names: Mapping[int, str], colours: Mapping[int, str],
) -> dict[str, Any]:  # fmt: skip
    """Everything the page's script draws the mounts from; no parts where none is moved about."""
    still = [head_trace(head)] if head is not None else []
    layouts = [
        {
            "name": names[n],
            "traces": _plain(part_traces(space.build(space.layout(choices.trials[n].params)), colours[n])),
        }
        for n in choices.shown
    ]
    return {
        "still": [*still, *shell_traces(space.base)],
        "layouts": layouts,
        "objectives": [{"title": label.axis, "more": label.more, "unseen": label.unseen} for label in labels],
        "parts": [
            _part(moved, space.mounts[moved.key], trials, choices, names, colours)
            for moved in space.search.movables
            if moved.key in space.mounts and _free(space.mounts[moved.key])
        ],
    }


def _part(
    moved: Movable, mount: PlacedMount, trials: Sequence[FrozenTrial], choices: Choices,
    names: Mapping[int, str], colours: Mapping[int, str],
) -> dict[str, Any]:  # fmt: skip
    ended = [t for t in trials if t.state == TrialState.COMPLETE and _on(moved, t)]
    scored = feasible_trials(ended)
    known = {t.number for t in scored}
    infeasible = [t for t in ended if t.number not in known]
    free = _free(mount)
    widest = sorted(free, key=lambda name: mount.intervals[name][0] - mount.intervals[name][1])[:2]
    axes = [name for name in free if name in widest]
    return {
        "title": part_label(*moved.key.split(".")),
        "outline": _outline(moved, mount),
        "tried": {
            **_points(scored, moved, mount), "values": [list(t.values) for t in scored],
            "trials": [t.number for t in scored],
        },
        "broken": _points(infeasible, moved, mount),
        "marks": [
            {"name": names[n], "colour": colours[n], "existing": n not in choices.roles,
             "at": _place(choices.trials[n], moved, mount).round(3).tolist(),
             "flat": [_at(choices.trials[n], moved, mount)[name] for name in axes]}
            for n in choices.shown if _on(moved, choices.trials[n])
        ],
        "axes": [{"title": coordinate_label(name), "range": list(mount.intervals[name])} for name in axes],
        "flat": [[_at(t, moved, mount)[name] for t in scored] for name in axes],
        "cells": int(np.clip(round(np.sqrt(max(len(scored), 1))), *CELLS)),
    }  # fmt: skip


def _on(moved: Movable, trial: FrozenTrial) -> bool:
    return bool(trial.params.get(f"{moved.key}.on", True))


def _free(mount: PlacedMount) -> list[str]:
    return [name for name, (low, high) in mount.intervals.items() if low < high]


def _at(trial: FrozenTrial, moved: Movable, mount: PlacedMount) -> dict[str, float]:
    """Coordinates of the part on its mount."""
    return {k: float(trial.params.get(f"{moved.key}.{k}", low)) for k, (low, _) in mount.intervals.items()}


def _place(trial: FrozenTrial, moved: Movable, mount: PlacedMount) -> NDArray[np.float64]:
    return np.asarray(mount.place(_at(trial, moved, mount)))


def _points(trials: Sequence[FrozenTrial], moved: Movable, mount: PlacedMount) -> dict[str, Any]:
    places = np.array([_place(t, moved, mount) for t in trials]).reshape(-1, 3)
    return {axis: places[:, k].round(3).tolist() for k, axis in enumerate("xyz")}


def _outline(moved: Movable, mount: PlacedMount) -> dict[str, Any]:
    """The mount as lines, mm."""
    gap = np.full((1, 3), np.nan)
    if isinstance(moved.mount, Rail):
        lines = [np.array(moved.mount.points_mm)]
    elif isinstance(moved.mount, Box):
        low, high = np.array(moved.mount.low_mm), np.array(moved.mount.high_mm)
        corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
        pairs = [(a, b) for i, a in enumerate(corners) for b in corners[i + 1 :] if np.abs(a - b).sum() == 1]
        lines = [low + np.array([a, b]) * (high - low) for a, b in pairs]
    else:
        assert isinstance(moved.mount, Patch)
        lines = _patch_lines(mount)
    joined = np.vstack([row for line in lines for row in (line, gap)])
    return {axis: packed(joined[:, k]) for k, axis in enumerate("xyz")}


def _patch_lines(mount: PlacedMount) -> list[NDArray[np.float64]]:
    azimuths, elevations = (np.linspace(*mount.intervals[k], LINES) for k in ("azimuth_deg", "elevation_deg"))
    off = mount.intervals["off_mm"][0]
    grid = np.array([
        [mount.place({"azimuth_deg": float(a), "elevation_deg": float(e), "off_mm": off}) for e in elevations]
        for a in azimuths
    ])  # fmt: skip
    return [*grid, *grid.transpose(1, 0, 2)]


def _plain(traces: list[Trace]) -> list[Trace]:
    """Layouts lie on top of each other here: their frusta are thinner."""
    for trace in traces:
        if trace["name"] == "frusta":
            trace["opacity"] = 0.12
    return traces
