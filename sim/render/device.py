"""Warp as the renderer uses it: quiet, without derivatives, and compiled alike on every machine."""

from __future__ import annotations

import ctypes
import importlib
import os
import platform
import sys
from collections.abc import Callable
from functools import cache

import warp as wp

from sim.errors import SimError

_CPU_LEVEL = "x86-64-v3" if platform.machine() in ("x86_64", "AMD64") else "generic"

KERNEL_OPTIONS = {"enable_backward": False, "fast_math": False, "cpu_compiler_flags": f"-target-cpu {_CPU_LEVEL}"}
"""Options of every module with kernels.

Warp compiles for the machine at hand (`-march=native`), and so rounds differently on the next one, as the compiler
fuses or reorders what the wider instructions allow. x86-64-v3 (AVX2, FMA; 2013 on) is the widest level that every
machine of today has.
"""

FUSED_OPTIONS = KERNEL_OPTIONS | {"cpu_compiler_flags": f"-target-cpu {_CPU_LEVEL} -ffp-contract=fast"}
"""The same with multiply-adds fused wherever they can be, for arithmetic that needs no exact symmetry."""

wp.config.log_level = wp.LOG_ERROR


MODULES = (
    *("antialias", "attributes", "bounce", "crossings", "diffusion", "eyes", "glints", "hair_light", "light"),
    *("listing", "meniscus", "pane_light", "raster", "samples", "spots", "spread", "strands", "thin", "veil"),
)
"""Modules of `sim.render` with kernels."""


def open_device(name: str) -> wp.Device:
    """The Warp device of that name, "cpu" or "cuda:0".

    Raises:
        SimError: there is no such device; the message lists those there are.
    """
    _start()
    names = [d.alias for d in wp.get_devices()]
    if name not in names and not (name == "cuda" and wp.is_cuda_available()):
        raise SimError(f"unknown device {name!r}. Devices here: {', '.join(names)}")
    return wp.get_device(name)


def compile_kernels(device: wp.Device, report: Callable[[str, int, int], None] | None = None) -> None:
    """Load every kernel of the renderer: at once from the user's cache, else compiled first, 4 s in all.

    Args:
        device: to compile for.
        report: called with a module's name, how many are done and how many there are, before each and at the end.
    """
    for k, name in enumerate(MODULES):
        if report is not None:
            report(name, k, len(MODULES))
        wp.load_module(importlib.import_module(f"sim.render.{name}"), device=device)
    if report is not None:
        report("", len(MODULES), len(MODULES))


@cache
def _start() -> None:
    """Start Warp. Its native part reports a missing GPU driver on stderr, which is no news on most machines."""
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        sys.stderr.flush()
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        try:
            wp.init()
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)
    else:
        wp.init()
