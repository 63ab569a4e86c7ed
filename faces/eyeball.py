"""An anatomical eyeball: a 12 mm sphere with an aspheric cornea, rings of vertices on pupil, iris and limbus.

Cornea: apex radius 7.8 mm, asphericity -0.15 (gkaModelEye, after Navarro et al. 2006), apex 13.3 mm in front of the
centre of rotation. Visible iris radius 5.92 mm. Iris and pupil are painted on the corneal surface: refraction is left
to a renderer that has it. Lengths in m. In an eye's own frame the optical axis is +z.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SCLERA_RADIUS = 0.0120
CORNEA_APEX = 0.0133
CORNEA_RADIUS = 0.0078
CORNEA_ASPHERICITY = -0.15
LIMBUS_BLEND = 0.00012
"""Sphere and cornea are rounded into each other where they are this close."""
IRIS_RADIUS = 0.00592
PUPIL_RADIUS = 0.0018
KAPPA_AZIMUTH = np.radians(5.45)
"""Nasal angle from the optical to the visual axis; gaze in this package means the optical axis."""
KAPPA_ELEVATION = np.radians(2.5)
"""Upward angle from the optical to the visual axis [magnitude after gkaModelEye]."""
EDGE = 0.00006  # half width of the painted edges of pupil and iris
SEGMENTS = 48
PARTS = ("pupil", "iris", "sclera")


def surface_radius(cosine: NDArray[np.floating]) -> NDArray[np.floating]:
    """Distance from the rotation centre to the eye's surface in directions at this cosine to the optical axis."""
    q = 1 + CORNEA_ASPHERICITY
    a = 1 - cosine**2 + q * cosine**2
    b = 2 * cosine * (CORNEA_RADIUS - q * CORNEA_APEX)
    c = q * CORNEA_APEX**2 - 2 * CORNEA_RADIUS * CORNEA_APEX
    conic = (-b + np.sqrt(b * b - 4 * a * c)) / (2 * a)
    conic = np.where(cosine > 0, conic, 0.0)
    gap = conic - SCLERA_RADIUS
    near = np.maximum(LIMBUS_BLEND - np.abs(gap), 0.0)
    return SCLERA_RADIUS + np.maximum(gap, 0.0) + near**2 / (4 * LIMBUS_BLEND)


def gaze_rotation(gaze: NDArray[np.floating]) -> NDArray[np.float64]:
    """(*b, 3, 3) rotations that carry +z to the optical axis by the shortest way (Listing's law, no torsion).

    Args:
        gaze: (*b, 2) azimuth towards +x and elevation towards +y, rad; direction
            (sin az cos el, sin el, cos az cos el).
    """
    azimuth, elevation = gaze[..., 0], gaze[..., 1]
    x, y, z = np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)
    f = 1 / (1 + z)
    rows = [[1 - x * x * f, -x * y * f, x], [-x * y * f, 1 - y * y * f, y], [-x, -y, z]]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2).astype(np.float64)


@dataclass(frozen=True, eq=False)
class EyeballMesh:
    """One eyeball in its own frame: apex, rings of `SEGMENTS` vertices, back pole.

    Attributes:
        vertices: (E, 3) float64, m.
        triangles: (T, 3) int32, counter-clockwise from outside.
        part: (T,) int32 into `PARTS`.
        radial: (E,) distance from the optical axis on the front, and beyond `SCLERA_RADIUS` behind the equator.
    """

    vertices: NDArray[np.float64]
    triangles: NDArray[np.int32]
    part: NDArray[np.int32]
    radial: NDArray[np.float64]


def build_eyeball() -> EyeballMesh:
    """The mesh above; symmetric under x -> -x."""
    fine = np.linspace(0, np.pi / 2, 4000)
    radius = surface_radius(np.cos(fine)) * np.sin(fine)
    front = np.array([0.9, 1.5, 2.4, 3.2, 4.1, 5.0, 5.6, 6.15, 6.36, 6.65, 7.0]) * 1e-3
    edges = [PUPIL_RADIUS - EDGE, PUPIL_RADIUS + EDGE, IRIS_RADIUS - EDGE, IRIS_RADIUS + EDGE]
    rho = np.sort(np.concatenate([front, edges]))
    polar = np.concatenate([np.interp(rho, radius, fine), np.radians([40, 46, 53, 61, 70, 80, 92, 108, 130, 155])])
    around = (np.arange(SEGMENTS) + 0.5) * 2 * np.pi / SEGMENTS  # no vertex on the y axis: mirrored by reversal
    r = surface_radius(np.cos(polar))
    ring = np.stack(
        [
            (r * np.sin(polar))[:, None] * np.sin(around),
            (r * np.sin(polar))[:, None] * np.cos(around),
            (r * np.cos(polar))[:, None] + 0 * around,
        ],
        axis=-1,
    )
    vertices = np.concatenate([[[0, 0, CORNEA_APEX]], ring.reshape(-1, 3), [[0, 0, -SCLERA_RADIUS]]])
    triangles, part = [], []
    last = len(vertices) - 1
    for k in range(len(polar) + 1):
        inner = 0.0 if k == 0 else rho[k - 1] if k - 1 < len(rho) else 1.0
        label = 0 if inner < PUPIL_RADIUS else 1 if inner < IRIS_RADIUS else 2
        for s in range(SEGMENTS):
            t = (s + 1) % SEGMENTS
            a, b = 1 + (k - 1) * SEGMENTS + s, 1 + (k - 1) * SEGMENTS + t
            c, d = a + SEGMENTS, b + SEGMENTS
            if k == 0:
                new = [(0, d, c)]
            elif k == len(polar):
                new = [(a, b, last)]
            else:
                new = [(a, b, d), (a, d, c)] if s % 2 else [(a, b, c), (b, d, c)]
            triangles += new
            part += [label] * len(new)
    radial = np.concatenate(
        [[0.0], np.repeat(np.concatenate([rho, np.full(len(polar) - len(rho), 0.012)]), SEGMENTS), [0.012]]
    )
    return EyeballMesh(vertices, np.array(triangles, np.int32), np.array(part, np.int32), radial)
