"""The page about a search: the demo's, on an ellipsoid for a head."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headsets import load_headset, validate
from hmcsim.demo import DEMO_OBJECTIVES, DEMO_TRIALS, demo_search
from hmcsim.report.search.page import SearchCard
from hmcsim.searching import analyse_folder
from tests.faces.ellipsoid_head import EllipsoidHead
from tests.report.chromium import chromium

Found = tuple[Path, SearchCard | None]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    folder = tmp_path_factory.mktemp("demo")
    card = demo_search(load_headset("refa_green"), EllipsoidHead(), folder, Path("outputs/demo"))
    return folder / "search", card


def page_data(folder: Path) -> dict[str, Any]:
    text = (folder / "search.html").read_text(encoding="utf-8")
    match = re.search(r'<script type="application/json" id="search-data">(.*?)</script>', text, re.DOTALL)
    assert match is not None
    data: dict[str, Any] = json.loads(match[1].replace("<\\/", "</"))
    return data


def test_the_demo_improves_the_mouth_cameras(found: Found) -> None:
    folder, card = found
    rows = list(csv.DictReader((folder / "trials.csv").open()))
    assert len(rows) == DEMO_TRIALS
    column = "mouth.visible_fraction:mean"
    existing, chosen = float(rows[0][column]), None
    assert card is not None
    chosen = float(rows[card.trial][column])
    assert chosen > 1.02 * existing
    assert card.changes[0].after == f"{chosen:.3f}"
    assert card.changes[0].verdict == "better"
    assert card.href == "search/search.html"
    assert [what for what, _, _ in card.rows] == [
        "mouth left + mouth right, neutral",
        "mouth left + mouth right, smile",
    ]
    assert all(before != after for _, before, after in card.rows)
    headset = validate(folder / "pareto" / f"trial_{card.trial:04d}.yaml")
    shipped = load_headset("refa_green")
    moved = [n for n, c in headset.cameras.items() if (c.position != shipped.cameras[n].position).any()]
    assert moved == ["mouth_left", "mouth_right"]


def test_points_of_the_plots_are_the_trials(found: Found) -> None:
    folder, _ = found
    rows = list(csv.DictReader((folder / "trials.csv").open()))
    data = page_data(folder)
    names = [f"{DEMO_OBJECTIVES[0]}:mean", f"{DEMO_OBJECTIVES[1]}:mean"]
    shown = {n: v for g in data["front"]["groups"] for n, v in zip(g["trials"], g["values"], strict=True)}
    kept = {int(row["trial"]) for row in rows if row["fidelity"] != "geometry"}
    assert set(shown) == kept
    for number, values in shown.items():
        assert values == pytest.approx([float(rows[number][name]) for name in names], rel=1e-8)
    part = data["mounts"]["parts"][0]
    for k, number in enumerate(part["tried"]["trials"]):
        place = [part["tried"][axis][k] for axis in "xyz"]
        assert place == pytest.approx([float(rows[number][f"cameras.mouth_left.{a}_mm"]) for a in "xyz"], abs=1e-3)
    # best so far: a running maximum, by hand
    for k, name in enumerate(names):
        curve = data["plots"][1 + k]["data"][-2]
        best, running = -1.0, []
        for row in rows:
            if row["fidelity"] == "all":
                best = max(best, float(row[name]))
                running.append(best)
        assert curve["y"][:-1] == pytest.approx(running, rel=1e-8)


def test_analyse_writes_the_same_page_and_scores_nothing(found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _ = found
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "study" not in path.name}
    assert folder / "search.html" in before

    def no_work(*_: object, **__: object) -> None:
        pytest.fail("something was scored or rendered again")

    monkeypatch.setattr("optimize.study.evaluate.score", no_work)
    monkeypatch.setattr("sim.render.Renderer.render", no_work)
    (folder / "search.html").unlink()
    analyse_folder(folder, None, None)
    for path, data in before.items():
        assert path.read_bytes() == data, path.name


def test_a_search_that_was_cut_short_has_a_page_without_pictures(found: Found, tmp_path: Path) -> None:
    folder, _ = found
    for name in ("study.db", "study.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    analyse_folder(tmp_path, None, None)
    text = (tmp_path / "search.html").read_text(encoding="utf-8")
    assert "There are no pictures" in text
    assert "data:image/jpeg" not in text


@pytest.mark.browser
def test_it_draws_in_a_browser(found: Found, browser: str) -> None:
    folder, _ = found
    change: Callable[[str, str], str] = lambda id_, value: (  # noqa: E731
        f"(() => {{ const s = document.getElementById('{id_}'); s.value = '{value}';"
        " s.dispatchEvent(new Event('change')); })()"
    )
    with chromium(browser) as tab:
        tab.open(folder / "search.html", "document.documentElement.dataset.scene === 'drawn'", width=1280)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 1280
        before = tab.screenshot("#front-plot")
        tab.evaluate(change("front-x", "1"))
        assert (tab.screenshot("#front-plot") != before).any()
        tab.evaluate(change("space-objective", "1"))
        for plot in ("plot-0", "plot-2", "space-plot", "map-plot"):
            assert tab.screenshot(f"#{plot}").std() > 5, plot
        tab.evaluate("0")
        assert tab.errors == []
