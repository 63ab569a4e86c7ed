"""Scores as a search's objectives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimize.objectives.objective import Scored
from optimize.objectives.registry import find_objectives
from sim.metrics.score import score
from tests.optimize.search_cases import HEAD, SCORE, green


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
