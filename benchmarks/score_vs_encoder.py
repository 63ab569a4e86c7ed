"""Do the scores rank layouts as an encoder trained on them does?

python benchmarks/score_vs_encoder.py [--out outputs/score_vs_encoder] [--table] [--still 2,12] [--tiny]

What is drawn, trained and compared was fixed before the first full run: here, and in numbers in `Settings` and
`encoder_error.Training`. settings.json in --out repeats them; a folder that was begun with others is refused.

Layouts. Of `refa_green`'s shipped search space: camera and LED positions, angles and LED currents, even within their
bounds, are drawn by seed until every shipped constraint is kept. Even numbers have all five cameras; odd ones lack one
of eye pair, mouth pair and glabella camera, each as likely.

Encoder. A small one of `encoders.refa`, trained from scratch by `encoders.train` to blendshapes and gaze, without
augmentation: the same wearers, looks, expressions, gazes, donnings and LED bins for every layout (all are functions of
seed and number), equal frames and updates, three seeds of first weights and of the frames' order. Frames are those of
`sim.dataset` in preset `fast`, pixels read 4 x 4 as one, at its defaults with two exceptions, of which no score knows
anything: lenses are as designed, and there is no ambient light. As every layout is symmetric, each frame is trained on
mirrored too. Test frames are of wearers that no frame of training shows.

Error E of a layout: mean distance between the vertices of the estimated and the true mesh of the true wearer, mm, over
the face (`encoders.metrics.mesh.FACE`, UFE 5.2); mean over test frames, then over training seeds. Of a group the same
over its region (eye: brow, lids and orbit of both sides; mouth: lips and around).

Scores, of the layout at its full 400 x 400 px:
V  `visible_fraction`, M  `range_of_motion` in px: by `sim.metrics.score` over 12 wearers, all peak expressions and 4
   donnings. A group's value is the mean over samples, each the mean of the cameras that are for the group
   (`HeadsetScores.groups`); 0, the worst, where the layout has none, as in a search. A layout's is the mean of the
   groups eye, mouth and glabella, each counting alike.
O  `observability_mm` over all regions together: mean over 2 wearers x 4 half expressions, pixels read 2 x 2 as one. Of
   a group the mean over its regions (eye: left and right).
Wearers of scores are others than those of the frames.

Agreement: Spearman's correlation of E with -V, with -M and with O, so that +1 means: ordered as the error orders. Equal
values share the mean of their ranks. Intervals: 95 %, percentiles over 10,000 draws of as many layouts with
replacement; differences between the scores' correlations are taken on the same draws. What answers the question is the
face over all layouts (aimed at: O at 0.8 or more, and above V and M). Beside it, for understanding: groups, and the
layouts with all five cameras, among which only places and light differ. `seeds` is the mean correlation between the
errors of single training seeds: what training's noise leaves to agree with.

Added after the run, to understand it: the table's last rows, and --still, which trains and tests the named layouts
again, one training seed, on headsets that sit as designed on every wearer, and prints both errors.

Each finished piece is a file in --out: layout_NN.json, scores_NN.json, error_NN_S.json, still_NN_S.json, and
frames_NN.npz while a layout's trainings go on. The same command goes on where it was stopped. Run it with
OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from encoder_error import MASKS, Training, error_of, packed, rendered, unpacked
from feasible_layouts import checker_of, feasible
from pieces import piece
from rank_agreement import agreements, partial_agreement, spearman

from faces import load_head_model
from faces.builtin import AnnyHead
from headsets import Headset, load_headset
from headsets.donning import DonningDistribution
from headsets.schema.search import SearchPart
from sim.dataset.storage import Storage
from sim.metrics.config import ScoreConfig
from sim.metrics.score import score
from sim.observability.config import ObservabilityConfig
from sim.observability.result import observe
from sim.seeding import generator

HEADSET = "refa_green"
CAMERAS = ("eye_left", "mouth_left", "glabella")
"""Twins follow."""
GROUPS = {"eye": ("eye_left", "eye_right"), "mouth": ("mouth",), "glabella": ("glabella",)}
TRAINING = Training()


@dataclass(frozen=True)
class Settings:
    """What a run is made of; see the top."""

    layouts: int = 24
    seed: int = 0
    wearers: int = 12
    donnings: int = 4
    bound_wearers: int = 2
    bound_expressions: tuple[str, ...] = ("neutral", "smile", "jaw_drop", "pucker")
    training: Training = TRAINING
    training_seeds: tuple[int, ...] = (0, 1, 2)


SETTINGS = Settings()
TINY = Settings(
    layouts=4, wearers=1, donnings=1, bound_wearers=1, bound_expressions=("smile",),
    training=Training(train_wearers=12, test_wearers=4, steps=20), training_seeds=(0, 1),
)  # fmt: skip


class Run:
    """A run in a folder, of which some pieces may be there already."""

    def __init__(self, settings: Settings, out: Path) -> None:
        self.settings = settings
        self.out = Storage(out)
        self.out.make()
        plain = json.loads(json.dumps(asdict(settings)))
        if self.piece("settings.json", lambda: plain) != plain:
            raise SystemExit(f"{out} was begun with other settings; choose another folder with --out")
        self.head = load_head_model()
        self.headset = load_headset(HEADSET)

    def piece(self, name: str, make: Callable[[], Any]) -> Any:
        """See `pieces.piece`."""
        return piece(self.out, name, make)

    def finish(self) -> None:
        """Every piece that is missing."""
        self.out.remove_partial()
        layouts = Layouts(self.headset, self.head, self.settings)
        for number in range(self.settings.layouts):
            start, busy = time.monotonic(), time.process_time()
            drawn = self.piece(f"layout_{number:02d}.json", partial(layouts.draw, number))
            headset = layouts.build(drawn)
            self.piece(f"scores_{number:02d}.json", partial(scores_of, headset, self.head, self.settings))
            self._train(number, headset)
            took = f"{time.process_time() - busy:.0f} s of processor, {time.monotonic() - start:.0f} s of clock"
            print(f"layout {number}: {', '.join(drawn['cameras'])}: {took}", flush=True)

    def _train(self, number: int, headset: Headset) -> None:
        missing = [seed for seed in self.settings.training_seeds if not self.out.exists(error_name(number, seed))]
        data = f"frames_{number:02d}.npz"
        if missing:
            if not self.out.exists(data):
                self.out.write(data, packed(rendered(headset, self.head, self.settings.training)))
            frames = unpacked(self.out.read(data))
            for seed in missing:
                make = partial(error_of, frames, headset, self.head, self.settings.training, seed)
                self.piece(error_name(number, seed), make)
        self.out.remove(data)

    def still(self, numbers: Sequence[int]) -> str:
        """Errors of some finished layouts with and without donning variation, first training seed."""
        seed = self.settings.training_seeds[0]
        layouts = Layouts(self.headset, self.head, self.settings)
        lines = [f"{'layout':>6} {'O mm':>7} {'E mm':>7} {'worn as designed':>17}"]
        for number in numbers:
            names = f"layout_{number:02d}.json", f"scores_{number:02d}.json", error_name(number, seed)
            if not all(self.out.exists(name) for name in names):
                raise SystemExit(f"layout {number} is not finished")
            drawn, scores, error = (json.loads(self.out.read(name)) for name in names)
            headset = replace(layouts.build(drawn), donning=DonningDistribution())
            found = self.piece(f"still_{number:02d}_{seed}.json", partial(self._error, headset, seed))
            values = scores["O"]["face"], error["encoder"]["face"], found["encoder"]["face"]
            lines.append(f"{number:>6} {values[0]:7.4f} {values[1]:7.4f} {values[2]:17.4f}")
        return "\n".join(lines)

    def _error(self, headset: Headset, seed: int) -> dict[str, dict[str, float]]:
        training = self.settings.training
        return error_of(rendered(headset, self.head, training), headset, self.head, training, seed)

    def table(self) -> str:
        """Of the layouts whose pieces are all there."""
        rows = []
        for number in range(self.settings.layouts):
            names = [f"layout_{number:02d}.json", f"scores_{number:02d}.json"]
            names += [error_name(number, seed) for seed in self.settings.training_seeds]
            if all(self.out.exists(name) for name in names):
                rows.append((number, *(json.loads(self.out.read(name)) for name in names)))
        if not rows:
            return "no layout is finished"
        return "\n".join([*_layout_lines(rows), "", *_agreement_lines(rows, "all layouts"), *_subset_lines(rows),
                          *_remainder_lines(rows)])  # fmt: skip


def error_name(number: int, seed: int) -> str:
    """The file of a training."""
    return f"error_{number:02d}_{seed}.json"


class Layouts:
    """Draws feasible layouts."""

    def __init__(self, headset: Headset, head: AnnyHead, settings: Settings) -> None:
        assert headset.spec is not None
        assert headset.spec.search is not None
        shipped = headset.spec.search.model_dump(mode="python", exclude_unset=True)
        cameras = {name: {**part, "optional": True} for name, part in shipped["cameras"].items()}
        self._checker = checker_of(headset, SearchPart.model_validate({**shipped, "cameras": cameras}), head)
        self._seed = settings.seed

    def draw(self, number: int) -> dict[str, Any]:
        """Cameras, parameters, and how many draws it took."""
        rng = generator(self._seed, "layout", number)
        without = None if number % 2 == 0 else CAMERAS[int(rng.integers(len(CAMERAS)))]
        params, draws = feasible(self._checker, rng, lambda axis: axis.name != f"cameras.{without}.on")
        names = [name for name in CAMERAS if name != without]
        return {"cameras": names, "draws": draws, "params": params}

    def build(self, drawn: Mapping[str, Any]) -> Headset:
        """The headset of a drawn layout."""
        space = self._checker.space
        return replace(space.build(space.layout(drawn["params"])), name="layout")


def scores_of(headset: Headset, head: AnnyHead, settings: Settings) -> dict[str, dict[str, float]]:
    """ "V", "M" and "O" of the face and of groups."""
    config = ScoreConfig(
        identities=settings.wearers, donnings=settings.donnings, seed=settings.seed, regions=(), heat_map_samples=0
    )
    groups = score([headset], head, config, workers=1).headsets["layout"].groups
    out: dict[str, dict[str, float]] = {}
    for name, metric in (("V", "visible_fraction"), ("M", "range_of_motion")):
        own = {group: groups[group][metric].mean if group in groups else 0.0 for group in GROUPS}
        out[name] = {"face": float(np.mean(list(own.values()))), **own}
    bound = ObservabilityConfig(
        identities=settings.bound_wearers, expressions=settings.bound_expressions, seed=settings.seed, binning=2
    )
    mm = observe([headset], head, bound, workers=1)["layout"].mm
    own = {group: float(np.mean([mm[region].mean() for region in regions])) for group, regions in GROUPS.items()}
    out["O"] = {"face": float(mm["all"].mean()), **own}
    return out


Row = tuple[Any, ...]
"""Layout's number, its pieces: drawn, scores, and the errors of each training seed."""


def _layout_lines(rows: Sequence[Row]) -> list[str]:
    lines = [f"{'layout':>6} {'V':>6} {'M px':>6} {'O mm':>7} {'E mm':>7} {'seeds mm':>20} {'gaze deg':>8}  cameras"]
    for number, drawn, scores, *errors in rows:
        own = [one["encoder"]["face"] for one in errors]
        cells = [scores["V"]["face"], scores["M"]["face"], scores["O"]["face"], float(np.mean(own))]
        text = "{:6.3f} {:6.2f} {:7.4f} {:7.4f}".format(*cells)
        gaze = np.mean([one["encoder"]["gaze_deg"] for one in errors])
        each = " ".join(f"{value:.4f}" for value in own)
        lines.append(f"{number:>6} {text} {each:>20} {gaze:8.2f}  {', '.join(drawn['cameras'])}")
    first = rows[0][3]
    for guess, words in (("mean", "the mean of the labels"), ("rest", "a face at rest")):
        text = ", ".join(f"{name} {value:.3f}" for name, value in first[guess].items())
        lines.append(f"{'':6} {words} instead of an encoder: {text}")
    return lines


def _agreement_lines(rows: Sequence[Row], title: str) -> list[str]:
    names = ("O", "V", "M", "O - V", "O - M", "V - M")
    lines = [f"agreement with the encoder's error, {title} ({len(rows)})"]
    lines.append(f"{'':6} {' '.join(f'{name:>20}' for name in names)} {'seeds':>6}")
    for where in MASKS:
        error = np.array([[one["encoder"][where] for one in errors] for _, _, _, *errors in rows])
        scores = {
            name: sign * np.array([row[2][name][where] for row in rows])
            for name, sign in (("O", 1.0), ("V", -1.0), ("M", -1.0))
        }
        found = agreements(scores, error.mean(axis=1))
        pairs = [float(spearman(error[:, i], error[:, k])) for i in range(error.shape[1]) for k in range(i)]
        seeds = float(np.mean(pairs)) if pairs else float("nan")
        lines.append(f"{where:6} {' '.join(f'{found[name].text():>20}' for name in names)} {seeds:+6.2f}")
    return lines


def _subset_lines(rows: Sequence[Row]) -> list[str]:
    whole = [row for row in rows if len(row[1]["cameras"]) == len(CAMERAS)]
    return ["", *_agreement_lines(whole, "those with all five cameras")] if whole else []


def _remainder_lines(rows: Sequence[Row]) -> list[str]:
    """What the bound leaves of the mouth's error, by what was thought of after the run."""
    seen = [row for row in rows if "mouth_left" in row[1]["cameras"]]
    error = np.array([np.mean([one["encoder"]["mouth"] for one in errors]) for _, _, _, *errors in seen])
    given = np.array([row[2]["O"]["mouth"] for row in seen])
    causes = {
        "distance from the middle plane": [abs(row[1]["params"]["cameras.mouth_left.x_mm"]) for row in seen],
        "V": [row[2]["V"]["mouth"] for row in seen],
        "M": [row[2]["M"]["mouth"] for row in seen],
    }
    lines = [
        "",
        f"partial rank correlation with the mouth's error, given O, where mouth cameras are ({len(seen)})",
    ]
    return [*lines, *(f"{name:31} {partial_agreement(own, error, given).text()}" for name, own in causes.items())]


def main() -> None:
    """Go on, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--out", type=Path, help="default: outputs/score_vs_encoder, with --tiny …_tiny")
    parser.add_argument("--table", action="store_true", help="print the table of what is finished, and do nothing")
    parser.add_argument("--tiny", action="store_true", help="few frames and steps: to see that the script runs")
    parser.add_argument("--still", default="", metavar="N,N", help="these layouts again, worn as designed")
    given = parser.parse_args()
    run = Run(
        TINY if given.tiny else SETTINGS,
        given.out or Path("outputs/score_vs_encoder_tiny" if given.tiny else "outputs/score_vs_encoder"),
    )
    if given.still:
        print(run.still([int(number) for number in given.still.split(",")]))
        return
    if not given.table:
        run.finish()
    table = run.table()
    print(table)
    run.out.write("table.txt", (table + "\n").encode())


if __name__ == "__main__":
    main()
