"""Sample i: who is seen, what they do, how the headset sits, and how it is lit; a pure function of configuration,
seed and i."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform, Rotation

from faces.protocol import HeadModel
from headsets.donning import DonningDistribution
from headsets.headset import Headset
from sim.dataset.ambient import draw_ambient
from sim.dataset.config import DatasetConfig, DonningPart
from sim.dataset.expressions import draw_expression, draw_gaze
from sim.dataset.hardware import draw_drive, lens_set, mounted
from sim.dataset.load_config import look_priors
from sim.dataset.motion import FRAMES, Task, sequence, tasks_of
from sim.drive import Drive, driven
from sim.render.ambient import Ambient
from sim.seeding import generator
from sim.wearers import Wearer, draw_look, draw_wearer

SPLITS = ("train", "val", "test")
GOLDEN = 0.5 * (5**0.5 - 1)
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Sample:
    """What a frame shows.

    Attributes:
        index: i; `key` is what its files are called.
        split: of its identity.
        identity, capture: numbers; `wearer` is that person at that visit.
        wearing: number within the visit.
        task: what the wearer does; `task_frame` is the frame within it.
        time_s: since the task's start, of sequences; else 0.
        expression: what is shown, in words.
        weights: (E,) in the head model's order.
        gaze: (2, 2) rad, left and right optical axis.
        T_device_head: how the headset sits in this frame; `T_device_head_worn`: at the wearing's start, before slip.
        lens_set: number of the set of lenses, -1: the nominal ones; `optics` is the headset with those alone, the same
            object for the same set.
        unit: the headset off the line, LEDs as the data sheet says; `headset`: with LEDs as they are driven.
        drive: of the LEDs.
        ambient: or None.
        bias: factor on the exposure that the camera would choose.
    """

    index: int
    split: str
    identity: int
    capture: int
    wearer: Wearer
    wearing: int
    task: Task
    task_frame: int
    time_s: float
    expression: str
    weights: NDArray[np.float64]
    gaze: NDArray[np.float64]
    T_device_head: RigidTransform
    T_device_head_worn: RigidTransform
    lens_set: int
    optics: Headset
    unit: Headset
    headset: Headset
    drive: Drive
    ambient: Ambient | None
    bias: float

    @property
    def key(self) -> str:
        return sample_key(self.index)


def sample_key(index: int) -> str:
    """The name of a sample's files, before the first dot."""
    return f"{index:09d}"


def split_of(identity: int, config: DatasetConfig) -> str:
    """Identities are dealt evenly (golden-ratio sequence), so that any first few come close to the shares."""
    shares = config.wearers.splits
    total = shares.train + shares.val + shares.test
    place = (0.5 + identity * GOLDEN) % 1.0 * total
    return "train" if place < shares.train else "val" if place < shares.train + shares.val else "test"


class Sampler:
    """Draws samples; what neighbours share is kept, and changes nothing.

    Raises:
        SimError: the configuration asks for a script that there is not.
    """

    def __init__(self, headset: Headset, head: HeadModel, config: DatasetConfig, seed: int) -> None:
        self.headset = headset
        self.config = config
        self.seed = seed
        self._head = head
        self._priors = look_priors(config)
        self.rate_hz = max(camera.sensor.frame_rate_hz for camera in headset.cameras.values())
        self.tasks = tasks_of(config.wearers.script, config.wearers.frames_each, self.rate_hz)
        self._starts = np.array([task.start for task in self.tasks])
        self._kept: OrderedDict[tuple[object, ...], object] = OrderedDict()

    def split(self, index: int) -> str:
        """Of a sample, without drawing it."""
        return split_of(index // self.config.wearers.frames_each // self.config.wearers.captures, self.config)

    def sample(self, index: int) -> Sample:
        """Draw sample `index` >= 0."""
        config = self.config
        visit, frame = divmod(index, config.wearers.frames_each)
        identity, capture = divmod(visit, config.wearers.captures)
        number = int(np.searchsorted(self._starts, frame, side="right")) - 1
        task = self.tasks[number]
        whole = frame if task.kind == FRAMES else task.start
        worn = whole * config.wearers.wearings_each // config.wearers.frames_each
        wearing = visit * config.wearers.wearings_each + worn
        expression, weights, gaze = self._pose(index, visit, number, frame - task.start)
        lenses, optics, unit = self._keep(("unit", visit), lambda: self._unit(visit))
        drive, ambient, T_worn = self._keep(("wearing", wearing), lambda: self._wearing(visit, wearing, unit))
        headset = self._keep(("driven", wearing), lambda: driven(unit, drive))
        return Sample(
            index=index,
            split=split_of(identity, config),
            identity=identity,
            capture=capture,
            wearer=self._keep(("wearer", visit), lambda: self._wearer(identity, capture, visit)),
            wearing=worn,
            task=task,
            task_frame=frame - task.start,
            time_s=0.0 if task.kind == FRAMES else (frame - task.start) / self.rate_hz,
            expression=expression,
            weights=weights,
            gaze=gaze,
            T_device_head=self._slip(index, visit, number, frame - task.start) * T_worn,
            T_device_head_worn=T_worn,
            lens_set=lenses,
            optics=optics,
            unit=unit,
            headset=headset,
            drive=drive,
            ambient=ambient,
            bias=2.0 ** config.exposure.bias_stops.draw(self._rng("exposure", index)),
        )

    def _rng(self, purpose: str, index: int) -> np.random.Generator:
        return generator(self.seed, f"dataset {purpose}", index)

    def _keep(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        """The latest few of each."""
        if key not in self._kept:
            self._kept[key] = make()
            if len(self._kept) > 24:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]  # type: ignore[return-value]  # what `make` made under this key

    def _wearer(self, identity: int, capture: int, visit: int) -> Wearer:
        """Who comes again has another beard."""
        wearer = draw_wearer(self._head, self.seed, identity, self._priors)
        spread = self.config.wearers.spread.draw(self._rng("spread", identity))
        if spread != 1.0:
            shape = self._head.blended(wearer.identity, [wearer.identity], np.array([spread - 1.0]))
            wearer = replace(wearer, identity=shape)
        if capture == 0:
            return wearer
        again = draw_look(wearer.identity, self._rng("look again", visit), self._priors).hair
        hair = replace(wearer.look.hair, beard=again.beard, beard_length_mm=again.beard_length_mm)
        return Wearer(wearer.identity, replace(wearer.look, hair=hair))

    def _pose(
        self, index: int, visit: int, number: int, frame: int
    ) -> tuple[str, NDArray[np.float64], NDArray[np.float64]]:
        task, names = self.tasks[number], self._head.expression_names
        if task.kind == FRAMES:
            what, weights = draw_expression(self._rng("expression", index), self.config.expression, names)
            return what, weights, draw_gaze(self._rng("gaze", index), self.config.gaze)
        which = visit * len(self.tasks) + number
        all_weights, all_gaze = self._keep(
            ("sequence", which), lambda: sequence(self._rng("sequence", which), task, self.rate_hz, names)
        )
        return f"{task.kind}:{task.name}", all_weights[frame], all_gaze[frame]

    def _unit(self, visit: int) -> tuple[int, Headset, Headset]:
        part, rng = self.config.hardware, self._rng("unit", visit)
        chosen = int(rng.integers(part.lens_sets)) if part.lens_sets else -1
        optics = self._keep(("lenses", chosen), lambda: lens_set(self.headset, part, self.seed, chosen))
        return chosen, optics, mounted(optics, part, rng)

    def _wearing(self, visit: int, wearing: int, unit: Headset) -> tuple[Drive, Ambient | None, RigidTransform]:
        light, rng = self.config.light, self._rng("light", wearing)
        drive = draw_drive(
            unit,
            self.config.hardware.led_bins,
            self._rng("bins", visit),
            self._rng("failures", wearing),
            current=light.current.draw(rng),
            warming_k=light.warming_k.draw(rng),
            failure_share=light.failure_share,
            failed=tuple(light.failed),
        )
        ambient = draw_ambient(self._rng("ambient", wearing), light.ambient)
        return drive, ambient, draw_donning(self._rng("donning", wearing), self.config.donning, unit.donning)

    def _slip(self, index: int, visit: int, number: int, frame: int) -> RigidTransform:
        """Of a frame by itself drawn anew; in a sequence it drifts from draw to draw, smoothly."""
        part = self.config.donning
        if self.tasks[number].kind == FRAMES:
            values = _slip_values(self._rng("slip", index), part)
        else:
            every = max(1, round(part.slip_every_s * self.rate_hz))
            most = self.config.wearers.frames_each // every + 2
            at, share = frame // every, frame % every / every
            share = share * share * (3 - 2 * share)
            base = (visit * len(self.tasks) + number) * most + at
            before, after = (_slip_values(self._rng("drift", base + k), part) for k in (0, 1))
            values = (1 - share) * before + share * after
        return RigidTransform.from_components(values[:3], Rotation.from_euler("xyz", values[3:]))


def draw_donning(rng: np.random.Generator, part: DonningPart, own: DonningDistribution) -> RigidTransform:
    """T_device_head of a wearing: the headset's own spread, but where the configuration says otherwise."""
    spreads = (own.lateral_m, own.up_m, own.depth_m, own.pitch_rad, own.yaw_rad, own.roll_rad)
    values = np.array(spreads) * part.scale * rng.standard_normal(6)
    stated = (part.lateral_mm, part.up_mm, part.depth_mm, part.pitch_deg, part.yaw_deg, part.roll_deg)
    units = (*3 * (1e-3,), *3 * (float(np.pi / 180),))
    for k, (distribution, unit) in enumerate(zip(stated, units, strict=True)):
        if distribution is not None:
            values[k] = distribution.draw(rng) * unit
    return RigidTransform.from_components(values[:3], Rotation.from_euler("xyz", values[3:]))


def _slip_values(rng: np.random.Generator, part: DonningPart) -> NDArray[np.float64]:
    """(6,) m and rad."""
    return np.array(
        [*(1e-3 * part.slip_mm.draw(rng) for _ in range(3)), *(np.radians(part.slip_deg.draw(rng)) for _ in range(3))]
    )
