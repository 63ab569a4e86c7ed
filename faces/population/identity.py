"""One wearer of the built-in head, as plain immutable data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faces.errors import FaceError
from faces.population.measurements import NAMES
from faces.population.phenotype import Phenotype

DECIMALS = 6
"""Coefficients are rounded so far, so that the last bits of a machine's linear algebra do not make another person."""


@dataclass(frozen=True, eq=False)
class Identity:
    """A wearer; equal and hashed by value.

    The face is `scale * (template + coefficients @ shape_basis)` of `faces.asset.HeadAsset`, its eyes likewise.

    Attributes:
        phenotype: sex, age, ancestry, build.
        group: the survey's group the measurements were drawn for; "all" for the mean wearer.
        measurements_mm: (18,) as drawn, in the order of `measurements.NAMES`; the face meets the listed ones closely.
        scale: of the whole head.
        coefficients: (S,) float64, read-only, weights of the asset's shapes.
    """

    phenotype: Phenotype
    group: str
    measurements_mm: tuple[float, ...]
    scale: float
    coefficients: NDArray[np.float64]

    def __post_init__(self) -> None:
        coefficients = np.round(np.array(self.coefficients, np.float64), DECIMALS) + 0.0  # + 0.0: no negative zeros
        if coefficients.ndim != 1 or not np.isfinite(coefficients).all():
            raise FaceError(f"`coefficients` must be a finite vector, got shape {coefficients.shape}")
        if not 0.5 < self.scale < 2.0:
            raise FaceError(f"`0.5 < scale < 2` must hold for an identity, got {self.scale}")
        coefficients.setflags(write=False)
        object.__setattr__(self, "coefficients", coefficients)
        object.__setattr__(self, "scale", round(float(self.scale), DECIMALS))
        object.__setattr__(self, "measurements_mm", tuple(round(float(x), 3) for x in self.measurements_mm))

    @property
    def sex(self) -> str:
        """ "male", "female", or "both" for the mean wearer."""
        return self.phenotype.sex

    @property
    def age_years(self) -> float:
        """Age in years."""
        return self.phenotype.age_years

    def describe(self) -> dict[str, object]:
        """Plain data that identifies the wearer in labels and reports; coefficients that are zero are left out."""
        return {
            **{k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(self.phenotype).items()},
            "group": self.group,
            "measurements_mm": dict(zip(NAMES, self.measurements_mm, strict=True)),
            "scale": self.scale,
            "coefficients": {str(i): float(self.coefficients[i]) for i in np.flatnonzero(self.coefficients)},
        }

    @classmethod
    def from_description(cls, plain: Mapping[str, Any], shapes: int) -> Identity:
        """The wearer of `describe`: the same face to the last bit; age and the like as rounded there.

        Args:
            shapes: how many the head model has.

        Raises:
            FaceError: not a description of this model's.
        """
        try:
            coefficients = np.zeros(shapes)
            for index, value in plain["coefficients"].items():
                coefficients[int(index)] = value
            qualities = {part.name: plain[part.name] for part in fields(Phenotype)}
            measured = tuple(float(plain["measurements_mm"][name]) for name in NAMES)
            return cls(Phenotype(**qualities), str(plain["group"]), measured, float(plain["scale"]), coefficients)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise FaceError(f"a wearer's description must be one of this head model, got {error!r} in it") from None

    def _key(self) -> tuple[object, ...]:
        return self.phenotype, self.group, self.measurements_mm, self.scale, self.coefficients.tobytes()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())
