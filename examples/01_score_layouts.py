"""Score two layouts on the same wearers, and read the result.

python examples/01_score_layouts.py
"""

from __future__ import annotations

from faces import load_head_model
from headsets import load_headset
from sim.metrics.config import ScoreConfig
from sim.metrics.score import score


def main(identities: int = 6, donnings: int = 4, workers: int | None = None) -> None:
    """Print what each layout's cameras see, and what they see worst."""
    headsets = [load_headset(name) for name in ("refa_green", "refa_red")]
    config = ScoreConfig(
        identities=identities,
        donnings=donnings,
        expressions=("neutral", "smile", "jaw_drop", "closed_eyes", "pucker"),
        heat_map_samples=0,
    )
    result = score(headsets, load_head_model(), config, workers=workers)
    for name, scores in result.headsets.items():
        for group, metrics in scores.groups.items():
            seen = metrics["visible_fraction"]
            print(f"{name:12} {group:9} seen {seen.mean:.2f} ± {seen.sd:.2f} of its area, 5th percentile {seen.p5:.2f}")
        for camera in scores.cameras:
            expression, share = next(iter(scores.by_expression(camera).items()))
            print(f"{name:12} {camera:12} sees {expression} worst: {share:.2f}")


if __name__ == "__main__":  # scoring starts worker processes, which import this file again
    main()
