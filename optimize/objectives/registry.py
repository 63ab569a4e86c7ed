"""All objectives by name. A new kind is a module with `parse` and `names`, listed in `SOURCES`."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Protocol

from headsets.headset import Headset
from optimize.errors import OptimizeError
from optimize.objectives import observability, parts, scores
from optimize.objectives.objective import Objective
from sim.metrics.result import group_name


class Source(Protocol):
    """What offers objectives; `groups` are those of the headset's regions ("eye", "mouth", …)."""

    def parse(self, text: str, groups: tuple[str, ...]) -> Objective | None: ...

    def names(self, groups: tuple[str, ...]) -> list[str]: ...


SOURCES: tuple[Source, ...] = (scores, observability, parts)


def find_objectives(texts: Sequence[str], headset: Headset) -> tuple[Objective, ...]:
    """Objectives by name, in order.

    Raises:
        OptimizeError: none, a name that no source knows, or one asked for twice.
    """
    regions = [region for camera in headset.cameras.values() for region in camera.sees]
    groups = tuple(dict.fromkeys(group_name(region) for region in regions))
    found = []
    for text in texts:
        objective = next((o for source in SOURCES if (o := source.parse(text, groups)) is not None), None)
        if objective is None:
            raise OptimizeError(f"unknown objective {text!r}; {_hint(text, groups)}")
        found.append(objective)
    names = [objective.name for objective in found]
    if len(set(names)) != len(names) or not names:
        raise OptimizeError(f"`--objective` must name each objective once, and at least one, got {texts or 'none'}")
    return tuple(found)


def _hint(text: str, groups: tuple[str, ...]) -> str:
    known = [name for source in SOURCES for name in source.names(groups)]
    name, colon, _ = text.partition(":")
    if colon and name in known:
        return f"did you mean {name!r}? Scores may end in :mean or :p5, other objectives in nothing"
    regions = list(dict.fromkeys(one.partition(".")[0] for one in known if "." in one))
    group, dot, _ = name.partition(".")
    if dot and not difflib.get_close_matches(group, regions, n=1):
        return f"regions: {', '.join(regions)}"
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"valid: {', '.join(known)}; scores also with :mean or :p5"
