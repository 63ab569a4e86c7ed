"""Wearers as commands draw them: from a seed, with a look, and with what was asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from faces.eyewear.look import sample_glasses_look
from faces.hair.look import HairLook
from faces.look import Look, sample_look
from faces.protocol import HeadModel, Identity
from sim.seeding import generator

AGES = (18.0, 80.0)


def drawn_look(
    seed: int, identity: Identity, beard: str | None = None, glasses: str | None = None, age_years: float | None = None
) -> Look:
    """The look of the wearer of this seed.

    Args:
        seed: the wearer's.
        identity: whose sex and age, where its model knows them, the look follows.
        beard: a style in place of the drawn one.
        glasses: a shape, "none", or None: as drawn.
        age_years: in place of the identity's.

    Raises:
        FaceError: an unknown beard or shape.
    """
    rng = generator(seed, "look")
    sex = getattr(identity, "sex", None)
    age = float(getattr(identity, "age_years", 40.0)) if age_years is None else age_years
    look = sample_look(rng, sex=sex if sex in ("female", "male") else None, age_years=float(np.clip(age, *AGES)))
    if glasses == "none":
        look = replace(look, glasses=None)
    elif glasses is not None:
        look = replace(look, glasses=replace(look.glasses or sample_glasses_look(rng), shape=glasses))
    return look if beard is None else replace(look, hair=with_beard(look, beard))


def with_beard(look: Look, beard: str) -> HairLook:
    """The look's hair with another beard, of that style's usual length."""
    return replace(look.hair, beard=beard, beard_length_mm=None)


def drawn_wearer(head: HeadModel, seed: int, sex: str | None = None, ages: tuple[float, float] = AGES) -> Identity:
    """The first wearer from this seed on who is of that sex and between these ages; the last of 400 if none is."""
    for i in range(400):
        identity = head.sample_identity(generator(seed, "gallery identity", i))
        age = float(getattr(identity, "age_years", 40.0))
        if sex in (None, getattr(identity, "sex", None)) and ages[0] <= age <= ages[1]:
            break
    return identity
