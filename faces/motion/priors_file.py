"""A YAML file that sets priors of motion: `load_motion_priors`. What it leaves out keeps its default."""

from __future__ import annotations

from pathlib import Path

from faces.motion.priors import MotionPriors
from faces.priors_file import load_priors, parse_priors


def load_motion_priors(path: str | Path) -> MotionPriors:
    """Read priors of motion from a file; docs/priors.md lists its keys.

    Raises:
        FaceError: see `faces.priors_file.load_look_priors`.
    """
    return load_priors(MotionPriors(), path, "motion priors")


def parse_motion_priors(text: str, source: str) -> MotionPriors:
    """The priors that a file's text sets; `source` names it in errors.

    Raises:
        FaceError: see `faces.priors_file.load_look_priors`.
    """
    return parse_priors(MotionPriors(), text, source, "motion priors")
