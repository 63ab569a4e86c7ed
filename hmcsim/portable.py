"""NumPy and its linear algebra as on any x86-64-v3 machine, whatever this one has: must come before NumPy is imported.

Both choose code by the machine: what has AVX-512 sums in another order, and rounds otherwise in the last bits. A data
set should not depend on who makes it (the renderer's kernels are compiled for x86-64-v3 in any case).
"""

from __future__ import annotations

import os
import sys

ENVIRONMENT = {"OPENBLAS_CORETYPE": "Haswell", "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR"}


def compute_portably() -> bool:
    """Ask for it, here and in the processes started from here; False: NumPy is there already and has chosen."""
    if "numpy" in sys.modules:
        return False
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    return True
