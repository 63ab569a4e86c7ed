"""Regions of an image on its device: their boxes and pixels, of which a few hundred numbers come to the host."""

from __future__ import annotations

import numpy as np
import warp as wp

from sim.dataset.region_kernels import bound_regions, tell_segments

_FAR = 2**31 - 1


def boxes_on_device(region: wp.array, labels: int) -> tuple[list[list[int] | None], list[int]]:
    """Of each of so many labels the box (left, top, right, bottom; inclusive), None where it is not seen, and pixels.

    Args:
        region: (H, W) wp.int32, see `sim.render.frame.CameraFrame`.
    """
    start = np.tile(np.array([_FAR, _FAR, -1, -1, 0], np.int32), (labels, 1))
    bounds = wp.array(start, dtype=int, device=region.device)
    wp.launch(bound_regions, dim=region.shape, inputs=[region], outputs=[bounds], device=region.device)
    rows = bounds.numpy().tolist()
    return [row[:4] if row[4] else None for row in rows], [row[4] for row in rows]


def segments_on_device(region: wp.array, nothing: int, shell: int) -> wp.array:
    """(H, W) wp.uint8; see `sim.dataset.frame.seg_image`."""
    out = wp.empty(region.shape, dtype=wp.uint8, device=region.device)
    wp.launch(tell_segments, dim=region.shape, inputs=[nothing, shell, region], outputs=[out], device=region.device)
    return out
