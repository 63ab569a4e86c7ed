"""Seeds that more than one part of the product must draw alike."""

from __future__ import annotations

from sim.seeding import generator


def chip_seed(seed: int, lens_set: int) -> int:
    """Of the fixed patterns and the noise of a set of lenses' chips (`sim.sensor.Recorder`)."""
    return int(generator(seed, "dataset chips", lens_set + 1).integers(2**31))
