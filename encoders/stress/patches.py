"""Changes of a data-set configuration (docs/dataset.md), and how they are laid over one another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Patch = Mapping[str, Any]
DISTRIBUTIONS = frozenset({"constant", "normal", "uniform", "log_normal"})


def merged(under: Patch, over: Patch) -> dict[str, Any]:
    """Mappings merged key by key; a distribution is replaced as a whole."""
    out = dict(under)
    for key, value in over.items():
        old = out.get(key)
        distribution = isinstance(value, Mapping) and bool(DISTRIBUTIONS & set(value))
        if isinstance(value, Mapping) and isinstance(old, Mapping) and not distribution:
            out[key] = merged(old, value)
        else:
            out[key] = value
    return out
