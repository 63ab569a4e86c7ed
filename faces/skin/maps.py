"""Texture maps of one wearer's skin, packed for the renderer, and the wrinkles that expressions lay over them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from faces.errors import FaceError
from faces.mesh import Topology
from faces.skin.atlas import RESOLUTION, Atlas, load_atlas
from faces.skin.folds import FOLDS
from faces.skin.look import SkinLook
from faces.skin.surface import COARSE, Image, Surface, make_surface
from faces.skin.wrinkles import WINDOWS, WRINKLE_NAMES, wrinkle_weights

GAIN_ONE = 128
"""Channel 0: albedo gain = code / 128."""
ALPHA_LOW, ALPHA_SPAN = 0.10, 0.40
"""Channel 1, sheen: GGX alpha = 0.10 + 0.40 code / 255, and the specular gain goes with it:"""
SPECULAR_SMOOTH, SPECULAR_SPAN = 1.30, 0.60
"""specular gain = 1.30 - 0.60 code / 255: what is smoother is also wetter or oilier."""
SLOPE_ZERO, SLOPE_SCALE = 128, 254.0
"""Channels 2 and 3: slope = (code - 128) / 254, from -0.5 to 0.5."""
NEUTRAL_ALPHA = 0.35
NEUTRAL = (128, 159, 128, 128)
"""A texel that changes nothing: gain 1, that alpha, no slope."""
CAVITY = 0.22
"""How much the bottom of the deepest groove darkens: folds hide light from themselves."""
CAVITY_MM = 0.45


@dataclass(frozen=True, eq=False)
class Wrinkle:
    """One wrinkle map at full weight, cut to the rectangle that it touches.

    Attributes:
        name: of `WRINKLE_NAMES`.
        rows, columns: slices into the maps.
        slope: (2, h, w) int8, along u and along v, in slope codes, added (VNPFA eq. 14).
        shade: (h, w) uint8; the albedo gain is multiplied by 1 - weight * shade / 256 (VNPFA eq. 2).
    """

    name: str
    rows: slice
    columns: slice
    slope: NDArray[np.int8]
    shade: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class SkinMaps:
    """Maps of one wearer; see `docs/faces.md` for the layout.

    Attributes:
        uv: (V, 2) float32 in [0, 1], per vertex of the topology, origin lower left, u to the wearer's left, v up the
            face. Texel (row, column) has its centre at ((column + 0.5) / W, (row + 0.5) / H); row 0 is the chin's.
        base: (H, W, 4) uint8: albedo gain, sheen, slope along u, slope along v, of the neutral skin without wrinkles.
        wrinkles: in the order of `WRINKLE_NAMES`.
        skin: the look that they belong to.
    """

    uv: NDArray[np.float32]
    base: NDArray[np.uint8]
    wrinkles: tuple[Wrinkle, ...]
    skin: SkinLook
    _latest: dict[bytes, NDArray[np.uint8]] = field(default_factory=dict, repr=False)

    @property
    def wrinkle_names(self) -> tuple[str, ...]:
        """K names."""
        return WRINKLE_NAMES

    def weights(self, arkit_weights: NDArray[np.floating] | None) -> NDArray[np.float64]:
        """(..., K) wrinkle weights of this skin for ARKit weights (..., 52); None: neutral."""
        return wrinkle_weights(self.skin, arkit_weights)


@lru_cache(maxsize=8)
def skin_maps(topology: Topology, skin: SkinLook, resolution: int = RESOLUTION) -> SkinMaps:
    """Maps of this skin on this topology; the latest few are kept.

    Raises:
        FaceError: a topology without `rest`; a resolution outside [64, 4096].
    """
    atlas = _atlas(topology, resolution)
    surface = make_surface(atlas, skin)
    fade = atlas.fade * np.float32(1 / 255)
    base = np.empty((*atlas.shape, 4), np.uint8)
    gain = 1 + fade * (surface.gain - 1)
    base[..., 0] = np.clip(gain * GAIN_ONE + 0.5, 0, 255)
    alpha = NEUTRAL_ALPHA + fade * (surface.alpha - NEUTRAL_ALPHA)
    base[..., 1] = np.clip((alpha - ALPHA_LOW) * (255 / ALPHA_SPAN) + 0.5, 0, 255)
    slope = slopes(surface.height_mm * fade, atlas.step_mm.astype(np.float32))
    base[..., 2:] = np.clip(np.rint(slope * SLOPE_SCALE), -127, 127) + SLOPE_ZERO
    base.flags.writeable = False
    return SkinMaps(atlas.uv, base, _wrinkles(atlas, surface, skin.seed), skin)


@lru_cache(maxsize=2)
def _atlas(topology: Topology, resolution: int) -> Atlas:
    return load_atlas(topology, resolution)


def compose(maps: SkinMaps, weights: NDArray[np.floating]) -> NDArray[np.uint8]:
    """(H, W, 4) uint8, read-only: the neutral maps with the wrinkles of an expression laid over them.

    Args:
        maps: of the wearer.
        weights: (K,) in [0, 1], from `wrinkle_weights`.

    Raises:
        FaceError: not K weights, or one outside [0, 1].
    """
    asked = np.asarray(weights, np.float64)
    if asked.shape != (len(maps.wrinkles),):
        raise FaceError(f"`weights` must have shape ({len(maps.wrinkles)},), got {asked.shape} (wrinkles)")
    if not ((asked >= 0) & (asked <= 1)).all():
        raise FaceError(f"`0 <= weight <= 1` must hold, got {asked.min():g} to {asked.max():g} (wrinkles)")
    levels = np.rint(asked * 256).astype(np.int16)
    key = levels.tobytes()
    if key in maps._latest:
        return maps._latest[key]
    packed = maps.base.copy()
    for amount, wrinkle in zip(levels.tolist(), maps.wrinkles, strict=True):
        if amount == 0:
            continue
        level, shade_level = np.int16(amount), np.uint16(amount)
        part = packed[wrinkle.rows, wrinkle.columns]
        for k in range(2):
            slope = wrinkle.slope[k] * level
            slope += 128
            slope >>= 8
            slope += part[..., 2 + k]
            part[..., 2 + k] = np.clip(slope, 1, 255, out=slope)
        kept = wrinkle.shade * shade_level
        kept >>= 8
        np.subtract(256, kept, out=kept)
        kept *= part[..., 0]
        kept += 128
        part[..., 0] = np.right_shift(kept, 8, out=kept)
    packed.flags.writeable = False
    maps._latest.clear()
    maps._latest[key] = packed
    return packed


def slopes(height_mm: Image, step_mm: NDArray[np.floating]) -> Image:
    """(H, W, 2) gradient of a height along rising u (columns) and rising v (rows), mm a mm, by central differences."""
    slope = np.zeros((*height_mm.shape, 2), np.float32)
    slope[:, 1:-1, 0] = (height_mm[:, 2:] - height_mm[:, :-2]) / (2 * step_mm[:, 1:-1, 0])
    slope[1:-1, :, 1] = (height_mm[2:] - height_mm[:-2]) / (2 * step_mm[1:-1, :, 1])
    return slope


def _wrinkles(atlas: Atlas, surface: Surface, seed: int) -> tuple[Wrinkle, ...]:
    made: dict[str, Wrinkle] = {}
    coarse = atlas.position_mm((slice(None, None, COARSE),) * 2)
    for group, (shape, box, sided) in FOLDS.items():
        for k, side in enumerate(("left", "right") if sided else ("",)):
            sign = np.float32(1 - 2 * k)
            rows, columns = _rectangle(coarse, box, sign, atlas.shape)
            position = atlas.position_mm((rows, columns))
            x, y, z = sign * position[..., 0], position[..., 1], position[..., 2]
            rng = np.random.default_rng([seed, 3, list(FOLDS).index(group), k])
            height = shape(x, y, z, surface.warp[rows, columns], rng)
            height = height * (atlas.fade[rows, columns] * np.float32(1 / 255)) * _border(x, y, box)
            parts = _forehead_windows(x) if group == "forehead" else {f"{group}_{side}" if side else group: None}
            step = atlas.step_mm[rows, columns].astype(np.float32)
            slope = slopes(height, step) * np.float32(SLOPE_SCALE)
            shade = np.clip(-height, 0, CAVITY_MM) * np.float32(CAVITY * 256 / CAVITY_MM)
            for name, window in parts.items():
                share = np.float32(1) if window is None else window
                codes = np.clip(np.rint(slope * np.asarray(share)[..., None]), -127, 127).astype(np.int8)
                dark = np.rint(shade * share).astype(np.uint8)
                made[name] = _cut(name, rows.start, columns.start, codes, dark)
    return tuple(made[name] for name in WRINKLE_NAMES)


def _cut(name: str, row: int, column: int, slope: NDArray[np.int8], shade: NDArray[np.uint8]) -> Wrinkle:
    """A wrinkle map, from its first row and column on, without the empty rim."""
    used = slope.any(axis=2) | (shade > 0)
    rows, columns = np.flatnonzero(used.any(axis=1)), np.flatnonzero(used.any(axis=0))
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 1)
    left, right = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 1)
    part = (slice(top, bottom), slice(left, right))
    return Wrinkle(
        name,
        slice(row + top, row + bottom),
        slice(column + left, column + right),
        np.ascontiguousarray(np.moveaxis(slope[part], 2, 0)),
        np.ascontiguousarray(shade[part]),
    )


def _forehead_windows(x: Image) -> dict[str, Image]:
    """Three smooth weights that sum to 1, in the order of `WINDOWS`; windows vary slowly, so slopes just scale."""
    left = 1 / (1 + np.exp(-(x - 17) / 4))
    right = 1 / (1 + np.exp((x + 17) / 4))
    parts = (1 - left - right, left, right)
    return {name: part.astype(np.float32) for name, part in zip(WINDOWS, parts, strict=True)}


def _rectangle(
    coarse: NDArray[np.float32], box: tuple[float, float, float, float], sign: np.float32, shape: tuple[int, int]
) -> tuple[slice, slice]:
    """Rows and columns of the fine image that hold a box of the mean face."""
    x, y = sign * coarse[..., 0], coarse[..., 1]
    hit = (x >= box[0]) & (x <= box[1]) & (y >= box[2]) & (y <= box[3])
    ends = []
    for axis, limit in ((1, shape[0]), (0, shape[1])):
        found = np.flatnonzero(hit.any(axis=axis))
        first, last = (int(found[0]), int(found[-1])) if len(found) else (0, 0)
        ends.append(slice(max(first - 1, 0) * COARSE, min((last + 2) * COARSE, limit)))
    return ends[0], ends[1]


def _border(x: Image, y: Image, box: tuple[float, float, float, float]) -> Image:
    """0 outside of the box, 1 from 3 mm inside of it."""
    inside = np.minimum.reduce([x - box[0], box[1] - x, y - box[2], box[3] - y])
    return np.clip(inside / 3.0, 0, 1).astype(np.float32)
