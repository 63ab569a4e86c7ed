"""Scores that a paper publishes, to stand beside ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedScore:
    """A paper's figures for one headset.

    Attributes:
        source: where they stand.
        regions: group -> metric -> value, named as in `ScoreResult`.
    """

    source: str
    regions: Mapping[str, Mapping[str, float]]


def _refa(eye: tuple[float, float], mouth: tuple[float, float], glabella: tuple[float, float]) -> PublishedScore:
    rows = {"eye": eye, "mouth": mouth, "glabella": glabella}
    return PublishedScore(
        "Zhang et al., REFA: Real-time Egocentric Facial Animations for Virtual Reality, CVPRW 2023, figure 1",
        {group: {"visibility": v, "range_of_motion": m} for group, (v, m) in rows.items()},
    )


PUBLISHED: Mapping[str, PublishedScore] = {
    "refa_green": _refa((0.508, 5.184), (0.213, 12.906), (0.268, 9.201)),
    "refa_orange": _refa((0.494, 3.782), (0.133, 7.349), (0.351, 8.143)),
    "refa_red": _refa((0.473, 4.203), (0.104, 7.349), (0.361, 6.274)),
}
"""By headset name. Figure 1 prints M to three decimals in pixels of a 400×400 image and says neither which
expressions nor which keypoints it was taken over."""
