"""Slide a pair of cameras and watch a score: what a placement search does, by hand.

python examples/03_move_a_camera.py
"""

from __future__ import annotations

from collections.abc import Sequence

from faces import load_head_model
from headsets import build_headset, load_headset
from sim.metrics.config import ScoreConfig
from sim.metrics.score import score


def main(lower_mm: Sequence[float] = (0.0, 4.0, 8.0, 12.0), identities: int = 4, workers: int | None = None) -> None:
    """Lower the mouth cameras of refa_green step by step; the mirror twin follows."""
    original = load_headset("refa_green")
    assert original.spec is not None
    camera = original.spec.cameras["mouth_left"]
    x, y, z = camera.position_mm
    variants = []
    for step in lower_mm:
        moved = camera.model_copy(update={"position_mm": (x, y - step, z)})
        cameras = {**original.spec.cameras, "mouth_left": moved}
        spec = original.spec.model_copy(update={"name": f"lower_by_{step:g}_mm", "cameras": cameras})
        variants.append(build_headset(spec, original.source))
    config = ScoreConfig(identities=identities, donnings=2, expressions=("neutral", "smile", "jaw_drop"))
    result = score(variants, load_head_model(), config, workers=workers)
    for name, scores in result.headsets.items():
        mouth = scores.groups["mouth"]
        print(f"{name:16} visibility {mouth['visibility'].mean:+.3f}, seen {mouth['visible_fraction'].mean:.2f}")


if __name__ == "__main__":  # scoring starts worker processes, which import this file again
    main()
