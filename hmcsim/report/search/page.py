"""One self-contained HTML page about a search, from its study and what was kept beside it; nothing is scored."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup
from optuna.study import Study
from optuna.trial import TrialState
from plotly.offline import get_plotlyjs

from hmcsim.report.palette import OTHERS, VIRIDIS, hex_colour, map_gradient
from hmcsim.report.pictures import readable
from hmcsim.report.search.kept import Kept
from hmcsim.report.search.labels import ObjectiveLabel, objective_label
from hmcsim.report.search.mounts import mounts_data
from hmcsim.report.search.plots import feasible_trials, front_data, progress_plots
from hmcsim.report.search.tables import (
    broken,
    camera_name,
    count_rows,
    importance,
    margin_rows,
    objective_rows,
    role_text,
    tightest,
    worth_tables,
)
from hmcsim.report.template import asset, page, script_json
from optimize.objectives.objective import Objective
from optimize.results.choices import COUNT, Choices, choose, signs_of
from optimize.results.front import pareto_front
from optimize.space.space import Space

PAGE = "search.html"
EXISTING_COLOUR = "#33383e"
COLOURS = ("#009e73", "#e69f00", "#0072b2", "#d55e00", "#a4508b", "#56b4e9")


@dataclass(frozen=True)
class Change:
    """An objective of the existing layout and of another: "0.41", "0.49", "+20 %", "better"."""

    title: str
    phrase: str
    unit: str
    before: str
    after: str
    change: str
    verdict: str


@dataclass(frozen=True)
class PictureRow:
    """One camera as every shown layout has it: number of the trial -> data URI and caption."""

    camera: str
    expression: str
    pictures: Mapping[int, str]


@dataclass(frozen=True)
class SearchCard:
    """A search in short, for another page: its compromise against the existing layout.

    Attributes:
        layouts: how many were tried.
        trial: the compromise's.
        rows: cameras before and after, as (what, data URI, data URI).
        href: of the search's own page.
    """

    headset: str
    layouts: int
    trial: int
    changes: tuple[Change, ...]
    tightest: str
    rows: tuple[tuple[str, str, str], ...]
    href: str = PAGE


def search_card(
    choices: Choices, space: Space, objectives: tuple[Objective, ...], kept: Kept, summary: Mapping[str, Any]
) -> SearchCard | None:
    """The card; None where nothing was found, or nothing to compare it with."""
    main, start = choices.compromise, choices.existing
    if main is None or start is None or not choices.scored:
        return None
    rows = [
        (f"{row.camera}, {expression}", row.pictures[start.number], row.pictures[main])
        for expression, pictures in _pictures(choices, kept, space).items()
        for row in pictures
        if start.number in row.pictures and main in row.pictures
    ]
    changes = _changes([objective_label(objective) for objective in objectives], choices, main)
    finished = summary["trials"]["finished"]
    return SearchCard(space.spec.name, finished, main, tuple(changes), tightest(choices.trials[main]), tuple(rows))


def search_html(
    study: Study,
    space: Space,
    objectives: tuple[Objective, ...],
    kept: Kept,
    summary: Mapping[str, Any],
    choices: Choices | None = None,
) -> str:
    """The page's text; the same study and files give the same bytes.

    Args:
        summary: what search.json says.
        choices: of this study, where they are known already.
    """
    choices = choices or choose(study, space, objectives)
    trials = study.get_trials(deepcopy=False)
    labels = [objective_label(objective) for objective in objectives]
    moved = summary.get("existing_layout_moved", [])
    existing = "existing layout, moved in" if moved else "existing layout"
    names = {n: f"trial {n}" if n in choices.roles else existing for n in choices.trials}
    colours = _colours(choices)
    front = pareto_front(study)
    feasible = feasible_trials(trials)
    short, tried, bars = broken(trials)
    main = choices.compromise
    record = summary["record"]
    plots = progress_plots(trials, labels, choices, signs_of(objectives))
    mounts = mounts_data(trials, labels, choices, space, kept.head, names, colours)
    ended = [t.datetime_complete for t in trials if t.state == TrialState.COMPLETE and t.datetime_complete]
    context = {
        "study": study.study_name,
        "headset": space.spec.name,
        "labels": labels,
        "counts": summary["trials"],
        "front": len(front),
        "why_empty": summary.get("why_empty", ""),
        "choices": choices,
        "moved_in": moved,
        "layouts": choices.shown,
        "names": names,
        "colours": colours,
        "roles": {n: [role_text(role, labels) for role in roles] for n, roles in choices.roles.items()},
        "changes": {n: _changes(labels, choices, n) for n in choices.roles},
        "main": main,
        "tightest": {n: tightest(choices.trials[n]) for n in choices.shown},
        "objectives": objective_rows(labels, choices),
        "margins": margin_rows(choices),
        "count_rows": count_rows(choices, labels, space),
        "count_labels": [label for label in labels if label.key != COUNT],
        "worth": worth_tables(choices, kept, labels, space),
        "plots": list(plots),
        "several": len(labels) > 1,
        "importance": importance(study, feasible, objectives, labels),
        "feasible": len(feasible),
        "broken": bars,
        "short": short,
        "tried": tried,
        "redraws": record.get("redraws", 0),
        "constrained": bool(record["constraints"]),
        "parts": [part["title"] for part in mounts["parts"]],
        "pictures": _pictures(choices, kept, space),
        "files": {layout["trial"]: layout["file"] for layout in summary["pareto"]},
        "command": summary.get("command", ""),
        "software": summary.get("software", {}),
        "record": record,
        "record_json": json.dumps(record, indent=2, ensure_ascii=False),
        "gradient": map_gradient(),
        "date": max(ended).date().isoformat() if ended else "",
        "data": script_json({
            "plots": list(plots.values()),
            "front": front_data(trials, front, labels, choices, names, colours),
            "mounts": mounts,
            "scale": [[k / (len(VIRIDIS) - 1), hex_colour(c)] for k, c in enumerate(VIRIDIS)],
        }),
        "plotly": Markup(get_plotlyjs()),
        "style": Markup(asset("report.css") + asset("search.css")),
        "script": Markup(asset("search.js")),
    }  # fmt: skip
    return page(PAGE, context)


def _colours(choices: Choices) -> dict[int, str]:
    free = iter([*COLOURS, *OTHERS] * (1 + len(choices.roles)))
    colours = {n: next(free) for n in choices.roles}
    return {n: colours.get(n, EXISTING_COLOUR) for n in choices.trials}


def _changes(labels: list[ObjectiveLabel], choices: Choices, number: int) -> list[Change]:
    """Against the existing layout; nothing where that was not scored."""
    if choices.existing is None or not choices.scored:
        return []
    pairs = zip(labels, choices.existing.values, choices.trials[number].values, strict=True)
    return [
        Change(
            label.title,
            label.phrase,
            label.unit,
            label.number(a),
            label.number(b),
            label.change(b, a),
            label.verdict(b, a),
        )
        for label, a, b in pairs
    ]


def _pictures(choices: Choices, kept: Kept, space: Space) -> dict[str, list[PictureRow]]:
    """Expression -> a row a camera that some shown layout has."""
    found: dict[tuple[str, str], dict[int, str]] = {}
    for shot in kept.shots:
        if shot.trial in choices.shown:
            found.setdefault((shot.expression, shot.camera), {})[shot.trial] = _data_uri(kept.folder / shot.file)
    rows: dict[str, list[PictureRow]] = {}
    for (expression, camera), pictures in found.items():
        rows.setdefault(readable(expression), []).append(PictureRow(camera_name(camera, space), expression, pictures))
    return rows


def _data_uri(path: Path) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(path.read_bytes()).decode("ascii")
