"""Random generators as pure functions of (seed, purpose, index), so that order and worker count change nothing."""

import zlib

import numpy as np


def generator(seed: int, purpose: str, index: int = 0) -> np.random.Generator:
    """A generator that depends on its arguments alone.

    Args:
        seed: the user's seed, >= 0.
        purpose: what the draws are for, such as "identity"; streams of different purposes are independent.
        index: which sample of that purpose.
    """
    return np.random.default_rng([seed, zlib.crc32(purpose.encode()), index])
