"""Render one frame: a face in a headset, as its cameras see it.

python examples/00_render_one_frame.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from faces import load_head_model
from headsets import load_headset
from hmcsim.exposure import headset_white, write_pictures
from sim.render import Renderer


def main(out: Path = Path("outputs/examples/frame")) -> None:
    """Pose a wearer, render all cameras, write their pictures, and say what a buffer holds."""
    head = load_head_model()
    identity = head.sample_identity(np.random.default_rng(1))
    mesh = head.mesh(identity, {"jawOpen": 0.3, "mouthSmileLeft": 0.8}, gaze=np.radians([10.0, -5.0]))

    headset = load_headset("refa_green")
    renderer = Renderer(device="cpu")
    frame = renderer.render(headset, mesh, buffers=("radiance", "depth", "region"))

    out.mkdir(parents=True, exist_ok=True)
    write_pictures(out, frame, headset_white(renderer, headset, head))

    mouth = frame["mouth_left"]
    lips = [head.topology.region_labels.index(label) for label in ("lip_upper", "lip_lower")]
    seen = np.isin(mouth.region, lips)
    print(f"mouth_left: {seen.sum()} pixels of lip, {1e3 * np.nanmedian(mouth.depth[seen]):.1f} mm away")
    print(f"pictures in {out}")


if __name__ == "__main__":
    main()
