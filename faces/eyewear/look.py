"""Which glasses a wearer has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GlassesLook:
    """A pair of glasses."""

    shape: str = "rectangle"
