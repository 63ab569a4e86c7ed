"""Digital numbers as a camera's 8-bit output has them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def eight_bits(dn: NDArray[np.unsignedinteger], bits: int) -> NDArray[np.uint8]:
    """The upper 8 bits of digital numbers (H, W), as a camera's 8-bit output has them; fewer bits are stretched.

    Linear, without a display curve, as headset cameras deliver.
    """
    if bits >= 8:
        return (dn >> (bits - 8)).astype(np.uint8)
    return np.rint(dn * (255.0 / (2**bits - 1))).astype(np.uint8)
