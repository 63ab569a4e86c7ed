"""Light images as files: one float a pixel in 13 bits, alike on every machine.

    code = 0 where x < top / 2^20, else (bits(x / top) - bits(2^-20)) / 2^15, rounded

bits() are those of a float32: 8 of the mantissa are kept, so that each value is right within 0.2 % over 20 octaves,
and no logarithm is taken that processors would round apart. `top` is the image's largest value. All images of a camera
stand one below the other in one 16-bit PNG.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

OCTAVES, MANTISSA = 20, 8
LEAST = np.float32(2.0**-OCTAVES)
_DROPPED = 23 - MANTISSA
_FIRST = int(LEAST.view(np.int32))
PRECISION = 2.0 ** -(MANTISSA + 1)
"""Largest relative error of a value that is not 0."""


def coded(image: NDArray[np.float32]) -> tuple[NDArray[np.uint16], float]:
    """Codes (H, W) of an image whose values are >= 0, and its `top`; an image of zeros has top 0."""
    top = np.float32(image.max(initial=0.0))
    if not top > 0.0:
        return np.zeros(image.shape, np.uint16), 0.0
    bits = np.ascontiguousarray(np.maximum(image / top, LEAST), np.float32).view(np.int32)
    codes = (bits - _FIRST + (1 << (_DROPPED - 1))) >> _DROPPED
    return codes.astype(np.uint16), float(top)


def decoded(codes: NDArray[np.uint16], top: float) -> NDArray[np.float32]:
    """The image (H, W) of its codes."""
    bits = (codes.astype(np.int32) << _DROPPED) + _FIRST
    image = bits.view(np.float32) * np.float32(top)
    image[codes == 0] = 0.0
    return np.asarray(image, np.float32)


def unstacked(codes: NDArray[np.uint16], tops: Mapping[str, float]) -> dict[str, NDArray[np.float32]]:
    """The images by name of codes (N · H, W) that stand one below the other, in the order of `tops`."""
    parts = np.split(codes, len(tops)) if tops else []
    return {name: decoded(part, top) for (name, top), part in zip(tops.items(), parts, strict=True)}
