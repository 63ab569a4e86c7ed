# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""What labels need of an image of regions, for images that stay on the device."""

import warp as wp

from sim.render.device import KERNEL_OPTIONS

wp.set_module_options(KERNEL_OPTIONS)


@wp.kernel
def bound_regions(region: wp.array2d[int], bounds: wp.array2d[int]) -> None:
    """Box and pixels of each region.

    bounds: (L, 5) left, top, right, bottom, pixels; larger than the image, and -1, where nothing was found yet.
    """
    y, x = wp.tid()
    label = region[y, x]
    if label >= 0:
        # Most pixels lie within the box already; reading it spares them the atomic operation.
        if x < bounds[label, 0]:
            wp.atomic_min(bounds, label, 0, x)
        if y < bounds[label, 1]:
            wp.atomic_min(bounds, label, 1, y)
        if x > bounds[label, 2]:
            wp.atomic_max(bounds, label, 2, x)
        if y > bounds[label, 3]:
            wp.atomic_max(bounds, label, 3, y)
        wp.atomic_add(bounds, label, 4, 1)


@wp.kernel
def tell_segments(nothing: int, shell: int, region: wp.array2d[int], out: wp.array2d[wp.uint8]) -> None:
    """Regions as 8 bits, with values of their own for what is no region; see `sim.render.frame`."""
    y, x = wp.tid()
    label = region[y, x]
    if label == -1:
        label = nothing
    elif label == -2:
        label = shell
    out[y, x] = wp.uint8(label)
