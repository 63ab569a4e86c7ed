"""What one camera sees: the buffers of a rendered frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import warp as wp
from numpy.typing import NDArray

from sim.errors import SimError

BUFFERS = (
    "radiance",
    "depth",
    "normal",
    "region",
    "triangle",
    "barycentric",
    "albedo",
    "irradiance",
    "valid",
)
"""Names that `Renderer.render` takes in `buffers`."""
RESIDENT = tuple(name for name in BUFFERS if name != "valid")
"""Names that it takes in `resident`."""

NO_SURFACE = -1
"""`region` and `triangle` where a pixel sees nothing."""
SHELL = -2
"""`region` and `triangle` where a pixel sees the headset's shell."""


@dataclass(frozen=True, eq=False)
class CameraFrame:
    """Buffers of one camera, (H, W) or (H, W, C); those not requested are None. Labels know no hair, and no blending.

    Attributes:
        radiance: float32, W/m²/sr; silhouettes are antialiased, lashes and hair blended by coverage; 0 where nothing
            is seen.
        depth: float32, m along the camera's z axis, NaN where nothing is seen. Negative beyond 90 degrees off axis.
        normal: (H, W, 3) float32, unit shading normal in the camera frame; 0 where nothing is seen.
        region: int32, index into the topology's `region_labels`; -1 nothing, -2 shell.
        triangle: int32, index into the head's triangles; -1 nothing, -2 shell.
        barycentric: (H, W, 3) float32, weights of the triangle's corners; 0 where nothing is seen.
        albedo: float32, diffuse albedo at the LEDs' mean wavelength; 0 where nothing is seen.
        irradiance: float32, W/m² from all LEDs on the surface, shadows included; on what lies behind a lash or a hair,
            where they are blended; 0 where nothing is seen.
        valid: bool, whether the lens has a ray for the pixel.
        resident: those that stay on the renderer's device, by name: Warp arrays of the same shapes (vectors as Warp's
            vec3), which nothing else writes to.
    """

    radiance: NDArray[np.float32] | None = None
    depth: NDArray[np.float32] | None = None
    normal: NDArray[np.float32] | None = None
    region: NDArray[np.int32] | None = None
    triangle: NDArray[np.int32] | None = None
    barycentric: NDArray[np.float32] | None = None
    albedo: NDArray[np.float32] | None = None
    irradiance: NDArray[np.float32] | None = None
    valid: NDArray[np.bool_] | None = None
    resident: Mapping[str, wp.array] = field(default_factory=dict)


def check_buffers(buffers: Iterable[str], known: tuple[str, ...] = BUFFERS) -> tuple[str, ...]:
    """The names as a tuple.

    Raises:
        SimError: a name that is not among the known; the message lists the valid ones.
    """
    names = (buffers,) if isinstance(buffers, str) else tuple(buffers)
    for name in names:
        if name not in known:
            what = "unknown buffer" if name not in BUFFERS else "this buffer cannot stay on the device:"
            raise SimError(f"{what} {name!r}. Buffers: {', '.join(known)}")
    return names
