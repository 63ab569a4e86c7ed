"""Does what a search measures of a layout rank layouts as full fidelity does, and what does it cost?

python benchmarks/search_fidelity.py [--layouts 20] [--out outputs/search_fidelity] [--workers 1]

Layouts are drawn by seed from the shipped search space of `refa_green`, all of it, until they keep every constraint.
Each is measured as a trial of `hmcsim search` measures it by default, and at the defaults of `hmcsim score` and
`hmcsim score --observability` (twelve wearers; four wearers in four expressions, every pixel, central differences).
Printed are the processor time of a trial (asked for: at most 5 s without observability and 30 s with) and the rank
correlation of both values over layouts (asked for: 0.95). What was measured is kept in --out, a file each, and not
measured again: at full fidelity the bound takes some seven minutes a layout, in --workers processes; then trials take
their turns in one, since they are timed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from feasible_layouts import checker_of, feasible
from pieces import piece
from scipy.stats import spearmanr

from faces import load_head_model
from faces.protocol import HeadModel
from headsets import Headset, load_headset
from optimize.objectives.registry import find_objectives
from optimize.study.evaluate import measure
from optimize.study.settings import SearchSettings
from sim.dataset.storage import Storage
from sim.metrics.config import ScoreConfig
from sim.metrics.result import group_name
from sim.observability.config import ObservabilityConfig
from sim.observability.result import observe
from sim.parallel import in_processes

HEADSET, SEED = "refa_green", 0
GEOMETRIC = ("mouth.visible_fraction", "mouth.resolution_px_per_mm:p5", "eye.visible_fraction")
OBSERVED = ("mouth.observability_mm", "eye.observability_mm", "observability_mm")


def main() -> None:
    """Measure what is not yet measured, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--layouts", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("outputs/search_fidelity"))
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    out = Storage(given.out)
    out.make()
    head = load_head_model()
    full = list(in_processes(_fully, (given.out, given.layouts), list(range(given.layouts)), given.workers))
    layouts = _layouts(head, given.layouts)
    trials = [piece(out, f"trial_{k}.json", partial(_trial, layout, head)) for k, layout in enumerate(layouts)]
    for what in ("geometric", "observed"):
        seconds = [one[f"{what}_s"] for one in trials[1:]]  # the first compiles kernels and poses the wearers
        print(f"processor time of a trial, {what}: {np.mean(seconds):.1f} s, at most {max(seconds):.1f} s")
    print(f"{'rank correlation over':32} {len(layouts)} layouts")
    for name in (*GEOMETRIC, *OBSERVED):
        rho = spearmanr([one[name] for one in trials], [one[name] for one in full]).statistic
        print(f"{name:32} {rho:6.3f}")


def _layouts(head: HeadModel, count: int) -> list[Headset]:
    checker, rng = checker_of(load_headset(HEADSET), None, head), np.random.default_rng(SEED)
    drawn = [
        feasible(checker, rng, lambda axis: axis.options[int(rng.integers(len(axis.options)))])[0] for _ in range(count)
    ]
    space = checker.space
    return [replace(space.build(space.layout(params)), name=f"layout_{k}") for k, params in enumerate(drawn)]


def _trial(layout: Headset, head: HeadModel) -> dict[str, float]:
    """As a trial that few faces did not turn down: few first, then all."""
    settings = SearchSettings(GEOMETRIC)
    few, found = settings.few(head), dict[str, float]()
    assert few is not None
    for what, names in (("geometric", GEOMETRIC), ("observed", OBSERVED)):
        objectives = find_objectives(names, layout)
        start = time.process_time()
        measure(layout, objectives, head, few)
        values = measure(layout, objectives, head, settings.score)
        found |= {f"{what}_s": time.process_time() - start} | dict(zip(names, values, strict=True))
    return found


def _fully(job: tuple[Path, int]) -> Callable[[int], dict[str, float]]:
    out, head = Storage(job[0]), load_head_model()
    layouts = _layouts(head, job[1])
    return lambda k: piece(out, f"full_{k}.json", partial(_full, layouts[k], head))


def _full(layout: Headset, head: HeadModel) -> dict[str, float]:
    found = dict(zip(GEOMETRIC, measure(layout, find_objectives(GEOMETRIC, layout), head, ScoreConfig()), strict=True))
    mm = observe([layout], head, ObservabilityConfig(), workers=1)[layout.name].mm
    for name in OBSERVED:
        group = name.rpartition(".")[0] or "all"
        found[name] = float(np.mean([mm[region].mean() for region in mm if group in (region, group_name(region))]))
    return found


if __name__ == "__main__":
    main()
