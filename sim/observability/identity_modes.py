"""How faces differ from wearer to wearer, in few directions: principal components of neutral faces of the population.

Turk and Pentland's eigenfaces, on shapes: the modes are mixtures of drawn wearers, so that any head model has them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.protocol import HeadModel, Identity
from sim.observability.albedo_field import LABEL_OUTSIDE
from sim.seeding import generator

DRAWN = 64
"""Wearers that the modes are made of."""


@dataclass(frozen=True, eq=False)
class IdentityModes:
    """Directions in which wearers differ, one SD of the population each.

    Attributes:
        wearers: n drawn ones.
        mixtures: (M, n) weights for `HeadModel.blended`.
        rms_m: (M,) how far a step of one SD moves the face, RMS, m.
        kept: share of the population's variance in all modes together.
    """

    wearers: tuple[Identity, ...]
    mixtures: NDArray[np.float64]
    rms_m: NDArray[np.float64]
    kept: float

    def moved(self, head: HeadModel, identity: Identity, mode: int, amount: float) -> Identity:
        """A wearer, `amount` SDs along a mode."""
        return head.blended(identity, self.wearers, amount * self.mixtures[mode])


def identity_modes(head: HeadModel, count: int, drawn: int = DRAWN) -> IdentityModes:
    """The first modes of a head model's population; the same at every call."""
    wearers = tuple(head.sample_identity(generator(0, "identity modes", i)) for i in range(drawn))
    topology = head.topology
    face = np.unique(topology.triangles[[topology.region_labels[i] != LABEL_OUTSIDE for i in topology.region_ids]])
    shapes = np.stack([head.mesh(wearer).vertices[face].ravel() for wearer in wearers])
    centred = shapes - shapes.mean(axis=0)
    values, vectors = np.linalg.eigh(centred @ centred.T / (drawn - 1))
    order = np.argsort(values)[::-1][:count]
    # Mode k is Σ_i v_ik (x_i − mean) / √λ (n − 1), times √λ: a step of one SD. The weights sum to 0.
    mixtures = vectors[:, order].T / np.sqrt(drawn - 1)
    return IdentityModes(
        wearers, mixtures, np.sqrt(values[order] / len(face)), float(values[order].sum() / values.sum())
    )
