"""One self-contained HTML page about a score: no network, no other file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from markupsafe import Markup
from plotly.offline import get_plotlyjs

from faces.protocol import HeadModel
from headsets import Headset, describe
from hmcsim.metric_names import METRIC_LABELS
from hmcsim.report.comparison import caution, comparison_panels
from hmcsim.report.encoder_card import EncoderCard
from hmcsim.report.eye_safety import SAFETY_NOTES, safety_panels
from hmcsim.report.findings import leaders, summaries, worst_expressions
from hmcsim.report.heat import HeatPainter, heat_maps
from hmcsim.report.observability import observability_panels
from hmcsim.report.palette import layout_colours, map_gradient
from hmcsim.report.pictures import EXPRESSIONS, WEARERS, Photographer, picture_sets
from hmcsim.report.scene import scene
from hmcsim.report.score_rows import region_tables
from hmcsim.report.search.page import SearchCard
from hmcsim.report.signal import SignalMaps, signal_panels
from hmcsim.report.template import asset, page, script_json
from sim.metrics.compare import Comparison
from sim.metrics.config import PEAKS
from sim.metrics.published import PUBLISHED
from sim.metrics.result import ScoreResult
from sim.observability.result import Observability


@dataclass(frozen=True)
class ReportInput:
    """What a report is about.

    Attributes:
        headsets: those of the result, in its order.
        record: the run's resolved configuration (`hmcsim.configuration.run_record`).
        comparison: of the layouts with the first one, if it was asked for.
        signal: by layout, what light and sensor make of the faces, if it was asked for.
        observability: by layout, how well expressions can be told, if it was asked for.
        search: a search that started from one of the layouts, in short.
        encoder: one that was trained and stressed on one of the layouts, in short.
    """

    result: ScoreResult
    headsets: tuple[Headset, ...]
    head: HeadModel
    record: Mapping[str, Any]
    comparison: Comparison | None = None
    signal: Mapping[str, SignalMaps] | None = None
    observability: Mapping[str, Observability] | None = None
    search: SearchCard | None = None
    encoder: EncoderCard | None = None


def write_report(data: ReportInput, path: Path, progress: Callable[[int, int], None] | None = None) -> None:
    """Render the pictures and write the page.

    Args:
        progress: called with the steps done and in all.
    """
    path.write_text(report_html(data, progress), encoding="utf-8")


def report_html(data: ReportInput, progress: Callable[[int, int], None] | None = None) -> str:
    """The page's text."""
    result, headsets, head = data.result, data.headsets, data.head
    step = _Steps(progress, min(WEARERS, result.config.identities) * EXPRESSIONS + 2 * len(headsets))
    colours = layout_colours(list(result.headsets))
    photographer = Photographer(result, headsets, head)
    neutral = head.mesh(head.neutral_identity())
    painter = HeatPainter(neutral)
    tables = region_tables(result)
    held = {row.metric for table in tables for row in table.rows}
    context = {
        "result": result,
        "layouts": list(result.headsets),
        "colours": colours,
        "samples": result.config.identities * len(result.expressions) * result.config.donnings,
        "summaries": summaries(result, headsets, tables),
        "leaders": leaders(result, tables),
        "tables": tables,
        "metrics": {metric: label for metric, label in METRIC_LABELS.items() if metric in held},
        "comparison": data.comparison,
        "comparison_panels": comparison_panels(data.comparison) if data.comparison is not None else [],
        "comparison_caution": caution(data.comparison) if data.comparison is not None else "",
        "signal": signal_panels(data.signal, painter) if data.signal else {},
        "search": data.search,
        "encoder": data.encoder,
        "observability": observability_panels(data.observability or {}),
        "extra_sections": [
            *([("comparison", "Differences")] if data.comparison is not None else []),
            *([("signal", "Light and signal")] if data.signal else []),
            *([("observability", "Observability")] if data.observability else []),
            *([("search", "Search")] if data.search else []),
            *([("encoder", "Encoder")] if data.encoder else []),
        ],
        "papers": sorted({PUBLISHED[name].source for name in result.headsets if name in PUBLISHED}),
        "few_expressions": result.config.expressions != PEAKS,
        "picture_sets": list(picture_sets(photographer, result, headsets, step)),
        "whites": photographer.whites,
        "dark": photographer.dark,
        "heat": {name: heat_maps(painter, name, scores, step) for name, scores in result.headsets.items()},
        "gradient": map_gradient(),
        "worst": {
            headset.name: worst_expressions(photographer, headset, result.headsets[headset.name], step)
            for headset in headsets
        },
        "safety": safety_panels(headsets, head, result.config),
        "safety_notes": SAFETY_NOTES,
        "hardware": {headset.name: describe(headset) for headset in headsets},
        "notes": {headset.name: " ".join(headset.note.split()) for headset in headsets},
        "record": data.record,
        "record_json": json.dumps(data.record, indent=2, ensure_ascii=False),
        "scene": script_json(scene(result, headsets, colours, neutral)),
        "today": date.today().isoformat(),
        "plotly": Markup(get_plotlyjs()),
        "style": Markup(asset("report.css") + (asset("stress.css") if data.encoder else "")),
        "script": Markup(asset("report.js")),
    }
    return page("report.html", context)


class _Steps:
    def __init__(self, progress: Callable[[int, int], None] | None, total: int) -> None:
        self._progress, self._done, self._total = progress, 0, total

    def __call__(self) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(min(self._done, self._total), self._total)
