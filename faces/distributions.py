"""Distributions that looks are drawn from: small, bounded, and told apart by the names of their numbers.

`of` maps one standard normal deviate, `draw` takes its own from a generator. Each raises a `FaceError` where its
numbers do not go together.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from faces.errors import FaceError


@dataclass(frozen=True)
class Normal:
    """Normal, clipped to [low, high]."""

    mean: float
    sd: float
    low: float
    high: float

    def __post_init__(self) -> None:
        _check(self, self.low <= self.mean <= self.high, "low <= mean <= high")
        _check(self, 0 <= self.sd < np.inf, "0 <= sd")

    def of(self, z: float, shift: float = 0.0) -> float:
        """The value `z` standard deviations from the mean, which is moved by `shift`."""
        return float(np.clip(self.mean + shift + self.sd * z, self.low, self.high))


@dataclass(frozen=True)
class Spread:
    """Normal, clipped 2.5 standard deviations from the mean."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        _check(self, -np.inf < self.mean < np.inf and 0 <= self.sd < np.inf, "0 <= sd")

    @property
    def low(self) -> float:
        return self.mean - 2.5 * self.sd

    @property
    def high(self) -> float:
        return self.mean + 2.5 * self.sd

    def of(self, z: float) -> float:
        """The value `z` standard deviations from the mean."""
        return float(np.clip(self.mean + self.sd * z, self.low, self.high))


@dataclass(frozen=True)
class LogNormal:
    """Its logarithm is normal with standard deviation `sigma`; clipped to [low, high]."""

    median: float
    sigma: float
    low: float
    high: float

    def __post_init__(self) -> None:
        _check(self, 0 <= self.low <= self.median <= self.high, "0 <= low <= median <= high")
        _check(self, 0 <= self.sigma < np.inf, "0 <= sigma")

    def of(self, z: float, factor: float = 1.0) -> float:
        """The value `z` standard deviations from the median, which is multiplied by `factor`."""
        return float(np.clip(self.median * np.exp(self.sigma * z) * factor, self.low, self.high))


@dataclass(frozen=True)
class Uniform:
    """Even from low to high."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _check(self, self.low <= self.high, "low <= high")

    def draw(self, rng: np.random.Generator) -> float:
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True)
class Beta:
    """Beta with exponents a and b, stretched from [0, 1] to [low, high]."""

    a: float
    b: float
    low: float
    high: float

    def __post_init__(self) -> None:
        _check(self, self.low <= self.high, "low <= high")
        _check(self, 0.01 <= self.a <= 1e4 and 0.01 <= self.b <= 1e4, "0.01 <= a, b <= 1e4")

    def draw(self, rng: np.random.Generator) -> float:
        # Rounded, so that decimal limits have their decimal difference.
        return float(self.low + round(self.high - self.low, 12) * rng.beta(self.a, self.b))


@dataclass(frozen=True)
class Ageing:
    """Rises from 0 at `from_years` by 1 within `over_years`, with a normal spread; clipped to [low, high]."""

    from_years: float
    over_years: float
    sd: float
    low: float
    high: float

    def __post_init__(self) -> None:
        _check(self, self.low <= self.high, "low <= high")
        _check(self, 0 <= self.from_years <= 120 and 1 <= self.over_years <= 1e4, "over_years >= 1")
        _check(self, 0 <= self.sd < np.inf, "0 <= sd")

    def of(self, z: float, age_years: float) -> float:
        """The value `z` standard deviations from the mean of that age."""
        return float(np.clip((age_years - self.from_years) / self.over_years + self.sd * z, self.low, self.high))


def _check(part: Normal | Spread | LogNormal | Uniform | Beta | Ageing, holds: bool | np.bool_, rule: str) -> None:
    if not holds:
        values = ", ".join(f"{field.name} {getattr(part, field.name):g}" for field in fields(part))
        raise FaceError(f"`{rule}` must hold, got {values} ({type(part).__name__})")
