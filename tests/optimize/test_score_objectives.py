"""Scores as a search's objectives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from optimize.errors import OptimizeError
from optimize.objectives.objective import Scored
from optimize.objectives.registry import find_objectives
from optimize.objectives.scores import averages
from optimize.study.run import Where, prepare
from sim.metrics.score import score
from tests.optimize.search_cases import HEAD, SCORE, faces, green, part, settings, space


def test_faces_in_which_nothing_is_seen_count_as_the_worst() -> None:
    """Left out they would make the better layout of one that shows its region in few faces."""
    found = score([green()], HEAD, SCORE, workers=1).headsets["refa_green"]
    metric = "resolution_px_per_mm"
    whole = found.samples["glabella"]["glabella"][metric]
    blind = np.where(np.arange(whole.size).reshape(whole.shape) == 0, whole, np.nan)
    own = {**found.samples["glabella"]["glabella"], metric: blind}
    partly = replace(found, samples={**found.samples, "glabella": {**found.samples["glabella"], "glabella": own}})
    mean, p5 = find_objectives([f"glabella.{metric}", f"glabella.{metric}:p5"], green())
    seen, hardly = (Scored(green(), HEAD, SCORE, scores) for scores in (found, partly))
    assert mean.measure(seen) == pytest.approx(whole.mean())
    assert mean.measure(hardly) == pytest.approx(whole.ravel()[0] / whole.size)
    assert p5.measure(hardly) == 0.0 < p5.measure(seen)


def test_motion_needs_an_expression_that_moves(tmp_path: Path) -> None:
    still = settings("mouth.range_of_motion", score=replace(SCORE, expressions="neutral"))
    with pytest.raises(OptimizeError, match=r"must hold one that moves .*'mouth.range_of_motion:mean', got neutral"):
        prepare(green(), part(), HEAD, still, Where(tmp_path), 1, faces=faces())
    assert list(tmp_path.iterdir()) == []


def test_means_over_cameras_are_remarked_on_where_cameras_may_go() -> None:
    objectives = find_objectives(["glabella.visible_fraction", "glabella.coverage", "cameras"], green())
    assert averages(space(), objectives) == []
    optional = space(cameras={"glabella": {"optional": True}})
    (note,) = averages(optional, objectives)
    assert note.startswith("glabella.visible_fraction:mean is a mean over cameras")
