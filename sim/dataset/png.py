"""PNG, fast and alike on every machine.

Noisy images hold few repetitions: a plain Huffman code (zlib's Z_HUFFMAN_ONLY) of the differences to the mean of left
and upper neighbour is smaller than what searching for matches gives, and three times as fast (docs/dataset.md has the
figures). Without a search there is nothing in which zlib's versions and relatives could differ but block lengths.
Images of labels have many repetitions: runs are searched for, in the values themselves.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from sim.errors import SimError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
AVERAGE, UNFILTERED = 3, 0


def encode_image(image: NDArray[np.uint8]) -> bytes:
    """A PNG of a grey image (H, W)."""
    above, left = np.zeros_like(image), np.zeros_like(image)
    above[1:], left[:, 1:] = image[:-1], image[:, :-1]
    mean = (above >> 1) + (left >> 1) + (above & left & 1)
    return _png(image.shape, AVERAGE, image - mean, zlib.Z_HUFFMAN_ONLY)


def encode_labels(labels: NDArray[np.uint8]) -> bytes:
    """A PNG of an image of small numbers (H, W) in large areas."""
    return _png(labels.shape, UNFILTERED, labels, zlib.Z_DEFAULT_STRATEGY)


def _png(shape: tuple[int, ...], filtering: int, rows: NDArray[np.uint8], strategy: int) -> bytes:
    if len(shape) != 2:
        raise SimError(f"`image.shape` must be (H, W), got {shape}")
    height, width = shape
    raw = np.empty((height, width + 1), np.uint8)
    raw[:, 0], raw[:, 1:] = filtering, rows
    packer = zlib.compressobj(1, zlib.DEFLATED, 15, 9, strategy)
    data = packer.compress(raw.tobytes()) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
