"""Who wears the headset: head models, population, expressions, regions, keypoints, eyes, NIR appearance."""
