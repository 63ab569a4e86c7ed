"""Training: ℓ1 between estimates and labels, Adam (REFA 7.2), learning rate on a cosine (UFE 5.1); to be interrupted at
any moment and resumed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from encoders import checkpoint
from encoders.augment import AUGMENTATIONS, augmented, mirrored
from encoders.errors import EncoderError
from encoders.frames import Frames
from encoders.inputs import CameraInput
from encoders.log import Log
from encoders.metrics.gaze import gaze_error_deg
from encoders.mirror import Mirror, find_mirror
from encoders.refa import RefaConfig, RefaEncoder
from encoders.sources import Source
from encoders.tensors import mean_and_spread
from sim.seeding import generator

Progress = Callable[[float, float], None]
ROUNDED = 0.6
"""Share of the steps in which the loss still turns from squares to ℓ1 (prior)."""
LEVEL_FRAMES = 256
"""Frames that the pixels' mean and spread are taken from."""


@dataclass(frozen=True)
class TrainConfig:
    """How to train.

    Attributes:
        steps, batch: updates, and frames in each.
        learning_rate: at the start; it falls to 0 along a cosine, after rising over the first `warm_up` steps.
        weight_decay: as UFE has it.
        gaze_weight: of each angle's error (rad) beside that of each weight. At 1 both count alike, for both
            vary by some 0.2; were gaze's mean error as much as that of 52 weights, features would serve gaze alone.
        rounding: errors below it count by their square at first; it falls to 0, REFA's ℓ1, over the first
            `ROUNDED` of the steps. With ℓ1 from the start, estimates stay at 0, the median of most blendshapes.
        augment: one of `encoders.augment.AUGMENTATIONS`.
        report_every, save_every: steps between rows of the log, and between checkpoints.
        seed: of the first weights, the frames' order and the augmentation.
    """

    steps: int = 3000
    batch: int = 32
    learning_rate: float = 4e-3
    warm_up: int = 100
    weight_decay: float = 1e-5
    gaze_weight: float = 1.0
    rounding: float = 1.0
    augment: str = "small"
    report_every: int = 100
    save_every: int = 500
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.rounding < 10:
            raise EncoderError(f"`0 <= rounding < 10` must hold for training, got {self.rounding:g}")
        for name in ("steps", "batch", "report_every", "save_every"):
            if getattr(self, name) < 1:
                raise EncoderError(f"`{name} >= 1` must hold for training, got {getattr(self, name)}")
        if self.augment not in AUGMENTATIONS:
            raise EncoderError(f"unknown augmentation {self.augment!r}. There are: {', '.join(AUGMENTATIONS)}")
        if self.batch < 2:
            raise EncoderError(f"`batch >= 2` must hold for training, which normalises over batches, got {self.batch}")
        if not 0 < self.learning_rate < 1:
            raise EncoderError(f"`0 < learning_rate < 1` must hold for training, got {self.learning_rate:g}")
        if self.seed < 0:
            raise EncoderError(f"`seed >= 0` must hold for training, got {self.seed}")

    def beta(self, step: int) -> float:
        """Below which errors count by their square, at a step."""
        return self.rounding * max(0.0, 1.0 - step / (ROUNDED * self.steps))

    def rate(self, step: int) -> float:
        """Learning rate of a step."""
        warm = min(1.0, (step + 1) / max(1, min(self.warm_up, self.steps // 10)))
        return self.learning_rate * warm * 0.5 * (1 + math.cos(math.pi * step / self.steps))


def train(
    out: Path,
    source: Source,
    network: RefaConfig,
    cameras: Sequence[CameraInput],
    config: TrainConfig = TrainConfig(),
    *,
    validation: Frames | None = None,
    data: str = "",
    resume: bool = False,
    device: str = "cpu",
    progress: Progress | None = None,
) -> RefaEncoder:
    """Train into a folder: encoder.pt (to resume from, to evaluate) and log.csv.

    On CPU with the same number of threads, an interrupted and resumed run ends with the same weights as a straight one:
    batches and augmentation are functions of seed and step, so that there is no generator to keep.

    Args:
        out: a folder; it must not hold an encoder yet, unless `resume`.
        data: what the source was made from, kept in the checkpoint; another one is refused on resuming.
        validation: its errors are logged.
        device: of torch.
        progress: told (done, total) step by step.

    Raises:
        EncoderError: a folder with an encoder in it; a resume of nothing, or with changed settings.
    """
    path = out / checkpoint.CHECKPOINT
    fixed = {
        "network": network.record(),
        "cameras": [camera.record() for camera in cameras],
        "expression_names": list(source.expression_names),
        "train": asdict(config),
        "data": data,
    }
    net = _fresh(network, cameras, source, config.seed).to(device)
    adam = torch.optim.AdamW(net.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    if path.exists() and not resume:
        raise EncoderError(f"an encoder is there already; go on with --resume, or choose another folder ({path})")
    if resume:
        before = checkpoint.load(path)
        _refuse_changes(before, fixed, path)
        net.load_state_dict(before["weights"])
        adam.load_state_dict(before["optimizer"])
        start = int(before["step"])
    else:
        start = 0
        net.set_levels(levels_of(source.batch(0, LEVEL_FRAMES, config.seed)))
        out.mkdir(parents=True, exist_ok=True)
    mirror = find_mirror(cameras, source.expression_names)
    log = Log(out, start)
    try:
        sums = np.zeros(3)
        count = 0
        for step in range(start, config.steps):
            sums += _update(net, adam, source, config, step, device, mirror)
            count += 1
            done = step + 1
            if done % config.report_every == 0 or done == config.steps:
                log.write(_row(done, sums / count, config, net, validation, device))
                sums, count = np.zeros(3), 0
            if done % config.save_every == 0 or done == config.steps:
                weights, optimizer = net.state_dict(), adam.state_dict()
                checkpoint.save(path, {**fixed, "step": done, "weights": weights, "optimizer": optimizer})
            if progress is not None:
                progress(done, config.steps)
    finally:
        log.close()
    return net.eval()


def usable_device(device: str) -> str:
    """The device's name for torch.

    Raises:
        EncoderError: torch cannot use it.
    """
    if device == "cpu" or (device.partition(":")[0] == "cuda" and torch.cuda.is_available()):
        return device
    raise EncoderError(f"`device` must be one that torch can use (cpu, or cuda where there is a GPU), got {device!r}")


def to_tensors(images: Mapping[str, NDArray[np.uint8] | torch.Tensor], device: str) -> dict[str, torch.Tensor]:
    """By camera (N, 1, H, W) float32, 0 to 1; tensors that are on the device already stay there."""
    return {name: torch.as_tensor(batch).to(device)[:, None].float() / 255.0 for name, batch in images.items()}


def levels_of(frames: Frames) -> dict[str, tuple[float, float]]:
    """Mean and SD of each camera's pixels, 0 to 1; a black camera's SD counts as 1 %."""
    out = {}
    for name, batch in frames.images.items():
        mean, spread = mean_and_spread(batch) if isinstance(batch, torch.Tensor) else (batch.mean(), batch.std())
        out[name] = float(mean / 255.0), max(0.01, float(spread / 255.0))
    return out


def estimate(net: RefaEncoder, frames: Frames, device: str, batch: int = 256) -> tuple[NDArray[np.float32], ...]:
    """Weights (F, E), clipped to [0, 1], and gaze (F, 2, 2) rad of all frames."""
    net.eval()
    weights, gaze = [], []
    with torch.inference_mode():
        for start in range(0, len(frames), batch):
            part = to_tensors({name: i[start : start + batch] for name, i in frames.images.items()}, device)
            one, other = net(*(part[camera.name] for camera in net.cameras))
            weights.append(one.clamp(0, 1).cpu().numpy())
            gaze.append(other.cpu().numpy())
    return np.concatenate(weights), np.concatenate(gaze)


def _fresh(network: RefaConfig, cameras: Sequence[CameraInput], source: Source, seed: int) -> RefaEncoder:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(generator(seed, "first weights").integers(2**31)))
        net = RefaEncoder(network, cameras, source.expression_names)
    # A third faster on a CPU than channel by channel, and what tensor cores want.
    return net.to(memory_format=torch.channels_last)


def _update(
    net: RefaEncoder,
    adam: torch.optim.Optimizer,
    source: Source,
    config: TrainConfig,
    step: int,
    device: str,
    mirror: Mirror | None,
) -> NDArray[np.float64]:
    """One step; loss, and the mean absolute error of weights and gaze."""
    net.train()
    frames = source.batch(step, config.batch, config.seed)
    augmentation = AUGMENTATIONS[config.augment]
    if augmentation is not None and mirror is not None:
        frames = mirrored(frames, mirror, augmentation, config.seed, step)
    images = to_tensors(frames.images, device)
    if augmentation is not None:
        images = augmented(images, augmentation, config.seed, step)
    for group in adam.param_groups:
        group["lr"] = config.rate(step)
    weights, gaze = net(*(images[camera.name] for camera in net.cameras))
    off = (weights - torch.from_numpy(frames.weights).to(device)).abs().mean()
    off_gaze = (gaze - torch.from_numpy(frames.gaze).to(device)).abs().mean()
    numbers = weights.shape[1], config.gaze_weight * gaze[0].numel()
    cost, cost_gaze = (
        functional.smooth_l1_loss(one, torch.from_numpy(true).to(device), beta=config.beta(step))
        for one, true in ((weights, frames.weights), (gaze, frames.gaze))
    )
    loss = (numbers[0] * cost + numbers[1] * cost_gaze) / sum(numbers)
    adam.zero_grad(set_to_none=True)
    loss.backward()
    adam.step()
    return np.array([loss.item(), off.item(), off_gaze.item()])


def _row(
    step: int, means: NDArray[np.float64], config: TrainConfig, net: RefaEncoder, validation: Frames | None, device: str
) -> dict[str, float]:
    loss, weights, gaze = (float(value) for value in means)
    row: dict[str, Any] = {"step": step, "loss": loss, "weights_l1": weights, "gaze_l1_rad": gaze}
    row["learning_rate"] = config.rate(step - 1)
    if validation is not None:
        estimated, looked = estimate(net, validation, device)
        row["val_weights_l1"] = float(np.abs(estimated - validation.weights).mean())
        row["val_gaze_deg"] = float(gaze_error_deg(looked, validation.gaze).mean())
    return row


def _refuse_changes(before: dict[str, Any], now: dict[str, Any], path: Path) -> None:
    found = []
    for part, value in now.items():
        old = before.get(part)
        if isinstance(value, dict) and isinstance(old, dict):
            found += [
                f"{part}.{k}: {old.get(k)} -> {value.get(k)}" for k in {**old, **value} if old.get(k) != value.get(k)
            ]
        elif old != value:
            found.append(part if isinstance(value, list) else f"{part}: {old} -> {value}")
    if found:
        raise EncoderError(f"training can be resumed only as it was begun, got {'; '.join(found)} ({path})")
