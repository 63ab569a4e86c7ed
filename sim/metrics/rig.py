"""A headset reduced to what its score depends on: placed cameras, donnings, and what hides the face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headsets.headset import Headset
from headsets.housing import Housing, housing_of
from headsets.lenses.lens import Lens
from sim.errors import SimError
from sim.metrics.config import ScoreConfig
from sim.metrics.visibility import PlacedCamera, place_camera
from sim.seeding import generator

Mesh = tuple[NDArray[np.float64], NDArray[np.int32]]
"""Vertices (V, 3), m, and triangles (T, 3)."""


@dataclass(frozen=True, eq=False)
class RigCamera:
    """A camera without its sensor.

    Attributes:
        T_device_camera: (4, 4), or (D, 4, 4) where it differs from donning to donning; a matrix, for a RigidTransform
            is rounded on its way to another process.
        sees: regions it is for.
        regions: those it is scored on: the configuration's, then those it sees.
        magnification: (D,) of its image in each donning; None: 1.
    """

    name: str
    lens: Lens
    T_device_camera: NDArray[np.float64]
    sees: tuple[str, ...]
    regions: tuple[str, ...]
    magnification: NDArray[np.float64] | None = None

    def placed(self, device_head: NDArray[np.float64]) -> PlacedCamera:
        """The camera seen from the head in donnings (D, 4, 4)."""
        return place_camera(self.lens, self.T_device_camera, device_head, self.magnification)


@dataclass(frozen=True, eq=False)
class Rig:
    """One headset, ready to be scored; plain enough to be sent to another process.

    Attributes:
        cameras: in file order.
        device_head: (I, D, 4, 4) T_device_head of every identity's donnings.
        housing: see `headsets.housing`; None without shell and lens barrels.
        glasses: head frame, or None.
    """

    name: str
    cameras: tuple[RigCamera, ...]
    device_head: NDArray[np.float64]
    housing: Housing | None
    glasses: Mesh | None


def build_rig(headset: Headset, config: ScoreConfig) -> Rig:
    """Draw the donnings and settle regions and glasses.

    The donning generator depends on seed and wearer alone: headsets are compared on the same draws.

    Raises:
        SimError: a headset without cameras.
    """
    if not headset.cameras:
        raise SimError(f"`cameras` must not be empty to be scored (headset {headset.name!r})")
    donnings = [
        headset.donning.sample(generator(config.seed, "donning", i), config.donnings).as_matrix()
        for i in range(config.identities)
    ]
    frame = headset.keep_out.glasses
    worn = frame is not None and (frame.worn if config.glasses is None else config.glasses) and not config.looks
    cameras = [
        RigCamera(
            c.name, c.lens, c.T_device_camera.as_matrix(), c.sees, tuple(dict.fromkeys((*config.regions, *c.sees)))
        )
        for c in headset.cameras.values()
    ]
    return Rig(
        headset.name,
        tuple(cameras),
        np.stack(donnings),
        housing_of(headset),
        frame.mesh() if frame is not None and worn else None,
    )


def build_rigs(headsets: Sequence[Headset], config: ScoreConfig) -> tuple[Rig, ...]:
    """Rigs of several headsets.

    Raises:
        SimError: none, or two of the same name.
    """
    names = [headset.name for headset in headsets]
    if not names:
        raise SimError("`headsets` must name at least one headset to score, got none")
    if len(set(names)) != len(names):
        raise SimError(f"`headsets` must differ in name to be told apart in the scores, got {', '.join(names)}")
    return tuple(build_rig(headset, config) for headset in headsets)
