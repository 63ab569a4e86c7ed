"""What the images depend on: the parameters of the bound, and the small steps along each.

What an encoder is asked for comes first: blendshape weights and gaze. What it does not know and nobody asks for
follows: donning, the face's shape, LED power, the skin's reflectance. The last two need no rendering of steps, since
light is linear in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform, Rotation

from faces.mesh import HeadMesh
from faces.protocol import HeadModel
from headsets.donning import DonningDistribution
from sim.observability.identity_modes import IdentityModes
from sim.observability.pixels import Instant
from sim.observability.priors import Priors
from sim.wearers import Wearer

EXPRESSION, GAZE, DONNING, IDENTITY, LED, ALBEDO = "expression", "gaze", "donning", "identity", "led", "albedo"
WANTED = (EXPRESSION, GAZE)
GAZES = ("gaze_left_azimuth", "gaze_left_elevation", "gaze_right_azimuth", "gaze_right_elevation")
DONNINGS = ("lateral", "up", "depth", "pitch", "yaw", "roll")
AT_LIDS = ("eye", "brow", "cheekSquint")
"""How the names of blendshapes begin that move lids and what is at them."""
LONGEST = 0.4
"""Of a step of a blendshape, in weight."""
_CHUNK = 16
"""Meshes posed at a time."""


@dataclass(frozen=True)
class Steps:
    """How far each parameter is moved, from one side to the other.

    Each moves the surface by one or two millimetres, lids by less. An image changes in jumps where outlines and
    surfaces that pass through each other are smaller than their triangles: short steps take these for information.
    Long steps smear it, and lids have edges, lashes and folds a millimetre wide. Between half and double the default
    the bound changes least (docs/observability.md).

    Attributes:
        surface_mm: largest motion of the face by a step of expression or identity.
        lids_mm: the same of blendshapes `AT_LIDS`.
        gaze_deg, shift_mm, turn_deg: of gaze and donning.
        one_sided: from the state itself to one side, which is known already: a quarter fewer renderings. Off, only
            blendshapes at an end of their range are taken so.
    """

    surface_mm: float = 2.0
    lids_mm: float = 0.7
    gaze_deg: float = 8.0
    shift_mm: float = 2.0
    turn_deg: float = 2.0
    one_sided: bool = False

    def scaled(self, factor: float) -> Steps:
        """All steps longer by a factor."""
        return Steps(
            factor * self.surface_mm,
            factor * self.lids_mm,
            factor * self.gaze_deg,
            factor * self.shift_mm,
            factor * self.turn_deg,
            self.one_sided,
        )

    @property
    def sides(self) -> tuple[float, float]:
        """Where a step begins and ends, in its widths from the state."""
        return (0.0, 1.0) if self.one_sided else (-0.5, 0.5)


@dataclass(frozen=True)
class Parameter:
    """One unknown: its SD before any image, in its unit (weight, deg, mm, or SDs of the population)."""

    name: str
    group: str
    prior_sd: float


@dataclass(frozen=True, eq=False)
class Step:
    """A parameter moved to both sides, or to one at the end of its range.

    Attributes:
        low, high: the ends; None: the state itself, whose images are known.
        width: from low to high, in the parameter's unit.
    """

    parameter: Parameter
    low: Instant | None
    high: Instant | None
    width: float


@dataclass(frozen=True, eq=False)
class State:
    """What the bound is taken at.

    Attributes:
        weights: (E,) in the head model's order.
        gaze_rad: (2, 2) azimuth and elevation, left then right.
        T_device_head: how the headset sits.
    """

    head: HeadModel
    wearer: Wearer
    weights: NDArray[np.float64]
    gaze_rad: NDArray[np.float64]
    T_device_head: RigidTransform

    def mesh(self, weights: NDArray[np.float64] | None = None, gaze_rad: NDArray[np.float64] | None = None) -> HeadMesh:
        """The wearer's mesh; in place of the state's own weights (*batch, E) and gaze (*batch, 2, 2) those given."""
        return self.head.mesh(
            self.wearer.identity,
            self.weights if weights is None else weights,
            self.gaze_rad if gaze_rad is None else gaze_rad,
            self.wearer.look,
        )


def expression_steps(state: State, priors: Priors, steps: Steps) -> Iterator[Step]:
    """Each blendshape, within [0, 1], by as much as moves the face `steps.surface_mm`, or lids `lids_mm`."""
    count = len(state.weights)
    for first in range(0, count, _CHUNK):
        columns = np.arange(first, min(first + _CHUNK, count))
        lids = [state.head.expression_names[column].startswith(AT_LIDS) for column in columns]
        travel_m = np.where(lids, steps.lids_mm, steps.surface_mm) * 1e-3
        half = 0.5 * np.minimum(travel_m / _reach(state, columns), LONGEST)
        low = np.repeat(state.weights[None], len(columns), axis=0)
        high = low.copy()
        rows = np.arange(len(columns))
        low[rows, columns] = np.maximum(low[rows, columns] - half, 0.0)
        high[rows, columns] = np.minimum(high[rows, columns] + half, 1.0)
        width = high[rows, columns] - low[rows, columns]
        if steps.one_sided:
            up = state.weights[columns] + 2.0 * half <= 1.0
            low[rows, columns] = np.where(up, state.weights[columns], state.weights[columns] - 2.0 * half)
            high[rows, columns] = np.where(up, state.weights[columns] + 2.0 * half, state.weights[columns])
            width = 2.0 * half
        short = width < 1.5 * half  # at an end of the range the step goes all to the other side
        low[rows[short], columns[short]] -= np.where(low[rows, columns] > 0.0, half, 0.0)[short]
        high[rows[short], columns[short]] += np.where(high[rows, columns] < 1.0, half, 0.0)[short]
        low, high = np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)
        below, above = state.mesh(low), state.mesh(high)
        for row, column in enumerate(columns):
            own = state.weights[column]
            yield Step(
                Parameter(state.head.expression_names[column], EXPRESSION, priors.expression),
                None if low[row, column] == own else Instant(below[row], state.T_device_head),
                None if high[row, column] == own else Instant(above[row], state.T_device_head),
                float(high[row, column] - low[row, column]),
            )


def gaze_steps(state: State, priors: Priors, steps: Steps) -> Iterator[Step]:
    """Azimuth and elevation of each eye."""
    turns = np.radians(steps.gaze_deg) * np.eye(4).reshape(4, 2, 2)
    ends = [None if side == 0.0 else state.mesh(gaze_rad=state.gaze_rad + side * turns) for side in steps.sides]
    for k, name in enumerate(GAZES):
        low, high = (None if end is None else Instant(end[k], state.T_device_head) for end in ends)
        yield Step(Parameter(name, GAZE, priors.gaze_deg), low, high, steps.gaze_deg)


def donning_steps(state: State, donning: DonningDistribution, steps: Steps) -> Iterator[Step]:
    """Shifts of the head along the device's axes, and turns about those through the head's origin."""
    mesh = state.mesh()
    spread = np.array([donning.lateral_m, donning.up_m, donning.depth_m]) * 1e3
    turns = np.degrees([donning.pitch_rad, donning.yaw_rad, donning.roll_rad])
    for k, (name, sd) in enumerate(zip(DONNINGS, (*spread, *turns), strict=True)):
        if sd == 0.0:
            continue
        width = steps.shift_mm if k < 3 else steps.turn_deg
        ends = [
            None if side == 0.0 else Instant(mesh, _moved(state.T_device_head, k, side * width)) for side in steps.sides
        ]
        yield Step(Parameter(name, DONNING, float(sd)), ends[0], ends[1], width)


def identity_steps(state: State, modes: IdentityModes, priors: Priors, steps: Steps) -> Iterator[Step]:
    """The population's modes of shape. Glasses stay where they sit: anew fitted, they would jump."""
    if priors.identity == 0.0:
        return
    worn, look = state.mesh(), state.wearer.look
    for k, rms in enumerate(modes.rms_m):
        width = min(steps.surface_mm * 1e-3 / max(float(rms), 1e-9), 0.5)
        ends: list[Instant | None] = []
        for side in steps.sides:
            if side == 0.0:
                ends.append(None)
                continue
            other = modes.moved(state.head, state.wearer.identity, k, side * width)
            bare = state.head.mesh(other, state.weights, state.gaze_rad, replace(look, glasses=None))
            ends.append(Instant(_dressed(bare, worn), state.T_device_head))
        yield Step(Parameter(f"shape_{k + 1}", IDENTITY, priors.identity), ends[0], ends[1], width)


def _dressed(bare: HeadMesh, worn: HeadMesh) -> HeadMesh:
    """A head with the glasses of another mesh of it, which come after its own vertices."""
    n = bare.vertices.shape[-2]
    return replace(
        worn,
        vertices=np.concatenate([bare.vertices, worn.vertices[n:]]),
        normals=np.concatenate([bare.normals, worn.normals[n:]]),
        keypoints=bare.keypoints,
        T_head_eye=bare.T_head_eye,
    )


def _reach(state: State, columns: NDArray[np.intp]) -> NDArray[np.float64]:
    """(n,) largest motion of a vertex by a whole unit of each blendshape, from the small step that is allowed, m."""
    probe = 0.05
    weights = np.repeat(state.weights[None], len(columns), axis=0)
    rows = np.arange(len(columns))
    towards = np.where(weights[rows, columns] + probe <= 1.0, probe, -probe)
    weights[rows, columns] += towards
    moved = state.mesh(weights).vertices - state.mesh().vertices
    return np.maximum(np.linalg.norm(moved, axis=-1).max(axis=-1) / probe, 1e-9)


def _moved(T: RigidTransform, axis: int, amount: float) -> RigidTransform:
    """The head moved further: by mm along, or deg about, one of the device's axes; turns are about its own origin."""
    step = np.zeros(3)
    step[axis % 3] = amount
    if axis < 3:
        return RigidTransform.from_components(T.translation + step * 1e-3, T.rotation)
    return RigidTransform.from_components(T.translation, Rotation.from_euler("xyz", step, degrees=True) * T.rotation)
