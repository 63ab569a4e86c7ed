"""Stress encoders on headsets: a page, its numbers, the worst frames, and configurations of what they failed at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from encoders.decode import DescribedHead
from encoders.errors import EncoderError
from encoders.inputs import inputs_of
from encoders.model import Encoder, checked, load_encoder
from encoders.stress.factors import Factor, factors_of
from encoders.stress.frames import Conditions, renderer
from encoders.stress.patches import merged
from encoders.stress.sweep import Sweep, sweep
from headsets.argument import load_argument
from headsets.headset import Headset
from hmcsim.configuration import software_versions, write_json
from hmcsim.report.stress import stress_page
from hmcsim.stress_files import write_csv, write_yaml
from hmcsim.stress_pictures import WorstFrame, worst_frame
from sim.seeding import generator

Progress = Callable[[float, float], None]
FAILING, WORST = "failing.yaml", "worst"
WORST_OF_ONE, WORST_OF_SEVERAL = 6, 3
"""Worst frames that are shown of an encoder."""


@dataclass(frozen=True)
class StressSettings:
    """How to stress.

    Attributes:
        factors: by name; None: all.
        frames, each: at every step, and of each wearer.
        limit_mm: absolute limit of the mesh error.
        pairs: so many factors are paired.
        seed: of wearers and expressions: another than that of the training set, so that nobody is known.
        workers: processes; None: one a core. The results do not depend on it.
        worst: frames shown; None: `WORST_OF_ONE`, or of several encoders `WORST_OF_SEVERAL` each.
    """

    factors: tuple[str, ...] | None = None
    frames: int = 40
    each: int = 5
    limit_mm: float = 2.0
    pairs: int = 4
    seed: int = 1
    workers: int | None = 1
    worst: int | None = None

    def __post_init__(self) -> None:
        if self.frames < self.each:
            raise EncoderError(f"`frames >= {self.each}`, those of one wearer, must hold for stress, got {self.frames}")
        if not self.limit_mm > 0:
            raise EncoderError(f"`limit > 0` mm must hold for stress, got {self.limit_mm:g}")


@dataclass(frozen=True, eq=False)
class Run:
    """An encoder on a headset.

    Attributes:
        encoder, place: as asked for; see `encoders.model.load_encoder`, `headsets.argument.load_argument`.
    """

    encoder: str
    place: str
    headset: Headset
    model: Encoder
    factors: tuple[Factor, ...]


def stress(
    encoders: Sequence[str],
    headsets: Sequence[str],
    head: DescribedHead,
    folder: Path,
    settings: StressSettings | None = None,
    *,
    stressing: Progress | None = None,
    picturing: Progress | None = None,
    named: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Stress, write into a folder, and return what stress.json holds.

    Args:
        encoders, headsets: one of each; several of one, each with the one of the other; or as many of both, in pairs.
        stressing, picturing: told (done, total) of steps and of pictures.
        named: what stress.json calls the encoders, if they are to be moved; None: as asked for.

    Raises:
        EncoderError, SimError, HeadsetError: something breaks a rule; an encoder that does not fit its headset is
            refused before anything is rendered.
    """
    settings = settings or StressSettings()
    runs = [_opened(*pair, head, settings) for pair in paired_up(encoders, headsets)]
    groups: dict[str, list[int]] = {}
    for k, run in enumerate(runs):
        groups.setdefault(run.place, []).append(k)
    tally = _Tally(stressing, {place: _steps(runs[at[0]]) for place, at in groups.items()})
    found: dict[int, Sweep] = {}
    conditions: dict[str, Conditions] = {}
    for place, at in groups.items():
        sizes = [runs[k].model.sizes for k in at]
        shared = Conditions.of(runs[at[0]].headset, sizes, settings.frames, settings.each, settings.seed)
        conditions[place] = shared
        swept = sweep(
            [runs[k].model for k in at], head, head.expression_names, runs[at[0]].factors,
            renderer(shared, settings.workers), settings.limit_mm, pairs=settings.pairs,
            progress=partial(tally, place),
        )  # fmt: skip
        found.update(zip(at, swept, strict=True))
    names = _names(runs)
    worst = _pictures(runs, names, found, conditions, head, folder, settings, picturing)
    failing = _write_failing(folder, runs, found, groups)
    out = {
        "frames": settings.frames,
        "wearers": -(-settings.frames // settings.each),
        "seed": settings.seed,
        "software": software_versions(),
        "runs": [
            {"name": names[k], "encoder": (named or encoders)[k % len(encoders)], "headset": run.headset.name,
             "failing": failing[run.place], **found[k].record(),
             "worst": [frame.record(file) for file, frame in worst[k]]}
            for k, run in enumerate(runs)
        ],
    }  # fmt: skip
    write_json(folder / "stress.json", out)
    write_csv(folder / "stress.csv", out)
    images = [[np.asarray(frame.image) for _, frame in worst[k]] for k in range(len(runs))]
    (folder / "stress.html").write_text(stress_page(out, version("hmcsim"), images), encoding="utf-8")
    return out


def drop_stale(folder: Path, found: dict[str, Any]) -> None:
    """Remove what an earlier stress test left in a folder and this one did not write."""
    kept = {frame["file"] for run in found["runs"] for frame in run["worst"]} | {
        run["failing"] for run in found["runs"]
    }
    for path in (*folder.glob(f"{WORST}/*.png"), *folder.glob("failing*.yaml")):
        if path.relative_to(folder).as_posix() not in kept:
            path.unlink()


def paired_up(encoders: Sequence[str], headsets: Sequence[str]) -> list[tuple[str, str]]:
    """Which encoder is tried on which headset.

    Raises:
        EncoderError: the numbers do not say.
    """
    a, b = len(encoders), len(headsets)
    if a < 1 or b < 1 or (a > 1 and b > 1 and a != b):
        raise EncoderError(
            f"`--encoder` and `--headset` must be one of each, several of one, or as many of both, got {a} and {b}"
        )
    count = max(a, b)
    pairs = [(encoders[k % a], headsets[k % b]) for k in range(count)]
    for pair in pairs:
        if pairs.count(pair) > 1:
            raise EncoderError(f"an encoder must be tried on a headset once, got {pair[0]} on {pair[1]} twice")
    return pairs


def _opened(encoder: str, place: str, head: DescribedHead, settings: StressSettings) -> Run:
    headset = load_argument(place)
    factors = factors_of(headset, settings.factors)
    model = load_encoder(encoder, inputs_of(headset))
    rng = generator(0, "stress probe")
    noise = {name: rng.random((2, *size), dtype=np.float32) for name, size in model.sizes.items()}
    checked(*model(noise), 2, head.expression_names, model)
    return Run(encoder, place, headset, model, factors)


def _steps(run: Run) -> int:
    return 1 + sum(len(factor.points) for factor in run.factors)


def _names(runs: Sequence[Run]) -> list[str]:
    """Names that tell runs apart: short ones, or what was asked for where short ones do not."""
    models = [run.model.name for run in runs]
    if len(set(models)) < len({run.encoder for run in runs}):
        models = [run.encoder for run in runs]
    headsets = [run.headset.name for run in runs]
    if len(set(headsets)) < len({run.place for run in runs}):
        headsets = [run.place for run in runs]
    return [f"{model} on {headset}" for model, headset in zip(models, headsets, strict=True)]


def _pictures(
    runs: Sequence[Run],
    names: Sequence[str],
    found: dict[int, Sweep],
    conditions: dict[str, Conditions],
    head: DescribedHead,
    folder: Path,
    settings: StressSettings,
    progress: Progress | None,
) -> list[list[tuple[str, WorstFrame]]]:
    """Of each run its worst frames, written to the folder `WORST`."""
    count = settings.worst if settings.worst is not None else WORST_OF_ONE if len(runs) == 1 else WORST_OF_SEVERAL
    wanted = [found[k].worst(count) for k in range(len(runs))]
    total = sum(len(own) for own in wanted)
    out: list[list[tuple[str, WorstFrame]]] = []
    if total:
        (folder / WORST).mkdir()
    done = 0
    for k, (run, own) in enumerate(zip(runs, wanted, strict=True)):
        out.append([])
        for n, (what, step, at) in enumerate(own):
            shown = worst_frame(what, step, at, conditions[run.place], head)
            file = f"{WORST}/{f'{k + 1}_' if len(runs) > 1 else ''}{n + 1}_{what}.png"
            shown.image.save(folder / file)
            out[-1].append((file, shown))
            done += 1
            if progress is not None:
                progress(done, total)
    return out


def _write_failing(
    folder: Path, runs: Sequence[Run], found: dict[int, Sweep], groups: dict[str, list[int]]
) -> dict[str, str]:
    """For each headset a configuration with more of what any encoder failed at; names of the files."""
    files = {}
    for number, (place, at) in enumerate(groups.items(), 1):
        plain: dict[str, Any] = {}
        for k in at:
            plain = merged(plain, found[k].failing())
        files[place] = FAILING if len(groups) == 1 else f"failing_{number}_{runs[at[0]].headset.name}.yaml"
        write_yaml(folder / files[place], plain)
    return files


class _Tally:
    """Steps of several headsets as one sum."""

    def __init__(self, progress: Progress | None, steps: dict[str, int]) -> None:
        self._progress = progress
        self._totals: dict[str, float] = dict(steps)
        self._done: dict[str, float] = dict.fromkeys(steps, 0)

    def __call__(self, place: str, done: float, total: float) -> None:
        self._done[place], self._totals[place] = done, max(total, self._totals[place])
        if self._progress is not None:
            self._progress(sum(self._done.values()), sum(self._totals.values()))
