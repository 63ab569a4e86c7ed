"""Copies of stored frames under other views and other light, for training: MIA 3.2's layer, and relighting.

Each frame gives so many copies besides itself, made while frames are read: a copy is a function of seed, frame and
number. Labels stay: weights and gaze do not depend on camera, background or light.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform, Rotation

from encoders.errors import EncoderError
from faces.mesh import Topology
from headsets.lenses.central import CentralLens
from headsets.lenses.lens import Lens
from sim.dataset.config import DatasetConfig
from sim.dataset.frame import SEG_SHELL
from sim.dataset.hardware import lens_set
from sim.dataset.relight import LightChange, Relighter, headset_of
from sim.dataset.reprojection import Reprojector, View, bilinear
from sim.render.materials import THIN
from sim.seeding import generator

Item = dict[str, Any]


@dataclass(frozen=True)
class CopyConfig:
    """How many copies, and how far they differ; all spreads are priors (MIA states none).

    Attributes:
        views: copies seen from elsewhere; data sets with `outputs: {mesh: true}`.
        relit: copies under other light; data sets with `outputs: {lights: true}`.
        rotation_deg, shift_mm: one SD of the face about and along each axis, about the point between the eyes.
        focal_percent: one SD of each camera's focal length.
        currents: SD of the logarithm of each LED's current.
        failure_share: of LEDs that are dark.
        even_w_m2: ambient light is added to half of the copies, exponentially distributed with this mean.
        bias_stops: one SD of the exposure.
    """

    views: int = 0
    relit: int = 0
    rotation_deg: float = 3.0
    shift_mm: float = 3.0
    focal_percent: float = 2.0
    currents: float = 0.3
    failure_share: float = 0.1
    even_w_m2: float = 0.05
    bias_stops: float = 0.3

    def __post_init__(self) -> None:
        for name in vars(self):
            value = getattr(self, name)
            if not 0 <= value <= 100:
                raise EncoderError(f"`0 <= {name} <= 100` must hold for copies, got {value}")

    @property
    def each(self) -> int:
        """Frames that one becomes."""
        return 1 + self.views + self.relit


class Copier:
    """Makes the copies of one data set's frames.

    Args:
        record: of the data set.
        topology: of its head model.
        config: how many of what.
        seed: of all draws.

    Raises:
        EncoderError: the data set does not store what the copies need.
    """

    def __init__(self, record: Mapping[str, Any], topology: Topology, config: CopyConfig, seed: int) -> None:
        self.config, self._seed = config, seed
        self._data = DatasetConfig.model_validate(record["config"])
        for copies, part in ((config.views, "mesh"), (config.relit, "lights")):
            if copies and not getattr(self._data.outputs, part):
                raise EncoderError(f"`outputs.{part}` must be true in a data set that gives such copies, got false")
        self._record_seed = int(record["seed"])
        self._headset = headset_of(record)
        self._light = Relighter(record, self._headset) if config.relit else None
        hidden = [i for i, name in enumerate(topology.material_names) if name in THIN]
        self._triangles = topology.triangles[~np.isin(topology.material_ids, hidden)]
        self._vertices = len(topology.uv)
        self._mesh: Reprojector | None = None

    def __call__(self, items: Iterable[Item]) -> Iterator[Item]:
        """Each frame, followed by its copies; frames with their labels."""
        for item in items:
            yield item
            for k in range(self.config.views):
                yield {**item, "images": self.from_elsewhere(item, self._rng("view", item, k))}
            for k in range(self.config.relit):
                yield self._relit(item, self._rng("light", item, k))

    def from_elsewhere(self, item: Item, rng: np.random.Generator) -> dict[str, NDArray[Any]]:
        """All cameras' images of the face moved before them, on random backgrounds.

        Where the data set stores regions, what the housing hid is known not to be skin.
        """
        config, label = self.config, item["label"]
        turn = Rotation.from_rotvec(np.radians(config.rotation_deg) * rng.standard_normal(3))
        moved = RigidTransform.from_components(1e-3 * config.shift_mm * rng.standard_normal(3), turn)
        if self._mesh is None:
            self._mesh = Reprojector(item["vertices"][: self._vertices], self._triangles)
        else:
            self._mesh.move(item["vertices"][: self._vertices])
        optics = lens_set(self._headset, self._data.hardware, self._record_seed, int(label["lens_set"]))
        out = {}
        for name, image in item["images"].items():
            lens = optics.cameras[name].lens
            T = RigidTransform.from_matrix(np.array(label["cameras"][name]["true"]["T_device_camera"]))
            zoomed = focused(lens, 1.0 + 0.01 * config.focal_percent * float(np.clip(rng.standard_normal(), -3, 3)))
            ground = background(rng, image.shape, float(np.percentile(image, 95)))
            # The face moved by M before a camera is the camera moved by M^-1 before the face.
            shows = item["regions"][name] < SEG_SHELL if "regions" in item else None
            new = self._mesh(image, View(lens, T), View(zoomed, moved.inv() * T), ground, shows)
            most = 2 ** item["bits"][name] - 1
            out[name] = np.clip(np.rint(new.image), 0, most).astype(image.dtype)
        return out

    def _relit(self, item: Item, rng: np.random.Generator) -> Item:
        config = self.config
        assert self._light is not None
        names = list(self._light.headset.leds)
        factors = np.exp(config.currents * rng.standard_normal(len(names)))
        failed = tuple(name for name, draw in zip(names, rng.random(len(names)), strict=True)
                       if draw < config.failure_share)  # fmt: skip
        even = config.even_w_m2 * rng.standard_exponential() * (rng.random() < 0.5)
        change = LightChange(
            currents=dict(zip(names, factors.tolist(), strict=True)), failed=failed, even_w_m2=float(even),
            exposure="auto", bias=2.0 ** float(config.bias_stops * rng.standard_normal()),
        )  # fmt: skip
        (new,) = self._light.relit([item], [change], int(rng.integers(2**31)))
        return new

    def _rng(self, purpose: str, item: Item, number: int) -> np.random.Generator:
        return generator(self._seed, f"copy {purpose} {number}", int(item["label"]["index"]))


def focused(lens: Lens, factor: float) -> Lens:
    """The lens with its focal length so many times as long; other than central ones stay."""
    if not isinstance(lens, CentralLens):
        return lens
    return replace(lens, fx_px=lens.fx_px * factor, fy_px=lens.fy_px * factor)


def background(rng: np.random.Generator, shape: tuple[int, ...], top: float) -> NDArray[np.float32]:
    """(H, W) blurred patches of random brightness, 0 to `top`, 2 to 8 across."""
    across = int(rng.integers(2, 9))
    patches = (top * rng.random() * rng.random((across, across))).astype(np.float32)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(float)
    places = np.stack([x / max(shape[1] - 1, 1), y / max(shape[0] - 1, 1)], -1).reshape(-1, 2) * (across - 1)
    return bilinear(patches, places).reshape(shape)
