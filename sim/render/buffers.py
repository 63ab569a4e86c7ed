"""Device arrays of one camera's image, reused from frame to frame."""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from sim.render.frame import CameraFrame
from sim.render.targets import RasterTarget

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


class ImageArrays:
    """Pixel arrays for images of one size: what is seen, the buffers, and the work lists of antialiasing."""

    def __init__(self, width: int, height: int, device: wp.Device) -> None:
        pixels = self.pixels = width * height
        self.shape = (height, width)
        self.device = device
        self.target = RasterTarget(1, pixels, True, device)
        self.outputs: dict[str, wp.array] = {}
        self.pairs = wp.empty(2 * pixels, dtype=int, device=device)
        self.work = wp.empty(pixels, dtype=int, device=device)
        self.states = wp.empty(pixels, dtype=int, device=device)
        self.counts = wp.zeros(5, dtype=int, device=device)
        self.weights = wp.zeros(pixels, dtype=wp.vec4, device=device)
        self.sources = wp.zeros(pixels, dtype=wp.vec4i, device=device)
        self.touched = wp.empty(4 * pixels, dtype=int, device=device)
        self.blended = wp.empty(4 * pixels, dtype=float, device=device)
        self.thin_samples = wp.zeros(pixels, dtype=int, device=device)
        self.thin_light = wp.zeros(pixels, dtype=wp.int64, device=device)
        self.thin_rays = wp.zeros((3, 1), dtype=float, device=device)
        self.thin_radiance = wp.zeros(1, dtype=float, device=device)
        self.thin_work = wp.zeros(1, dtype=int, device=device)
        self.thin_boxes = wp.zeros(1, dtype=wp.vec4i, device=device)
        self.edge_rays = wp.zeros((3, 1), dtype=float, device=device)
        self.edge_ids = self.edge_work = wp.zeros(1, dtype=int, device=device)
        self.edge_radiance = self.edge_shares = wp.zeros(1, dtype=float, device=device)
        self._dummies = {t: wp.zeros(1, dtype=t, device=device) for t in set(_TYPES.values())}

    def need_edges(self, samples: int) -> None:
        """Make room for this many samples of light at outlines."""
        if self.edge_ids.shape[0] < samples:
            room = 2 * samples
            self.edge_rays = wp.zeros((3, room), dtype=float, device=self.device)
            self.edge_ids, self.edge_work = (wp.zeros(room, dtype=int, device=self.device) for _ in range(2))
            self.edge_radiance, self.edge_shares = (wp.zeros(room, dtype=float, device=self.device) for _ in range(2))

    def output(self, name: str, wanted: bool = True) -> wp.array:
        """The array of a buffer; one element long where it is not wanted."""
        if not wanted:
            return self._dummies[_TYPES[name]]
        if name not in self.outputs:
            self.outputs[name] = wp.zeros(self.pixels, dtype=_TYPES[name], device=self.device)
        return self.outputs[name]

    def download(self, names: tuple[str, ...], valid: NDArray[np.bool_], resident: tuple[str, ...] = ()) -> CameraFrame:
        """Copies of the buffers as a frame of their own; those of `resident` are made on the device."""
        arrays: dict[str, Any] = {"valid": valid.copy()} if "valid" in names else {}
        for name in names:
            if name == "valid":
                continue
            data = self.outputs[name].numpy()
            arrays[name] = np.array(data.reshape(*self.shape, *data.shape[1:]), copy=True)
        kept = {name: wp.clone(self.outputs[name]).reshape(self.shape) for name in resident}
        return CameraFrame(**arrays, resident=kept)
