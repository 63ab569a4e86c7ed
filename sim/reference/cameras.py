"""Our lenses as Mitsuba sensors: one `radiancemeter` a ray, in a `batch`.

Mitsuba has no fisheye, and its own distorted lenses are not ours. A ray comes from `lens.unproject`, so it is exact,
and no Python runs between samples: a sensor plugin in Python costs 5 microseconds a sample, this 0.5.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headsets.headset import Camera
from sim.reference.variant import load_mitsuba

BATCH = 40_000
"""Rays a sensor, which takes about 1 kB each."""


def device_rays(camera: Camera, side: int = 1) -> NDArray[np.float64]:
    """(H, W, side², 3) unit rays in the device frame through the middles of `side` x `side` parts of each pixel.

    NaN where the lens has none.
    """
    lens = camera.lens
    part = (np.arange(side) + 0.5) / side - 0.5
    y, x = np.mgrid[: lens.height_px, : lens.width_px].astype(np.float64)
    pixels = np.stack(np.broadcast_arrays(x[..., None, None] + part, y[..., None, None] + part[:, None]), -1)
    rays = np.asarray(lens.unproject(pixels), dtype=np.float64) @ camera.T_device_camera.rotation.as_matrix().T
    return rays.reshape(lens.height_px, lens.width_px, side * side, 3)


def make_sensor(origin: NDArray[np.float64], rays: NDArray[np.float64], spp: int) -> Any:
    """A Mitsuba sensor whose film, (1, N), holds the radiance along `rays` (N, 3), device frame.

    `origin`: of all of them (3,), or of each (N, 3).
    """
    mi = load_mitsuba()
    film = {
        "type": "hdrfilm",
        "height": 1,
        "rfilter": {"type": "box"},
        "pixel_format": "rgb",
        "component_format": "float32",
    }
    shared, places = mi.load_dict(film | {"width": 1}), np.broadcast_to(origin, rays.shape).tolist()
    meters = {
        f"ray{k}": {"type": "radiancemeter", "origin": place, "direction": ray, "film": shared}
        for k, (place, ray) in enumerate(zip(places, rays.tolist(), strict=True))
    }
    # Each number that the sampler gives is a function of its dimension and index alone: see `sim.reference.render`.
    sampler = {"type": "ldsampler", "sample_count": spp}
    return mi.load_dict({"type": "batch", "film": film | {"width": len(rays)}, "sampler": sampler} | meters)
