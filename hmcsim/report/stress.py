"""The page about a stress test: curves of one or several encoders, what is borne, pairs, and the worst frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from hmcsim.report.palette import layout_colours
from hmcsim.report.pictures import Picture, data_uri, readable
from hmcsim.report.stress_panels import FLAT, HEIGHT, LEFT, RIGHT, WIDTH, Axis, panels
from hmcsim.report.stress_tables import PairRow, borne_rows, pair_rows
from hmcsim.report.template import asset, page

RED = "#c0392b"


@dataclass(frozen=True)
class Card:
    """One encoder in short; errors in mm, as printed."""

    name: str
    colour: str
    nominal: str
    interval: str
    mean_predictor: str
    fails: tuple[str, ...]
    factors: int


@dataclass(frozen=True)
class Shown:
    """One of the worst frames: title, what the encoder took for what, and the picture."""

    title: str
    words: str
    picture: Picture


@dataclass(frozen=True)
class Part:
    """Of one encoder: its pairs, and its worst frames."""

    card: Card
    rule: str
    pairs: tuple[PairRow, ...]
    worst: tuple[Shown, ...]


def stress_page(found: Mapping[str, Any], software: str, images: Sequence[Sequence[NDArray[np.uint8]]] = ()) -> str:
    """The page's text.

    Args:
        found: what stress.json holds.
        software: version of hmcsim.
        images: pictures of each run's worst frames, in the order of its "worst".
    """
    runs = found["runs"]
    own = layout_colours([run["name"] for run in runs])
    colours = [own[run["name"]] for run in runs]
    axis = Axis.of(runs)
    parts = [
        Part(_card(run, colour), run["pairs"]["rule"], tuple(pair_rows(run)), tuple(shown_frames(run, shots)))
        for run, colour, shots in zip(runs, colours, images or [[]] * len(runs), strict=True)
    ]
    return page(
        "stress.html",
        {
            "found": found,
            "runs": runs,
            "parts": parts,
            "several": len(runs) > 1,
            **curves_context(found),
            "borne": borne_rows(runs),
            "top": axis.top,
            "worst_mm": axis.worst(runs),
            "software": software,
            "today": date.today().isoformat(),
            "style": Markup(asset("report.css") + asset("stress.css")),
        },
    )


def curves_context(found: Mapping[str, Any]) -> dict[str, Any]:
    """What `stress_curves.html` draws."""
    runs = found["runs"]
    own = layout_colours([run["name"] for run in runs])
    colours = [own[run["name"]] for run in runs]
    axis = Axis.of(runs)
    limits = [(axis.y(runs[0]["limits_mm"]["absolute"]), RED, runs[0]["limits_mm"]["absolute"])]
    for run, colour in zip(runs, colours, strict=True):
        relative = run["limits_mm"]["relative"]
        limits.append((axis.y(relative), colour if len(runs) > 1 else RED, relative))
    return {
        "panels": panels(runs, colours, axis),
        "limits": [(y, colour) for y, colour, value in limits if value <= axis.top],
        "mean": axis.y(runs[0]["nominal"]["mean_predictor"]["mesh_mm"]),
        "ticks": axis.ticks,
        "size": (WIDTH, HEIGHT - FLAT, LEFT, WIDTH - RIGHT),
        "units": {name: factor["unit"] for run in runs for name, factor in run["factors"].items()},
        "keys": list(zip([run["name"] for run in runs], colours, strict=True)),
    }


def shown_frames(run: Mapping[str, Any], images: Sequence[NDArray[np.uint8]]) -> list[Shown]:
    """The worst frames of a run with their pictures."""
    out = []
    for frame, image in zip(run["worst"], images, strict=False):
        where = frame["step"] if frame["factor"] in ("nominal", "pair") else f"{frame['factor']} {frame['step']}"
        shows = frame["expression"].rpartition(":")[2].replace("+", " + ")
        title = f"{readable(where)}: {readable(shows)}, {frame['mesh_mm']:.1f} mm off"
        words = [f"{name} is {true:.2f}, estimated {guess:.2f}" for name, (true, guess) in frame["weights"].items()]
        words.append(f"gaze {frame['gaze_deg']:.1f}° off")
        out.append(Shown(title, f"Frame {frame['key']}: {'; '.join(words)}.", data_uri(image, title, 88)))
    return out


def _card(run: Mapping[str, Any], colour: str) -> Card:
    error = run["nominal"]["errors"]["mesh_mm"]
    between = error["interval95"]
    fails = tuple(readable(name) for name, factor in run["factors"].items() if factor["fails"])
    return Card(
        run["name"], colour, f"{error['mean']:.2f}",
        "" if between is None else f"{between[0]:.2f} to {between[1]:.2f}",
        f"{run['nominal']['mean_predictor']['mesh_mm']:.2f}", fails, len(run["factors"]),
    )  # fmt: skip
