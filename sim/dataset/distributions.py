"""Distributions of a data-set configuration: every factor that varies is one of them, by name."""

from __future__ import annotations

from typing import Annotated, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from headsets.schema.base import NotNegative, Part

Number = Annotated[float, Field(ge=-1e9, le=1e9)]
CLIP_SD = 3.0


class Normal(Part):
    """Normal, clipped to [low, high]; without them, three standard deviations from the mean."""

    mean: Number = 0.0
    sd: NotNegative
    low: Number | None = None
    high: Number | None = None

    @property
    def support(self) -> tuple[float, float]:
        low = self.mean - CLIP_SD * self.sd if self.low is None else self.low
        return low, self.mean + CLIP_SD * self.sd if self.high is None else self.high

    @model_validator(mode="after")
    def _order(self) -> Self:
        low, high = self.support
        if not low <= self.mean <= high:
            raise ValueError(f"`low <= mean <= high` must hold, got {low:g}, {self.mean:g}, {high:g}")
        return self

    def of(self, rng: np.random.Generator) -> float:
        return float(np.clip(self.mean + self.sd * rng.standard_normal(), *self.support))


class LogNormal(Part):
    """Its logarithm is normal with SD `sigma`; clipped three of them from the median."""

    median: Annotated[float, Field(gt=0, le=1e9)]
    sigma: Annotated[float, Field(ge=0, le=10)]

    @property
    def support(self) -> tuple[float, float]:
        reach = float(np.exp(CLIP_SD * self.sigma))
        return self.median / reach, self.median * reach

    def of(self, rng: np.random.Generator) -> float:
        return float(np.clip(self.median * np.exp(self.sigma * rng.standard_normal()), *self.support))


class Uniform(Part):
    """Even from low to high."""

    low: Number
    high: Number

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"`low <= high` must hold, got {self.low:g} > {self.high:g}")
        return self

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def of(self, rng: np.random.Generator) -> float:
        return float(rng.uniform(self.low, self.high))


class Distribution(Part):
    """One of `normal`, `log_normal`, `uniform`, `constant`."""

    normal: Normal | None = None
    log_normal: LogNormal | None = None
    uniform: Uniform | None = None
    constant: Number | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            names = ", ".join(type(self).model_fields)
            raise ValueError(f"exactly one of {names} must be given, got {' and '.join(given) or 'none'}")
        return self

    @property
    def support(self) -> tuple[float, float]:
        """Between which values every draw lies."""
        if self.constant is not None:
            return self.constant, self.constant
        part = self.normal or self.log_normal or self.uniform
        assert part is not None
        return part.support

    def draw(self, rng: np.random.Generator) -> float:
        """A value; a constant uses no random number."""
        if self.constant is not None:
            return self.constant
        part = self.normal or self.log_normal or self.uniform
        assert part is not None
        return part.of(rng)


def within(low: float, high: float) -> AfterValidator:
    """A validator: every draw lies in [low, high]."""

    def check(value: Distribution) -> Distribution:
        least, most = value.support
        if not (low <= least and most <= high):
            raise ValueError(f"every draw must lie from {low:g} to {high:g}, got draws from {least:g} to {most:g}")
        return value

    return AfterValidator(check)


def normal(sd: float, mean: float = 0.0, low: float | None = None, high: float | None = None) -> Distribution:
    return Distribution(normal=Normal(mean=mean, sd=sd, low=low, high=high))


def log_normal(median: float, sigma: float) -> Distribution:
    return Distribution(log_normal=LogNormal(median=median, sigma=sigma))


def uniform(low: float, high: float) -> Distribution:
    return Distribution(uniform=Uniform(low=low, high=high))


def constant(value: float) -> Distribution:
    return Distribution(constant=value)
