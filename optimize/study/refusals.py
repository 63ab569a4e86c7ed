"""What a search is refused for before wearers are posed, which takes a minute, and before a head is loaded."""

from __future__ import annotations

from collections.abc import Sequence

from optimize.constraints.check import Checker
from optimize.errors import OptimizeError
from optimize.objectives.objective import Objective
from optimize.space.space import Space
from optimize.study.feasible import explain_empty
from optimize.study.samplers import check_sampler
from optimize.study.settings import SearchSettings


def refuse_before_work(space: Space, objectives: Sequence[Objective], settings: SearchSettings) -> None:
    """Refuse what can be seen from the space alone.

    Raises:
        OptimizeError: a sampler that cannot do what is asked, an objective that needs light in a space without any,
            or no layout that keeps the constraints that ask about no wearer.
    """
    checker = Checker(space, None)
    names = checker.names if settings.constrained else ()
    check_sampler(settings.sampler, len(objectives), names, space.axes)
    _refuse_darkness(space, objectives)
    params, _ = space.existing()
    margins = checker.margins(checker.candidate(space.layout(params)))
    if settings.constrained and not all(margin.feasible for margin in margins.values()):
        explain_empty(checker)


def _refuse_darkness(space: Space, objectives: Sequence[Objective]) -> None:
    """Every layout would count as the worst there is, after as many minutes as others take."""
    asking = [objective.name for objective in objectives if objective.light]
    if not asking:
        return
    moved = {m.name: m for m in space.search.movables if m.kind == "leds"}
    for name, led in space.spec.leds.items():
        interval = moved[name].current if name in moved else None
        if (led.current if interval is None else interval[1]) > 0.0:
            return
    got = "LEDs whose current is 0" if space.spec.leds else "none"
    raise OptimizeError(f"`leds` must shine for the objective {asking[0]!r}, got {got} (headset {space.base.name!r})")
