"""The tables of a search's page: objectives, margins, cameras, parameters, broken constraints."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import optuna
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from hmcsim.report.pictures import readable
from hmcsim.report.search.kept import Kept
from hmcsim.report.search.labels import ObjectiveLabel, parameter_label
from optimize.constraints.margin import Margin
from optimize.objectives.objective import Objective
from optimize.results.choices import COMPROMISE, COUNT, Choices, camera_count, signs_of
from optimize.results.front import margins_of
from optimize.results.worth import Worth
from optimize.space.space import Space

UNSEEN = "not seen"
TOP = 8
"""Parameters that the table of importance shows for an objective."""
LEAST = 10
"""Feasible layouts that importance is worked out from, at least [prior]."""


@dataclass(frozen=True)
class Cell:
    """A value, its change from what it is compared with, and whether that is "better", "worse" or ""."""

    value: str
    change: str = ""
    verdict: str = ""


@dataclass(frozen=True)
class ObjectiveRow:
    """One objective, a cell a layout."""

    label: ObjectiveLabel
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class MarginRow:
    """One constraint, a cell a layout: what is left, and where it is tightest."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class CountRow:
    """The best layout of a number of cameras, each objective with what it gains on the row above."""

    cameras: int
    trial: int
    names: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class WorthTable:
    """A layout, and each camera (pair) with what the layout is without it."""

    trial: int
    cameras: int
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True)
class Bar:
    """A named share of 1."""

    name: str
    share: float
    text: str


def objective_rows(labels: Sequence[ObjectiveLabel], choices: Choices) -> list[ObjectiveRow]:
    """A row an objective, the existing layout first."""
    start = choices.existing if choices.scored else None
    rows = []
    for k, label in enumerate(labels):
        cells = []
        for number in choices.shown:
            value = choices.trials[number].values[k]
            if choices.existing is not None and number == choices.existing.number:
                cells.append(Cell(label.number(value) if choices.scored else "not scored"))
            else:
                cells.append(_against(label, value, start.values[k] if start is not None else None))
        rows.append(ObjectiveRow(label, tuple(cells)))
    return rows


def margin_rows(choices: Choices) -> list[MarginRow]:
    """A row a constraint."""
    margins = {number: margins_of(choices.trials[number]) for number in choices.shown}
    names = dict.fromkeys(name for found in margins.values() for name in found)
    return [MarginRow(name, tuple(_margin_cell(margins[n].get(name)) for n in choices.shown)) for name in names]


def tightest(trial: FrozenTrial) -> str:
    """The constraints nearest to breaking, in words: those of lengths, which are alike."""
    lengths = sorted((m for m in margins_of(trial).values() if m.unit == "mm"), key=lambda m: m.value)
    return " and ".join(f"{_number(m)} ({readable(m.name)}{', ' + m.part if m.part else ''})" for m in lengths[:2])


def count_rows(choices: Choices, labels: Sequence[ObjectiveLabel], space: Space) -> list[CountRow]:
    """A row a number of cameras, fewest first."""
    rows: list[CountRow] = []
    before: FrozenTrial | None = None
    for count, trial in choices.by_count.items():
        spec = space.layout(trial.params)
        cells = [
            _against(label, trial.values[k], None if before is None else before.values[k])
            for k, label in enumerate(labels)
            if label.key != COUNT
        ]
        names = ", ".join(camera_name(name, space) for name in spec.cameras)
        rows.append(CountRow(count, trial.number, names, tuple(cells)))
        before = trial
    return rows


def worth_tables(choices: Choices, kept: Kept, labels: Sequence[ObjectiveLabel], space: Space) -> list[WorthTable]:
    """A table a layout that is the best of its number of cameras; what each of these buys it."""
    tables = []
    numbers = [trial.number for trial in reversed(choices.by_count.values())]
    for number in numbers:
        worth = kept.worth.get(number)
        if worth:
            trial = choices.trials[number]
            tables.append(
                WorthTable(
                    number,
                    camera_count(space.layout(trial.params)),
                    tuple((camera_name(name, space), _without(trial, worth, name, labels)) for name in worth),
                )
            )
    return tables


def camera_name(name: str, space: Space) -> str:
    """A camera, with its twin."""
    mirror = space.spec.cameras[name].mirror
    return readable(name) if mirror is None else f"{readable(name)} + {readable(mirror)}"


def importance(
    study: Study, feasible: Sequence[FrozenTrial], objectives: Sequence[Objective], labels: Sequence[ObjectiveLabel]
) -> dict[str, list[Bar]]:
    """By objective, parameters by how much they decide whether a layout is among the best (PED-ANOVA, Watanabe et al.
    2023), most first; empty where too few layouts are known."""
    if len(feasible) < LEAST:
        return {}
    known = optuna.create_study(directions=study.directions)
    known.add_trials(feasible)
    found: dict[str, list[Bar]] = {}
    for k, (label, sign) in enumerate(zip(labels, signs_of(objectives), strict=True)):
        if not objectives[k].faces or len({trial.values[k] for trial in feasible}) < 3:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that less is better: `sign` sees to it
            shares = get_param_importances(
                known,
                evaluator=PedAnovaImportanceEvaluator(target_quantile=0.25),
                target=lambda trial, k=k, sign=sign: float(-sign * trial.values[k]),  # type: ignore[misc]
            )
        ranked = sorted(shares.items(), key=lambda item: (-round(item[1], 9), item[0]))[:TOP]
        found[label.title] = [
            Bar(parameter_label(n), share, f"{100 * share:.0f} %") for n, share in ranked if share > 0
        ]
    return found


def broken(trials: Sequence[FrozenTrial]) -> tuple[int, int, list[Bar]]:
    """Layouts that broke a constraint, all that were tried, and how many broke each, most first."""
    ended = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    counts: Counter[str] = Counter()
    none = 0
    for trial in ended:
        short = [name for name, margin in margins_of(trial).items() if not margin.feasible]
        counts.update(short)
        none += bool(short)
    bars = [Bar(readable(name), n / len(ended), f"{n} of {len(ended)}") for name, n in counts.most_common()]
    return none, len(ended), bars


def role_text(role: str, labels: Sequence[ObjectiveLabel]) -> str:
    """What a layout is chosen for."""
    if role == COMPROMISE:
        return "compromise"
    return f"best {next(label.phrase for label in labels if label.key == role)}"


def _without(trial: FrozenTrial, worth: Worth, name: str, labels: Sequence[ObjectiveLabel]) -> tuple[Cell, ...]:
    cells = []
    for k, label in enumerate(labels):
        if label.key != COUNT:
            cells.append(_against(label, worth[name][k], trial.values[k]))
    return tuple(cells)


def _against(label: ObjectiveLabel, value: float, start: float | None) -> Cell:
    if value == label.unseen:
        return Cell("", UNSEEN, "worse")
    if start is None:
        return Cell(label.number(value))
    return Cell(label.number(value), label.change(value, start), label.verdict(value, start))


def _margin_cell(margin: Margin | None) -> Cell:
    if margin is None:
        return Cell("–")
    return Cell(_number(margin), margin.part, "" if margin.feasible else "worse")


def _number(margin: Margin) -> str:
    unit = "" if margin.unit in ("count", "share") else f" {margin.unit}"
    text = f"{100 * margin.value:.1f} %" if margin.unit == "share" else f"{margin.value:.3g}"
    return (text + unit).replace("-", "−")
