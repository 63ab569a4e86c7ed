"""How every pixel changes with every parameter, in units of its own uncertainty."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from faces.mesh import HeadMesh
from headsets.headset import Headset
from sim.observability.information import NoiseModel
from sim.observability.parameters import ALBEDO, EXPRESSION, GAZE, LED, Parameter, Step
from sim.observability.pixels import Instant, Pixels

STILL_M = 1e-7
"""A vertex that moves less stays where it is."""
Images = Mapping[str, NDArray[np.floating]]
"""Camera -> (H, W)."""


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Derivatives of one instant's images.

    Attributes:
        parameters: P, those asked for first.
        derivatives: camera -> (P, H, W) electrons per unit of the parameter, before anything clips.
        motion: (Q, V, 3) how the surface moves, m a unit, with the first Q parameters: those asked for.
    """

    parameters: tuple[Parameter, ...]
    derivatives: Mapping[str, NDArray[np.float32]]
    motion: NDArray[np.float32]


def differentiate(
    pixels: Pixels,
    instant: Instant,
    steps: Iterable[Step],
    leds: Mapping[str, float],
    albedo: NDArray[np.float32],
    everywhere: bool = False,
    progress: Callable[[], None] | None = None,
) -> Sensitivity:
    """Central differences of expected images for what moves, and products for what light is linear in.

    A camera that sees nothing of what a blendshape moves is left out of its rendering: all that could change there is
    light thrown back or kept off by surfaces it does not see (`everywhere` renders it, for tests).

    Args:
        pixels: of the headset at `instant`.
        instant: where derivatives are taken.
        steps: of expression, gaze, donning and shape, in this order.
        leds: name -> prior SD of its power, relative; those with 0 are known.
        albedo: (V, M) modes of SD 1, see `albedo_modes`.
        everywhere: see above.
        progress: called after each step.
    """
    rows: dict[str, list[NDArray[np.float32]]] = {name: [] for name in pixels.base}
    seen = {name: _seen_vertices(instant.mesh, pixels, name) for name in rows}
    parameters: list[Parameter] = []
    motion = []
    for step in steps:
        parameters.append(step.parameter)
        names = list(rows)
        if step.parameter.group in (EXPRESSION, GAZE):
            moved = step.high.mesh.vertices - step.low.mesh.vertices
            motion.append((moved / step.width).astype(np.float32))
            stirred = np.abs(moved).max(axis=-1) > STILL_M
            names = [name for name in rows if everywhere or (stirred & seen[name]).any()]
        for name, change in _difference(pixels, step, names).items():
            rows[name].append(change)
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
    return Sensitivity(tuple(parameters), derivatives, np.stack(motion))


def whitened(derivatives: NDArray[np.float32], weights: NDArray[np.float64], detail_px: float) -> NDArray[np.float32]:
    """(P, N) derivatives (P, H, W) in SDs of their pixels, of which finer detail than `detail_px` is left out.

    Their products summed over pixels are Fisher information for noise whose spectrum rises by the inverse of the
    Gaussian's square: what varies slowly counts as without it, what is finer counts less.
    """
    root = np.sqrt(weights).astype(np.float32)
    out = derivatives * root
    if detail_px > 0.0:
        for row in out:
            if row.any():
                gaussian_filter(row, detail_px, output=row, mode="constant", truncate=3.0)
    return out.reshape(len(out), -1)


def pixel_weights(noise: NoiseModel, electrons: NDArray[np.floating], clips: bool = True) -> NDArray[np.float64]:
    """(H, W) information of each pixel about its own mean; see `NoiseModel.weights`."""
    return noise.weights(electrons.astype(np.float64), clips)


def _difference(pixels: Pixels, step: Step, names: list[str]) -> dict[str, NDArray[np.float32]]:
    """Camera -> (H, W) of all cameras, a unit; 0 for those that were not asked for."""
    out = {name: np.zeros_like(one.electrons) for name, one in pixels.base.items()}
    if names:
        above, below = pixels.electrons(step.high, names), pixels.electrons(step.low, names)
        out |= {name: (above[name] - below[name]) / np.float32(step.width) for name in names}
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
