"""From information to what a designer reads: SDs, millimetres on the face, bits, and what stands in the way.

With θ = (ψ, η), ψ what is asked for and η the nuisances, and Λ = F + Σ_prior⁻¹,

    covariance C = (Λ_ψψ − Λ_ψη Λ_ηη⁻¹ Λ_ηψ)⁻¹        no estimator that uses the prior has less (van Trees, 1968)
    observability_mm of a region = √ tr(C G),          G_ij = Σ_v a_v ∂v/∂ψ_i · ∂v/∂ψ_j / Σ_v a_v

the RMS error of the region's surface, area by area, that the best estimator is left with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.mesh import HeadMesh
from sim.observability.information import Floats, log2_ratio, marginal
from sim.observability.parameters import WANTED, Parameter


@dataclass(frozen=True, eq=False)
class Bound:
    """The bound at one state.

    Attributes:
        covariance: (Q, Q) of what is asked for.
        mm: region -> RMS error of its surface.
        prior_mm: the same without any image.
        bits: gained about what is asked for.
    """

    covariance: Floats
    mm: Mapping[str, float]
    prior_mm: Mapping[str, float]
    bits: float

    @property
    def sd(self) -> Floats:
        """(Q,) SD of each parameter that is asked for, in its unit."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))


def prior_information(parameters: Sequence[Parameter]) -> Floats:
    """(P, P) diagonal."""
    return np.diag([parameter.prior_sd**-2.0 for parameter in parameters])


def wanted_count(parameters: Sequence[Parameter]) -> int:
    """Q: the parameters that are asked for come first."""
    return sum(parameter.group in WANTED for parameter in parameters)


def bound_of(information: Floats, parameters: Sequence[Parameter], gram: Mapping[str, Floats]) -> Bound:
    """The bound from the information (P, P) of all images, without the prior.

    Args:
        information: (P, P).
        parameters: P.
        gram: region -> (Q, Q), see `region_gram`.
    """
    prior = prior_information(parameters)
    count = wanted_count(parameters)
    left = marginal(information + prior, count)
    before = prior[:count, :count]
    covariance = np.linalg.inv(left)
    return Bound(
        0.5 * (covariance + covariance.T),
        {region: _mm(covariance, g) for region, g in gram.items()},
        {region: _mm(np.linalg.inv(before), g) for region, g in gram.items()},
        log2_ratio(left, before),
    )


def region_gram(
    mesh: HeadMesh, motion: NDArray[np.float32], regions: Mapping[str, NDArray[np.intp]]
) -> dict[str, Floats]:
    """Region -> (Q, Q) G, mm² a unit squared.

    Args:
        mesh: of the state.
        motion: (Q, V, 3) m a unit.
        regions: name -> indices of triangles.
    """
    out = {}
    for name, chosen in regions.items():
        areas = vertex_areas(mesh, chosen)
        inside = np.flatnonzero(areas)
        part = motion[:, inside].astype(np.float64) * 1e3 * np.sqrt(areas[inside] / areas.sum())[:, None]
        flat = part.reshape(len(motion), -1)
        out[name] = flat @ flat.T
    return out


def vertex_areas(mesh: HeadMesh, triangles: NDArray[np.intp]) -> Floats:
    """(V,) a third of the area of each vertex's triangles among those chosen, m²."""
    corners = mesh.triangles[triangles]
    a, b, c = (mesh.vertices[corners[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=-1) / 6.0
    out = np.zeros(len(mesh.vertices))
    np.add.at(out, corners, area[:, None])
    return out


def _mm(covariance: NDArray[np.floating], gram: Floats) -> float:
    return float(np.sqrt(max(np.sum(covariance * gram), 0.0)))
