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


def encode_image(image: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    """A PNG of a grey image (H, W), of as many bits as its numbers have.

    PNG's filters go byte by byte, high bytes first, to the byte of the same place one pixel before.
    """
    step = image.dtype.itemsize
    rows = np.ascontiguousarray(image, ">u2").view(np.uint8).reshape(len(image), -1) if step == 2 else image
    above, left = np.zeros_like(rows), np.zeros_like(rows)
    above[1:], left[:, step:] = rows[:-1], rows[:, :-step]
    mean = (above >> 1) + (left >> 1) + (above & left & 1)
    return _png(image.shape, 8 * step, AVERAGE, rows - mean, zlib.Z_HUFFMAN_ONLY)


def encode_labels(labels: NDArray[np.uint8]) -> bytes:
    """A PNG of an image of small numbers (H, W) in large areas."""
    return _png(labels.shape, 8, UNFILTERED, labels, zlib.Z_DEFAULT_STRATEGY)


def png_form(data: bytes) -> tuple[int, int, int]:
    """Width, height and bits of a grey PNG, by its header.

    Raises:
        SimError: it is none.
    """
    if not data.startswith(SIGNATURE) or len(data) < 33 or data[12:16] != b"IHDR":
        raise SimError("is no PNG or missing")
    width, height, bits, colour = struct.unpack(">IIBB", data[16:26])
    if colour != 0:
        raise SimError(f"a grey PNG must be there, got colour type {colour}")
    return width, height, bits


def _png(shape: tuple[int, ...], bits: int, filtering: int, rows: NDArray[np.uint8], strategy: int) -> bytes:
    if len(shape) != 2:
        raise SimError(f"`image.shape` must be (H, W), got {shape}")
    height, width = shape
    raw = np.empty((height, rows.shape[1] + 1), np.uint8)
    raw[:, 0], raw[:, 1:] = filtering, rows
    packer = zlib.compressobj(1, zlib.DEFLATED, 15, 9, strategy)
    data = packer.compress(raw.tobytes()) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
