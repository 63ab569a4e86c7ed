"""Proposals that break a constraint are drawn again, and what comes of it is repeatable."""

from __future__ import annotations

from pathlib import Path

import pytest
from optuna.trial import FrozenTrial

from optimize.errors import OptimizeError
from optimize.results.front import margins_of
from optimize.study.run import Where, prepare, run
from tests.optimize.search_cases import HEAD, faces, green, part, settings

WIDE = {"above": {"box": {"low_mm": [0, 20, 20], "high_mm": [0, 60, 70]}}}
"""Much of it lies in the face, in the barrels or outside the shell."""


def trials(folder: Path, count: int, redraws: int, resume: bool = False, sampler: str = "tpe") -> list[FrozenTrial]:
    chosen = settings("power_mw", "leds", redraws=redraws, sampler=sampler)
    search = prepare(green(), part(mounts=WIDE), HEAD, chosen, Where(folder, resume=resume), count, faces=faces())
    run(search)
    return search.study.get_trials()


def breaks(trial: FrozenTrial) -> bool:
    return not all(margin.feasible for margin in margins_of(trial).values())


@pytest.mark.parametrize("sampler", ["tpe", "nsga2", "random"])
def test_trials_are_not_spent_on_what_breaks_a_constraint(tmp_path: Path, sampler: str) -> None:
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    plain = trials(tmp_path / "without", 10, 0, sampler=sampler)
    drawn_again = trials(tmp_path / "with", 10, 60, sampler=sampler)
    assert sum(breaks(trial) for trial in plain) >= 3
    assert not any(breaks(trial) for trial in drawn_again)
    assert drawn_again[0].params == plain[0].params  # the existing layout is still the first
    assert len({str(trial.params) for trial in drawn_again}) == 10


def test_a_resumed_study_equals_one_run_straight(tmp_path: Path) -> None:
    for name in ("straight", "parts"):
        (tmp_path / name).mkdir()
    straight = trials(tmp_path / "straight", 8, 20)
    trials(tmp_path / "parts", 5, 20)
    resumed = trials(tmp_path / "parts", 8, 20, resume=True)
    assert [t.params for t in resumed] == [t.params for t in straight]
    with pytest.raises(OptimizeError, match="redraws: 20 then, absent now"):
        trials(tmp_path / "parts", 9, 0, resume=True)


def test_how_often_is_checked() -> None:
    with pytest.raises(OptimizeError, match="redraws >= 0"):
        settings(redraws=-1)
