"""Hair of a frame on the device: strands, the light on them, the shade they cast; drawn over each camera's image."""

from __future__ import annotations

import numpy as np
import warp as wp
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.hair.strands import Strands
from sim.render.hair_light import FAR_BITS, STATIONS, shade_skin, splat
from sim.render.scene import Fixed, Moving
from sim.render.strands import draw_strands, lay_strands_over
from sim.render.structs import Hair, Leds
from sim.render.targets import LensView
from sim.render.veil import settle

OPACITY_SIZE = 128
"""Texels of an opacity map across an LED's hemisphere: 1.2 mm on the axis at 40 mm, where vertices are 1.5 mm apart."""

SPLATTED = 1500
"""Strands that opacity maps are made of; of more, one stands for several."""


class HairPass:
    """Strands from the head's frame to the image, and their shade; arrays are reused.

    Attributes:
        has_lashes: whether lashes are among the strands, so that the mesh's ribbons need not be seen.
        share: (V,) of the LEDs' light on vertices that gets through the hair; one number where there is none.

    Call `prepare` once a frame, with the shadow maps drawn and before anything is lit, then `draw` for each image.
    """

    def __init__(self, device: wp.Device) -> None:
        self._device = device
        self._hair = Hair()
        self._leds = Leds()
        self._shaded: tuple[NDArray[np.int32], wp.array] | None = None
        self._ones = wp.ones(1, dtype=float, device=device)
        self._flags = wp.zeros(1, dtype=wp.uint8, device=device)
        self._kept = self._ones
        self.share = self._ones
        self._images: dict[int, tuple[wp.array, wp.array]] = {}
        self._ready = False
        self.has_lashes = False

    def clear(self, leds: Leds) -> None:
        """There is no hair."""
        self._ready = self.has_lashes = False
        self.share = self._ones
        leds.hairs, leds.veil_size, leds.veil, leds.veiled = 0, OPACITY_SIZE, self._ones, self._flags

    def prepare(
        self, strands: Strands, T_device_head: RigidTransform | None, leds: Leds, fixed: Fixed, moving: Moving
    ) -> None:
        """Upload a frame's strands, and find how much light they leave to what is behind them."""
        self._upload(strands, T_device_head, leds.count)
        self._leds, hair = leds, self._hair
        self._ready, self.has_lashes = True, strands.grown < strands.count
        leds.veil, leds.veiled = self._veil, self._veiled
        if not (leds.count and leds.shadows):
            self._veiled.zero_()
            return
        stride = max(strands.grown // SPLATTED, 1)
        self._launch(splat, hair.count, [stride, strands.left, strands.grown, hair, leds])
        self._launch(settle, leds.count * OPACITY_SIZE, [hair, leds])
        leds.hairs = 1
        if self._kept.shape[0] != fixed.vertices:
            self._kept = wp.empty(fixed.vertices, dtype=float, device=self._device)
        self._kept.fill_(1.0)
        self.share = self._kept
        if self._shaded is None or self._shaded[0] is not strands.vertices:
            self._shaded = (strands.vertices, wp.array(strands.vertices, dtype=int, device=self._device))
        self._launch(shade_skin, len(strands.vertices), [self._shaded[1], moving.vertices, hair, leds, self.share])

    def _launch(self, kernel: wp.Kernel, count: int, inputs: list[object]) -> None:
        wp.launch(kernel, dim=count, inputs=inputs, device=self._device)

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
            self._veil = wp.zeros(2 * texels, dtype=float, device=device)
            self._veiled = wp.zeros(texels, dtype=wp.uint8, device=device)
        hair.lit.zero_()
        hair.opacity.zero_()
        hair.near.fill_(FAR_BITS)
