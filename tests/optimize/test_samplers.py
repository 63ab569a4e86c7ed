"""The samplers that other tests do not run, for real; and what is said where a package is missing."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from optimize.constraints.check import BUILDABLE
from optimize.errors import OptimizeError
from optimize.results.front import pareto_front
from optimize.space.axes import Number
from optimize.study.run import Where, prepare, run
from optimize.study.samplers import check_sampler
from tests.optimize.search_cases import HEAD, faces, green, part, settings

STARTUP = 10
"""Trials that Optuna's gp draws at random before it fits anything."""
CASES = {"gp": (STARTUP + 3, ("power_mw", "glabella.visible_fraction")), "nsga3": (8, ("power_mw", "leds"))}
"""Trials and objectives of those that `test_study` does not run; faces cost a second a trial."""
Row = tuple[dict[str, Any], list[float]]


def _rows(sampler: str, folder: Path, trials: int, resume: bool = False) -> list[Row]:
    folder.mkdir(exist_ok=True)
    asked = settings(*CASES[sampler][1], sampler=sampler, population=4)
    found = prepare(green(), part(), HEAD, asked, Where(folder, resume=resume), trials, faces=faces())
    run(found)
    done = found.study.get_trials(states=(TrialState.COMPLETE,))
    assert len(done) == trials
    assert pareto_front(found.study)
    return [(trial.params, trial.values) for trial in done]


@pytest.mark.parametrize("sampler", CASES)
def test_it_ends_and_repeats_itself(sampler: str, tmp_path: Path) -> None:
    if sampler == "gp":
        pytest.importorskip("torch")
    trials, _ = CASES[sampler]
    straight = _rows(sampler, tmp_path / "straight", trials)
    assert len({tuple(params.values()) for params, _ in straight}) == trials
    _rows(sampler, tmp_path / "halves", trials - 2)
    assert _rows(sampler, tmp_path / "halves", trials, resume=True) == straight


def test_gp_fits_what_it_has_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its trials after the start are what the fits propose, and no random draws."""
    pytest.importorskip("torch")
    proposed: list[dict[str, Any]] = []
    plain = optuna.samplers.GPSampler.sample_relative

    def spied(self: Any, *args: Any) -> dict[str, Any]:
        proposed.append(plain(self, *args))
        return proposed[-1]

    monkeypatch.setattr(optuna.samplers.GPSampler, "sample_relative", spied)
    rows = _rows("gp", tmp_path, CASES["gp"][0])
    fitted = [params for params in proposed if params]
    assert len(fitted) == CASES["gp"][0] - STARTUP
    assert [params for params, _ in rows[STARTUP:]] == fitted


def test_gp_goes_on_where_some_layouts_are_no_headset(tmp_path: Path) -> None:
    """A box that reaches into the head: constraints that ask about headsets have no margin there."""
    pytest.importorskip("torch")
    mounts = {"above": {"box": {"low_mm": [0, -30, 15], "high_mm": [0, 40, 60]}}}
    asked = settings("power_mw", sampler="gp")
    found = prepare(green(), part(mounts=mounts), HEAD, asked, Where(tmp_path), STARTUP + 3, faces=faces())
    run(found)
    done = found.study.get_trials(states=(TrialState.COMPLETE,))
    assert len(done) == STARTUP + 3
    unbuilt = [trial for trial in done if trial.constraints[BUILDABLE] > 0]
    assert 0 < len(unbuilt) < len(done)
    assert len({tuple(trial.constraints) for trial in done}) == 1


@pytest.mark.parametrize(("sampler", "package"), [("gp", "torch"), ("cmaes", "cmaes")])
def test_a_package_that_is_missing_is_named_with_its_extra(
    sampler: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == package else there(name, *a))
    with pytest.raises(OptimizeError) as error:
        check_sampler(sampler, 1, (), [Number("a", 0.0, 1.0)])
    text = str(error.value)
    assert f"sampler {sampler!r} needs the package {package!r}, which is not installed" in text
    assert text.endswith("pip install hmcsim[gp]" if sampler == "gp" else "pip install cmaes")
    assert "\n" not in text
