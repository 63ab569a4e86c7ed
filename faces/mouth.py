"""Colours of a wearer's mouth."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from faces.materials import MATERIALS
from faces.ranges import check_pair

MATERIAL = {
    "teeth_albedo": "teeth",
    "gums_albedo": "gums",
    "tongue_albedo": "tongue",
    "interior_albedo": "mouth_interior",
}
"""Of `MouthLook`'s numbers."""


@dataclass(frozen=True)
class MouthLook:
    """Diffuse albedos at 850 and 940 nm; all are priors. Gums go with the skin's reflectance besides.

    Raises:
        FaceError: one outside (0.02, 0.95).
    """

    teeth_albedo: tuple[float, float] = MATERIALS["teeth"].albedo
    gums_albedo: tuple[float, float] = MATERIALS["gums"].albedo
    tongue_albedo: tuple[float, float] = MATERIALS["tongue"].albedo
    interior_albedo: tuple[float, float] = MATERIALS["mouth_interior"].albedo

    def __post_init__(self) -> None:
        for name in MATERIAL:
            check_pair(self, name, 0.02, 0.95)


def colour_mouth(albedo: NDArray[np.float32], mean: NDArray[np.float32], mouth: MouthLook) -> NDArray[np.float32]:
    """(2, V) albedo for this mouth; a mean look leaves it exactly as it is.

    Args:
        albedo: (2, V), for the wearer's skin already.
        mean: (2, V) of the mean wearer, which tells by its colours which vertices belong to the mouth.
    """
    for field in fields(mouth):
        wanted, plain = getattr(mouth, field.name), MATERIALS[MATERIAL[field.name]].albedo
        if wanted == plain:
            continue
        inside = (mean == np.array(plain, np.float32)[:, None]).all(axis=0)
        factor = np.where(inside, np.divide(wanted, plain)[:, None], 1.0)
        albedo = (albedo * factor).astype(np.float32)
    return albedo
