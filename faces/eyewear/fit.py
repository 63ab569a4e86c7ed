"""Glasses fitted to a wearer as an optician would: the front placed, the bridge arched, pads and temples bent.

The front starts at the look's vertex distance, tilt and drop. Where rims or panes would touch brows, cheeks or nose,
it is raised, lowered, tilted otherwise or moved forward, or a frame with a bridge wider by up to 4 mm is taken,
whichever is least. All clearances are priors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from faces.eyeball import CORNEA_APEX
from faces.eyewear.design import FLIP, MM, Front, front_of, nearest_edge
from faces.eyewear.look import GlassesLook
from faces.eyewear.skin import SkinSurface
from faces.eyewear.sweep import PROFILE, along, ball, tube
from faces.mesh import HeadMesh

CLEARANCE = 0.5 * MM
"""Of rims, panes and bridge from the skin."""
BACK = slice(2, 8)
"""Corners of a rim's section on the side of the face."""
PAD_HALF = MM * np.array([2.8, 5.2, 1.1])
"""Half axes of a nose pad: across, along, thick."""
PAD_BELOW, PAD_BEHIND = 6.0 * MM, (3.5 * MM, 11.0 * MM)
"""Pads' middle under the line through the panes' centres, and behind their plane."""
BRIDGE_STATIONS, ARM_STATIONS, TEMPLE_STATIONS = 11, 5, 26
WIDEST_MM = 28.0
_CHANGES = [
    (wider, dy, tilt)
    for wider in (0.0, 2.0, 4.0)
    for tilt in (0.0, 4.0, -4.0)
    for dy in (0.0, 1.5, -1.5, 3.0, -3.0, 4.5, -5.0)
]
"""Widenings of the bridge and rises, mm, and tilts, degrees, that are tried in this order."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """Glasses on a wearer, head frame, m.

    Attributes:
        T_head_glasses: (4, 4).
        vertices: (G, 3), in the order of `faces.eyewear.wear.frame_part`.
    """

    T_head_glasses: NDArray[np.float64]
    vertices: NDArray[np.float64]


def fit(look: GlassesLook, neutral: HeadMesh) -> Fitted:
    """Fit a look to a wearer's neutral mesh (no batch)."""
    skin = SkinSurface(neutral)
    front, pose = _place(look, skin, neutral.T_head_eye)
    parts = [_move(pose, front.rim), _move(pose, front.rim * FLIP), _bridge(look, front, pose, skin)]
    for side in (0, 1):
        flip = FLIP if side else np.ones(3)
        mirrored = SkinView(skin, flip)
        pad, arm = _pad(look, front, pose, mirrored)
        temple = _temple(look, front, pose, mirrored)
        parts += [part * flip for part in (pad, arm, temple)]
    return Fitted(pose, np.concatenate(parts))


@dataclass(frozen=True, eq=False)
class SkinView:
    """The skin as it is, or mirrored so that its right side can be treated as the left."""

    skin: SkinSurface
    flip: NDArray[np.float64]

    def height(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `SkinSurface.height`."""
        return self.skin.height(points * self.flip)

    def normal(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `SkinSurface.normal`."""
        return self.skin.normal(point * self.flip) * self.flip

    @property
    def vertices(self) -> NDArray[np.float64]:
        """(V, 3)."""
        return self.skin.vertices * self.flip


def _move(pose: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    return points @ pose[:3, :3].T + pose[:3, 3]


def _place(look: GlassesLook, skin: SkinSurface, eyes: NDArray[np.float64]) -> tuple[Front, NDArray[np.float64]]:
    """The front and its pose (4, 4) on the head."""
    best: tuple[Front, NDArray[np.float64]] | None = None
    least = np.inf
    for wider, dy, tilt in _CHANGES:
        cost = abs(dy) + 0.5 * abs(tilt) + 1.5 * wider
        if cost >= least:
            continue
        front = front_of(replace(look, bridge_mm=min(look.bridge_mm + wider, WIDEST_MM)))
        left = np.concatenate([front.back[::2], front.rim.reshape(-1, PROFILE, 3)[::2, BACK].reshape(-1, 3)])
        points = np.concatenate([left, left * FLIP])
        pose = _start(look, front, eyes, dy * MM, np.deg2rad(look.pantoscopic_deg + tilt))
        forward = 0.0
        for _ in range(20):
            lack = CLEARANCE - float(skin.height(_move(pose, points)).min())
            if lack <= 0 or cost + 3e3 * (forward + lack) > least:
                break
            forward += lack + 0.05 * MM
            pose[2, 3] += lack + 0.05 * MM
        if best is None or (lack <= 0 and cost + 3e3 * forward < least):
            best, least = (front, pose), cost + 3e3 * forward
    assert best is not None
    return best


def _start(look: GlassesLook, front: Front, eyes: NDArray[np.float64], dy: float, tilt: float) -> NDArray[np.float64]:
    """The pose that keeps the vertex distance at the eyes, averaged over both."""
    c, s = np.cos(tilt), np.sin(tilt)
    pose = np.eye(4)
    pose[:3, :3] = [[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]]
    centre = eyes[:, :3, 3]
    pose[:3, 3] = 0.0, centre[:, 1].mean() - MM * look.drop_mm + dy, 0.0
    radius = look.back_radius_m
    shift = []
    for side in (0, 1):
        T = pose @ front.T_glasses_pane[side]
        ball_centre = T[:3, :3] @ [0.0, 0.0, front.back_apex_z - radius] + T[:3, 3]
        across = centre[side, :2] - ball_centre[:2]
        back_z = ball_centre[2] + np.sqrt(max(radius**2 - across @ across, 0.0))
        shift.append(centre[side, 2] + CORNEA_APEX + MM * look.vertex_distance_mm - back_z)
    pose[2, 3] = np.mean(shift)
    return pose


def _bridge(look: GlassesLook, front: Front, pose: NDArray[np.float64], skin: SkinSurface) -> NDArray[np.float64]:
    """Vertices of the bridge, arched forward until it clears the nose."""
    heavy = look.frame_material == "acetate" and look.rimmed
    at = front.edge[nearest_edge(front, -1.0, 0.35 if heavy else 0.5)]
    half = MM * (np.array([2.6, 0.5 * look.thickness_mm]) if heavy else np.array([0.9, 0.9]))
    u = np.linspace(0.0, 1.0, BRIDGE_STATIONS)[:, None]
    arch = (1.0 if heavy else 2.5) * MM
    for _ in range(24):
        middle = np.array([0.0, at[1] + 2.0 * MM, at[2] + 2 * arch])
        path = (1 - u) ** 2 * at + 2 * u * (1 - u) * middle + u**2 * (at * FLIP)
        up = np.broadcast_to([0.0, 0.0, 1.0], path.shape)
        side, other = along(path, up)  # side is vertical
        vertices = _move(pose, tube(path, side, other, np.broadcast_to(half, (len(path), 2))))
        if skin.height(vertices).min() >= CLEARANCE:
            break
        arch += 0.4 * MM
    return vertices


def _pad(
    look: GlassesLook, front: Front, pose: NDArray[np.float64], skin: SkinView
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Left pad, resting on the nose's flank, and the arm that holds it."""
    x = np.linspace(2.0, 22.0, 81) * MM
    wanted = float(-front.edge[:, 0].max() + 2 * front.T_glasses_pane[0, 0, 3]) - 0.5 * MM
    best, least = np.zeros(3), np.inf
    for behind in np.linspace(*PAD_BEHIND, 9):
        line = _move(pose, np.stack([x, 0 * x - PAD_BELOW, 0 * x - behind], -1))
        out = skin.height(line) > 0
        inside = np.flatnonzero(~out)
        k = int(inside[-1]) + 1 if len(inside) else 0
        if k < len(x) and (score := abs(x[k] - wanted) + (0 if k else 1.0)) < least:
            best, least = line[k], score
    n = skin.normal(best)
    long = np.array([0.0, 1.0, 0.0]) - n[1] * n
    long /= np.linalg.norm(long)
    axes = np.stack([np.cross(long, n), long, n], axis=1)
    shape = ball().vertices * PAD_HALF @ axes.T
    centre = best + n * PAD_HALF[2]
    for _ in range(8):
        centre = centre - n * (float(skin.height(shape + centre).min()) + 0.1 * MM)
    hold = _move(pose, front.edge[[nearest_edge(front, -1.0, -0.1)]])[0]
    outer = centre + 0.6 * PAD_HALF[2] * n
    u = np.linspace(0.0, 1.0, ARM_STATIONS)[:, None]
    bow = 0.5 * (hold + outer) + n * 1.0 * MM
    path = (1 - u) ** 2 * hold + 2 * u * (1 - u) * bow + u**2 * outer
    side, other = along(path, np.broadcast_to([0.0, 1.0, 0.0], path.shape))
    size = 1.3 if look.frame_material == "acetate" and look.rimmed else 0.45
    return shape + centre, tube(path, side, other, np.full((len(path), 2), size * MM))


def ear_root(skin: SkinView) -> NDArray[np.float64]:
    """(3,) where a temple rests on the left ear: beside the skull, at the height of the ear's top."""
    p = skin.vertices
    zone = p[(p[:, 0] > 0) & (p[:, 2] < -0.055) & (p[:, 2] > -0.110)]
    skull = zone[(zone[:, 1] > 0.012) & (zone[:, 1] < 0.025)]
    wide = float(skull[:, 0].max()) if len(skull) else 0.075
    ear = zone[(zone[:, 0] > wide + 5 * MM) & (np.abs(zone[:, 1]) < 0.06)]
    if not len(ear):
        return np.array([wide, 0.0, -0.080])
    top = ear[np.argmax(ear[:, 1])]
    return np.array([wide, top[1], top[2]])


def _temple(look: GlassesLook, front: Front, pose: NDArray[np.float64], skin: SkinView) -> NDArray[np.float64]:
    """Left temple from the pane's outer edge by the hinge to the ear and behind it, pushed clear of the head."""
    heavy = look.frame_material == "acetate"
    rim = MM * (look.rim_mm - 0.5) if look.rimmed else 0.0
    half = MM * (np.array([1.3, 2.4]) if heavy else np.array([0.7, 0.9]))
    start = front.edge[nearest_edge(front, 1.0, 0.5)]
    corner = np.array([[0.5 * rim, 0, 0], [rim + 2.2 * MM, 0, -0.8 * MM], [rim + 3.2 * MM, 0, -4.0 * MM]])
    hinge = _move(pose, start + corner)
    ear = ear_root(skin) + np.array([half[0], 0.6 * half[1], 0.0])
    last = hinge[-1]
    u = np.linspace(0.0, 1.0, TEMPLE_STATIONS - 6)[1:, None]
    straight = last + u * (ear - last)
    tip = ear + MM * np.array([[-0.3, -1.2, -7.0], [-0.8, -3.6, -13.5], [-1.2, -7.2, -19.0], [-1.5, -12.0, -23.0]])
    path = np.concatenate([hinge, straight, tip])
    push = np.zeros(len(path))
    for _ in range(12):
        shifted = path + push[:, None] * [1.0, 0.0, 0.0]
        around = shifted[:, None] + np.array([[-half[0], k * half[1], 0.0] for k in (-1, 0, 1)])
        lack = 0.3 * MM - skin.height(around.reshape(-1, 3)).reshape(-1, 3).min(axis=1)
        lack[:3] = 0.0
        if (lack <= 0).all():
            break
        wide = np.maximum(lack, 0.0)
        wide[1:-1] = np.maximum(wide[1:-1], 0.5 * (wide[:-2] + wide[2:]))
        wide[:3] = 0.0
        push += np.maximum(wide, 0.0)
    path = path + push[:, None] * [1.0, 0.0, 0.0]
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    up = np.array([0.0, 1.0, 0.0]) - tangent[:, 1:2] * tangent
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    side = np.cross(up, tangent)
    return tube(path, side, up, np.broadcast_to(half, (len(path), 2)))
