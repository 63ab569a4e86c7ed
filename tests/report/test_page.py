"""The page as text: self-contained, complete, true to the scores."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from hmcsim.report.eye_safety import safety_panels
from hmcsim.report.palette import layout_colours
from hmcsim.report.score_rows import axis_ends, region_tables
from hmcsim.report.write import ReportInput, report_html
from hmcsim.safety import estimate_safety, wearers_corneas
from hmcsim.safety_names import largest_current, verdict
from hmcsim.safety_result import MODES, SafetyConfig
from sim.metrics.result import ScoreResult

VOID = {"meta", "link", "img", "input", "br", "hr"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            if name == "id":
                self.ids.append(value or "")
            if name in {"src", "href", "srcset"}:
                self.links.append(value or "")

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"script", "style"}:
            self.words.append(data)


@pytest.fixture(scope="module")
def page(report: Path) -> _Page:
    parsed = _Page()
    parsed.feed(report.read_text(encoding="utf-8"))
    return parsed


def test_it_is_well_formed_and_ids_are_unique(page: _Page) -> None:
    assert page.open == []
    assert len(set(page.ids)) == len(page.ids)


def test_it_needs_no_other_file_and_no_network(page: _Page) -> None:
    assert page.links
    for link in page.links:
        assert link.startswith(("#", "data:"))
        assert not link.startswith("#") or link[1:] in page.ids


def test_it_can_be_sent_by_mail(report: Path) -> None:
    assert report.stat().st_size < 15e6


def test_every_printed_score_is_there(page: _Page, result: ScoreResult) -> None:
    text = " ".join(page.words)
    for name, scores in result.headsets.items():
        assert name in text
        for metrics in scores.groups.values():
            for metric in ("visibility", "visible_fraction"):
                assert f"{metrics[metric].mean:.3f}".replace("-", "−") in text
                assert f"± {metrics[metric].sd:.3f}" in text
    for published in ("0.508", "12.91", "0.361"):
        assert f"paper {published}" in text


def test_every_camera_of_every_layout_is_pictured(page: _Page, result: ScoreResult) -> None:
    pictures = [link for link in page.links if link.startswith("data:image/jpeg")]
    cameras = sum(len(scores.cameras) for scores in result.headsets.values())
    faces, maps, worst = 6 * cameras, cameras + 2 * len(result.headsets), cameras
    assert len(pictures) == faces + maps + worst
    for picture in pictures[:: len(pictures) // 8]:
        pixels = np.array(Image.open(io.BytesIO(base64.b64decode(picture.partition(",")[2]))))
        assert pixels.std() > 10


def test_the_worst_expressions_are_the_worst(page: _Page, result: ScoreResult) -> None:
    text = " ".join(page.words)
    for scores in result.headsets.values():
        for camera in scores.cameras:
            name, share = next(iter(scores.by_expression(camera).items()))
            assert name.replace("_", " ") in text
            assert f"{100 * share:.0f} %" in text


def test_eye_safety_is_there_and_called_an_estimate(page: _Page, report_input: ReportInput) -> None:
    text = " ".join(" ".join(page.words).split())
    config = report_input.result.config
    safety = SafetyConfig(config.identities, config.donnings, config.seed)
    corneas = wearers_corneas(report_input.head, safety)
    assert "Eye safety (estimate)" in text
    assert "a test laboratory measures the product" in text
    for headset in report_input.headsets:
        found = estimate_safety(headset, corneas, safety)
        assert verdict(found) in text
        for mode in MODES:
            assert largest_current(found, mode) in text
            for exposure in found.of(mode):
                assert f"{exposure.worst_w_m2:.3g} W/m²" in text


def test_layouts_that_eye_safety_cannot_judge_say_so(report_input: ReportInput) -> None:
    first, second, third = report_input.headsets
    red = {name: replace(led, wavelength_nm=650.0) for name, led in first.leds.items()}
    odd = (replace(first, leds=red), replace(second, leds={}), third)
    panels = safety_panels(odd, report_input.head, report_input.result.config)
    assert panels[first.name].verdict.startswith("Not estimated: `780 <= wavelength_nm <= 1400`")
    assert "no LEDs" in panels[second.name].verdict
    assert [len(panel.modes) for panel in panels.values()] == [0, 0, 2]


def test_the_same_result_gives_the_same_page(report_input: ReportInput, report: Path) -> None:
    steps: list[tuple[int, int]] = []
    assert report_html(report_input, lambda done, total: steps.append((done, total))) == report.read_text("utf-8")
    assert steps == [(i + 1, len(steps)) for i in range(len(steps))]


def test_marks_lie_on_their_axis_and_best_is_the_highest(result: ScoreResult) -> None:
    for table in region_tables(result):
        for row in table.rows:
            for mark in row.marks:
                assert 0 <= mark.mean <= 100
                assert mark.low <= mark.mean <= mark.high
                assert mark.paper is None or 0 <= mark.paper <= 100
            means = {cell.layout: float(cell.mean.replace("−", "-")) for cell in row.cells}
            best = {cell.layout for cell in row.cells if cell.best}
            assert best == (
                {n for n, v in means.items() if v == max(means.values())} if len(set(means.values())) > 1 else set()
            )


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=12))
@example([0.0])
@example([7.0, 7.0])
def test_an_axis_holds_its_values(values: list[float]) -> None:
    low, high = axis_ends(values)
    slack = 1e-6 * max(1.0, *(abs(v) for v in values))
    assert low < high
    assert low <= min(values) + slack
    assert high >= max(values) - slack


def test_layouts_wear_the_colours_they_are_named_after() -> None:
    colours = layout_colours(["refa_green", "refa_orange", "refa_red", "ufe", "wei2019"])
    assert (colours["refa_green"], colours["refa_orange"], colours["refa_red"]) == ("#009e73", "#e69f00", "#d55e00")
    assert len(set(colours.values())) == 5
    assert len(layout_colours([f"h{i}" for i in range(20)])) == 20


def test_text_from_files_cannot_break_the_page(report_input: ReportInput) -> None:
    evil = '</script><script>alert("x")</script>'
    headsets = tuple(replace(headset, note=evil) for headset in report_input.headsets)
    record = {**report_input.record, "command": evil}
    html = report_html(replace(report_input, headsets=headsets, record=record))
    assert evil not in re.sub(r"(?s)<script>.*?plotly.js.*?</script>", "", html, count=1)


def test_a_single_layout_is_not_compared(report_input: ReportInput) -> None:
    name = report_input.headsets[0].name
    alone = replace(report_input.result, headsets={name: report_input.result.headsets[name]})
    html = report_html(replace(report_input, result=alone, headsets=report_input.headsets[:1]))
    assert "scores led" not in html
    assert "sees the largest share" not in html
    assert " ".join(report_input.headsets[0].note.split())[:40] in html
