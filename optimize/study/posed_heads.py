"""A head model that remembers the faces it has posed: a search scores the same ones for every layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faces.look import Look
from faces.mesh import HeadMesh
from faces.protocol import HeadModel, Identity

MOST_MESHES = 600
"""About a megabyte each."""


class PosedHeads:
    """Fits `faces.protocol.HeadModel`; equal generators give the same identity object, and that the same meshes."""

    def __init__(self, head: HeadModel) -> None:
        self._head = head
        self.name, self.topology = head.name, head.topology
        self.expression_names, self.peaks = head.expression_names, head.peaks
        self._neutral = head.neutral_identity()
        self._identities: dict[str, Identity] = {}
        self._meshes: dict[tuple[int, object], HeadMesh] = {}
        self._count = 0

    def neutral_identity(self) -> Identity:
        """The mean wearer."""
        return self._neutral

    def sample_identity(self, rng: np.random.Generator) -> Identity:
        """See `HeadModel`; a generator whose identity is known is left as it is."""
        key = repr(rng.bit_generator.state)
        if key not in self._identities:
            self._identities[key] = self._head.sample_identity(rng)
        return self._identities[key]

    def blended(self, identity: Any, others: Sequence[Any], weights: NDArray[np.floating]) -> Identity:
        """See `HeadModel`."""
        return self._head.blended(identity, others, weights)

    def mesh(
        self,
        identity: Any,
        expression: Mapping[str, float] | NDArray[np.floating] | Sequence[Mapping[str, float]] | None = None,
        gaze: NDArray[np.floating] | None = None,
        look: Look | None = None,
    ) -> HeadMesh:
        """See `HeadModel`."""
        known = identity is self._neutral or any(identity is one for one in self._identities.values())
        if not known or gaze is not None or look is not None or isinstance(expression, np.ndarray):
            return self._head.mesh(identity, expression, gaze, look)
        key = (id(identity), _key(expression))
        if key not in self._meshes:
            mesh = self._head.mesh(identity, expression)
            size = 1 if expression is None or isinstance(expression, Mapping) else len(expression)
            if self._count + size > MOST_MESHES:
                return mesh
            self._count += size
            self._meshes[key] = mesh
        return self._meshes[key]


def _key(expression: Mapping[str, float] | Sequence[Mapping[str, float]] | None) -> object:
    if expression is None:
        return None
    if isinstance(expression, Mapping):
        return tuple(sorted(expression.items()))
    return tuple(tuple(sorted(one.items())) for one in expression)
