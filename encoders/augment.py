"""Augmentation: frames mirrored, and UFE's rotation, scale and CutMix patches (UFE 5.1, table 5).

Of the latter labels stay as they are: UFE mixes inputs "for regularization", so that patches of other frames are
clutter to see past.
All draws are a function of (seed, step), so that a resumed run goes on as it would have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from encoders.frames import Frames
from encoders.mirror import Mirror
from sim.seeding import generator


@dataclass(frozen=True)
class Augmentation:
    """How much frames change; each camera's image by a draw of its own.

    Attributes:
        mirrored: share of the frames that are mirrored, where the headset is symmetric (`encoders.mirror`).
        rotation_deg: up to so much either way.
        scale: up to so much larger or smaller.
        patches: of another frame of the batch, pasted into `mixed` of the images.
        mixed: share of images that get patches.
        patch: side of a patch over that of the image: uniform between the two (prior).
    """

    mirrored: float = 0.5
    rotation_deg: float = 3.0
    scale: float = 1.03
    patches: int = 3
    mixed: float = 0.25
    patch: tuple[float, float] = (0.08, 0.25)


AUGMENTATIONS: Mapping[str, Augmentation | None] = {
    "none": None,
    "small": Augmentation(),
    "ufe": Augmentation(mirrored=0.0, rotation_deg=15.0, scale=1.1, mixed=0.5),
}
"""UFE's is for a network that 150,000 updates train; a small one never gets to see past it (docs/encoders.md)."""


def mirrored(frames: Frames, mirror: Mirror, augmentation: Augmentation, seed: int, step: int) -> Frames:
    """A batch of which some frames are mirrored, drawn as `augmented` draws."""
    rng = generator(seed, "mirroring", step)
    return mirror.some(frames, np.flatnonzero(rng.random(len(frames)) < augmentation.mirrored))


def augmented(
    images: Mapping[str, torch.Tensor], augmentation: Augmentation, seed: int, step: int
) -> dict[str, torch.Tensor]:
    """A batch changed.

    Args:
        images: by camera (N, 1, H, W).
        seed, step: what the draws depend on.
    """
    rng = generator(seed, "augmentation", step)
    return {
        name: cut_mixed(turned(batch, augmentation, rng), augmentation, rng) for name, batch in sorted(images.items())
    }


def turned(batch: torch.Tensor, augmentation: Augmentation, rng: np.random.Generator) -> torch.Tensor:
    """Rotated and scaled about the middle, bilinear; what comes in from beyond the edge repeats the edge."""
    count, _, height, width = batch.shape
    angle = np.radians(augmentation.rotation_deg) * rng.uniform(-1, 1, count)
    scale = augmentation.scale ** rng.uniform(-1, 1, count)
    cos, sin = np.cos(angle) / scale, np.sin(angle) / scale
    # In grid_sample's coordinates both sides are 2 long, whatever the shape.
    matrix = np.zeros((count, 2, 3), np.float32)
    matrix[:, 0, 0], matrix[:, 0, 1] = cos, -sin * height / width
    matrix[:, 1, 0], matrix[:, 1, 1] = sin * width / height, cos
    grid = functional.affine_grid(torch.from_numpy(matrix).to(batch.device), list(batch.shape), align_corners=False)
    return functional.grid_sample(batch, grid, mode="bilinear", padding_mode="border", align_corners=False)


def cut_mixed(batch: torch.Tensor, augmentation: Augmentation, rng: np.random.Generator) -> torch.Tensor:
    """Patches of another frame of the batch pasted in at the same place (CutMix, Yun et al. 2019)."""
    count, _, height, width = batch.shape
    other = rng.permutation(count)
    chosen = rng.random(count) < augmentation.mixed
    sides = rng.uniform(*augmentation.patch, (count, augmentation.patches, 2))
    places = rng.random((count, augmentation.patches, 2))
    out = batch.clone()
    for k in np.flatnonzero(chosen):
        for side, place in zip(sides[k], places[k], strict=True):
            h, w = max(1, round(side[0] * height)), max(1, round(side[1] * width))
            top, left = int(place[0] * (height - h + 1)), int(place[1] * (width - w + 1))
            out[k, :, top : top + h, left : left + w] = batch[other[k], :, top : top + h, left : left + w]
    return out
