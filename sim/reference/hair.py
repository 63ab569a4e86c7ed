"""Brows, beard and lashes as Mitsuba curves: round strands of the widths that grew, each with its albedo.

A strand is a Lambertian cylinder under the same GGX lobe as other dry hair (`faces.materials`, "lash"). Ours scatters
half of the diffuse light evenly and has Marschner's two highlights, shifted towards root and tip, which this has not.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.hair.strands import Strands
from faces.materials import MATERIALS
from faces.mesh import ALBEDO_NM
from sim.reference.materials import solid
from sim.reference.variant import load_mitsuba

LEVELS = 24
"""Strands share a shape if their albedos fall into the same of so many steps from 0 to 1 at each wavelength."""


def hair_parts(strands: Strands, pose: RigidTransform, wavelengths: list[float], specular: bool) -> dict[str, Any]:
    """Mitsuba shapes by name, device frame."""
    points = pose.apply(strands.points.reshape(-1, 3).astype(np.float64)).reshape(strands.points.shape)
    nodes = np.concatenate([points, 0.5 * strands.widths[..., None]], -1)
    albedo = np.stack([np.interp(w, ALBEDO_NM, [0.0, 1.0]) for w in wavelengths])[:, None]
    albedo = strands.albedo[0] + albedo * (strands.albedo[1] - strands.albedo[0])  # (wavelengths, S)
    _, group = np.unique(np.rint(albedo * LEVELS), axis=1, return_inverse=True)
    parts = {}
    for k in range(int(group.max()) + 1):
        own = group.ravel() == k
        bsdf = solid(MATERIALS["lash"], albedo[:, own].mean(1).tolist(), specular)
        parts[f"hair{k}"] = _curves(nodes[own], bsdf)
    return parts


def _curves(nodes: NDArray[np.float64], bsdf: dict[str, Any]) -> Any:
    """A shape of strands (S, P, 4), points and radii; Mitsuba reads them from a file alone."""
    strands = ["\n".join(" ".join(f"{x:.9g}" for x in node) for node in strand) for strand in nodes.tolist()]
    with tempfile.TemporaryDirectory(prefix="hmcsim-") as folder:
        file = Path(folder) / "strands.txt"
        file.write_text("\n\n".join(strands) + "\n")
        return load_mitsuba().load_dict({"type": "linearcurve", "filename": str(file), "bsdf": bsdf})
