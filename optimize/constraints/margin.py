"""A constraint's answer."""

from __future__ import annotations

from dataclasses import dataclass

SCALES = {"mm": 1.0, "mW": 1.0, "share": 0.02, "count": 1.0, "built": 1e-3}
"""What weighs as much as a millimetre where violations of different kinds are added up, as samplers do [prior]."""


@dataclass(frozen=True)
class Margin:
    """How much is left before a constraint breaks; negative: by how much it is broken.

    Attributes:
        name: of the constraint.
        unit: "mm", "mW", "share", "count" or "built".
        part: where it is tightest, such as "camera 'glabella'"; "" for the layout as a whole.
    """

    name: str
    value: float
    unit: str
    part: str = ""

    @property
    def feasible(self) -> bool:
        return self.value >= 0

    @property
    def violation(self) -> float:
        """As samplers take it: <= 0 is feasible, units made comparable."""
        return -self.value / SCALES[self.unit]

    def text(self) -> str:
        """Such as "glasses: 1.2 mm short at camera 'glabella'"."""
        if self.unit == "built":
            return f"{self.name}: no headset has such parts"
        number = f"{abs(self.value):.3g}" + ("" if self.unit == "count" else f" {self.unit}")
        return f"{self.name}: {number} {'left' if self.feasible else 'short'}" + (
            f" at {self.part}" if self.part else ""
        )
