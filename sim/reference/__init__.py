"""The same scene through Mitsuba 3, path-traced: what the fast renderer is measured against (docs/reference.md)."""

from sim.reference.render import render_reference
from sim.reference.renderer import ReferenceRenderer
from sim.reference.settings import ReferenceSettings

__all__ = ["ReferenceRenderer", "ReferenceSettings", "render_reference"]
