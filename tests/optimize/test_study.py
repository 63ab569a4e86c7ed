"""The study: repeatable, resumable, honest about what a sampler can do, early to turn down what is no good."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from optuna.trial import TrialState
from scipy.stats import t as student

from optimize.constraints.check import BUILDABLE
from optimize.errors import OptimizeError
from optimize.objectives import registry
from optimize.objectives.objective import MINIMIZE, Objective
from optimize.results.front import pareto_front, why_none
from optimize.study.evaluate import ATTRIBUTE
from optimize.study.fidelity import LEARN_FROM, dominated, forecast
from optimize.study.posed_heads import PosedHeads
from optimize.study.run import Search, Where, prepare, run
from optimize.study.samplers import SAMPLERS, check_sampler
from optimize.study.storage import without_password
from sim.metrics import score
from sim.seeding import generator
from tests.optimize.search_cases import HEAD, SCORE, checker, faces, green, part, settings, space

BOTH = ("power_mw", "glabella.visible_fraction")
CASES = {
    "tpe": settings(*BOTH),
    "nsga2": settings(*BOTH, sampler="nsga2", population=4),
    "random": settings(sampler="random"),
    "cmaes": settings("power_mw", sampler="cmaes", constrained=False),
}


def search(folder: Path, chosen: object, trials: int, resume: bool = False, **changed: object) -> Search:
    found = prepare(
        green(), part(**changed), HEAD, chosen, Where(folder, resume=resume), trials, faces=faces()  # type: ignore[arg-type]
    )  # fmt: skip
    run(found)
    return found


def outcome(found: Search) -> list[object]:
    return [(t.number, t.state, t.params, t.values, t.constraints, t.user_attrs) for t in found.study.get_trials()]


@pytest.mark.parametrize("name", CASES)
def test_twelve_trials_and_four_resumed_are_sixteen_straight(name: str, tmp_path: Path) -> None:
    for folder in ("straight", "halves"):
        (tmp_path / folder).mkdir()
    straight = search(tmp_path / "straight", CASES[name], 16)
    search(tmp_path / "halves", CASES[name], 12)
    resumed = search(tmp_path / "halves", CASES[name], 16, resume=True)
    assert len(outcome(straight)) == 16
    assert outcome(straight) == outcome(resumed)
    points = {tuple(t.params.values()) for t in straight.study.get_trials()}
    assert len(points) >= 14  # a child may be its parent, but the seeds differ


def test_the_existing_layout_comes_first_and_constraints_reach_the_sampler(tmp_path: Path) -> None:
    found = search(tmp_path, settings(*BOTH), 6)
    first, *others = found.study.get_trials()
    assert first.params == space().existing()[0]
    scores = score([green()], HEAD, SCORE, workers=1).headsets["refa_green"]
    assert first.values[1] == scores.groups["glabella"]["visible_fraction"].mean
    assert first.values[0] == pytest.approx(3.342, abs=1e-3)
    for trial in [first, *others]:
        margins = trial.user_attrs[ATTRIBUTE]["margins"]
        assert set(margins) == set(checker().names)
        assert set(trial.constraints) == {*margins, BUILDABLE}
        for constraint, (value, _, _) in margins.items():
            assert (trial.constraints[constraint] <= 0) == (value >= 0)
        broken = any(value < 0 for value, _, _ in margins.values())
        assert (trial.user_attrs[ATTRIBUTE]["fidelity"] == "geometry") == broken
        if broken:
            assert trial.values[1] == 0  # never scored
            assert trial.values[0] > 0  # known all the same


def test_a_changed_space_is_refused_with_the_difference(tmp_path: Path) -> None:
    search(tmp_path, settings(), 2)
    wider = {"cameras": {"glabella": {"mount": "above", "tilt_deg": [-30, 20]}}}
    with pytest.raises(OptimizeError) as caught:
        search(tmp_path, settings(), 4, resume=True, **wider)
    assert "search.cameras.glabella.tilt_deg: [-20.0, 20.0] then, [-30.0, 20.0] now" in str(caught.value)
    with pytest.raises(OptimizeError, match=r'sampler: "tpe" then, "random" now'):
        search(tmp_path, settings(sampler="random"), 4, resume=True)
    with pytest.raises(OptimizeError, match=r"score\.identities: 2 then, 1 now"):
        search(tmp_path, settings(score=dataclasses.replace(SCORE, identities=1)), 4, resume=True)


def test_studies_are_neither_overwritten_nor_made_up(tmp_path: Path) -> None:
    with pytest.raises(OptimizeError, match=r"no study in .* to resume"):
        search(tmp_path, settings(), 2, resume=True)
    assert list(tmp_path.iterdir()) == []
    search(tmp_path, settings(), 2)
    with pytest.raises(OptimizeError, match="holds a study already"):
        search(tmp_path, settings(), 4)
    other = Where(tmp_path, name="other")  # as of the same headset set otherwise: it would overwrite the results
    with pytest.raises(OptimizeError, match=r"holds a study already \(refa_green\)"):
        prepare(green(), part(), HEAD, settings(), other, 4, faces=faces())
    shared = Where(tmp_path, url=f"sqlite:///{tmp_path / 'shared.db'}", name="mistyped", resume=True)
    with pytest.raises(OptimizeError, match="no study 'mistyped' in the storage to resume"):
        prepare(green(), part(), HEAD, settings(), shared, 4, faces=faces())
    with pytest.raises(OptimizeError, match=r"no study 'other' in .* to resume; there is: refa_green"):
        prepare(green(), part(), HEAD, settings(), dataclasses.replace(other, resume=True), 4, faces=faces())


def test_an_interrupted_trial_changes_nothing_that_follows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("straight", "cut"):
        (tmp_path / folder).mkdir()
    straight = search(tmp_path / "straight", CASES["random"], 6)
    with monkeypatch.context() as patch:
        made = []

        def cut_short(*_: object) -> object:
            made.append(1)
            if len(made) == 5:  # the existing layout is looked at once before the first trial
                raise KeyboardInterrupt
            return checks(*_)  # type: ignore[arg-type]

        from optimize.constraints.check import Checker

        checks = Checker.margins
        patch.setattr(Checker, "margins", cut_short)
        with pytest.raises(KeyboardInterrupt):
            search(tmp_path / "cut", CASES["random"], 6)
    again = search(tmp_path / "cut", CASES["random"], 6, resume=True)
    states = [trial.state for trial in again.study.get_trials()]
    assert states.count(TrialState.FAIL) == 1
    kept = [trial for trial in again.study.get_trials() if trial.state == TrialState.COMPLETE]
    assert [(t.params, t.values) for t in kept] == [(t.params, t.values) for t in straight.study.get_trials()]


def test_samplers_say_what_they_cannot_do() -> None:
    axes = space().axes
    with pytest.raises(OptimizeError, match="'cmaes' takes one objective, got 2"):
        check_sampler("cmaes", 2, (), axes)
    with pytest.raises(OptimizeError, match=r"'cmaes' takes no constraints, got 2 \(face, glasses\).*--no-constraints"):
        check_sampler("cmaes", 1, ("face", "glasses"), axes)
    optional = space(cameras={"glabella": {"optional": True}}).axes
    with pytest.raises(OptimizeError, match=r"numbers alone, got choices: cameras\.glabella\.on"):
        check_sampler("cmaes", 1, (), optional)
    with pytest.raises(OptimizeError, match="unknown sampler 'nsga'; valid: tpe, nsga2"):
        check_sampler("nsga", 1, (), axes)
    for name, kind in SAMPLERS.items():
        if kind.several and kind.needs is None:
            check_sampler(name, 2, ("face",), optional)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(OptimizeError, match="'gp' needs the package 'torch'"):
        check_sampler("gp", 1, (), space().axes)


def test_forecasts_are_students_prediction_interval() -> None:
    rng = np.random.default_rng(0)
    few = rng.normal(0.5, 0.1, (9, 2))
    whole = few + np.array([0.05, -1.0]) + rng.normal(0, [0.01, 0.2], (9, 2))
    signs = np.array([1.0, -1.0])
    found = forecast(np.array([0.4, 0.3]), few, whole, signs)
    assert found is not None
    missed = whole - few
    wide = student.ppf(0.975, 8) * missed.std(0, ddof=1) * np.sqrt(1 + 1 / 9)
    np.testing.assert_allclose(found.expected, np.array([0.4, 0.3]) + missed.mean(0))
    np.testing.assert_allclose(found.best_case, found.expected + signs * wide)
    assert forecast(few[0], few[: LEARN_FROM - 1], whole[: LEARN_FROM - 1], signs) is None


def test_forecasts_cover_what_comes() -> None:
    """One objective's best case is exceeded in one of forty: counted over 4,000 studies."""
    rng = np.random.default_rng(1)
    better = 0
    for _ in range(4000):
        missed = rng.normal(0.1, 0.02, 7)
        found = forecast(np.zeros(1), np.zeros((6, 1)), missed[:6, None], np.ones(1))
        assert found is not None
        better += missed[6] > found.best_case[0]
    assert better / 4000 == pytest.approx(0.025, abs=0.008)


def test_dominance_by_hand() -> None:
    signs = np.array([1.0, -1.0])
    others = np.array([[0.5, 3.0], [0.7, 5.0]])
    for values, beaten in (((0.5, 3.0), False), ((0.5, 3.1), True), ((0.6, 4.0), False), ((0.7, 5.5), True)):
        assert dominated(np.array(values), others, signs) is beaten
    assert dominated(np.array([0.0, 9.0]), [], signs) is False


def test_what_few_faces_turn_down_is_worse_on_all(tmp_path: Path) -> None:
    """With and without turning down early, the same layouts: those turned down are not on the true front."""
    for folder in ("early", "late"):
        (tmp_path / folder).mkdir()
    config = dataclasses.replace(SCORE, identities=3, donnings=2)
    chosen = settings(*BOTH, sampler="random", score=config)
    early = search(tmp_path / "early", chosen, 18)
    late = search(tmp_path / "late", dataclasses.replace(chosen, early=False), 18)
    reached = {t.number: t.user_attrs[ATTRIBUTE]["fidelity"] for t in early.study.get_trials()}
    turned_down = {number for number, how in reached.items() if how == "few"}
    assert turned_down
    assert turned_down.isdisjoint(trial.number for trial in pareto_front(late.study))
    assert [t.number for t in pareto_front(early.study)] == [t.number for t in pareto_front(late.study)]
    for number in turned_down:
        expected, true = early.study.get_trials()[number].values, late.study.get_trials()[number].values
        assert expected[0] == pytest.approx(true[0])  # power needs no face
        assert expected[1] == pytest.approx(true[1], abs=0.05)


def test_a_front_is_what_pairwise_comparison_leaves(tmp_path: Path) -> None:
    found = search(tmp_path, settings(*BOTH, sampler="random", early=False), 12)
    scored = [t for t in found.study.get_trials() if t.user_attrs[ATTRIBUTE]["fidelity"] == "all"]
    left = {
        a.number
        for a in scored
        if not any(b.values[0] <= a.values[0] and b.values[1] >= a.values[1] and b.values != a.values for b in scored)
    }
    assert {trial.number for trial in pareto_front(found.study)} == left
    assert left == {trial.number for trial in found.study.best_trials}  # as Optuna has it
    assert "of 12 trials were scored in full" in why_none(found.study.get_trials())


def test_remembered_heads_are_the_heads() -> None:
    plain = score([green()], HEAD, SCORE, workers=1).to_json()
    remembered = PosedHeads(HEAD)
    for _ in range(2):
        assert score([green()], remembered, SCORE, workers=1).to_json() == plain
    one, other = (remembered.sample_identity(generator(0, "identity", i)) for i in (0, 1))
    assert one is remembered.sample_identity(generator(0, "identity", 0))
    assert one is not other


def test_objectives_by_name() -> None:
    found = registry.find_objectives(["mouth.visible_fraction", "eye.keypoints_dropped:p5", "cameras"], green())
    assert [(o.name, o.direction) for o in found] == [
        ("mouth.visible_fraction:mean", "maximize"), ("eye.keypoints_dropped:p5", "minimize"), ("cameras", "minimize"),
    ]  # fmt: skip
    for text, fragment in (("mouth.visible_fracton", "did you mean 'mouth.visible_fraction'"), ("x", "valid: eye.")):
        with pytest.raises(OptimizeError, match=fragment):
            registry.find_objectives([text], green())
    with pytest.raises(OptimizeError, match="each objective once"):
        registry.find_objectives(["leds", "leds"], green())
    with pytest.raises(OptimizeError, match=r"unknown objective 'mouth\.visible_fraction:p95'"):
        registry.find_objectives(["mouth.visible_fraction:p95"], green())


def test_a_source_of_objectives_is_added_in_one_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Depth:
        def parse(self, text: str, groups: tuple[str, ...]) -> Objective | None:
            def measure(layout: object) -> float:
                return float(max(c.position[2] for c in layout.headset.cameras.values()) * 1e3)  # type: ignore[attr-defined]

            return Objective("depth_mm", MINIMIZE, "mm", 99.0, True, False, measure) if text == "depth_mm" else None

        def names(self, groups: tuple[str, ...]) -> list[str]:
            return ["depth_mm"]

    monkeypatch.setattr(registry, "SOURCES", (*registry.SOURCES, Depth()))
    first = search(tmp_path, settings("depth_mm"), 1).study.get_trials()[0]
    assert first.values == pytest.approx([43.3])


def test_passwords_stay_out_of_messages() -> None:
    assert without_password("postgresql://me:secret@host/db") == "postgresql://me:***@host/db"
    with pytest.raises(OptimizeError, match="cannot open the storage sqlite") as caught:
        prepare(green(), part(), HEAD, settings(), Where(Path("/nowhere/at/all")), 1, faces=faces())
    assert "\n" not in str(caught.value)
