"""Wearers by number: who they are and how they look, as a pure function of seed and number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faces.look import Look, sample_look
from faces.priors import LookPriors
from faces.protocol import HeadModel, Identity
from sim.seeding import generator

AGES = (18.0, 80.0)
"""Between which looks follow a wearer's age."""


@dataclass(frozen=True, eq=False)
class Wearer:
    """One of the population.

    Attributes:
        identity: of a head model.
        look: skin, eyes, hair, glasses.
    """

    identity: Identity
    look: Look


def draw_wearer(head: HeadModel, seed: int, index: int, priors: LookPriors = LookPriors()) -> Wearer:
    """Wearer number `index` of a seed; scores of the same seed are over the same faces."""
    identity = wearer_identity(head, seed, index)
    return Wearer(identity, wearer_look(seed, index, identity, priors))


def wearer_identity(head: HeadModel, seed: int, index: int) -> Identity:
    """Shape of wearer `index`."""
    return head.sample_identity(generator(seed, "identity", index))


def wearer_look(seed: int, index: int, identity: Identity, priors: LookPriors = LookPriors()) -> Look:
    """Skin, eyes, hair and glasses of wearer `index`."""
    return draw_look(identity, generator(seed, "look", index), priors)


def draw_look(identity: Identity, rng: np.random.Generator, priors: LookPriors = LookPriors()) -> Look:
    """A look that follows sex and age, where the identity's model knows them."""
    sex, age = getattr(identity, "sex", None), float(getattr(identity, "age_years", 40.0))
    known = sex if sex in ("female", "male") else None
    return sample_look(rng, sex=known, age_years=float(np.clip(age, *AGES)), priors=priors)


def glasses_frame(
    head: HeadModel, identity: Identity, look: Look
) -> tuple[NDArray[np.float64], NDArray[np.int32]] | None:
    """The frame of the wearer's glasses: vertices (V, 3), m, head frame, and triangles (T, 3); None without glasses,
    or where the head model has none. Panes are no part of it, and it does not follow expressions."""
    if look.glasses is None:
        return None
    mesh = head.mesh(identity, look=look)
    bare = mesh.topology.bare
    if bare is None:
        return None
    first = len(bare.uv)
    triangles = mesh.triangles[len(bare.triangles) :] - first
    return mesh.vertices[first:], triangles.astype(np.int32)
