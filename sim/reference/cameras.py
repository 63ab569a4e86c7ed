"""Our lenses as a Mitsuba sensor: a table of rays at the pixels' corners, and bilinear in between.

Mitsuba has no fisheye, and its own distorted lenses are not ours. The plugin is written in Python, which the variant
calls once a sample (3 microseconds). Between corners half a pixel away from its centre a ray is off by less than 1e-5
of a pixel.
"""

from __future__ import annotations

from array import array
from functools import cache
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headsets.headset import Camera
from sim.reference.variant import load_mitsuba


def corner_rays(camera: Camera) -> NDArray[np.float64]:
    """(H + 1, W + 1, 3) unit rays in the device frame at the pixels' corners; NaN where the lens has none."""
    lens = camera.lens
    y, x = np.mgrid[: lens.height_px + 1, : lens.width_px + 1] - 0.5
    rays = np.asarray(lens.unproject(np.stack([x, y], -1)), dtype=np.float64)
    return rays @ camera.T_device_camera.rotation.as_matrix().T


def centre_rays(camera: Camera) -> NDArray[np.float64]:
    """(H, W, 3) unit rays in the device frame at the pixels' centres; NaN where the lens has none."""
    lens = camera.lens
    y, x = np.mgrid[: lens.height_px, : lens.width_px].astype(np.float64)
    rays = np.asarray(lens.unproject(np.stack([x, y], -1)), dtype=np.float64)
    return rays @ camera.T_device_camera.rotation.as_matrix().T


def make_sensor(camera: Camera, spp: int, antialias: bool) -> Any:
    """A Mitsuba sensor for `camera`, in the device frame, with its film and sampler.

    Pixels without a ray at one of their corners (at their centre without `antialias`) stay black.
    """
    width, height = camera.lens.width_px, camera.lens.height_px
    sensor = load_mitsuba().load_dict(
        {
            "type": _plugin(),
            "film": {
                "type": "hdrfilm",
                "width": width,
                "height": height,
                "rfilter": {"type": "box"},
                "pixel_format": "rgb",
                "component_format": "float32",
            },
            # Each dimension of a sample is a function of its index alone: two integrators share what they have in
            # common, see `sim.reference.render`.
            "sampler": {"type": "ldsampler", "sample_count": spp},
        }
    )
    sensor.aim(camera.position, corner_rays(camera) if antialias else centre_rays(camera), width, height)
    return sensor


@cache
def _plugin() -> str:
    """Name of the sensor plugin, registered on the first call."""
    mi = load_mitsuba()

    class RayTable(mi.Sensor):  # type: ignore[misc, name-defined]
        """Rays from one point, given by a table."""

        def aim(self, origin: NDArray[np.float64], rays: NDArray[np.float64], width: int, height: int) -> None:
            """Set the origin (3,) and the rays (H or H + 1, W or W + 1, 3), device frame."""
            self.origin = mi.Point3f(*origin.tolist())
            self.rays = array("d", rays.astype(np.float64).tobytes())
            self.stride = rays.shape[1]
            self.width, self.height = width, height
            self.corners = rays.shape[0] == height + 1
            self.none = mi.RayDifferential3f(self.origin, mi.Vector3f(0.0, 0.0, 1.0)), mi.Color3f(0.0)
            self.all = mi.Color3f(1.0)

        def sample_ray_differential(
            self, time: float, sample1: float, sample2: Any, sample3: Any, active: bool = True
        ) -> tuple[Any, Any]:
            u, v = sample2[0] * self.width, sample2[1] * self.height
            i, j = min(int(u), self.width - 1), min(int(v), self.height - 1)
            k = 3 * (j * self.stride + i)
            r = self.rays
            if self.corners:
                u, v, m = u - i, v - j, k + 3 * self.stride
                a, b, c, d = (1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v
                x = a * r[k] + b * r[k + 3] + c * r[m] + d * r[m + 3]
                y = a * r[k + 1] + b * r[k + 4] + c * r[m + 1] + d * r[m + 4]
                z = a * r[k + 2] + b * r[k + 5] + c * r[m + 2] + d * r[m + 5]
            else:
                x, y, z = r[k], r[k + 1], r[k + 2]
            length = sqrt(x * x + y * y + z * z)
            if not length > 0.0:  # NaN
                return self.none
            s = 1.0 / length
            return mi.RayDifferential3f(self.origin, mi.Vector3f(x * s, y * s, z * s)), self.all

        def bbox(self) -> Any:
            return mi.BoundingBox3f()

    mi.register_sensor("hmcsim_ray_table", RayTable)
    return "hmcsim_ray_table"
