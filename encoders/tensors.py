"""Images that are tensors on a device, as frames of a stream may be: at an encoder's size without leaving it."""

from __future__ import annotations

from functools import lru_cache

import torch

from encoders.shrink import shares


def shrink_tensor(image: torch.Tensor, bits: int, height: int, width: int) -> torch.Tensor:
    """(height, width) uint8 of an image (H, W), uint8 or uint16 of so many bits, on the image's device.

    As `sim.sensor.eight_bits` and `encoders.shrink` of an array, but where rounding decides.
    """
    image = upper_bits(image, bits)
    if image.shape == (height, width):
        return image
    rows, columns = _shares(image.shape[0], height, image.device), _shares(image.shape[1], width, image.device)
    return torch.round(rows @ image.float() @ columns.T).to(torch.uint8)


def upper_bits(image: torch.Tensor, bits: int) -> torch.Tensor:
    """(H, W) uint8: the upper 8 bits, fewer being stretched; see `sim.sensor.eight_bits`."""
    if image.dtype == torch.uint8 and bits == 8:
        return image
    wide = image.to(torch.int32)  # torch shifts no uint16
    if bits >= 8:
        return (wide >> (bits - 8)).to(torch.uint8)
    return torch.round(wide.double() * (255.0 / (2**bits - 1))).to(torch.uint8)


def mean_and_spread(batch: torch.Tensor) -> tuple[float, float]:
    """Of all pixels, in their own unit."""
    wide = batch.double()
    return float(wide.mean()), float(wide.std(correction=0))


@lru_cache(maxsize=16)
def _shares(old: int, new: int, device: torch.device) -> torch.Tensor:
    """See `encoders.shrink.shares`."""
    return torch.from_numpy(shares(old, new)).to(device)
