"""Scores of camera layouts: visibility, range of motion, what is seen and how finely, with their spread."""

from sim.metrics.config import ScoreConfig
from sim.metrics.result import HeadsetScores, ScoreResult, Statistic
from sim.metrics.score import score

__all__ = ["HeadsetScores", "ScoreConfig", "ScoreResult", "Statistic", "score"]
