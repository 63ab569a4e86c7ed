"""Numbers with their nouns, for messages and pages."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """ "1 wearer", "2 wearers"; the noun is given in the singular and takes an s."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
