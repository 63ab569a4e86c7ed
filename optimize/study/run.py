"""A search from start to end: open or join the study, start from the existing layout, let workers run."""

from __future__ import annotations

import json
import multiprocessing
import time
import warnings
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import optuna
from optuna.study import Study, StudyDirection
from optuna.trial import TrialState

from faces.errors import FaceError
from faces.protocol import HeadModel
from headsets.errors import HeadsetError
from headsets.headset import Headset
from headsets.schema.search import SearchPart
from optimize.constraints.check import Checker
from optimize.constraints.worn_faces import WornFaces, wear_faces
from optimize.errors import OptimizeError
from optimize.objectives.objective import Objective
from optimize.objectives.registry import find_objectives
from optimize.objectives.scores import averages
from optimize.space.space import Space, space_of
from optimize.study.feasible import explain_empty
from optimize.study.job import SearchJob, headset_text
from optimize.study.record import KEY, refuse_changes, study_record
from optimize.study.refusals import refuse_before_work
from optimize.study.settings import SearchSettings
from optimize.study.storage import (
    FILE,
    GRACE_S,
    HEARTBEAT_S,
    check_study_name,
    open_storage,
    storage_errors,
    storage_url,
)
from optimize.study.work import PAUSE_S, Done, count, work
from sim.errors import SimError
from sim.interrupts import workers_ignore_interrupts
from sim.metrics.config import NEUTRAL

REFUSALS = (FaceError, HeadsetError, OptimizeError, SimError)


@dataclass(frozen=True)
class Where:
    """Attributes:
    folder: for the results, and for the study where no URL is given.
    url: of a database to share, or None.
    name: of the study; None: the headset's.
    resume: whether a study in the folder is continued; without it, one with trials is refused.
    heartbeat_s, grace_s: see `optimize.study.storage`.

    Raises:
        OptimizeError: a name that no study can have.
    """

    folder: Path
    url: str | None = None
    name: str | None = None
    resume: bool = False
    heartbeat_s: int = HEARTBEAT_S
    grace_s: int = GRACE_S

    def __post_init__(self) -> None:
        if self.name is not None:
            check_study_name(self.name)


@dataclass(frozen=True, eq=False)
class Search:
    """A study that can run, or has run.

    Attributes:
        notes: in words, what of the existing layout lies outside the space or breaks a constraint, and objectives that
            layouts of different numbers of cameras are ill compared by.
    """

    study: Study
    space: Space
    checker: Checker
    objectives: tuple[Objective, ...]
    job: SearchJob
    notes: tuple[str, ...]
    record: dict[str, Any]


def prepare(
    headset: Headset,
    part: SearchPart | None,
    head: HeadModel,
    settings: SearchSettings,
    where: Where,
    trials: int,
    shared: bool = False,
    progress: Done | None = None,
    faces: WornFaces | None = None,
) -> Search:
    """Check everything that can be checked, and open the study.

    Args:
        part: a search space instead of the headset's own.
        trials: how many the study shall have in all.
        shared: whether several workers, here or elsewhere, run it.
        progress: called while wearers are posed for the constraints.
        faces: those of an earlier call with the same headset, regions and settings.

    Raises:
        HeadsetError, FaceError, SimError, OptimizeError: something asked for breaks a rule; the space has no layout
            that keeps all constraints; the study is there already, or was started with something else.
    """
    if trials < 1:
        raise OptimizeError(f"`trials >= 1` must hold for a search, got {trials}")
    # Wearers are posed for a minute: what needs none is refused before.
    check_study_name(where.name or headset.name)
    url = storage_url(where.url, where.folder)
    if where.url is None:
        _refuse_folder(where, headset.name)
    elif not url.startswith("sqlite"):  # a file would be left behind if anything else is wrong
        open_storage(url, where.heartbeat_s, where.grace_s)
    space = space_of(headset, part)
    objectives = find_objectives(settings.objectives, headset)
    settings = replace(settings, objectives=tuple(objective.name for objective in objectives))
    _refuse_stillness(objectives, settings.score.expression_names(head), head)
    regions = tuple(dict.fromkeys(region for camera in headset.cameras.values() for region in camera.sees))
    refuse_before_work(space, objectives, settings)
    if faces is None:
        faces = wear_faces(head, headset.donning, regions, settings.room, progress)
    checker = Checker(space, faces)
    params, off = space.existing()
    margins = checker.margins(checker.candidate(space.layout(params)))
    broken = [margin.text() for margin in margins.values() if not margin.feasible]
    if broken and settings.constrained:
        explain_empty(checker)
    storage = open_storage(url, where.heartbeat_s, where.grace_s)
    name = where.name or headset.name
    record = study_record(space, settings, checker, head.name)
    with storage_errors(url):
        if where.url is not None and where.resume and name not in optuna.get_all_study_names(storage):
            raise OptimizeError(f"there is no study {name!r} in the storage to resume")
        study = _open(storage, name, objectives, record)
        if not study.get_trials(deepcopy=False):
            study.enqueue_trial(params, skip_if_exists=True)
    job = SearchJob(
        headset_text(space),
        headset.source,
        part,
        settings,
        head,
        faces,
        url,
        name,
        trials,
        shared,
        where.heartbeat_s,
        where.grace_s,
    )
    notes = (*(f"existing layout: {note}" for note in (*off, *broken)), *averages(space, objectives))
    return Search(study, space, checker, objectives, job, notes, record)


def _refuse_stillness(objectives: tuple[Objective, ...], expressions: tuple[str, ...], head: HeadModel) -> None:
    """Every layout would count as the worst there is.

    Raises:
        OptimizeError: an objective of motion, and no expression that moves.
    """
    asking = [objective.name for objective in objectives if objective.motion]
    if asking and not any(name != NEUTRAL and head.peaks[name] for name in expressions):
        raise OptimizeError(
            f"`--expressions` must hold one that moves for the objective {asking[0]!r}, got {', '.join(expressions)}"
        )


def _refuse_folder(where: Where, headset: str) -> None:
    """Refuse to resume what is not in the folder, and to start over in one that holds the study.

    Raises:
        OptimizeError: either of them, or a study file that cannot be read.
    """
    if not (where.folder / FILE).is_file():
        if where.resume:
            raise OptimizeError(f"there is no study in {where.folder} to resume")
        return
    name = where.name or headset
    storage = open_storage(storage_url(None, where.folder), where.heartbeat_s, where.grace_s)
    names = optuna.get_all_study_names(storage)
    begun = [n for n in names if KEY in optuna.load_study(study_name=n, storage=storage).user_attrs]
    if begun and not where.resume:
        # One of another name too, as of the same headset set otherwise: its results would be overwritten.
        held = ", ".join(begun)
        raise OptimizeError(
            f"{where.folder} holds a study already ({held}): --resume continues it, another --out starts one"
        )
    if where.resume and name not in names:
        raise OptimizeError(
            f"there is no study {name!r} in {where.folder} to resume; there is: {', '.join(names) or 'none'}"
        )


def _open(
    storage: optuna.storages.RDBStorage,
    name: str,
    objectives: tuple[Objective, ...],
    record: dict[str, Any],
) -> Study:
    directions = [StudyDirection[objective.direction.upper()] for objective in objectives]
    there = name in optuna.get_all_study_names(storage)
    if there:
        stored = optuna.load_study(study_name=name, storage=storage).user_attrs.get(KEY)
        if stored is not None:
            refuse_changes(stored, record, name)
    study = optuna.create_study(study_name=name, storage=storage, directions=directions, load_if_exists=True)
    if study.user_attrs.get(KEY) is None:
        _keep_record(study, storage, record)
    refuse_changes(study.user_attrs[KEY], record, name)
    return study


def _keep_record(study: Study, storage: optuna.storages.RDBStorage, record: dict[str, Any]) -> None:
    """Write down what the study is started with; MySQL takes 65,535 bytes a value, and PostgreSQL any number.

    Raises:
        OptimizeError: the database does not take it; the study is not left there without.
    """
    try:
        study.set_user_attr(KEY, record)
    except optuna.exceptions.StorageInternalError as error:
        optuna.delete_study(study_name=study.study_name, storage=storage)
        size = len(json.dumps(record))
        raise OptimizeError(
            f"the storage does not take the study's headset and settings, {size} bytes: MySQL takes 65535. Keep "
            "profiles in files of their own, shorten the note, or take PostgreSQL"
        ) from error


def run(search: Search, workers: int = 1, progress: Done | None = None) -> None:
    """Run trials until the study has as many as asked for; one worker is repeatable to the last bit.

    A worker that is killed loses its trial, which is queued again; the others go on.

    Raises:
        OptimizeError: all workers have died before the end.
    """
    if workers < 1:
        raise OptimizeError(f"`workers >= 1` must hold for a search, got {workers}")
    if workers == 1:
        work(search.job, progress)
        return
    context = multiprocessing.get_context("spawn")
    pairs = []
    with workers_ignore_interrupts():
        for _ in range(workers):
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_worker, args=(search.job, theirs), daemon=True)
            process.start()
            theirs.close()
            pairs.append((process, ours))
    try:
        while any(process.is_alive() for process, _ in pairs):
            if progress is not None:
                progress(min(count(search.study, TrialState.COMPLETE), search.job.trials), search.job.trials)
            time.sleep(PAUSE_S)
    finally:
        for process, _ in pairs:
            process.terminate()
            process.join()
    finished = count(search.study, TrialState.COMPLETE)
    if progress is not None:
        progress(min(finished, search.job.trials), search.job.trials)
    if finished < search.job.trials:  # else the others made up for a worker that gave up
        _raise_first([pipe for _, pipe in pairs])
        raise OptimizeError(
            f"all {workers} workers have died after {finished} of {search.job.trials} trials; --resume goes on"
        )


def _worker(job: SearchJob, pipe: Connection) -> None:
    try:
        with warnings.catch_warnings():
            work(job)
    except REFUSALS as error:
        pipe.send(error)


def _raise_first(pipes: list[Connection]) -> None:
    for pipe in pipes:
        try:
            if pipe.poll():
                raise pipe.recv()
        except EOFError:
            continue
