"""Where cameras of REFA's three layouts may sit: the plausible half of a fit to figure 1, whose poses are unpublished.

Orange and red differ from green mostly in placement. The paper says that their glabella cameras see more but are in
the way of glasses and of the IPD adjustment: here they sit between the lens barrels, which reach them at the smallest
IPD, while green's sits above the barrels and looks down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Mount:
    """A place for a camera, mm, device frame.

    Attributes:
        start: preferred position.
        low, high: box that it stays in.
        conflicts_ipd: whether the lens barrels, at the smallest IPD, come closer than the clearance that every camera
            keeps from them at the middle one.
        v_offset: by how much V may exceed the paper's; the same for layouts whose order it would change.
        m_band: share by which M may be off.
    """

    start: Point
    low: Point
    high: Point
    conflicts_ipd: bool = False
    v_offset: float = 0.0
    m_band: float = 0.04


MOUNTS: Mapping[str, Mapping[str, Mount]] = {
    "refa_green": {
        "eye_left": Mount((56, -24, 34), (30, -42, 20), (72, -10, 50)),
        "mouth_left": Mount((31, -38, 44), (16, -44, 32), (60, -30, 56)),
        "glabella": Mount((0, 36, 46), (0, 24, 36), (0, 44, 56)),
    },
    "refa_orange": {
        "eye_left": Mount((60, -20, 34), (30, -42, 20), (76, -6, 50)),
        "mouth_left": Mount((42, -40, 46), (16, -45, 32), (70, -30, 56)),
        "glabella": Mount((0, -5, 46), (0, -12, 33), (0, 8, 56), conflicts_ipd=True, v_offset=0.02, m_band=0.07),
    },
    "refa_red": {
        "eye_left": Mount((62, -16, 36), (30, -42, 20), (76, -4, 50)),
        "mouth_left": Mount((46, -40, 44), (16, -45, 32), (70, -30, 56)),
        "glabella": Mount((0, -5, 48), (0, -12, 33), (0, 8, 56), conflicts_ipd=True, v_offset=0.02),
    },
}
"""Layout -> camera -> mount: eyes around the barrel rim, mouth at the visor's lower edge, glabella between the eyes."""
