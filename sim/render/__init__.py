"""Images and geometry buffers of a head inside a headset, in physical radiance (see docs/rendering.md)."""

from sim.render.frame import BUFFERS, CameraFrame
from sim.render.renderer import Renderer
from sim.render.settings import DIRECT, FAST, FULL, PRESETS, RenderSettings

__all__ = ["BUFFERS", "DIRECT", "FAST", "FULL", "PRESETS", "CameraFrame", "RenderSettings", "Renderer"]
