"""Write what a study has found into a folder: pareto/*.yaml, *.csv, *.glb, trials.csv, search.json."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from headsets.build import build_headset
from headsets.load import parse_file
from headsets.schema.search import SearchPart
from optimize.errors import OptimizeError
from optimize.objectives.objective import Objective
from optimize.objectives.registry import find_objectives
from optimize.results.front import fidelity_of, margins_of, pareto_front, why_none
from optimize.results.layout_file import found_layout, write_layout
from optimize.results.poses import write_poses
from optimize.results.solid import write_solid
from optimize.space.space import Space, space_of
from optimize.study.record import KEY
from optimize.study.work import SURPLUS

PARETO = "pareto"
SCHEMA_VERSION = 1


def study_space(study: Study, source: Path | None) -> tuple[Space, tuple[Objective, ...]]:
    """The space and objectives that a study was started with.

    Args:
        source: the headset file, beside which meshes are found.

    Raises:
        OptimizeError: no study of hmcsim.
        HeadsetError: a mesh or profile is gone.
    """
    record = study.user_attrs.get(KEY)
    if record is None:
        raise OptimizeError(f"study {study.study_name!r} is none of hmcsim's")
    headset = build_headset(parse_file(record["headset"], "study"), source)
    space = space_of(headset, SearchPart.model_validate(record["search"]), "study")
    return space, find_objectives(record["objectives"], headset)


def write_results(
    study: Study, space: Space, objectives: tuple[Objective, ...], folder: Path, extra: Mapping[str, Any]
) -> dict[str, Any]:
    """Write everything into an existing folder; what search.json says.

    Args:
        extra: for search.json: the command, the software.

    Raises:
        HeadsetError, OptimizeError: a layout that cannot be written again.
    """
    front = pareto_front(study)
    trials = study.get_trials(deepcopy=False)
    pareto = folder / PARETO
    pareto.mkdir()
    layouts = [_write_layout(trial, study, space, objectives, pareto) for trial in front]
    _write_trials(trials, {trial.number for trial in front}, objectives, space, folder / "trials.csv")
    summary: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "study": study.study_name,
        **extra,
        "trials": {
            "finished": sum(trial.state == TrialState.COMPLETE for trial in trials),
            "failed": sum(trial.state == TrialState.FAIL and SURPLUS not in trial.user_attrs for trial in trials),
            "by_fidelity": {
                key: sum(fidelity_of(t) == key for t in trials if t.state == TrialState.COMPLETE)
                for key in ("geometry", "few", "all")
            },
        },
        "objectives": [{"name": o.name, "direction": o.direction, "unit": o.unit} for o in objectives],
        "pareto": layouts,
        "record": study.user_attrs[KEY],
    }
    if moved := space.existing()[1]:
        summary["existing_layout_moved"] = moved
    if not front:
        summary["why_empty"] = why_none(trials)
    text = json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "search.json").write_text(text + "\n", encoding="utf-8")
    return summary


def _write_layout(
    trial: FrozenTrial, study: Study, space: Space, objectives: tuple[Objective, ...], folder: Path
) -> dict[str, Any]:
    values = {o.name: value for o, value in zip(objectives, trial.values, strict=True)}
    said = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
    spec = found_layout(space.layout(trial.params), space.search.part, trial.number, study.study_name, said)
    stem = f"trial_{trial.number:04d}"
    headset = write_layout(spec, space.base.source, folder / f"{stem}.yaml")
    write_poses(headset, folder / f"{stem}.csv")
    write_solid(headset, folder / f"{stem}.glb")
    return {
        "trial": trial.number,
        "file": f"{PARETO}/{stem}.yaml",
        "values": values,
        "margins": {name: {"value": m.value, "unit": m.unit, "at": m.part} for name, m in margins_of(trial).items()},
    }


def _write_trials(
    trials: list[FrozenTrial], front: set[int], objectives: tuple[Objective, ...], space: Space, path: Path
) -> None:
    """One row a trial: state, whether on the front, how far it got, values, margins, parameters."""
    constraints = list(dict.fromkeys(name for trial in trials for name in margins_of(trial)))
    axes = [axis.name for axis in space.axes]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        names = [objective.name for objective in objectives]
        writer.writerow(
            ["trial", "state", "pareto", "fidelity", *names, *(f"margin.{name}" for name in constraints), *axes]
        )
        for trial in trials:
            margins = margins_of(trial)
            values = trial.values or [None] * len(names)
            writer.writerow(
                [
                    trial.number,
                    trial.state.name.lower(),
                    int(trial.number in front),
                    fidelity_of(trial),
                    *(_cell(value) for value in values),
                    *(_cell(margins[name].value if name in margins else None) for name in constraints),
                    *(_cell(trial.params.get(name)) for name in axes),
                ]
            )


def _cell(value: object) -> str:
    return "" if value is None else f"{value:.9g}" if isinstance(value, float) else str(value).lower()
