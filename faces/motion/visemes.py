"""Visemes: mouth shapes of speech sounds, and how much each insists on its own lips and jaw.

Classes follow the usual fifteen of English (pp ff th dd kk sh ss nn rr aa eh ih ee oh oo), with ww. Weights of eight
are those of `faces.expressions`; the others', frequencies and dominance are priors. Frequencies are of sounds in
English speech, rounded; sounds that need closed or rounded lips dominate them (Cohen and Massaro 1993).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from faces.expressions import PEAKS


@dataclass(frozen=True)
class Viseme:
    """One mouth shape.

    Attributes:
        pose: name -> weight, at full articulation.
        share: how common it is among vowels, or among consonants.
        jaw, lips: dominance at its centre.
        closed: whether the lips meet.
    """

    pose: Mapping[str, float]
    share: float
    jaw: float = 1.0
    lips: float = 1.0
    closed: bool = False


def _pose(jaw: float, lower: float, upper: float, **both: float) -> dict[str, float]:
    sides = {"mouthLowerDown": lower, "mouthUpperUp": upper} | both
    return {"jawOpen": jaw} | {f"{name}{side}": weight for name, weight in sides.items() for side in ("Left", "Right")}


CONSONANTS: Mapping[str, Viseme] = {
    "pp": Viseme(PEAKS["viseme_mm"], 0.13, jaw=1.5, lips=4.0, closed=True),
    "ff": Viseme(PEAKS["viseme_ff"], 0.06, jaw=1.2, lips=3.0),
    "th": Viseme(PEAKS["viseme_th"], 0.08, lips=0.8),
    "dd": Viseme(_pose(0.12, 0.25, 0.1), 0.19, lips=0.4),
    "kk": Viseme(_pose(0.2, 0.2, 0.1), 0.12, jaw=0.7, lips=0.3),
    "sh": Viseme(PEAKS["viseme_sh"], 0.04, jaw=1.5, lips=2.0),
    "ss": Viseme(_pose(0.05, 0.35, 0.2, mouthStretch=0.25, mouthSmile=0.15), 0.13, jaw=2.0),
    "nn": Viseme(_pose(0.14, 0.2, 0.05), 0.16, lips=0.3),
    "rr": Viseme({"jawOpen": 0.15, "mouthFunnel": 0.35, "mouthPucker": 0.2}, 0.06, lips=0.8),
    "ww": Viseme({"jawOpen": 0.06, "mouthPucker": 0.75, "mouthFunnel": 0.25}, 0.03, lips=2.5),
}
VOWELS: Mapping[str, Viseme] = {
    "aa": Viseme(PEAKS["viseme_aa"], 0.22),
    "eh": Viseme(_pose(0.38, 0.3, 0.15, mouthStretch=0.2), 0.22),
    "ih": Viseme(_pose(0.2, 0.25, 0.1, mouthStretch=0.25, mouthSmile=0.15), 0.26),
    "ee": Viseme(PEAKS["viseme_ee"], 0.12),
    "oh": Viseme(PEAKS["viseme_oh"], 0.09, lips=1.5),
    "oo": Viseme(PEAKS["viseme_oo"], 0.09, lips=1.5),
}
SILENCE = Viseme({}, 1.0)
VISEMES: Mapping[str, Viseme] = {"sil": SILENCE, **CONSONANTS, **VOWELS}
