"""What `hmcsim search` does: load, search, write, print."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from headsets.search import read_search
from hmcsim.cli.headset_argument import load_argument, set_words
from hmcsim.cli.load_head import load_head
from hmcsim.cli.progress import progress_bar
from hmcsim.cli.table import stdout_console
from hmcsim.searching import START, Found, SearchProgresses, analyse_folder, made_folder, search_to_folder
from optimize.objectives.registry import find_objectives
from optimize.space.space import space_of
from optimize.study.refusals import refuse_before_work
from optimize.study.run import Where
from optimize.study.settings import SearchSettings
from sim.counted import counted


@dataclass(frozen=True)
class SearchRequest:
    """The command line, parsed; `score` holds the fields of `ScoreConfig` that are not at the search's defaults."""

    headset: str
    settings: tuple[str, ...]
    space: Path | None
    objectives: tuple[str, ...]
    trials: int
    sampler: str
    workers: int
    storage: str | None
    study: str | None
    resume: bool
    seed: int
    redraws: int
    constrained: bool
    score: Mapping[str, Any]
    out: Path

    def command(self) -> list[str]:
        """The command line that does the same again."""
        given = [*set_words(self.settings), *(f"--objective={objective}" for objective in self.objectives)]
        for option in ("space", "trials", "sampler", "workers", "storage", "study", "seed", "out"):
            value = getattr(self, option)
            given += [] if value is None else [f"--{option}={value}"]
        given += [f"--redraws={self.redraws}"] if self.redraws else []
        given += [] if self.constrained else ["--no-constraints"]
        return ["hmcsim", "search", self.headset, *given, *(f"--{name}={v}" for name, v in self.score.items())]


def run_search(request: SearchRequest) -> None:
    """Search and print the front."""
    started = time.monotonic()
    headset = load_argument(request.headset, request.settings)
    part = None if request.space is None else read_search(request.space)
    # What needs no head is checked before one is loaded.
    space = space_of(headset, part, None if request.space is None else str(request.space))
    objectives = find_objectives(request.objectives, headset)
    defaults = SearchSettings(request.objectives)
    settings = replace(
        defaults,
        sampler=request.sampler,
        seed=request.seed,
        redraws=request.redraws,
        constrained=request.constrained,
        score=replace(defaults.score, **request.score),
    )
    refuse_before_work(space, objectives, settings)
    where = Where(request.out, request.storage, request.study, request.resume)
    with made_folder(request.out), _told_how_to_go_on(request.out):
        head = load_head()
        with (
            progress_bar("posing wearers") as wearers,
            progress_bar("trying layouts") as trials,
            progress_bar("taking pictures") as page,
        ):
            found = search_to_folder(
                headset,
                part,
                head,
                settings,
                where,
                request.trials,
                request.workers,
                request.command(),
                SearchProgresses(wearers, trials, page),
            )
    for note in found.notes:
        click.echo(note)
    _print(found, request.out, time.monotonic() - started)


@contextmanager
def _told_how_to_go_on(folder: Path) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        if (folder / START).is_file():
            click.echo(f"The study is kept: --resume goes on with it, --analyse {folder} shows it.", err=True)
        raise


def run_analyse(folder: Path, storage: str | None, study: str | None) -> None:
    """Write a study's results again and print the front."""
    started = time.monotonic()
    found = analyse_folder(folder, storage, study)
    for note in found.summary.get("existing_layout_moved", ()):
        click.echo(f"existing layout: {note}")
    _print(found, folder, time.monotonic() - started)


def _print(found: Found, folder: Path, seconds: float) -> None:
    summary = found.summary
    trials, reached = summary["trials"], summary["trials"]["by_fidelity"]
    failed = f"; {trials['failed']} failed" if trials["failed"] else ""
    few, full = reached["few"], reached["all"]
    click.echo(
        f"{counted(trials['finished'], 'layout')}: {reached['geometry']} broke a constraint, {few} {_were(few)} turned "
        f"down on few faces, {full} {_were(full)} scored in full{failed}"
    )
    if not summary["pareto"]:
        click.echo(f"No layout keeps all constraints: {summary['why_empty']}")
    else:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("trial", justify="right")
        for objective in summary["objectives"]:
            unit = f", {objective['unit']}" if objective["unit"] else ""
            arrow = "↑" if objective["direction"] == "maximize" else "↓"
            table.add_column(f"{objective['name']}{unit} {arrow}", justify="right")
        table.add_column("file")
        for layout in summary["pareto"]:
            values = [f"{value:.4g}" for value in layout["values"].values()]
            table.add_row(str(layout["trial"]), *values, layout["file"])
        stdout_console().print(table)
    click.echo(f"\nReport: {folder / 'search.html'}   Results: {folder / 'search.json'}   ({seconds:.0f} s)")


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
