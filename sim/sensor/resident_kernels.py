# mypy: ignore-errors
# Kernels are written in Warp's language, which mypy cannot type.
"""Steps of the sensor that NumPy does where images are on the host, for images that stay on the device."""

import warp as wp

from sim.render.device import KERNEL_OPTIONS

wp.set_module_options(KERNEL_OPTIONS)


@wp.kernel
def add_scaled(first: int, factor: float, image: wp.array[float], total: wp.array[float]) -> None:
    """Add `factor` times an image to a total, which starts anew with the first one."""
    i = wp.tid()
    term = factor * image[i]
    if first == 0:
        term = total[i] + term
    total[i] = term


@wp.kernel
def sum_pixels(
    count: int,
    steps: int,
    start: int,
    step: int,
    image: wp.array[float],
    weights: wp.array[float],
    parts: wp.array[wp.vec2d],
) -> None:
    """Sum of image times weight, and the least of the image, over `steps` pixels a thread.

    Thread t takes pixels t `start` + k `step`; one weight alone stands for all.
    """
    t = wp.tid()
    total, least = wp.float64(0.0), wp.float64(wp.inf)
    for k in range(steps):
        i = t * start + k * step
        if i < count:
            value = wp.float64(image[i])
            weight = weights[0]
            if weights.shape[0] > 1:
                weight = weights[i]
            total += value * wp.float64(weight)
            least = wp.min(least, value)
    parts[t] = wp.vec2d(total, least)


@wp.kernel
def tell_noiseless(
    gain: float,
    offset: float,
    white: float,
    full_well: float,
    keep: float,
    shade: float,
    light: wp.array[float],
    field: wp.array[float],
    dn: wp.array[float],
) -> None:
    """Digital numbers of electrons on the axis, without noise, pattern and rounding; see `sim.sensor.noise.Chip`."""
    i = wp.tid()
    electrons = wp.min(keep * (light[i] * field[i]) + shade, full_well)
    dn[i] = wp.min(gain * electrons + offset, white)


@wp.kernel
def widen(dn: wp.array[wp.uint16], out: wp.array[float]) -> None:
    """Digital numbers as float32."""
    i = wp.tid()
    out[i] = float(dn[i])


@wp.kernel
def count_levels(scale: float, cell: int, image: wp.array[float], counts: wp.array[int]) -> None:
    """Histogram of pixels times `scale`, in cells of 1; where `cell` >= 0, of those in this cell, in parts of it."""
    i = wp.tid()
    bins = counts.shape[0]
    x = wp.float64(image[i]) * wp.float64(scale)
    at = wp.clamp(int(x), 0, bins - 1)
    if cell < 0:
        wp.atomic_add(counts, at, 1)
    elif at == cell:
        part = int((x - wp.float64(cell)) * wp.float64(bins))
        wp.atomic_add(counts, wp.clamp(part, 0, bins - 1), 1)


@wp.kernel
def keep_upper(shift: int, stretch: wp.float64, dn: wp.array[wp.uint16], out: wp.array[wp.uint8]) -> None:
    """The upper 8 bits, or where `shift` < 0 digital numbers times `stretch`."""
    i = wp.tid()
    if shift >= 0:
        out[i] = wp.uint8(int(dn[i]) >> shift)
    else:
        out[i] = wp.uint8(wp.rint(wp.float64(dn[i]) * stretch))
