"""What wearers differ in, and the groups that comparisons are broken down by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.protocol import HeadModel, Identity
from sim.metrics.config import ScoreConfig
from sim.wearers import wearer_identity, wearer_look

THIRDS = {
    "face_size_mm2": ("face size", ("small", "middle", "large")),
    "skin_reflectance": ("skin reflectance", ("dark", "middle", "bright")),
    "ipd_mm": ("interpupillary distance", ("narrow", "middle", "wide")),
}
"""Traits cut at the thirds of the wearers drawn: what they are called, and their parts from low to high."""
YES_NO = {"glasses": "glasses", "beard": "beard"}


@dataclass(frozen=True, eq=False)
class Traits:
    """One value a wearer, (I,) each.

    Attributes:
        face_size_mm2: bizygomatic breadth times menton-sellion length; NaN where the head model does not measure them.
        skin_reflectance: hemispherical, at 850 nm.
        ipd_mm: between the eyeballs' rotation centres.
        glasses, beard: bool; any beard counts, stubble too.
    """

    face_size_mm2: NDArray[np.float64]
    skin_reflectance: NDArray[np.float64]
    ipd_mm: NDArray[np.float64]
    glasses: NDArray[np.bool_]
    beard: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Part:
    """Wearers of one kind.

    Attributes:
        trait: such as "face size".
        name: such as "small", or "yes".
        range: lowest and highest value in it, for people; "" for yes and no.
        members: (I,) bool.
    """

    trait: str
    name: str
    range: str
    members: NDArray[np.bool_]


def wearer_traits(head: HeadModel, config: ScoreConfig) -> Traits:
    """Traits of the wearers of a score configuration."""
    identities = [wearer_identity(head, config.seed, i) for i in range(config.identities)]
    looks = [wearer_look(config.seed, i, identity) for i, identity in enumerate(identities)]
    eyes = [head.mesh(identity).T_head_eye[:, :3, 3] for identity in identities]
    return Traits(
        np.array([_face_size(identity) for identity in identities]),
        np.array([look.skin.reflectance[0] for look in looks]),
        np.array([1e3 * float(np.linalg.norm(left - right)) for left, right in eyes]),
        np.array([look.glasses is not None for look in looks]),
        np.array([look.hair.beard != "none" for look in looks]),
    )


def parts(traits: Traits) -> list[Part]:
    """Groups of wearers, trait by trait; a trait that all share, or that is not known, gives none."""
    out: list[Part] = []
    for key, (trait, names) in THIRDS.items():
        values = getattr(traits, key)
        if not np.isfinite(values).all() or len(np.unique(values)) < len(names):
            continue
        third = _thirds(values)
        for k, name in enumerate(names):
            own = values[third == k]
            digits = 2 if own.max() < 10 else 1 if own.max() < 1000 else 0
            out.append(Part(trait, name, f"{own.min():.{digits}f}–{own.max():.{digits}f}", third == k))
    for key, trait in YES_NO.items():
        worn = getattr(traits, key)
        if worn.any() and not worn.all():
            out += [Part(trait, "yes", "", worn), Part(trait, "no", "", ~worn)]
    return out


def _thirds(values: NDArray[np.float64]) -> NDArray[np.intp]:
    """0, 1 or 2 by rank: equal numbers, as nearly as may be; ties go by order."""
    rank = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return np.asarray(rank * 3 // len(values))


def _face_size(identity: Identity) -> float:
    measured = identity.describe().get("measurements_mm")
    if not isinstance(measured, Mapping):
        return float("nan")
    return float(measured.get("bizygomatic_breadth", np.nan)) * float(measured.get("menton_sellion", np.nan))
