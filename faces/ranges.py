"""Checks that looks and their priors share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from faces.errors import FaceError

Range = tuple[float, float]


def check_ranges(part: object, ranges: Mapping[str, Range]) -> None:
    """Attributes of `part` must lie in their ranges, bounds included; None passes.

    A distribution (an attribute with `low` and `high`) must do so wholly, so that no draw leaves the range.

    Raises:
        FaceError: one does not; the message names it, its range, its value and the part's type.
    """
    owner = type(part).__name__
    for name, (low, high) in ranges.items():
        value = getattr(part, name)
        rule = f"`{low:g} <= {name} <= {high:g}` must hold"
        if hasattr(value, "low"):
            if not low <= value.low <= value.high <= high:
                raise FaceError(f"{rule}, got {value.low:g} to {value.high:g} ({owner})")
        elif value is not None and not low <= value <= high:
            raise FaceError(f"{rule}, got {value:g} ({owner})")


def check_pair(part: object, name: str, low: float, high: float) -> None:
    """Both numbers of a pair, 850 and 940 nm, must lie between `low` and `high`, bounds left out.

    Raises:
        FaceError: they do not, or are not two.
    """
    pair: Sequence[float] = getattr(part, name)
    if len(pair) != 2 or not all(low < value < high for value in pair):
        owner = type(part).__name__
        raise FaceError(f"`{low:g} < {name} < {high:g}` must hold at 850 and 940 nm, got {pair} ({owner})")


def check_seed(part: object) -> None:
    """`part.seed` must not be negative.

    Raises:
        FaceError: it is.
    """
    seed: int = getattr(part, "seed")  # noqa: B009  (every look has one)
    if seed < 0:
        raise FaceError(f"`seed >= 0` must hold, got {seed} ({type(part).__name__})")
