"""A search from command to folder: run it, write what it found, or write that again from its study."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna

from faces.protocol import HeadModel
from headsets import Headset
from headsets.schema.search import SearchPart
from hmcsim.configuration import software_versions, write_json
from hmcsim.errors import HmcsimError
from hmcsim.output import output_folder
from hmcsim.report.search.kept import FOLDER, drop_stale_shots, keep, kept_in
from hmcsim.report.search.page import PAGE, SearchCard, search_card, search_html
from hmcsim.scoring import Progress
from optimize.results.choices import choose
from optimize.results.write import PARETO, study_space, write_results
from optimize.study.run import Where, prepare, run
from optimize.study.settings import SearchSettings
from optimize.study.storage import FILE, check_study_name, close_storage, open_storage, storage_url, without_password

START = "study.json"
"""Written before the first trial, so that a study that was cut short can be analysed."""


@dataclass(frozen=True)
class SearchProgresses:
    """Where to report how far each stage is; None: nowhere."""

    wearers: Progress | None = None
    trials: Progress | None = None
    page: Progress | None = None


@dataclass(frozen=True)
class Found:
    """What a search left.

    Attributes:
        summary: search.json's content.
        notes: about the existing layout.
        card: the search in short; None where there is nothing to say, or it was only analysed.
    """

    summary: dict[str, Any]
    notes: tuple[str, ...]
    card: SearchCard | None = None


def search_to_folder(
    headset: Headset,
    part: SearchPart | None,
    head: HeadModel,
    settings: SearchSettings,
    where: Where,
    trials: int,
    workers: int,
    command: Sequence[str],
    progress: SearchProgresses | None = None,
) -> Found:
    """Search, and write the results into the folder, which exists.

    Raises:
        HeadsetError, FaceError, SimError, OptimizeError, HmcsimError: something asked for breaks a rule.
    """
    progress = progress or SearchProgresses()
    shared = workers > 1 or where.url is not None
    search = prepare(headset, part, head, settings, where, trials, shared, progress.wearers)
    source = None if headset.source is None else str(headset.source.absolute())
    write_json(where.folder / START, {"study": search.study.study_name, "source": source})
    run(search, workers, progress.trials)
    extra = {"command": without_password(" ".join(command)), "software": software_versions()}
    with output_folder(where.folder) as scratch:
        summary = write_results(search.study, search.space, search.objectives, scratch, extra)
    _drop_stale(where.folder, summary)
    # Apart, for it takes a while: whoever stops here has the results.
    choices = choose(search.study, search.space, search.objectives)
    with output_folder(where.folder) as scratch:
        pictures = scratch / FOLDER
        pictures.mkdir()
        keep(choices, search.space, search.objectives, head, search.job.settings.score, pictures, progress.page)
        kept = kept_in(scratch)
        html = search_html(search.study, search.space, search.objectives, kept, summary, choices)
        (scratch / PAGE).write_text(html, encoding="utf-8")
        card = search_card(choices, search.space, search.objectives, kept, summary)
    drop_stale_shots(where.folder)
    close_storage(search.study)
    return Found(summary, search.notes, card)


def drop_stale(folder: Path) -> None:
    """Remove what an earlier search left in a folder and the last one did not find."""
    _drop_stale(folder, _read(folder / "search.json"))
    drop_stale_shots(folder)


def analyse_folder(folder: Path, url: str | None, name: str | None) -> Found:
    """Write the results of a study again, without scoring anything.

    Args:
        folder: of an earlier search.
        url: the storage it was given, or None.
        name: of the study; None: the one that the folder names, or the only one in the storage.

    Raises:
        HmcsimError: no study there. HeadsetError, OptimizeError: its layouts cannot be written again.
    """
    if name is not None:
        check_study_name(name)
    if url is None and not (folder / FILE).is_file():
        raise HmcsimError(f"there is no study in {folder} to analyse (a study in a database needs --storage)")
    started = _started(folder)
    storage = open_storage(storage_url(url, folder))
    names = optuna.get_all_study_names(storage)
    name = name or started.get("study") or (names[0] if len(names) == 1 else None)
    there = ", ".join(names) or "none"
    if name is None:
        rule = "there must be a study to analyse" if not names else "`--study` must name the study to analyse"
        raise HmcsimError(f"{rule}, the storage of {folder} holds: {there}")
    if name not in names:
        raise HmcsimError(f"no study {name!r} in the storage; there is: {there}")
    study = optuna.load_study(study_name=name, storage=storage)
    source = started.get("source")
    space, objectives = study_space(study, None if source is None else Path(source))
    extra = _kept(folder)
    with output_folder(folder) as scratch:
        summary = write_results(study, space, objectives, scratch, extra)
        html = search_html(study, space, objectives, kept_in(folder), summary)
        (scratch / PAGE).write_text(html, encoding="utf-8")
    _drop_stale(folder, summary)
    return Found(summary, ())


@contextmanager
def made_folder(folder: Path) -> Iterator[None]:
    """The folder exists while the block runs; what was made for it, folders above it too, goes again if it stays empty.

    Raises:
        OutputError: it cannot be written.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    with output_folder(folder):  # refuses what cannot be written, and leaves an empty folder where all is well
        pass
    try:
        yield
    finally:
        for path in missing:
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()


def _started(folder: Path) -> dict[str, Any]:
    return _read(folder / START)


def _kept(folder: Path) -> dict[str, Any]:
    """What search.json said of the run itself."""
    return {key: value for key, value in _read(folder / "search.json").items() if key in ("command", "software")}


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise HmcsimError(f"cannot read {path}: {error}") from error
    return data if isinstance(data, dict) else {}


def _drop_stale(folder: Path, summary: dict[str, Any]) -> None:
    """Layouts that a later trial has beaten since they were written."""
    kept = {Path(layout["file"]).stem for layout in summary["pareto"]}
    for path in (folder / PARETO).glob("trial_*"):
        if path.suffix in (".yaml", ".csv", ".glb") and path.stem not in kept:
            path.unlink()
