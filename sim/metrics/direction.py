"""Which way a score is good."""

from __future__ import annotations

LOWER_IS_BETTER = frozenset({"keypoints_dropped", "observability_mm", "saturated_fraction", "black_fraction"})
"""All others are better the higher they are."""


def sign(metric: str) -> float:
    """+1 where higher is better, −1 where lower is."""
    return -1.0 if metric in LOWER_IS_BETTER else 1.0


def within(metric: str) -> str:
    """How a limit of this score reads: "<=" where lower is better, ">=" where higher is."""
    return "<=" if metric in LOWER_IS_BETTER else ">="
