"""Transparent sheets in the LEDs' light, from mirrors to the map that the kernels read (see `sim.render.crossings`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import warp as wp
from numpy.typing import NDArray

from sim.render.apertures import SECTORS
from sim.render.crossings import COSINES, Sheets, find_crossings
from sim.render.emitters import PackedLeds
from sim.render.fresnel import coated
from sim.render.mirrors import MirrorSet
from sim.render.structs import Leds

TEXELS = 256
"""Of a map across an LED's hemisphere: 0.3 mm on its axis at 20 mm. Rims, which are opaque, cover most panes' edges."""
_MARGIN = 2
"""Texels around what some points of a sheet span."""


def transmission(
    cosine: NDArray[np.float64], index: float, reflectance: float, inside: float = 1.0
) -> NDArray[np.float64]:
    """Share of light that passes a sheet at these cosines of incidence: both surfaces once, nothing reflected twice.

    Args:
        cosine: of the angle of incidence, any shape.
        index, reflectance: see `sim.render.mirrors.coated`.
        inside: what the material lets through.
    """
    return (1 - coated(cosine, index, reflectance)) ** 2 * inside


def upload_sheets(mirrors: MirrorSet, device: wp.Device) -> Sheets:
    """Mirrors, front surfaces of sheets, as the kernels take them."""
    grid = np.linspace(0.0, 1.0, COSINES + 1)
    parts = zip(mirrors.index, mirrors.reflectance, mirrors.transmission, strict=True)
    out = Sheets()
    out.count = mirrors.count
    out.origins = wp.array(mirrors.origins.astype(np.float32), dtype=wp.vec3, device=device)
    out.turns = wp.array(mirrors.frames.transpose(0, 2, 1).astype(np.float32), dtype=wp.mat33, device=device)
    out.radii = wp.array(mirrors.kernel_radii, dtype=float, device=device)
    out.reach = wp.array(mirrors.reach.astype(np.float32), dtype=float, device=device)
    passed = np.array([transmission(grid, *own) for own in parts])
    out.passed = wp.array(passed.astype(np.float32), dtype=float, device=device)
    return out


class Passages:
    """Fills `Leds.lost`; keeps a layer whose sheets and LEDs are those of the frame before."""

    def __init__(self, device: wp.Device) -> None:
        self._device = device
        self._none = wp.zeros(1, dtype=int, device=device)
        self._nowhere = wp.zeros(1, dtype=wp.vec4, device=device)
        self._nothing = wp.zeros(1, dtype=float, device=device)
        self._key: tuple[PackedLeds, tuple[bytes, ...]] | None = None

    def fill(self, leds: Leds, packed: PackedLeds, layers: Sequence[MirrorSet]) -> None:
        """Find what each layer takes from each LED's light."""
        layers = [layer for layer in layers if layer.count] if packed.count else []
        key = (packed, tuple(layer.key for layer in layers))
        if self._key is not None and self._key[0] is packed and self._key[1] == key[1]:
            return
        self._key = key
        leds.layers, leds.lost_size = len(layers), TEXELS
        if not layers:
            leds.crossed, leds.lost, leds.span = self._none, self._nothing, self._nowhere
            return
        boxes = [texel_boxes(layer, packed) for layer in layers]
        met = np.concatenate([(box[..., 0] <= box[..., 2]).any(axis=1) for box in boxes])
        leds.crossed = wp.array(met.astype(np.int32), dtype=int, device=self._device)
        span = np.concatenate([_span(box, packed.half_width) for box in boxes])
        leds.span = wp.array(span.astype(np.float32), dtype=wp.vec4, device=self._device)
        size = 2 * len(layers) * packed.count * TEXELS**2
        if leds.lost is None or leds.lost.shape[0] != size:
            leds.lost = wp.empty(size, dtype=float, device=self._device)
        leds.lost.zero_()
        for k, layer in enumerate(layers):
            box = wp.array(boxes[k], dtype=wp.vec4i, device=self._device)
            inputs = [k, box, upload_sheets(layer, self._device), leds]
            wp.launch(find_crossings, dim=packed.count * TEXELS, inputs=inputs, device=self._device)


def _span(boxes: NDArray[np.int32], half_width: float) -> NDArray[np.float64]:
    """(LEDs, 4) least and greatest stereographic u and v of boxes (LEDs, sheets, 4), a texel beyond them."""
    none = (boxes[..., 0] > boxes[..., 2])[..., None]
    low = np.where(none, TEXELS, boxes[..., :2]).min(axis=1) - 1
    high = np.where(none, -1, boxes[..., 2:]).max(axis=1) + 2
    # The outermost texels stand for all that lies beyond the map.
    low, high = np.where(low < 0, -1e6, low), np.where(high > TEXELS, 1e6, high)
    return np.concatenate([low, high], axis=-1) * (2 * half_width / TEXELS) - half_width


def texel_boxes(mirrors: MirrorSet, packed: PackedLeds) -> NDArray[np.int32]:
    """(LEDs, sheets, 4) first and last texel, x, y, x, y, that a sheet may fall on; the first beyond the last: none."""
    points = sheet_points(mirrors)
    d = points[None] - packed.origins[:, None, None].astype(np.float64)
    d = np.einsum("lspi,lij->lspj", d, packed.frames.astype(np.float64))
    ahead = np.maximum(np.linalg.norm(d, axis=-1) + d[..., 2], 1e-9)
    at = (d[..., :2] / ahead[..., None] / packed.half_width + 1) * (0.5 * TEXELS) - 0.5
    low, high = np.floor(at.min(axis=2)) - _MARGIN, np.ceil(at.max(axis=2)) + _MARGIN
    box = np.concatenate([np.maximum(low, 0), np.minimum(high, TEXELS - 1)], axis=-1)
    box[(box[..., :2] > box[..., 2:]).any(axis=-1)] = (1, 1, 0, 0)
    return box.astype(np.int32)


def sheet_points(mirrors: MirrorSet) -> NDArray[np.float64]:
    """(S, P, 3) device coordinates of points on each sheet's edge and within it."""
    angle = (np.arange(SECTORS) + 0.5) * (2 * np.pi / SECTORS)
    edge = mirrors.reach[..., None] * np.stack([np.cos(angle), np.sin(angle)], -1)
    flat = np.concatenate([edge[:, ::2], 0.5 * edge[:, ::8], np.zeros((mirrors.count, 1, 2))], axis=1)
    r = mirrors.radii[:, None]
    size = np.where(np.isinf(r), 1.0, np.abs(r))
    sag = np.where(np.isinf(r), 0.0, np.sign(r) * (size - np.sqrt(np.maximum(size**2 - (flat**2).sum(-1), 0.0))))
    local = np.concatenate([flat, -sag[..., None]], axis=-1)
    return np.einsum("sij,spj->spi", mirrors.frames, local) + mirrors.origins[:, None]
