"""REFA's encoder (REFA 7.1, figure 7): a ResNet-like backbone for each camera, shared by mirror twins on flipped
images; one MLP for each eye, shared by both; one MLP on all features for the rest of the face.

The eye branch sees its own eye's cameras alone, so that the network cannot lean on both eyes mostly doing the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from encoders.inputs import SIDES, CameraInput


@dataclass(frozen=True)
class RefaConfig:
    """Size of the network.

    Attributes:
        size_px: images come square, so many pixels a side.
        channels: of the stages; each halves the resolution, the first only if there is no `pool`.
        blocks: residual blocks a stage.
        hidden: units of the MLPs' hidden layer, after which comes a layer norm (prior: REFA does not say).
        pool: a 7×7 stem and a max-pool before the stages, as in ResNet; else a 5×5 stem.
        grid: features are averaged over grid × grid cells; 1: over all of the image, as in REFA.
    """

    size_px: int = 64
    channels: tuple[int, ...] = (16, 32, 64)
    blocks: int = 1
    hidden: int = 192
    pool: bool = False
    grid: int = 4

    def record(self) -> dict[str, Any]:
        """Plain data; `config_from` reads it."""
        return {**asdict(self), "channels": list(self.channels)}


SMALL = RefaConfig()
"""Learns on two cores in minutes. Averages over 4 × 4 cells keep where things are, which few layers cannot encode."""
PAPER = RefaConfig(size_px=224, channels=(64, 128, 256, 512), blocks=2, hidden=256, pool=True, grid=1)
"""REFA's: 224 × 224 in, 512 maps of 7 × 7, averaged; ResNet-18's blocks. The MLPs' width is not published: prior."""
CONFIGS: Mapping[str, RefaConfig] = {"refa": SMALL, "refa_paper": PAPER}


def config_from(plain: Mapping[str, Any]) -> RefaConfig:
    """From `RefaConfig.record`."""
    return RefaConfig(**{**plain, "channels": tuple(plain["channels"])})


class Block(nn.Module):
    """Two 3×3 convolutions and a way around them (He et al. 2016)."""

    def __init__(self, inward: int, outward: int, stride: int) -> None:
        super().__init__()
        self.one = nn.Conv2d(inward, outward, 3, stride, 1, bias=False)
        self.norm_one = nn.BatchNorm2d(outward)
        self.two = nn.Conv2d(outward, outward, 3, 1, 1, bias=False)
        self.norm_two = nn.BatchNorm2d(outward)
        same = stride == 1 and inward == outward
        around = (nn.Conv2d(inward, outward, 1, stride, bias=False), nn.BatchNorm2d(outward))
        self.around = nn.Identity() if same else nn.Sequential(*around)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inside = torch.relu(self.norm_one(self.one(x)))
        return torch.relu(self.norm_two(self.two(inside)) + self.around(x))


class Backbone(nn.Module):
    """Images (N, 1, S, S), normalised, to features (N, `features`)."""

    def __init__(self, config: RefaConfig) -> None:
        super().__init__()
        width = config.channels[0]
        kernel = 7 if config.pool else 5
        layers: list[nn.Module] = [
            nn.Conv2d(1, width, kernel, 2, kernel // 2, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
        ]
        side = -(-config.size_px // 2)
        if config.pool:
            layers.append(nn.MaxPool2d(3, 2, 1))
            side = -(-side // 2)
        for stage, outward in enumerate(config.channels):
            for block in range(config.blocks):
                stride = 2 if block == 0 and (stage > 0 or not config.pool) else 1
                layers.append(Block(width, outward, stride))
                width, side = outward, -(-side // stride)
        cells = min(config.grid, side)
        layers += [nn.AvgPool2d(side // cells), nn.Flatten()]
        self.layers = nn.Sequential(*layers)
        self.features = width * (side // (side // cells)) ** 2

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.layers(x)
        return out


def perceptron(inward: int, hidden: int, outward: int) -> nn.Sequential:
    """One hidden layer, normalised over its units: features are all positive and move together, so that without it the
    first steps push nearly all units below 0 for good."""
    layers = nn.Linear(inward, hidden), nn.LayerNorm(hidden), nn.ReLU(), nn.Linear(hidden, outward)
    return nn.Sequential(*layers)


class RefaEncoder(nn.Module):
    """Images of all cameras to blendshape weights and gaze.

    Args:
        config: its size.
        cameras: its inputs, in the order in which `forward` takes them.
        expression_names: of the weights, in the order of the labels.
    """

    def __init__(self, config: RefaConfig, cameras: Sequence[CameraInput], expression_names: Sequence[str]) -> None:
        super().__init__()
        self.config = config
        self.cameras = tuple(cameras)
        self.expression_names = tuple(expression_names)
        self._originals = [camera.mirror_of or camera.name for camera in cameras]
        self.backbones = nn.ModuleDict({name: Backbone(config) for name in dict.fromkeys(self._originals)})
        # The mean and spread of pixels by backbone, set by training from its own frames (`set_levels`).
        self.register_buffer("levels", torch.tensor([[0.0, 1.0]]).repeat(len(self.backbones), 1))
        each = next(iter(self.backbones.values())).features
        self._eyes = eye_branches(self.cameras)
        eye_names = {side: _eye_names(self.expression_names, side) for side in SIDES}
        left = [self.expression_names[k].replace("Left", "Right") for k in eye_names["left"]]
        if left != [self.expression_names[k] for k in eye_names["right"]]:
            self._eyes = {}  # the head model has no pairs of eye weights that one MLP could give
        self.eyes = nn.ModuleDict()
        own: list[int] = []
        for side, (branch, indices, _) in self._eyes.items():
            if branch not in self.eyes:
                self.eyes[branch] = perceptron(len(indices) * each, config.hidden, len(eye_names[side]) + 2)
            own += eye_names[side]
        rest = [k for k in range(len(self.expression_names)) if k not in own]
        without = [side for side in SIDES if side not in self._eyes]
        self.fused = perceptron(len(self.cameras) * each, config.hidden, len(rest) + 2 * len(without))
        self._rest, self._without = rest, without
        order = torch.tensor([*own, *rest])
        self.register_buffer("_order", torch.argsort(order), persistent=False)

    def set_levels(self, levels: Mapping[str, tuple[float, float]]) -> None:
        """Mean and SD of the pixels (0 to 1) of each camera; twins share the mean of both."""
        for row, name in enumerate(self.backbones):
            mine = [
                levels[c.name] for c, original in zip(self.cameras, self._originals, strict=True) if original == name
            ]
            self.levels[row] = torch.tensor(mine).mean(dim=0)

    def forward(self, *images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Estimate.

        Args:
            images: for each camera (N, 1, S, S), 0 to 1, unflipped.

        Returns:
            Weights (N, E), not clipped, and gaze (N, 2, 2) in rad.
        """
        features = self._features(images)
        weights, gaze = [], {}
        for side, (branch, indices, turned) in self._eyes.items():
            out = self.eyes[branch](torch.cat([features[k] for k in indices], dim=1))
            # A twin's branch lives in the mirror image, where azimuth has the other sign.
            sign = out.new_tensor([-1.0 if turned else 1.0, 1.0])
            weights.append(out[:, :-2])
            gaze[side] = out[:, -2:] * sign
        fused = self.fused(torch.cat(features, dim=1))
        weights.append(fused[:, : len(self._rest)])
        for k, side in enumerate(self._without):
            start = len(self._rest) + 2 * k
            gaze[side] = fused[:, start : start + 2]
        return torch.cat(weights, dim=1)[:, self._order], torch.stack([gaze[side] for side in SIDES], dim=1)

    def _features(self, images: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Of each camera (N, features); twins pass the shared backbone together."""
        out: list[torch.Tensor] = [images[0]] * len(images)
        for row, (name, backbone) in enumerate(self.backbones.items()):
            mine = [k for k, original in enumerate(self._originals) if original == name]
            mean, spread = self.levels[row, 0], self.levels[row, 1]
            views = [torch.flip(images[k], [3]) if self.cameras[k].mirror_of else images[k] for k in mine]
            parts = torch.chunk(backbone((torch.cat(views) - mean) / spread), len(mine))
            for k, part in zip(mine, parts, strict=True):
                out[k] = part
        return out


def eye_branches(cameras: Sequence[CameraInput]) -> dict[str, tuple[str, list[int], bool]]:
    """Of each eye that cameras are for: its MLP's name, its cameras' indices, and whether it lives in the mirror image.

    Both eyes share one MLP where the cameras of one are the mirror twins of the other's, one for one.
    """
    found = {side: [k for k, camera in enumerate(cameras) if camera.eye == side] for side in SIDES}
    names = [camera.name for camera in cameras]
    for side, other in (SIDES, SIDES[::-1]):
        originals = [cameras[k].mirror_of for k in found[other]]
        if found[side] and originals == [names[k] for k in found[side]]:
            return {side: ("shared", found[side], False), other: ("shared", found[other], True)}
    return {side: (side, indices, False) for side, indices in found.items() if indices}


def _eye_names(names: Sequence[str], side: str) -> list[int]:
    """Which weights are an eye's own: eyeBlinkLeft and its kin."""
    return [k for k, name in enumerate(names) if name.startswith("eye") and name.endswith(side.capitalize())]
