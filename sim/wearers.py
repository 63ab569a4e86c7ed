"""Wearers by seed and number: shape of the head and look, the same whoever asks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faces.look import Look, sample_look
from faces.protocol import HeadModel, Identity
from sim.seeding import generator

AGES = (18.0, 80.0)
"""Of looks; an identity's age is held between them."""


def wearer_identity(head: HeadModel, seed: int, index: int) -> Identity:
    """Shape of wearer `index`."""
    return head.sample_identity(generator(seed, "identity", index))


def wearer_look(seed: int, index: int, identity: Identity) -> Look:
    """Skin, eyes, hair and glasses of wearer `index`; they follow sex and age, where the head model knows them."""
    sex, age = getattr(identity, "sex", None), float(getattr(identity, "age_years", 40.0))
    known = sex if sex in ("female", "male") else None
    return sample_look(generator(seed, "look", index), sex=known, age_years=float(np.clip(age, *AGES)))


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
