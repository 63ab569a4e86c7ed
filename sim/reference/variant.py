"""Mitsuba 3, loaded when it is needed: an optional extra."""

from __future__ import annotations

from typing import Any

from sim.errors import SimError

VARIANT = "scalar_rgb"
"""Needs no LLVM and no GPU. Its three channels hold three wavelengths, see `sim.reference.scene`."""


def load_mitsuba() -> Any:
    """The module `mitsuba`, set to `VARIANT`.

    Raises:
        SimError: it is not installed; the message says how to install it.
    """
    try:
        import mitsuba
    except ImportError as error:
        raise SimError(
            "the reference renderer needs Mitsuba 3, which is not installed: pip install 'hmcsim[reference]'"
        ) from error
    if mitsuba.variant() != VARIANT:
        mitsuba.set_variant(VARIANT)
    return mitsuba
