"""Who wears the headset: head models, population, expressions, regions, keypoints, eyes, NIR appearance."""

from faces.builtin import load_head_model

__all__ = ["load_head_model"]
