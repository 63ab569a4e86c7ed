"""Pieces of the surface, a centimetre or two across, that throw light at each other: what is fixed per topology."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from faces.mesh import Topology
from headsets.housing import Housing
from sim.render.net import Net

FACE_CELL_M, HOUSING_CELL_M = 0.014, 0.020
NEIGHBOURS = 4
BEFORE_THE_EYES = (0.0, 0.0, 0.03)
"""Where frames of glasses are taken to be, m."""
_NOMINAL_IPD_M = 0.063


@dataclass(frozen=True, eq=False)
class Patches:
    """Host arrays; P patches, those of the head first.

    Attributes:
        heads: how many are the head's.
        starts, members: CSR: the nodes of each patch.
        housing_area: (N,) share of the housing's area at each node, m²; 0 on the head, whose mass varies.
        near: (N, NEIGHBOURS) patches around each node, and near_weights: (N, NEIGHBOURS) how much each counts.
    """

    heads: int
    starts: NDArray[np.int32]
    members: NDArray[np.int32]
    housing_area: NDArray[np.float32]
    near: NDArray[np.int32]
    near_weights: NDArray[np.float32]


def build_patches(topology: Topology, housing: Housing | None, net: Net) -> Patches:
    """Cut head and housing into cells; a head without a rest pose is one patch."""
    count = len(topology.uv)
    places = np.zeros((len(net.nodes), 3))
    on_head = net.nodes < count
    if topology.rest is not None:
        known = net.nodes < len(topology.rest)
        places[~known] = BEFORE_THE_EYES
        places[known] = topology.rest[net.nodes[known]]
    area = np.zeros(len(net.nodes), np.float32)
    normals = np.zeros_like(places)
    if housing is not None:
        face = places[on_head][::7]
        v = housing.vertices(_NOMINAL_IPD_M, face)
        places[~on_head] = v[net.nodes[~on_head] - count]
        corners = v[housing.triangles]
        flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) / 6
        share, turned = np.zeros(len(v)), np.zeros_like(v)
        np.add.at(share, housing.triangles.ravel(), np.repeat(np.linalg.norm(flat, axis=1), 3))
        np.add.at(turned, housing.triangles.ravel(), np.repeat(flat, 3, axis=0))
        area[~on_head] = share[net.nodes[~on_head] - count]
        normals[~on_head] = turned[net.nodes[~on_head] - count]
    size = np.where(on_head, FACE_CELL_M, HOUSING_CELL_M)
    cell = np.floor(places / size[:, None]).astype(np.int64)
    # Walls, barrels and lenses of one cell face other ways: six directions keep them apart.
    axis = np.abs(normals).argmax(axis=1)
    sign = np.take_along_axis(normals, axis[:, None], axis=1)[:, 0] > 0
    facing = np.where(on_head, 0, 1 + 2 * axis + sign)
    key = np.column_stack([~on_head, facing, cell])
    _, owner = np.unique(key, axis=0, return_inverse=True)
    owner = owner.reshape(-1)
    patches = int(owner.max(initial=-1)) + 1
    order = np.argsort(owner, kind="stable").astype(np.int32)
    sizes = np.bincount(owner, minlength=patches)
    middle = np.stack([np.bincount(owner, places[:, k], patches) for k in range(3)], -1) / sizes[:, None]
    heads = int(owner[on_head].max(initial=-1)) + 1
    near = np.zeros((len(owner), NEIGHBOURS), np.int32)
    weights = np.zeros((len(owner), NEIGHBOURS), np.float32)
    near[:, 0], weights[:, 0] = owner, 1.0
    if heads > NEIGHBOURS:
        distance, index = cKDTree(middle[:heads]).query(places[on_head], NEIGHBOURS)
        own = np.square(1 / (np.asarray(distance) + 0.002))
        near[on_head], weights[on_head] = index, own / own.sum(axis=1, keepdims=True)
    return Patches(
        heads=heads,
        starts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        members=order,
        housing_area=area,
        near=near,
        near_weights=weights,
    )
