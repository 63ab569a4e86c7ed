"""How much of a factor an encoder bears: where its error curve first crosses a limit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def crossing(severities: Sequence[float], errors: Sequence[float], limit: float) -> float | None:
    """The severity, going out from 0 one way, at which the error first reaches a limit; linear between steps.

    Args:
        severities: of one sign, 0 first, growing in size.
        errors: at each.
        limit: of the error.

    Returns:
        None if it never does.
    """
    if errors[0] >= limit:
        return 0.0
    for k in range(1, len(errors)):
        if errors[k] >= limit:
            share = (limit - errors[k - 1]) / (errors[k] - errors[k - 1])
            return float(severities[k - 1] + share * (severities[k] - severities[k - 1]))
    return None


def crossings(severities: Sequence[float], errors: Sequence[float], limit: float) -> tuple[float | None, float | None]:
    """Towards lower and towards higher severity from the nominal one (the first of the lists).

    Where severity is a factor, the nominal one is 1 and not 0; it is the first of the lists all the same.
    """
    start = severities[0]
    order = np.argsort(severities)
    below = [int(k) for k in order[::-1] if severities[k] <= start]
    above = [int(k) for k in order if severities[k] >= start]
    found = []
    for side in (below, above):
        found.append(crossing([severities[k] for k in side], [errors[k] for k in side], limit))
    return found[0], found[1]
