"""The interactive 3D view: the head, and around it each layout's shell, cameras with their frusta, and LEDs.

Traces are plain plotly.js data in the device frame, mm, at nominal donning, where it is the head frame. Arrays travel
as base64, which keeps the page small.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from faces.mesh import HeadMesh
from headsets import Camera, Headset
from hmcsim.report.heat import best_camera, per_vertex
from hmcsim.report.palette import VIRIDIS, hex_colour
from sim.metrics.result import ScoreResult

FRUSTUM_M = 0.013
AXIS_M = 0.045
LED_M = 0.006
SKIN = "#d9c9bd"
LEVELS = 250
"""Heat levels run from 0 to LEVELS."""
UNKNOWN = 255
"""Heat level of vertices outside the map."""

Trace = dict[str, Any]


class Surface(Protocol):
    """Vertices (V, 3), m, and triangles (T, 3)."""

    @property
    def vertices(self) -> NDArray[Any]: ...

    @property
    def triangles(self) -> NDArray[Any]: ...


_TYPES = {"float32": "f4", "int32": "i4", "uint16": "u2", "uint8": "u1"}


def packed(array: NDArray) -> dict[str, str]:
    """A plotly.js typed array; floats become float32."""
    a = np.ascontiguousarray(array, np.float32) if array.dtype.kind == "f" else np.ascontiguousarray(array)
    return {"dtype": _TYPES[a.dtype.name], "bdata": base64.b64encode(a.tobytes()).decode("ascii")}


def scene(
    result: ScoreResult, headsets: Sequence[Headset], colours: Mapping[str, str], mesh: HeadMesh
) -> dict[str, Any]:
    """Everything the page's script needs: traces, which layout each belongs to, heat levels per vertex."""
    traces: list[Trace] = [head_trace(mesh)]
    owners: list[str] = ["head"]
    for headset in headsets:
        own = [*shell_traces(headset), *part_traces(headset, colours[headset.name])]
        traces += own
        owners += [headset.name] * len(own)
    heat: dict[str, dict[str, dict[str, str]]] = {}
    for name, scores in result.headsets.items():
        if scores.heat is not None:
            maps = {"best camera": best_camera(scores.heat)} | {c: scores.camera_heat(c) for c in scores.cameras}
            heat[name] = {camera: packed(_levels(values, mesh)) for camera, values in maps.items()}
    return {
        "traces": traces,
        "owners": owners,
        "layouts": [headset.name for headset in headsets],
        "heat": heat,
        "palette": [hex_colour(colour) for colour in _palette()],
    }


def head_trace(mesh: Surface) -> Trace:
    """The head as a smooth surface."""
    triangles = mesh.triangles.astype(np.uint16 if len(mesh.vertices) < 65536 else np.int32)
    return {
        "type": "mesh3d",
        "name": "head",
        **{axis: packed(mesh.vertices[:, k] * 1e3) for k, axis in enumerate("xyz")},
        **{corner: packed(triangles[:, k]) for k, corner in enumerate("ijk")},
        "color": SKIN,
        "hoverinfo": "skip",
        "lighting": {"ambient": 0.55, "diffuse": 0.6, "specular": 0.06, "roughness": 0.8, "fresnel": 0.1},
        "lightposition": {"x": 400, "y": 900, "z": 1500},
    }


def _levels(values: NDArray[np.floating], mesh: HeadMesh) -> NDArray[np.uint8]:
    on_vertices = per_vertex(values, mesh.triangles, len(mesh.vertices))
    return np.where(np.isnan(on_vertices), UNKNOWN, np.rint(np.nan_to_num(on_vertices) * LEVELS)).astype(np.uint8)


def _palette() -> NDArray[np.float64]:
    """(256, 3) sRGB of every heat level; those that mean nothing are skin."""
    steps = np.linspace(0, len(VIRIDIS) - 1, LEVELS + 1)
    heat = np.stack([np.interp(steps, np.arange(len(VIRIDIS)), VIRIDIS[:, k]) for k in range(3)], axis=-1)
    skin = np.array([int(SKIN[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.concatenate([heat, np.broadcast_to(skin, (UNKNOWN - LEVELS, 3))])


def part_traces(headset: Headset, colour: str) -> list[Trace]:
    """A layout's cameras, with their frusta, and LEDs."""
    return [*_cameras(headset, colour), *_leds(headset, colour)]


def shell_traces(headset: Headset) -> list[Trace]:
    """The housing, seen through; none where a headset has none."""
    if headset.shell is None:
        return []
    vertices, triangles = headset.shell.vertices * 1e3, headset.shell.triangles
    return [
        {
            "type": "mesh3d",
            "name": "shell",
            **{axis: packed(vertices[:, k]) for k, axis in enumerate("xyz")},
            **{corner: packed(triangles[:, k].astype(np.int32)) for k, corner in enumerate("ijk")},
            "color": "#7d8894",
            "opacity": 0.16,
            "flatshading": True,
            "hoverinfo": "skip",
        }
    ]


def _cameras(headset: Headset, colour: str) -> list[Trace]:
    lines: list[NDArray[np.float64]] = []
    axes: list[NDArray[np.float64]] = []
    domes: list[NDArray[np.float64]] = []
    gap = np.full((1, 3), np.nan)
    for camera in headset.cameras.values():
        rim = _rim(camera)
        corners = rim[:: len(rim) // 4]
        lines += [np.vstack([rim, rim[:1]]), gap]
        lines += [row for corner in corners for row in (np.stack([camera.position, corner]), gap)]
        axes += [np.stack([camera.position, camera.position + AXIS_M * camera.optical_axis]), gap]
        domes.append(_dome(camera))
    dome = np.concatenate(domes).reshape(-1, 3) * 1e3
    corner = np.arange(len(dome), dtype=np.int32).reshape(-1, 3)
    text = [
        f"<b>{c.name}</b><br>sees {', '.join(c.sees) or '–'}<br>"
        f"at {_mm(c.position)} mm<br>{c.width_px} × {c.height_px} px"
        for c in headset.cameras.values()
    ]
    return [
        {
            "type": "mesh3d", "name": "frusta", "color": colour, "opacity": 0.22, "hoverinfo": "skip",
            "flatshading": True, **_xyz(dome), **{k: packed(corner[:, i]) for i, k in enumerate("ijk")},
            "lighting": {"ambient": 1.0, "diffuse": 0.0, "specular": 0.0},
        },
        _line("camera frusta", np.vstack(lines), colour, 3),
        _line("optical axes", np.vstack(axes), colour, 2, dash="dash"),
        _points("cameras", np.stack([c.position for c in headset.cameras.values()]), colour, "square", 5, text),
    ]  # fmt: skip


def _leds(headset: Headset, colour: str) -> list[Trace]:
    if not headset.leds:
        return []
    gap = np.full((1, 3), np.nan)
    beams = np.vstack(
        [row for led in headset.leds.values() for row in (led.position, led.position + LED_M * led.axis, gap)]
    )
    text = [
        f"<b>{led.name}</b><br>{led.wavelength_nm:g} nm, {led.radiant_intensity_w_sr * 1e3:g} mW/sr<br>"
        f"at {_mm(led.position)} mm"
        for led in headset.leds.values()
    ]
    positions = np.stack([led.position for led in headset.leds.values()])
    return [_points("LEDs", positions, "#7b1fa2", "diamond", 4, text), _line("LED axes", beams, "#7b1fa2", 3)]


def _dome(camera: Camera, cells: int = 8) -> NDArray[np.float64]:
    """Triangles (n, 3, 3), m, device frame: where the image's rays are `FRUSTUM_M` long."""
    x, y = (np.linspace(-0.5, size - 0.5, cells + 1) for size in (camera.width_px, camera.height_px))
    rays = camera.lens.unproject(np.stack(np.meshgrid(x, y), axis=-1))
    grid = camera.T_device_camera.apply(rays.reshape(-1, 3) * FRUSTUM_M).reshape(cells + 1, cells + 1, 3)
    a, b, c, d = grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]
    triangles = np.stack([np.stack([a, b, c], axis=-2), np.stack([a, c, d], axis=-2)]).reshape(-1, 3, 3)
    return triangles[np.isfinite(triangles).all(axis=(1, 2))]


def _rim(camera: Camera, per_side: int = 8) -> NDArray[np.float64]:
    """Points (4 * per_side, 3), m, device frame, at `FRUSTUM_M` along the rays of the image's border."""
    w, h = camera.width_px - 0.5, camera.height_px - 0.5
    corners = np.array([[-0.5, -0.5], [w, -0.5], [w, h], [-0.5, h]])
    t = np.linspace(0, 1, per_side, endpoint=False)[:, None]
    border = np.vstack([(1 - t) * a + t * b for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)])
    rays = camera.lens.unproject(border)
    # Where the lens has no ray for a corner, the rim is cut back towards the image's middle until it has one.
    middle = np.array([0.5 * (w - 0.5), 0.5 * (h - 0.5)])
    for shrink in np.linspace(0.98, 0.3, 35):
        missing = np.isnan(rays).any(-1)
        if not missing.any():
            break
        rays[missing] = camera.lens.unproject(middle + shrink * (border[missing] - middle))
    return camera.T_device_camera.apply(np.nan_to_num(rays) * FRUSTUM_M)


def _xyz(points: NDArray[np.float64]) -> dict[str, dict[str, str]]:
    return {axis: packed(points[:, k]) for k, axis in enumerate("xyz")}


def _line(name: str, points: NDArray[np.float64], colour: str, width: float, dash: str = "solid") -> Trace:
    line = {"color": colour, "width": width, "dash": dash}
    return {"type": "scatter3d", "mode": "lines", "name": name, **_xyz(points * 1e3), "line": line,
            "hoverinfo": "skip", "connectgaps": False}  # fmt: skip


def _points(name: str, points: NDArray[np.float64], colour: str, symbol: str, size: float, text: list[str]) -> Trace:
    marker = {"color": colour, "size": size, "symbol": symbol, "line": {"color": "#ffffff", "width": 1}}
    return {"type": "scatter3d", "mode": "markers", "name": name, **_xyz(points * 1e3), "marker": marker,
            "text": text, "hoverinfo": "text"}  # fmt: skip


def _mm(position: NDArray[np.float64]) -> str:
    return ", ".join(f"{v * 1e3 + 0.0:.1f}".replace("-", "−") for v in position)
