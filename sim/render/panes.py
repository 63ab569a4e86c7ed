"""Glasses' panes and other mirrors of a frame: which there are, and what they let through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.eyewear.panes import Panes, panes_of
from faces.mesh import HeadMesh
from headsets.headset import Headset
from sim.render.ghosts import cover_mirrors, viewing_lenses
from sim.render.mirrors import Mirror, MirrorSet
from sim.render.settings import RenderSettings


@dataclass(frozen=True, eq=False)
class FrameMirrors:
    """What reflects and dims in one frame, device frame; None: there is none.

    Attributes:
        panes: front surfaces of the panes worn, left and right: what dims.
        surfaces: of the panes, two each, left first: what reflects.
        covers: front surfaces of cover glasses, which dim.
        cover_surfaces: of cover glasses, two each.
        lenses: the viewing lenses.
    """

    panes: MirrorSet | None = None
    surfaces: MirrorSet | None = None
    covers: MirrorSet | None = None
    cover_surfaces: MirrorSet | None = None
    lenses: MirrorSet | None = None

    @property
    def layers(self) -> list[MirrorSet]:
        """What the LEDs' light passes through."""
        return [layer for layer in (self.covers, self.panes) if layer is not None]


def frame_mirrors(
    settings: RenderSettings, headset: Headset, mesh: HeadMesh, T_device_head: RigidTransform | None
) -> FrameMirrors:
    """Find the mirrors of a frame."""
    T = np.eye(4) if T_device_head is None else T_device_head.as_matrix()
    lenses, covers, cover_surfaces, worn, surfaces = None, None, None, None, None
    if settings.ghosts and headset.keep_out.lens_barrels is not None:
        barrels, lens = headset.keep_out.lens_barrels, headset.housing.viewing_lens
        lenses = MirrorSet(viewing_lenses(barrels, lens, mesh.T_head_eye, T))
    glasses = cover_mirrors(headset.cover_glasses.values())
    if glasses and settings.panes:
        covers = MirrorSet(glasses[::2])
    if glasses and settings.ghosts:
        cover_surfaces = MirrorSet(glasses)
    panes = panes_of(mesh) if settings.panes else None
    if panes is not None:
        found = pane_mirrors(panes, T @ panes.T_head_pane)
        worn, surfaces = MirrorSet(found[::2]), MirrorSet(found)
    return FrameMirrors(worn, surfaces, covers, cover_surfaces, lenses)


def pane_mirrors(panes: Panes, T_device_pane: NDArray[np.float64]) -> list[Mirror]:
    """Front and back surface of both panes. Refraction by the other surface is left out: it would show the back
    surface a third of the lens's thickness nearer."""
    out = []
    for T, outline in zip(T_device_pane, panes.outline, strict=True):
        for apex, radius, through in (
            (panes.front_apex_z, panes.front_radius, (False, True)),
            (panes.back_apex_z, panes.back_radius, (True, False)),
        ):
            shift = np.eye(4)
            shift[2, 3] = apex
            own = (T @ shift, radius, outline, panes.index, panes.surface_reflectance, through, panes.transmission)
            out.append(Mirror(*own))
    return out
