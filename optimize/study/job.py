"""All that one worker of a search needs; plain enough to be sent to another process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from faces.protocol import HeadModel
from headsets.build import build_headset
from headsets.load import dump_headset, parse_file
from headsets.schema.search import SearchPart
from optimize.constraints.check import Checker
from optimize.constraints.worn_faces import WornFaces
from optimize.errors import OptimizeError
from optimize.objectives.registry import find_objectives
from optimize.space.space import Space, space_of
from optimize.study.evaluate import Evaluator
from optimize.study.posed_heads import PosedHeads
from optimize.study.redraw import RedrawingSampler
from optimize.study.samplers import SeededSampler, check_sampler
from optimize.study.settings import SearchSettings


@dataclass(frozen=True, eq=False)
class SearchJob:
    """Attributes:
    headset: YAML text of its file.
    source: where that was read from; meshes are found beside it.
    part: the search space, where it is not the file's own.
    trials: how many the study shall have in all.
    shared: whether other workers ask the same study.
    """

    headset: str
    source: Path | None
    part: SearchPart | None
    settings: SearchSettings
    head: HeadModel
    faces: WornFaces
    url: str
    study: str
    trials: int
    shared: bool
    heartbeat_s: int
    grace_s: int

    def space(self) -> Space:
        """See `space_of`."""
        return space_of(build_headset(parse_file(self.headset, str(self.source)), self.source), self.part)

    def set_up(self) -> tuple[SeededSampler, Evaluator]:
        """Sampler and evaluator for this process."""
        settings, space = self.settings, self.space()
        checker = Checker(space, self.faces)
        objectives = find_objectives(settings.objectives, space.base)
        constraints = checker.names if settings.constrained else ()
        kind = check_sampler(settings.sampler, len(objectives), constraints, space.axes)
        redraws = settings.redraws if settings.constrained else 0
        wrap = partial(RedrawingSampler, checker=checker, redraws=redraws) if redraws else None
        return (
            SeededSampler(kind, settings.seed, settings.population, self.shared, wrap),
            Evaluator(checker, objectives, PosedHeads(self.head), settings),
        )


def headset_text(space: Space) -> str:
    """The YAML text of a space's headset.

    Raises:
        OptimizeError: more cameras than a file describes.
    """
    if space.base.spec is None:
        raise OptimizeError("`headset.spec` must be there to search, got None")
    return dump_headset(space.base)
