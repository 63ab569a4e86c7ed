"""Glasses put on a head: the frame appended to its mesh."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from faces.errors import FaceError
from faces.eyewear.fit import ARM_STATIONS, BRIDGE_STATIONS, TEMPLE_STATIONS, Fitted, fit
from faces.eyewear.look import GlassesLook
from faces.eyewear.outlines import POINTS
from faces.eyewear.sweep import PROFILE, ball, tube_triangles, vertex_normals
from faces.mesh import HeadMesh, Topology

FRAME = {"acetate": "glasses_frame", "metal": "glasses_metal"}
"""Material of a frame in `faces.materials`."""
EDGE_ALBEDO = 0.45
"""Of a rimless pane's frosted edge; prior."""
LABEL = "glasses"
_KEPT = 16


@dataclass(frozen=True, eq=False)
class FramePart:
    """Triangles (T, 3) of a frame, which of them are the rims' (T,), and each vertex's mirror twin (G,)."""

    triangles: NDArray[np.int32]
    rims: NDArray[np.bool_]
    mirror: NDArray[np.int32]


@lru_cache(maxsize=1)
def frame_part() -> FramePart:
    """How the vertices of `faces.eyewear.fit.fit` hang together; the same for every wearer and shape."""
    rim, bridge = tube_triangles(POINTS, True), tube_triangles(BRIDGE_STATIONS, False)
    side = [ball().triangles, tube_triangles(ARM_STATIONS, False), tube_triangles(TEMPLE_STATIONS, False)]
    sizes = [len(ball().vertices), ARM_STATIONS * PROFILE, TEMPLE_STATIONS * PROFILE]
    size, total = POINTS * PROFILE, sum(sizes)
    triangles = [rim, rim[:, ::-1] + size, bridge + 2 * size]
    station, corner = np.divmod(np.arange(BRIDGE_STATIONS * PROFILE), PROFILE)
    across = (BRIDGE_STATIONS - 1 - station) * PROFILE + corner
    mirror = [np.arange(size) + size, np.arange(size), across + 2 * size]
    at = 2 * size + len(across)
    for twin in (total, -total):
        for solid, count in zip(side, sizes, strict=True):
            triangles.append((solid if twin > 0 else solid[:, ::-1]) + at)
            mirror.append(np.arange(count) + at + twin)
            at += count
    every = np.concatenate(triangles).astype(np.int32)
    return FramePart(every, np.arange(len(every)) < 2 * len(rim), np.concatenate(mirror).astype(np.int32))


_topologies: WeakKeyDictionary[Topology, dict[tuple[bool, str], Topology]] = WeakKeyDictionary()
_heads: WeakKeyDictionary[Topology, int | None] = WeakKeyDictionary()


def head_vertices(topology: Topology) -> int | None:
    """How many vertices of a mesh are the head's own, if it wears glasses; None if it does not."""
    if topology not in _heads:
        label = topology.region_labels.index(LABEL) if LABEL in topology.region_labels else -1
        worn = topology.triangles[topology.region_ids == label]
        _heads[topology] = int(worn.min()) if len(worn) else None
    return _heads[topology]


def worn_topology(topology: Topology, look: GlassesLook) -> Topology:
    """The head's topology with a frame; the same object for the same head and kind of frame."""
    kept = _topologies.setdefault(topology, {})
    key = (look.rimmed, look.frame_material)
    if key not in kept:
        part, n = frame_part(), len(topology.uv)
        count = len(part.mirror)
        triangles = np.concatenate([topology.triangles, part.triangles + n]).astype(np.int32)
        labels = topology.region_labels
        if LABEL not in labels:
            labels = (*labels, LABEL)
        names = topology.material_names
        names = (*names, *(name for name in FRAME.values() if name not in names))
        frame = names.index(FRAME[look.frame_material])
        materials = np.full(len(part.triangles), frame)
        if not look.rimmed:
            materials[part.rims] = names.index(FRAME["acetate"])  # bare edges are plastic
        extra = np.full(len(part.triangles), labels.index(LABEL))
        kept[key] = replace(
            topology,
            triangles=triangles,
            uv=np.concatenate([topology.uv, np.zeros((count, 2), np.float32)]),
            region_ids=np.concatenate([topology.region_ids, extra]).astype(np.int32),
            region_labels=labels,
            material_ids=np.concatenate([topology.material_ids, materials]).astype(np.int32),
            material_names=names,
            mirror=None if topology.mirror is None else np.concatenate([topology.mirror, part.mirror + n]),
            mean_face_mm=_nowhere(topology.mean_face_mm, count),
            bare=topology,
            _region_triangles={},
        )
    return kept[key]


def _nowhere(places: NDArray[np.float64] | None, count: int) -> NDArray[np.float64] | None:
    """The places, and NaN for as many vertices more."""
    return None if places is None else np.concatenate([places, np.full((count, 3), np.nan)])


def wear(mesh: HeadMesh, fitted: Fitted | None = None) -> HeadMesh:
    """The mesh with the glasses of its look on, or the mesh itself if it has none.

    The head's own vertices and keypoints stay as they are; frames are the last vertices and triangles, with the region
    label "glasses". Glasses do not follow expressions. Panes are no triangles: see `faces.eyewear.panes.panes_of`.

    Args:
        mesh: one head or a batch.
        fitted: the glasses as `faces.eyewear.fit.fit` fitted them on the wearer's neutral mesh; None: fit them on
            `mesh` itself.

    Raises:
        FaceError: a batch that nothing is fitted for; or glasses are worn already.
    """
    look = mesh.look.glasses
    if look is None:
        return mesh
    if head_vertices(mesh.topology) is not None:
        raise FaceError("`wear` takes a head without glasses, got one that wears some")
    if fitted is None:
        if mesh.vertices.ndim != 2:
            raise FaceError(f"glasses are fitted on one mesh, got a batch of shape {mesh.vertices.shape[:-2]}")
        fitted = fit(look, mesh)
    part = frame_part()
    batch = mesh.vertices.shape[:-2]
    normals = vertex_normals(fitted.vertices, part.triangles)
    shade = np.repeat(np.array(look.frame_albedo, np.float32)[:, None], len(fitted.vertices), axis=1)
    if not look.rimmed:
        shade[:, : 2 * POINTS * PROFILE] = EDGE_ALBEDO
    return replace(
        mesh,
        topology=worn_topology(mesh.topology, look),
        vertices=np.concatenate([mesh.vertices, np.broadcast_to(fitted.vertices, (*batch, *normals.shape))], axis=-2),
        normals=np.concatenate([mesh.normals, np.broadcast_to(normals, (*batch, *normals.shape))], axis=-2),
        albedo=np.concatenate([mesh.albedo, shade], axis=1),
    )


class Fittings:
    """The latest few fits by wearer and look, so that a wearer's frames share one."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, GlassesLook], Fitted] = OrderedDict()

    def get(self, wearer: object, look: GlassesLook) -> Fitted | None:
        """The fit, if it is kept."""
        return self._kept.get((wearer, look))

    def put(self, wearer: object, look: GlassesLook, fitted: Fitted) -> Fitted:
        """Keep a fit."""
        self._kept[wearer, look] = fitted
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return fitted
