"""Wearers as commands draw them: from a seed, with a look, and with what was asked for."""

from __future__ import annotations

from dataclasses import replace

from faces.eyewear.look import GlassesLook
from faces.hair.priors import BeardLengths
from faces.look import Look
from faces.priors import LookPriors
from faces.protocol import HeadModel, Identity
from sim.seeding import generator
from sim.wearers import AGES, draw_look


def drawn_look(seed: int, identity: Identity, priors: LookPriors = LookPriors()) -> Look:
    """The look of the wearer of this seed."""
    return draw_look(identity, generator(seed, "look"), priors)


def dressed(
    look: Look, beard: str | None = None, glasses: str | None = None, priors: LookPriors = LookPriors()
) -> Look:
    """The look with another beard, of its style's usual length, and other glasses.

    Args:
        beard: a style, None: the look's own.
        glasses: a shape, "none", or None: the look's own.
        priors: where they set usual lengths of beards, these are taken.

    Raises:
        FaceError: an unknown beard or shape.
    """
    if beard is not None:
        lengths = priors.hair.beard_length_mm
        usual = None if lengths == BeardLengths() else getattr(lengths, beard, None)
        look = replace(look, hair=replace(look.hair, beard=beard, beard_length_mm=usual))
    if glasses == "none":
        return replace(look, glasses=None)
    return look if glasses is None else replace(look, glasses=replace(look.glasses or GlassesLook(), shape=glasses))


def drawn_wearer(head: HeadModel, seed: int, sex: str | None = None, ages: tuple[float, float] = AGES) -> Identity:
    """The first wearer from this seed on who is of that sex and between these ages; the last of 400 if none is."""
    for i in range(400):
        identity = head.sample_identity(generator(seed, "gallery identity", i))
        age = float(getattr(identity, "age_years", 40.0))
        if sex in (None, getattr(identity, "sex", None)) and ages[0] <= age <= ages[1]:
            break
    return identity
