"""What a reader should take away: who leads where, and the expressions each camera sees worst."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from headsets import Headset
from hmcsim.report.pictures import Photographer, Picture
from hmcsim.report.score_rows import RegionTable
from sim.metrics.result import HeadsetScores, ScoreResult

WORST = 5


@dataclass(frozen=True)
class LayoutSummary:
    """One layout in short.

    Attributes:
        leads: (region, score name) of the rows in which its mean is the highest.
        rows: how many rows there are.
    """

    name: str
    note: str
    cameras: int
    leds: int
    leads: tuple[tuple[str, str], ...]
    rows: int


@dataclass(frozen=True)
class Leader:
    """The layout that sees the largest share of a region's area: its share as printed, and the others'."""

    group: str
    layout: str
    share: str
    others: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class WorstOf:
    """The expressions that a camera sees worst.

    Attributes:
        regions: those it is for.
        expressions: (name, share of its regions' area that it sees, 0 to 1), worst first.
        mean: the same share over all expressions.
        picture: the worst one, on the first wearer.
    """

    camera: str
    regions: tuple[str, ...]
    expressions: tuple[tuple[str, float], ...]
    mean: float
    picture: Picture


def summaries(result: ScoreResult, headsets: Sequence[Headset], tables: Sequence[RegionTable]) -> list[LayoutSummary]:
    """One summary a layout, in the order asked."""
    rows = [(table.group, row) for table in tables for row in table.rows]
    return [
        LayoutSummary(
            headset.name,
            " ".join(headset.note.split()),
            len(headset.cameras),
            len(headset.leds),
            tuple(
                (g, row.label.name) for g, row in rows if any(c.best and c.layout == headset.name for c in row.cells)
            ),
            len(rows),
        )
        for headset in headsets
        if headset.name in result.headsets
    ]


def leaders(result: ScoreResult, tables: Sequence[RegionTable]) -> list[Leader]:
    """Per region, the layout that sees the largest share of it; none where layouts tie, or there is only one."""
    found = []
    for table in tables:
        for row in table.rows:
            best = [cell for cell in row.cells if cell.best]
            if row.metric == "visible_fraction" and len(best) == 1 and len(result.headsets) > 1:
                others = tuple((cell.layout, cell.mean) for cell in row.cells if not cell.best and cell.sd)
                found.append(Leader(table.group, best[0].layout, best[0].mean, others))
    return found


def worst_expressions(
    photographer: Photographer, headset: Headset, scores: HeadsetScores, step: Callable[[], None]
) -> list[WorstOf]:
    """For every camera, what it sees worst, with a picture."""
    found = []
    for camera in scores.cameras:
        shares: Mapping[str, float] = scores.by_expression(camera)
        worst = next(iter(shares))
        mesh = photographer.mesh(0, worst)
        picture = photographer.take(headset, mesh, f"its worst expression, {worst}", [camera])[camera]
        found.append(
            WorstOf(
                camera,
                tuple(scores.sees[camera]),
                tuple(list(shares.items())[:WORST]),
                sum(shares.values()) / len(shares),
                picture,
            )
        )
    step()
    return found
