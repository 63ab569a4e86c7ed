"""What each camera of a layout buys: the objectives once more without it, all else as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from faces.protocol import HeadModel
from headsets.errors import UnfitPartsError
from headsets.schema.file import HeadsetFile
from optimize.objectives.objective import Objective
from optimize.space.space import Space
from optimize.study.evaluate import measure
from sim.metrics.config import ScoreConfig

Worth = Mapping[str, Sequence[float]]
"""Camera (its twin goes with it) -> values of the objectives without it."""


def camera_worth(
    spec: HeadsetFile, space: Space, objectives: Sequence[Objective], head: HeadModel, config: ScoreConfig
) -> Worth:
    """Score a layout without each camera in turn, but for those without which there is no headset (a window would be
    left that nothing looks through); nothing where it has but one."""
    if len(spec.cameras) < 2:
        return {}
    found = {}
    for name in spec.cameras:
        left = {other: camera for other, camera in spec.cameras.items() if other != name}
        try:
            headset = space.build(spec.model_copy(update={"cameras": left}))
        except UnfitPartsError:
            continue
        found[name] = measure(headset, objectives, head, config)
    return found
