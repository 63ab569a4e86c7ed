"""The interface of a head model; the built-in head, and later FLAME, ICT-FaceKit and glTF adapters, fit it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from faces.look import Look
from faces.mesh import HeadMesh, Topology


@runtime_checkable
class Identity(Protocol):
    """A wearer: opaque to everybody but the model that drew it, yet with a stable, JSON-able description."""

    def describe(self) -> dict[str, object]:
        """Plain data (str, float, list) that identifies the wearer in labels and reports."""
        ...


@runtime_checkable
class HeadModel(Protocol):
    """A parametric head with ARKit expressions and gaze.

    Attributes:
        name: of the model.
        topology: fixed for the model's life.
        expression_names: the blendshapes that `mesh` takes, ARKit names in ARKit order for ARKit models.
        peaks: named peak expressions, each a sparse vector; "neutral" is one of them and is empty.
    """

    name: str
    topology: Topology
    expression_names: tuple[str, ...]
    peaks: Mapping[str, Mapping[str, float]]

    def neutral_identity(self) -> Identity:
        """The mean wearer."""
        ...

    def sample_identity(self, rng: np.random.Generator) -> Identity:
        """A random adult wearer; the generator is the only source of randomness."""
        ...

    def blended(self, identity: Any, others: Sequence[Any], weights: NDArray[np.floating]) -> Identity:
        """The wearer with `weights` times what makes each of the others differ from the mean wearer added.

        Args:
            identity: from this model.
            others: n wearers of this model.
            weights: (n,); of any sign and small: nothing keeps the sum within the population.
        """
        ...

    def mesh(
        self,
        identity: Any,  # the model's own `Identity`: each model takes those that it drew, and no others
        expression: Mapping[str, float] | NDArray[np.floating] | Sequence[Mapping[str, float]] | None = None,
        gaze: NDArray[np.floating] | None = None,
        look: Look | None = None,
    ) -> HeadMesh:
        """Pose the head.

        Args:
            identity: from this model.
            expression: sparse mapping name -> weight in [0, 1]; or a sequence of those (batch of n);
                or an array (*batch, E) in the order of `expression_names`; None: neutral.
            gaze: (2,) azimuth and elevation in rad for both eyes, or (2, 2) left and right eye,
                or (*batch, 2, 2); positive azimuth towards the wearer's left, positive elevation up.
                None: straight ahead. Where the model has ARKit's eyeLook* weights they move the lids alone.
            look: skin, eyes, hair and glasses; None: those of the mean wearer, without glasses.

        Raises:
            UnknownExpressionError: a name the model does not have.
            FaceError: a weight outside [0, 1], not finite, or a gaze beyond the model's range.
        """
        ...
