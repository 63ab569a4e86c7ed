"""Why an expression cannot be told: it is not seen, unlit or burnt out, or something else looks like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.observability.bound import prior_information, wanted_count
from sim.observability.information import Floats
from sim.observability.parameters import Parameter

UNOBSERVABLE = 0.5
"""Share of the prior SD that is left: above it, a parameter counts as unobservable."""
SEEN = 0.1
"""Share of a blendshape's motion that must be seen."""
OBSERVABLE, OCCLUDED, UNLIT, SATURATED, WEAK = "observable", "occluded", "unlit", "saturated", "weak"
CONFOUNDED = "confounded with "


@dataclass(frozen=True, eq=False)
class Causes:
    """What would be known in other circumstances, by parameter that is asked for, as shares of the prior SD.

    Attributes:
        left: (Q,) share of the prior SD that is left.
        alone: (Q,) the same if all other parameters were known.
        unclipped: (Q,) alone, if no pixel clipped.
        bright: (Q,) alone, under light without shot, read and dark noise.
        known: group -> (Q,) as `left`, if the group (or all other blendshapes, for its own) were known.
        seen: (Q,) share of its motion that a camera sees.
    """

    left: Floats
    alone: Floats
    unclipped: Floats
    bright: Floats
    known: dict[str, Floats]
    seen: Floats

    def reason(self, k: int) -> str:
        """The main cause for parameter k."""
        if self.left[k] <= UNOBSERVABLE:
            return OBSERVABLE
        if self.alone[k] > UNOBSERVABLE:
            if self.seen[k] < SEEN:
                return OCCLUDED
            if self.unclipped[k] <= UNOBSERVABLE:
                return SATURATED
            return UNLIT if self.bright[k] <= UNOBSERVABLE else WEAK
        return CONFOUNDED + min(self.known, key=lambda group: float(self.known[group][k]))


def find_causes(
    information: Floats, unclipped: Floats, bright: Floats, parameters: Sequence[Parameter], seen: Floats
) -> Causes:
    """See `Causes`.

    Args:
        information: (P, P) of all images, without the prior.
        unclipped, bright: (Q,) diagonals of the same if no pixel clipped, and without noise but the model error.
        parameters: P.
        seen: (Q,) share of each one's motion that a camera sees.
    """
    count = wanted_count(parameters)
    prior = np.array([p.prior_sd for p in parameters])
    total = information + prior_information(parameters)
    groups = np.array([p.group for p in parameters])
    known = {}
    for group in dict.fromkeys(groups.tolist()):
        kept = np.flatnonzero(groups != group)
        if group in groups[:count]:  # each of its own is asked for with all of its group but itself known
            left = np.array([_sd(total, np.append(kept[kept != k], k))[-1] for k in range(count)])
        else:
            left = _sd(total, kept)[:count]
        known[group] = left / prior[:count]
    own = prior[:count] ** -2.0

    def alone(diagonal: Floats) -> Floats:
        return np.asarray(1.0 / np.sqrt(diagonal + own) / prior[:count])

    left = _sd(total, np.arange(len(total)))[:count] / prior[:count]
    return Causes(left, alone(np.diag(information)[:count]), alone(unclipped), alone(bright), known, seen)


def _sd(total: Floats, kept: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Floats:
    """SDs of the parameters `kept` when the others are known."""
    return np.asarray(np.sqrt(np.diag(np.linalg.inv(total[np.ix_(kept, kept)]))))
