"""What a lens is to everybody else: an exact, batched map between camera-frame points and pixels, and back."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray


@runtime_checkable
class Lens(Protocol):
    """A central lens. Camera frame: x right, y down, z forward; the centre of the top-left pixel is (0, 0).

    Attributes:
        width_px, height_px: image size.
        max_angle_rad: the largest angle from the optical axis at which the lens maps angle to pixel one to one.
    """

    @property
    def width_px(self) -> int: ...

    @property
    def height_px(self) -> int: ...

    @property
    def max_angle_rad(self) -> float: ...

    def project(self, points: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Project camera-frame points.

        Args:
            points: (*batch, 3), any length unit; only the direction counts.

        Returns:
            pixels (*batch, 2) and valid (*batch,). `valid` says that the point lies within the lens's domain,
            not that it falls inside the image (see `inside_image`). Pixels of invalid points are NaN.
        """
        ...

    def unproject(self, pixels: ArrayLike) -> NDArray[np.float64]:
        """Rays of pixels: (*batch, 2) -> (*batch, 3) unit vectors, NaN where no ray reaches the pixel."""
        ...

    def mirrored(self) -> Lens:
        """The lens whose image is the left-right mirror image of this one's: cx -> W - 1 - cx, p2 -> -p2."""
        ...


def inside_image(lens: Lens, pixels: ArrayLike) -> NDArray[np.bool_]:
    """Whether pixels (*batch, 2) fall on the image area, [-0.5, W - 0.5) x [-0.5, H - 0.5); False for NaN."""
    p = np.asarray(pixels, dtype=np.float64)
    x, y = p[..., 0], p[..., 1]
    return (x >= -0.5) & (x < lens.width_px - 0.5) & (y >= -0.5) & (y < lens.height_px - 0.5)
