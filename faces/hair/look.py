"""Which hair a wearer has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HairLook:
    """Facial hair of one wearer.

    Attributes:
        seed: of the strands.
    """

    seed: int = 0
