"""The rigid front of a pair of glasses, as it lies on the optician's bench: panes and rims.

Glasses frame: origin midway between the panes' boxed centres, +x to the wearer's left, +y up, +z away from the wearer.
Pane frame: origin at the pane's boxed centre in the plane its edge lies about, +z out of the front, +y up; turned
about y by the wrap.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from faces.eyewear.look import GlassesLook
from faces.eyewear.outlines import outline_normals, pane_outline
from faces.eyewear.sweep import tube

MM = 1e-3
SEAT = 0.5 * MM
"""How far a rim reaches over the pane's edge."""
BARE_EDGE_MM = (1.8, 0.3)
"""Depth and width of what is seen of a rimless pane: its frosted edge."""
FLIP = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True, eq=False)
class Front:
    """Panes and rims of a look in the glasses frame, m.

    Attributes:
        outline: (N, 2) edge of the left pane in its own frame; the right one's is its mirror image.
        T_glasses_pane: (2, 4, 4), left and right.
        front_apex_z, back_apex_z: where the surfaces cut the pane frame's z axis.
        edge: (N, 3) the left pane's edge.
        normals: (N, 3) unit, out of the edge, in the plane of the pane.
        axis: (3,) unit, the left pane's z axis.
        rim: (N * PROFILE, 3) vertices of the left rim, or of the bare edge of a rimless pane.
        back: (M, 3) points over the left pane's back surface, edge included.
    """

    outline: NDArray[np.float64]
    T_glasses_pane: NDArray[np.float64]
    front_apex_z: float
    back_apex_z: float
    edge: NDArray[np.float64]
    normals: NDArray[np.float64]
    axis: NDArray[np.float64]
    rim: NDArray[np.float64]
    back: NDArray[np.float64]


@lru_cache(maxsize=64)
def front_of(look: GlassesLook) -> Front:
    """Build the front of a look."""
    outline = MM * pane_outline(look.shape, look.lens_width_mm, look.lens_height_mm)
    radius, thick = MM * look.base_radius_mm, MM * look.centre_thickness_mm
    r2 = (outline**2).sum(axis=1)
    rise = radius - np.sqrt(radius**2 - r2.mean())
    apex = rise + 0.5 * thick
    edge_z = apex - 0.5 * thick - (radius - np.sqrt(radius**2 - r2))  # the edge follows the lens's curve
    turn = _turn_y(np.deg2rad(look.wrap_deg))
    centre = np.array([0.5 * MM * (look.bridge_mm + look.lens_width_mm), 0.0, 0.0])
    poses = np.broadcast_to(np.eye(4), (2, 4, 4)).copy()
    poses[0, :3, :3], poses[0, :3, 3] = turn, centre
    poses[1, :3, :3], poses[1, :3, 3] = turn.T, centre * FLIP
    edge = np.concatenate([outline, edge_z[:, None]], axis=1) @ turn.T + centre
    flat = outline_normals(outline)
    normals = np.concatenate([flat, np.zeros((len(flat), 1))], axis=1) @ turn.T
    axis = turn[:, 2]
    half = 0.5 * MM * (np.array([look.thickness_mm, look.rim_mm]) if look.rimmed else np.array(BARE_EDGE_MM))
    middle = edge + normals * (half[1] - SEAT if look.rimmed else -half[1])
    rim = tube(middle, np.broadcast_to(axis, middle.shape), normals, np.broadcast_to(half, (len(middle), 2)))
    back_radius = look.back_radius_m
    scale = np.array([1.0, 0.7, 0.35])[:, None, None]
    spread = (scale * outline[None]).reshape(-1, 2)
    back_z = apex - thick - (back_radius - np.sqrt(np.maximum(back_radius**2 - (spread**2).sum(1), 0.0)))
    back = np.concatenate([spread, back_z[:, None]], axis=1) @ turn.T + centre
    return Front(outline, poses, apex, apex - thick, edge, normals, axis, rim, back)


def nearest_edge(front: Front, x: float, y: float) -> int:
    """Index of the point of the left pane's edge nearest to (x, y), m, in units of the boxed half sizes about it."""
    half = 0.5 * (front.outline.max(axis=0) - front.outline.min(axis=0))
    return int(np.argmin(((front.outline / half - [x, y]) ** 2).sum(axis=1)))


def _turn_y(angle: float) -> NDArray[np.float64]:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])
