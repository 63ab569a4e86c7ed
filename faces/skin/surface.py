"""The neutral skin of one wearer: height of pores and fine relief, albedo about its mean, sheen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy import ndimage

from faces.skin.atlas import Atlas
from faces.skin.detail import SkinDetail
from faces.skin.look import SkinLook
from faces.skin.noise import RELIEF_SCALE, smooth_noise
from faces.skin.spots import splat, strew
from faces.skin.zones import Zones, zones

Image = NDArray[np.float32]
COARSE = 4
"""Texels of the fine image to one of the coarse, on which everything smooth is evaluated."""

MOTTLE_MM = (26.0, 8.0, 2.6)
"""Scales of the albedo's variation."""


@dataclass(frozen=True, eq=False)
class Surface:
    """Images (H, W) float32.

    Attributes:
        height_mm: of the surface above the mesh. gain: albedo over the mesh's own. alpha: GGX.
        warp: smooth unit noise by which folds are bent.
    """

    height_mm: Image
    gain: Image
    alpha: Image
    warp: Image


def make_surface(atlas: Atlas, skin: SkinLook) -> Surface:
    """The wearer's skin at rest; the mean of `gain` over plain skin, before moles and stubble, is 1."""
    rng, detail = np.random.default_rng([skin.seed, 1]), skin.detail
    coarse = (slice(COARSE // 2, None, COARSE),) * 2
    position = atlas.position_mm(coarse)
    lips = atlas.lips[coarse] * np.float32(1 / 255)
    # lids pass softly into the orbit
    lids = np.asarray(ndimage.gaussian_filter(atlas.lids[coarse] / np.float32(255), 3.0), np.float32)
    step = atlas.step_mm[coarse].astype(np.float32) * COARSE
    zone = zones(position, lips, lids)
    grow = _Grow(position.shape[:2], atlas.shape)

    noises = [smooth_noise(position, scale, rng) for scale in MOTTLE_MM]
    mottle = sum(sd * noise for sd, noise in zip(detail.mottle_sd, noises, strict=True))
    shade = _tone(zone, noises[1], detail) * np.exp(np.float32(1) * mottle - np.var(mottle) / 2)
    plain = (atlas.fade[coarse] / 255.0) * (1 - lips) * step.prod(axis=2)
    shade = shade / ((shade * plain).sum() / plain.sum())
    gain = grow(shade)

    pores = strew(detail.pores_per_cm2 * zone.porous * min(skin.pores, 1.0), step, rng)
    n = len(pores)
    large = zone.porous[pores[:, 0].astype(int), pores[:, 1].astype(int)] * rng.uniform(0.5, 1.0, n)
    radius, depth = (low + (high - low) * large for low, high in (detail.pore_radius_mm, detail.pore_depth_mm))
    pits = splat(atlas.shape, pores * COARSE, radius, depth, atlas.step_mm, atlas.shear)
    shaded = pits * np.float32(detail.pore_shade / detail.pore_depth_mm[1])

    warp = grow(0.8 * noises[1] + 0.35 * noises[2])
    relief = _relief(atlas, rng) * grow(detail.relief_mm * (1 - 0.5 * zone.oily) * (1 - 0.6 * lids) * (1 - lips))
    height = (relief - pits) * np.float32(skin.pores)
    height += 0.020 * grow(noises[2] * (1 - 0.7 * lids)) + _lip_lines(atlas, rng, warp)
    gain *= 1 - np.minimum(shaded, 0.3) * np.float32(skin.pores)
    gain /= 1 - np.float32(skin.pores) * _mean(shaded[coarse], plain)

    gain *= _marks(atlas, skin, zone, step, grow)
    alpha = _alpha(skin, zone, lids, noises[1])
    wet = atlas.wet * np.float32(1 / 255)
    lip = atlas.lips * np.float32(1 / 255)
    alpha_fine = grow(alpha)
    alpha_fine += lip * (detail.alpha_lips - alpha_fine)
    alpha_fine += wet * (detail.alpha_wet - alpha_fine)
    return Surface(height, gain, alpha_fine, warp)


def _tone(zone: Zones, noise: Image, detail: SkinDetail) -> Image:
    """Albedo that goes with the place: shadow below the eyes, veins slightly dark."""
    vein = detail.vein_shade * zone.vein * np.exp(-((noise / 0.35) ** 2))
    return (1 - detail.under_eye_shade * zone.under_eye) * (1 - vein)


def _relief(atlas: Atlas, rng: np.random.Generator) -> Image:
    """Furrows that meet in a net, from two random mixtures of the baked fields; 0 at its mean, down to about -1."""
    total = np.zeros(atlas.shape, np.float32)
    for _ in range(2):
        mix = rng.standard_normal(len(atlas.relief))
        mix /= np.linalg.norm(mix) * RELIEF_SCALE * 0.8
        field = np.zeros(atlas.shape, np.float32)
        for weight, one in zip(mix.astype(np.float32), atlas.relief, strict=True):
            field += weight * one
        np.square(field, out=field)
        total -= np.exp(-field)
    return total + np.float32(1.2)


def _lip_lines(atlas: Atlas, rng: np.random.Generator, warp: Image) -> Image:
    """Vertical lines of the lips, mm."""
    rows, columns = np.nonzero(atlas.lips > 8)
    height = np.zeros(atlas.shape, np.float32)
    if not len(rows):
        return height
    point = atlas.position_mm((rows, columns))
    middle = np.arange(-32.0, 32.0, 1.35)
    middle = middle + rng.normal(0, 0.35, len(middle))
    depth = rng.uniform(0.2, 1.0, len(middle)).astype(np.float32)
    lean = point[:, 0] * (1 + 0.012 * np.abs(point[:, 1] + 67))  # they fan out from the mouth's opening
    lean = lean + 0.45 * warp[rows, columns]
    nearest = np.searchsorted((middle[1:] + middle[:-1]) / 2, lean)
    line = np.exp(-(((lean - middle[nearest]) / 0.30) ** 2))
    height[rows, columns] = -0.055 * depth[nearest] * line * atlas.lips[rows, columns] / 255.0
    return height


def _marks(atlas: Atlas, skin: SkinLook, zone: Zones, step: Image, grow: _Grow) -> Image:
    """Factor on the albedo for stubble, freckles and moles."""
    rng, detail = np.random.default_rng([skin.seed, 2]), skin.detail
    factor = np.ones(atlas.shape, np.float32)
    if skin.stubble > 0:
        hairs = strew(detail.stubble_per_cm2 * zone.bearded, step, rng)
        dark = rng.uniform(0.4, 1.0, len(hairs)) * detail.stubble_shade * skin.stubble
        dots = splat(atlas.shape, hairs * COARSE, np.full(len(hairs), 0.13), dark, atlas.step_mm, atlas.shear)
        factor *= 1 - np.minimum(dots, 0.45)
        factor *= 1 - grow(detail.stubble_base * skin.stubble * zone.bearded)
    if skin.freckles > 0:
        places = strew(detail.freckles_per_cm2 * skin.freckles * zone.freckled, step, rng)
        size, dark = rng.uniform(0.4, 1.1, len(places)), rng.uniform(0.3, 1.0, len(places)) * detail.freckle_shade
        factor *= 1 - np.minimum(
            splat(atlas.shape, places * COARSE, size, dark, atlas.step_mm, atlas.shear, reach=9), 0.1
        )
    if skin.nevi > 0:
        face = (atlas.fade[COARSE // 2 :: COARSE, COARSE // 2 :: COARSE] > 250) * step.prod(axis=2)
        face = np.cumsum((face * (atlas.lips[COARSE // 2 :: COARSE, COARSE // 2 :: COARSE] < 9)).ravel())
        cell = np.searchsorted(face, rng.random(skin.nevi) * face[-1])
        places = np.stack(np.unravel_index(cell, step.shape[:2]), axis=1) + rng.random((skin.nevi, 2))
        size, dark = rng.uniform(*detail.nevus_radius_mm, skin.nevi), rng.uniform(*detail.nevus_shade, skin.nevi)
        moles = splat(atlas.shape, places * COARSE, size, dark, atlas.step_mm, atlas.shear, reach=14, flat=True)
        factor *= 1 - np.minimum(moles, 0.5)
    return factor


def _alpha(skin: SkinLook, zone: Zones, lids: Image, noise: Image) -> Image:
    """GGX alpha: oil fills the relief of forehead, nose and chin."""
    dry, oily = (a + (b - a) * skin.oiliness for a, b in (skin.detail.alpha_skin, skin.detail.alpha_t_zone))
    alpha = dry + (oily - dry) * zone.oily + 0.015 * noise
    return (alpha - 0.03 * lids).astype(np.float32)


def _mean(image: Image, weight: NDArray[np.floating]) -> np.float32:
    return np.float32((image * weight).sum() / weight.sum())


class _Grow:
    """Bilinear enlargement of coarse images to the fine one's size."""

    def __init__(self, coarse: tuple[int, int], fine: tuple[int, int]) -> None:
        self._up, self._across = (_weights(c, f) for c, f in zip(coarse, fine, strict=True))

    def __call__(self, image: NDArray[np.floating]) -> Image:
        tall = self._up @ image.astype(np.float32)
        grown: Image = np.ascontiguousarray((self._across @ tall.T).T)
        return grown


def _weights(coarse: int, fine: int) -> sp.csr_array:
    """(fine, coarse) interpolation between the fine rows that the coarse ones were taken from."""
    place = np.clip((np.arange(fine) - COARSE // 2) / COARSE, 0, coarse - 1)
    low = np.minimum(place.astype(int), max(coarse - 2, 0))
    part = place - low
    high = np.minimum(low + 1, coarse - 1)
    rows = np.tile(np.arange(fine), 2)
    data = np.concatenate([1 - part, part]).astype(np.float32)
    return sp.csr_array((data, (rows, np.concatenate([low, high]))), shape=(fine, coarse))
