"""From weights and gaze to meshes of the true wearer, which errors in mm compare (UFE 5.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from faces.builtin import GAZE_AZIMUTH, GAZE_ELEVATION
from faces.mesh import HeadMesh
from faces.protocol import HeadModel

BATCH = 32
"""Meshes decoded at a time; each takes some 2 MB."""


class DescribedHead(HeadModel, Protocol):
    """A head model that reads its wearers back from labels."""

    def described(self, plain: Mapping[str, Any]) -> Any:
        """The wearer of a label's `wearer.shape`."""
        ...


def decoded(
    head: DescribedHead, shape: Mapping[str, Any], weights: NDArray[np.floating], gaze: NDArray[np.floating]
) -> HeadMesh:
    """Meshes (F, …) of a wearer; weights and gaze are clipped to what faces can do.

    Args:
        shape: the wearer, as in labels.
        weights: (F, E).
        gaze: (F, 2, 2) rad.
    """
    return head.mesh(head.described(shape), np.clip(weights, 0, 1).astype(np.float64), clipped_gaze(gaze))


def clipped_gaze(gaze: NDArray[np.floating]) -> NDArray[np.float64]:
    """(…, 2) rad, within what eyes can do."""
    azimuth = np.clip(gaze[..., 0], -GAZE_AZIMUTH, GAZE_AZIMUTH)
    elevation = np.clip(gaze[..., 1], *GAZE_ELEVATION)
    return np.stack([azimuth, elevation], axis=-1, dtype=np.float64)


def batches_by_wearer(labels: Sequence[Mapping[str, Any]]) -> Iterator[NDArray[np.intp]]:
    """Indices of frames of one wearer, at most `BATCH` at a time."""
    wearers: dict[Any, list[int]] = {}
    for k, label in enumerate(labels):
        wearers.setdefault(label["identity"], []).append(k)
    for indices in wearers.values():
        for start in range(0, len(indices), BATCH):
            yield np.array(indices[start : start + BATCH], np.intp)
