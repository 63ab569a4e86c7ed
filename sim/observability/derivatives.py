"""How every pixel changes with every parameter, in units of its own uncertainty."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from faces.mesh import HeadMesh
from headsets.headset import Headset
from sim.observability.parameters import ALBEDO, EXPRESSION, GAZE, LED, Parameter, Step
from sim.observability.pixels import Instant, Pixels

STILL_M = 1e-7
"""A vertex that moves less stays where it is."""
STEADY = 0.02
"""A pixel whose two ends have a mean within this share, and one electron, of its base has the base's noise."""


@dataclass(frozen=True, eq=False)
class Reading:
    """How a camera's pixels are read.

    Attributes:
        weigh: (mean electrons (n,), those around (n,), pixels' indices (n,)) to information about the mean (n,).
        low, high: electrons beyond which all read alike.
    """

    weigh: Callable[[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]], NDArray[np.float64]]
    low: float = -np.inf
    high: float = np.inf

    def told(self, electrons: NDArray[np.floating]) -> NDArray[np.float64]:
        """What numbers tell of electrons."""
        return np.clip(electrons.astype(np.float64), self.low, self.high)


@dataclass(frozen=True, eq=False)
class Swing:
    """Pixels that a step changes so much that their noise is not that of the base: a lid or a reflection passes.

    Attributes:
        index: (n,) of the flattened image.
        below, above: (n,) electrons at the ends of the step.
        around: (n,) mean of both ends after the Gaussian of the detail that is left out.
        width: of the step, in units of the parameter.
    """

    index: NDArray[np.intp]
    below: NDArray[np.float32]
    above: NDArray[np.float32]
    around: NDArray[np.float32]
    width: float


_NONE = np.zeros(0, np.float32)
STILL = Swing(np.zeros(0, np.intp), _NONE, _NONE, _NONE, 1.0)


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Derivatives of one instant's images.

    Attributes:
        parameters: P, those asked for first.
        derivatives: camera -> (P, H, W) electrons per unit of the parameter, before anything clips.
        swings: camera -> parameter's number -> where the difference was taken over much.
        motion: (Q, V, 3) how the surface moves, m a unit, with the first Q parameters: those asked for.
        detail_px: σ of the Gaussian after which images are told apart, in the cameras' pixels.
    """

    parameters: tuple[Parameter, ...]
    derivatives: Mapping[str, NDArray[np.float32]]
    swings: Mapping[str, Mapping[int, Swing]]
    motion: NDArray[np.float32]
    detail_px: float


def differentiate(
    pixels: Pixels,
    instant: Instant,
    steps: Iterable[Step],
    leds: Mapping[str, float],
    albedo: NDArray[np.float32],
    detail_px: float = 0.0,
    everywhere: bool = False,
    progress: Callable[[], None] | None = None,
) -> Sensitivity:
    """Central differences of expected images for what moves, and products for what light is linear in.

    A camera that sees nothing of what a blendshape moves is left out of its rendering: what could change there is light
    thrown back or kept off by surfaces it does not see, and what the step itself brings into view (`everywhere` renders
    it, for tests).

    Args:
        pixels: of the headset at `instant`.
        instant: where derivatives are taken.
        steps: of expression, gaze, donning and shape, in this order.
        leds: name -> prior SD of its power, relative; those with 0 are known.
        albedo: (V, M) modes of SD 1, see `albedo_modes`.
        detail_px: see `Sensitivity`.
        everywhere: see above.
        progress: called after each step.
    """
    rows: dict[str, list[NDArray[np.float32]]] = {name: [] for name in pixels.base}
    seen = {name: _seen_vertices(instant.mesh, pixels, name) for name in rows}
    swings: dict[str, dict[int, Swing]] = {name: {} for name in rows}
    parameters: list[Parameter] = []
    motion = []
    for step in steps:
        parameters.append(step.parameter)
        names = list(rows)
        if step.parameter.group in (EXPRESSION, GAZE):
            moved = (step.high or instant).mesh.vertices - (step.low or instant).mesh.vertices
            motion.append((moved / step.width).astype(np.float32))
            stirred = np.abs(moved).max(axis=-1) > STILL_M
            names = [name for name in rows if everywhere or (stirred & seen[name]).any()]
        for name, (change, swing) in _difference(pixels, step, names, detail_px).items():
            swings[name][len(rows[name])] = swing
            rows[name].append(change)
        for name in rows.keys() - set(names):
            rows[name].append(np.zeros_like(pixels.base[name].electrons))
        if progress is not None:
            progress()
    for led, sd in leds.items():
        if sd > 0.0 and pixels.headset.leds[led].radiant_intensity_w_sr > 0.0:
            parameters.append(Parameter(led, LED, sd))
            for name, alone in pixels.electrons(replace(instant, headset=_only(pixels.headset, led))).items():
                rows[name].append(alone)
    parameters += [Parameter(f"reflectance_{k + 1}", ALBEDO, 1.0) for k in range(albedo.shape[1])]
    derivatives = {}
    for name, one in pixels.base.items():
        lit = _modes_seen(instant.mesh, pixels, name, albedo) * one.electrons
        derivatives[name] = np.concatenate([np.stack(rows.pop(name)), lit])
    return Sensitivity(tuple(parameters), derivatives, swings, np.stack(motion), detail_px)


def whitened(
    sensitivity: Sensitivity,
    camera: str,
    reading: Reading,
    electrons: NDArray[np.floating],
    count: int = -1,
) -> NDArray[np.float32]:
    """(P, N) derivatives in SDs of their pixels, of which finer detail than `Sensitivity.detail_px` is left out.

    Their products summed over pixels are Fisher information for noise whose spectrum rises by the inverse of the
    Gaussian's square: what varies slowly counts as without it, what is finer counts less. A pixel's noise is that of
    the light under this Gaussian, and where a step changes that by much, of the mean of both ends: a dark pixel beside
    a bright edge would else tell as much as its little noise allows, the more the shorter the step. There both ends are
    cut where the sensor clips, so that a glint that burns out and moves away tells what the numbers show of it.

    Args:
        sensitivity: see there.
        camera: whose pixels.
        reading: of the camera.
        electrons: (H, W) of the base.
        count: only the first so many parameters; -1: all.
    """
    derivatives = sensitivity.derivatives[camera][: None if count < 0 else count]
    detail_px = sensitivity.detail_px
    around = _around(electrons, detail_px).astype(np.float64).ravel()
    every = np.arange(around.size)
    root = np.sqrt(reading.weigh(electrons.astype(np.float64).ravel(), around, every)).astype(np.float32)
    out = derivatives.reshape(len(derivatives), -1) * root
    for k, swing in sensitivity.swings[camera].items():
        if k < len(out) and len(swing.index):
            below, above = reading.told(swing.below), reading.told(swing.above)
            weights = reading.weigh(0.5 * (below + above), reading.told(swing.around), swing.index)
            out[k, swing.index] = (above - below) / swing.width * np.sqrt(weights)
    if detail_px > 0.0:
        for row in out.reshape(derivatives.shape):
            if row.any():
                gaussian_filter(row, detail_px, output=row, mode="constant", truncate=3.0)
    return out


def _around(electrons: NDArray[np.floating], detail_px: float) -> NDArray[np.floating]:
    if detail_px == 0.0:
        return electrons
    return np.asarray(gaussian_filter(electrons, detail_px, mode="nearest", truncate=3.0))


def _difference(
    pixels: Pixels, step: Step, names: list[str], detail_px: float
) -> dict[str, tuple[NDArray[np.float32], Swing]]:
    """Camera -> (H, W) a unit, and where it is taken over much."""
    if not names:
        return {}
    ends = (step.low, step.high)
    below, above = (
        {name: pixels.base[name].electrons for name in names} if end is None else pixels.electrons(end, names)
        for end in ends
    )
    out = {}
    for name in names:
        base, middle = pixels.base[name].electrons, 0.5 * (above[name] + below[name])
        swing = STILL
        if (np.abs(middle - base) > 1.0 + STEADY * base).any():
            around = _around(middle, detail_px)
            moved = np.maximum(np.abs(middle - base), np.abs(around - _around(base, detail_px)))
            index = np.flatnonzero(moved > 1.0 + STEADY * base)
            low, high = (end[name].ravel()[index] for end in (below, above))
            swing = Swing(index, low, high, around.ravel()[index], step.width)
        out[name] = ((above[name] - below[name]) / np.float32(step.width), swing)
    return out


def _only(headset: Headset, led: str) -> Headset:
    dark = {n: one if n == led else replace(one, radiant_intensity_w_sr=0.0) for n, one in headset.leds.items()}
    return replace(headset, leds=dark)


def _seen_vertices(mesh: HeadMesh, pixels: Pixels, camera: str) -> NDArray[np.bool_]:
    """(V,) whether a camera sees a triangle at the vertex."""
    triangle = pixels.base[camera].frame.triangle
    assert triangle is not None
    out = np.zeros(len(mesh.vertices), bool)
    out[mesh.triangles[np.unique(triangle[triangle >= 0])]] = True
    return out


def _modes_seen(mesh: HeadMesh, pixels: Pixels, camera: str, albedo: NDArray[np.float32]) -> NDArray[np.float32]:
    """(M, H, W) the modes at the surface behind each pixel; 0 where it is no head's."""
    frame = pixels.base[camera].frame
    assert frame.triangle is not None
    assert frame.barycentric is not None
    hit = frame.triangle >= 0
    worn = np.zeros((len(mesh.vertices) - len(albedo), albedo.shape[1]), np.float32)
    modes = np.concatenate([albedo, worn])  # glasses come after the head's own vertices
    corners, weights = mesh.triangles[frame.triangle[hit]], frame.barycentric[hit]
    out = np.zeros((albedo.shape[1], *hit.shape), np.float32)
    out[:, hit] = np.einsum("nk,nkm->mn", weights, modes[corners], optimize=True)
    return out
