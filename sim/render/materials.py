"""Specular constants of the head's materials for the kernels; the numbers are those of `faces.materials`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faces.materials import MATERIALS
from faces.skin.atlas import MAPPED
from sim.errors import SimError
from sim.render.dipole import LOCAL_SHARE
from sim.render.net import SCATTERING

THIN = ("lash",)
"""Materials of strips narrower than a pixel; see `sim.render.thin`."""


def material_table(
    names: tuple[str, ...], scattering: bool = False, node_light: bool = False
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Numbers of the materials.

    Returns:
        (M, 4) F0, GGX alpha, share of diffuse light that is taken at the pixel itself (what leaves where
        it entered), 1 if skin maps lie on it; (M,) 1 if
        the material is seen from both sides, plus 2 if it is thin.

    Raises:
        SimError: a topology names a material that `faces.materials` does not have.
    """
    for name in names:
        if name not in MATERIALS:
            raise SimError(f"unknown material {name!r} in `topology.material_names`. Materials: {', '.join(MATERIALS)}")
    tissue = 0.0 if node_light else LOCAL_SHARE if scattering else 1.0
    local = {name: tissue if name in SCATTERING else 1.0 for name in names}
    rows = [(MATERIALS[n].f0, MATERIALS[n].alpha, local[n], float(n in MAPPED)) for n in names]
    table = np.array(rows, dtype=np.float32).reshape(-1, 4)
    return table, np.array([MATERIALS[n].two_sided + 2 * (n in THIN) for n in names], dtype=np.uint8)
