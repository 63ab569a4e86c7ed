"""Hair of a frame on the device: strands, the light on them, the shade they cast; drawn over each camera's image."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
import warp as wp
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.hair.strands import Strands
from sim.render.hair_light import FAR_BITS, STATIONS, shade_skin, splat
from sim.render.scene import Fixed, Moving
from sim.render.strands import dim_skin, draw_strands, lay_strands_over
from sim.render.structs import Hair, Leds
from sim.render.targets import LensView

OPACITY_SIZE = 128
"""Texels of an opacity map across an LED's hemisphere: 1.2 mm on the axis at 40 mm, where vertices are 1.5 mm apart."""

SPLATTED = 1500
"""Strands that opacity maps are made of; of more, one stands for several."""


class HairPass:
    """Strands from the head's frame to the image; arrays are reused.

    Attributes:
        has_lashes: whether lashes are among the strands, so that the mesh's ribbons need not be seen.

    Call `prepare` once a frame, with the shadow maps drawn, then `dim` and `draw` for each image.
    """

    def __init__(self, device: wp.Device) -> None:
        self._device = device
        self._hair = Hair()
        self._leds = Leds()
        self._shaded: tuple[NDArray[np.int32], wp.array] | None = None
        self._hairy: WeakKeyDictionary[Fixed, tuple[NDArray[np.int32], wp.array]] = WeakKeyDictionary()
        self._share = wp.ones(1, dtype=float, device=device)
        self._images: dict[int, tuple[wp.array, wp.array]] = {}
        self._ready = False
        self.has_lashes = False

    def clear(self) -> None:
        """There is no hair."""
        self._ready = self.has_lashes = False

    def prepare(
        self, strands: Strands, T_device_head: RigidTransform | None, leds: Leds, fixed: Fixed, moving: Moving
    ) -> None:
        """Upload a frame's strands, light them, and find how much light they leave to the skin."""
        self._upload(strands, T_device_head, leds.count)
        self._leds, hair = leds, self._hair
        if self._share.shape[0] != fixed.vertices:
            self._share = wp.empty(fixed.vertices, dtype=float, device=self._device)
        self._share.fill_(1.0)
        if self._shaded is None or self._shaded[0] is not strands.vertices:
            self._shaded = (strands.vertices, wp.array(strands.vertices, dtype=int, device=self._device))
        if leds.count and leds.shadows:
            stride = max(strands.grown // SPLATTED, 1)
            wp.launch(
                splat, dim=hair.count, inputs=[stride, strands.left, strands.grown, hair, leds], device=self._device
            )
            inputs = [self._shaded[1], moving.vertices, hair, leds, self._share]
            wp.launch(shade_skin, dim=len(strands.vertices), inputs=inputs, device=self._device)
        self._ready, self.has_lashes = True, strands.grown < strands.count
        self._vertices = strands.vertices

    def dim(
        self, lens: LensView, fixed: Fixed, moving: Moving, ids: wp.array, pose: tuple[wp.mat33, wp.vec3],
        chunk: int, outputs: list[wp.array],
    ) -> None:  # fmt: skip
        """Shade the skin under hair in `outputs`, radiance and irradiance, before silhouettes are blended."""
        if not self._ready or not self._leds.shadows:
            return
        inputs = [chunk, ids, lens.grid.rays, fixed.triangles, self._under(fixed), moving.pose.positions, self._share]
        count = lens.grid.width * lens.grid.height // chunk
        wp.launch(dim_skin, dim=count, inputs=[*inputs, *pose], outputs=outputs, device=self._device)

    def draw(
        self, lens: LensView, ranges: wp.array, pose: tuple[wp.mat33, wp.vec3], chunk: int, radiance: wp.array
    ) -> None:
        """Blend the strands over the finished image."""
        if not self._ready:
            return
        pixels = lens.grid.width * lens.grid.height
        if pixels not in self._images:
            depths = wp.zeros(pixels, dtype=int, device=self._device)
            self._images[pixels] = (depths, wp.zeros(pixels, dtype=wp.int64, device=self._device))
        layer = self._images[pixels]
        strands = 1 if self._device.is_cuda else self._hair.count
        inputs = [strands, self._hair, self._leds, *pose, lens.grid, lens.directions, ranges, *layer]
        wp.launch(draw_strands, dim=self._hair.count // strands, inputs=inputs, device=self._device)
        wp.launch(lay_strands_over, dim=pixels // chunk, inputs=[chunk, *layer, radiance], device=self._device)

    def _upload(self, strands: Strands, T_device_head: RigidTransform | None, leds: int) -> None:
        points, normals = strands.points, strands.normals
        if T_device_head is not None:
            rotation = T_device_head.rotation.as_matrix().astype(np.float32)
            points = points @ rotation.T + T_device_head.translation.astype(np.float32)
            normals = normals @ rotation.T
        hair, device = self._hair, self._device
        count, nodes = points.shape[:2]
        hair.count, hair.nodes, hair.size = count, nodes, OPACITY_SIZE
        hair.points = wp.array(points.reshape(-1, 3), dtype=wp.vec3, device=device)
        hair.widths = wp.array(strands.widths.ravel(), dtype=float, device=device)
        hair.normals = wp.array(normals, dtype=wp.vec3, device=device)
        hair.albedo0, hair.albedo1 = (wp.array(a, dtype=float, device=device) for a in strands.albedo)
        if hair.light is None or hair.light.shape[0] != count * STATIONS * max(leds, 1):
            hair.light = wp.empty(count * STATIONS * max(leds, 1), dtype=float, device=device)
            hair.lit = wp.empty(count, dtype=int, device=device)
        texels = max(leds, 1) * OPACITY_SIZE**2
        if hair.opacity is None or hair.opacity.shape[0] != texels:
            hair.opacity = wp.empty(texels, dtype=int, device=device)
            hair.near = wp.empty(texels, dtype=int, device=device)
        hair.lit.zero_()
        hair.opacity.zero_()
        hair.near.fill_(FAR_BITS)

    def _under(self, fixed: Fixed) -> wp.array:
        """(T,) 1 for triangles with a corner that hair may shade."""
        kept = self._hairy.get(fixed)
        if kept is None or kept[0] is not self._vertices:
            marked = np.zeros(fixed.vertices, np.uint8)
            marked[self._vertices] = 1
            flags = marked[fixed.triangles.numpy()].max(axis=1)
            kept = (self._vertices, wp.array(flags, dtype=wp.uint8, device=self._device))
            self._hairy[fixed] = kept
        return kept[1]
