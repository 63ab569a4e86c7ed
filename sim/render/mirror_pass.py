"""What an image shows of panes, cover glasses and viewing lenses: what they dim, and the LEDs' images in them."""

from __future__ import annotations

from typing import TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
import warp as wp
from numpy.typing import NDArray

from headsets.headset import Camera
from sim.render.buffers import ImageArrays
from sim.render.crossings import COSINES
from sim.render.emitters import PROFILE_STEPS, PackedLeds
from sim.render.lighting import Lighting
from sim.render.mirrors import MirrorSet, Reflections
from sim.render.pane_light import dim
from sim.render.panes import FrameMirrors
from sim.render.passages import sheet_points, transmission
from sim.render.spots import BLUR, REACH, SPOT, add_spots
from sim.render.targets import LensView

TOLERANCE = 0.5e-3
"""What is this much nearer than a mirror hides it, m: rims reach over the panes' edges."""
DIMMEST = 1e-6
"""Spots of less radiance, W/m²/sr, are left out."""

_Found: TypeAlias = WeakKeyDictionary[Camera, tuple[PackedLeds, bytes, NDArray[np.float32]]]


_Tables: TypeAlias = tuple[bytes, list[tuple[wp.vec3, wp.array, wp.array]], NDArray[np.float64]]


class MirrorPass:
    """Draws `FrameMirrors` into images; keeps what does not change from frame to frame."""

    def __init__(self, lighting: Lighting, device: wp.Device) -> None:
        self._lighting = lighting
        self._device = device
        self._solid_angles: WeakKeyDictionary[LensView, NDArray[np.float32]] = WeakKeyDictionary()
        self._stands: WeakKeyDictionary[Camera, tuple[NDArray[np.float64], NDArray[np.float64]]] = WeakKeyDictionary()
        self._found: tuple[_Found, ...] = (WeakKeyDictionary(), WeakKeyDictionary(), WeakKeyDictionary())
        self._tables: dict[int, _Tables] = {}
        self.frame = FrameMirrors()

    def draw(self, camera: Camera, lens: LensView, image: ImageArrays) -> None:
        """Dim the radiance behind panes and add the LEDs' images, the farther first."""
        frame = self.frame
        if frame.panes is not None:
            seen = self._dim(0, frame.panes, camera, lens, image)
            if frame.surfaces is not None and seen:
                which = [surface for pane in seen for surface in (2 * pane, 2 * pane + 1)]
                self._add_spots(0, frame.surfaces, which, camera, lens, image)
        if frame.lenses is not None:
            self._add_spots(1, frame.lenses, None, camera, lens, image)
        if frame.covers is not None:
            self._dim(1, frame.covers, camera, lens, image)
        if frame.cover_surfaces is not None:
            self._add_spots(2, frame.cover_surfaces, None, camera, lens, image)

    def _dim(self, kind: int, sheets: MirrorSet, camera: Camera, lens: LensView, image: ImageArrays) -> list[int]:
        """Dim what is behind sheets; returns which of them may be in the picture."""
        turn, position = self._stand(camera)
        seen = []
        tables, points = self._sheet_tables(kind, sheets)
        for k, (surface, reach, passed) in enumerate(tables):
            pane_camera = sheets.frames[k].T @ turn
            origin = sheets.frames[k].T @ (position - sheets.origins[k])
            box = _box((points[k] - position) @ turn, camera, lens.grid.reach)
            if box is None:
                continue
            seen.append(k)
            inputs = [lens.grid.width, wp.vec4i(*box), lens.grid.rays, wp.mat33(pane_camera.astype(np.float32))]
            inputs += [wp.vec3(*origin.astype(np.float32)), surface, reach, passed, image.target.ranges]
            outputs = [image.output("radiance")]
            wp.launch(dim, dim=box[3] - box[1] + 1, inputs=inputs, outputs=outputs, device=self._device)
        return seen

    def _sheet_tables(
        self, kind: int, sheets: MirrorSet
    ) -> tuple[list[tuple[wp.vec3, wp.array, wp.array]], NDArray[np.float64]]:
        """Of each sheet: radius, least and greatest reach; reach by direction; what passes by cosine. And points."""
        if kind not in self._tables or self._tables[kind][0] != sheets.key:
            cosine = np.linspace(0.0, 1.0, COSINES + 1)
            out = []
            for k, radius in enumerate(sheets.kernel_radii):
                reach = sheets.reach[k].astype(np.float32)
                own = (sheets.index[k], sheets.reflectance[k], sheets.transmission[k])
                passed = transmission(cosine, *own).astype(np.float32)
                surface = wp.vec3(float(radius), float(reach.min()), float(reach.max()))
                out.append((surface, *(wp.array(a, dtype=float, device=self._device) for a in (reach, passed))))
            self._tables[kind] = (sheets.key, out, sheet_points(sheets))
        return self._tables[kind][1:]

    def _add_spots(
        self,
        kind: int,
        mirrors: MirrorSet,
        which: list[int] | None,
        camera: Camera,
        lens: LensView,
        image: ImageArrays,
    ) -> None:
        """Add the LEDs' images in some mirrors; they are found anew only when mirrors or LEDs have changed."""
        packed, kept = self._lighting.packed, self._found[kind]
        if not packed.count:
            return
        if camera not in kept or kept[camera][0] is not packed or kept[camera][1] != mirrors.key:
            turn, position = self._stand(camera)
            found = mirrors.reflect(packed.origins.astype(np.float64), position, which)
            spots = make_spots(found, packed, self._lighting.source_m, camera, turn, self._solid_angle(lens))
            kept[camera] = (packed, mirrors.key, spots)
        spots = kept[camera][2]
        if len(spots):
            inputs = [len(spots), wp.array(spots, dtype=SPOT, device=self._device), lens.grid.width, lens.grid.height]
            inputs += [self._lighting.leds, image.target.ranges]
            wp.launch(add_spots, dim=1, inputs=inputs, outputs=[image.output("radiance")], device=self._device)

    def _stand(self, camera: Camera) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(3, 3) rotation to the device frame and (3,) position; scipy takes a fifth of a millisecond for them."""
        if camera not in self._stands:
            self._stands[camera] = (camera.T_device_camera.rotation.as_matrix(), np.array(camera.position))
        return self._stands[camera]

    def _solid_angle(self, lens: LensView) -> NDArray[np.float32]:
        """(H, W) sr of each pixel."""
        if lens not in self._solid_angles:
            h, w = lens.grid.height, lens.grid.width
            rays = lens.grid.rays.numpy()[:, : h * w].reshape(3, h, w).transpose(1, 2, 0).astype(np.float64)
            area = np.cross(np.gradient(rays, axis=1), np.gradient(rays, axis=0))
            usual = np.median(np.linalg.norm(area, axis=-1)[lens.valid]) if lens.valid.any() else 1.0
            size = np.linalg.norm(area, axis=-1)
            self._solid_angles[lens] = np.where((size > 0.05 * usual) & (size < 20 * usual), size, usual)
        return self._solid_angles[lens]


def make_spots(
    found: Reflections,
    packed: PackedLeds,
    source_m: NDArray[np.float64],
    camera: Camera,
    turn: NDArray[np.float64],
    solid_angle: NDArray[np.floating],
) -> NDArray[np.float32]:
    """(K, 12) of `sim.render.spots.SPOT`: those reflections whose spots touch the image and are not too dim.

    Args:
        found: in the device frame.
        packed, source_m: the LEDs.
        turn: (3, 3), camera frame to device.
        solid_angle: (H, W) of each pixel, sr.
    """
    empty = np.zeros((0, 12), np.float32)
    if not len(found.mirror):
        return empty
    ray = -found.back
    step = 1e-4
    # The spot's middle, and where it goes when the ray turns along either axis.
    rays = np.concatenate([ray, ray + step * found.axes[:, 0], ray + step * found.axes[:, 1]])
    pixels, valid = camera.lens.project(rays @ turn)
    at, along, across = np.split(np.asarray(pixels), 3)
    good = np.logical_and.reduce(np.split(np.asarray(valid), 3))
    e = found.gain * intensity(packed, found.source, found.points)
    spread = 0.25 * source_m[found.source, None] / np.abs(found.levers)
    a, b = (along - at) / step * spread[:, :1], (across - at) / step * spread[:, 1:]
    xx, xy, yy = (a[:, i] * a[:, j] + b[:, i] * b[:, j] + BLUR**2 * (i == j) for i, j in ((0, 0), (0, 1), (1, 1)))
    reach = np.minimum(np.ceil(3.5 * np.sqrt(np.maximum(xx, yy))), REACH)
    w, h = camera.width_px, camera.height_px
    with np.errstate(invalid="ignore"):
        good &= (at > -reach[:, None] - 1).all(axis=1) & (at[:, 0] < w + reach) & (at[:, 1] < h + reach)
    x, y = (np.clip(np.nan_to_num(np.rint(at[:, k])), 0, n - 1).astype(int) for k, n in ((0, w), (1, h)))
    level = e / solid_angle[y, x]
    good &= level > DIMMEST
    if not good.any():
        return empty
    det = xx * yy - xy * xy
    local = np.einsum("kij,ki->kj", packed.frames[found.source].astype(float), _away(packed, found))
    scale = 1 / np.maximum(1 + local[:, 2], 1e-6)
    u, v = local[:, 0] * scale, local[:, 1] * scale
    limit = (1 + u * u + v * v) / np.maximum(found.to_source - TOLERANCE, 1e-6)
    columns = [at[:, 0], at[:, 1], yy / det, -xy / det, xx / det, level, found.to_camera - TOLERANCE]
    columns += [found.source, u, v, limit, reach]
    return np.stack(columns, axis=1)[good].astype(np.float32)


def intensity(packed: PackedLeds, source: NDArray[np.intp], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(K,) W/sr of LEDs (K,) towards points (K, 3), device frame."""
    out = points - packed.origins[source]
    cosine = (out * packed.frames[source][:, :, 2]).sum(axis=1) / np.linalg.norm(out, axis=1)
    square = np.minimum((1 - cosine) / np.maximum(1 + cosine, 1e-9), packed.half_width**2)  # tan² of half the angle
    at = square / packed.half_width**2 * PROFILE_STEPS
    i = np.minimum(at.astype(int), PROFILE_STEPS - 1)
    start = packed.starts[source] + i
    low, high = packed.profiles[start].astype(float), packed.profiles[start + 1].astype(float)
    return packed.values[source, 12] * (low + (high - low) * (at - i))


def _away(packed: PackedLeds, found: Reflections) -> NDArray[np.float64]:
    """(K, 3) unit, from the LED to the mirror's point."""
    return (found.points - packed.origins[found.source]) / found.to_source[:, None]


def _box(points: NDArray[np.float64], camera: Camera, reach: float) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom pixel of points (P, 3) in camera coordinates, inclusive; None: out of the picture.

    `reach`: the largest angle of a ray from the optical axis, rad.
    """
    if (points[:, 2] < np.cos(reach) * np.linalg.norm(points, axis=1)).all():
        return None
    pixels, valid = camera.lens.project(points)
    w, h = camera.width_px, camera.height_px
    if not np.all(valid):
        return 0, 0, w - 1, h - 1
    low, high = np.floor(pixels.min(axis=0)) - 3, np.ceil(pixels.max(axis=0)) + 3
    x0, y0, x1, y1 = max(low[0], 0), max(low[1], 0), min(high[0], w - 1), min(high[1], h - 1)
    return (int(x0), int(y0), int(x1), int(y1)) if x0 <= x1 and y0 <= y1 else None
