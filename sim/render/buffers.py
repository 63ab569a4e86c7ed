"""Device arrays of one camera's image, reused from frame to frame."""

from __future__ import annotations

import numpy as np
import warp as wp
from numpy.typing import NDArray

from sim.render.frame import CameraFrame
from sim.render.tables import OUTSIDE, PADDING, UNKNOWN, LensTables

_TYPES = {
    "radiance": wp.float32,
    "depth": wp.float32,
    "normal": wp.vec3,
    "region": wp.int32,
    "triangle": wp.int32,
    "barycentric": wp.vec3,
    "albedo": wp.float32,
    "irradiance": wp.float32,
}


class LensArrays:
    """The tables of one lens on the device."""

    def __init__(self, tables: LensTables, device: wp.Device) -> None:
        self.tables = tables
        self.width, self.height = tables.width, tables.height
        self.rays = wp.array(tables.rays, dtype=float, device=device)
        self.nodes = wp.array(tables.nodes, dtype=wp.vec2, device=device)
        self.bounds = wp.array(tables.bounds, dtype=wp.vec2, device=device)
        self.tiles = wp.array(tables.tiles, dtype=wp.vec4, device=device)
        self.half_width = tables.half_width
        self.beyond = OUTSIDE if tables.complete else UNKNOWN


class ImageArrays:
    """Pixel arrays for images of one size."""

    def __init__(self, width: int, height: int, device: wp.Device) -> None:
        self.shape = (height, width)
        self.device = device
        self.keys = wp.empty(height * width + PADDING, dtype=wp.int64, device=device)
        self.no_ranges = wp.zeros(1, dtype=float, device=device)
        self.outputs: dict[str, wp.array] = {}
        self.weights = wp.empty(height * width, dtype=wp.vec2, device=device)
        self.touched = wp.empty(2 * height * width, dtype=int, device=device)
        self.blended = wp.empty(2 * height * width, dtype=float, device=device)
        self.count = wp.zeros(1, dtype=int, device=device)
        self._dummies = {t: wp.zeros(1, dtype=t, device=device) for t in set(_TYPES.values())}

    def output(self, name: str, wanted: bool) -> wp.array:
        """The array of a buffer; one element long where it is not wanted."""
        if not wanted:
            return self._dummies[_TYPES[name]]
        if name not in self.outputs:
            self.outputs[name] = wp.empty(self.shape[0] * self.shape[1], dtype=_TYPES[name], device=self.device)
        return self.outputs[name]

    def download(self, names: tuple[str, ...], valid: NDArray[np.bool_]) -> CameraFrame:
        """Copies of the buffers as a frame of their own."""
        arrays: dict[str, NDArray] = {"valid": valid.copy()} if "valid" in names else {}
        for name in names:
            if name == "valid":
                continue
            data = self.outputs[name].numpy()
            arrays[name] = np.array(data.reshape(*self.shape, *data.shape[1:]), copy=True)
        return CameraFrame(**arrays)
