"""What else decides the last bits of a frame: how linear algebra is done.

Its sums depend on the number of threads, so frames are made with one; and on the kind of processor, which is recorded
(`hmcsim generate` has all compute alike: see `hmcsim.portable`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np
import scipy.linalg.blas  # loads the library that is limited below
from threadpoolctl import ThreadpoolController

VARIABLES = ("OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES")
"""Environment variables by which the kind of processor is chosen, for workers elsewhere."""
__all__ = ["VARIABLES", "arithmetic", "one_thread"]
assert scipy.linalg.blas is not None


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


@contextmanager
def one_thread() -> Iterator[None]:
    """Linear algebra of this process by one thread."""
    with _controller().limit(limits=1, user_api="blas"):
        yield


def arithmetic() -> dict[str, str]:
    """For which kinds of processors linear algebra and NumPy compute here."""
    own = [info for info in _controller().info() if info["user_api"] == "blas" and _ours(info["filepath"])]
    libraries = {str(info.get("architecture")) for info in own}
    found = np.show_config(mode="dicts")["SIMD Extensions"]["found"]
    return {"blas": ", ".join(sorted(libraries)), "numpy": ", ".join(found)}


def _ours(path: str) -> bool:
    """Whether NumPy or SciPy brought this library: others in the process compute nothing of a frame."""
    return any(part in ("numpy.libs", "scipy.libs", "numpy", "scipy") for part in Path(path).parts)
