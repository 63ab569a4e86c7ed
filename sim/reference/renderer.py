"""Mitsuba in the place of the fast renderer: its radiance, and the fast renderer's other buffers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from scipy.spatial.transform import RigidTransform

from faces.mesh import HeadMesh
from headsets.headset import Headset
from sim.errors import SimError
from sim.reference.render import render_reference
from sim.reference.settings import ReferenceSettings
from sim.render import CameraFrame, Renderer, RenderSettings


class ReferenceRenderer(Renderer):
    """A `Renderer` whose radiance is Mitsuba's.

    Args:
        device, settings: of the fast renderer, which fills the other buffers.
        reference: how Mitsuba renders.
        progress: see `sim.reference.render_reference`.
    """

    def __init__(
        self,
        device: str = "cpu",
        settings: RenderSettings | None = None,
        reference: ReferenceSettings | None = None,
        progress: Callable[[float, float], None] | None = None,
    ) -> None:
        super().__init__(device, settings)
        self.reference = reference or ReferenceSettings()
        self.progress = progress

    def render(
        self,
        headset: Headset,
        mesh: HeadMesh,
        T_device_head: RigidTransform | None = None,
        buffers: Iterable[str] = ("radiance",),
        cameras: Iterable[str] | None = None,
        resident: Iterable[str] = (),
    ) -> Mapping[str, CameraFrame]:
        """See `Renderer.render` and `sim.reference.render_reference`; its radiance cannot be `resident`."""
        names, kept = tuple(buffers), tuple(resident)
        if "radiance" in kept:
            raise SimError("`resident` cannot hold 'radiance' where Mitsuba renders it (ReferenceRenderer)")
        frames = super().render(headset, mesh, T_device_head, names, cameras, kept)
        if "radiance" not in names:
            return frames
        radiance = render_reference(headset, mesh, T_device_head, list(frames), self.reference, self.progress)
        return {name: replace(frame, radiance=radiance[name]) for name, frame in frames.items()}
