"""What the reference renderer does, and how long it takes over it."""

from __future__ import annotations

from dataclasses import dataclass

from sim.errors import SimError

INTEGRATORS = ("path", "direct")
EYES = ("refractive", "painted")


@dataclass(frozen=True)
class ReferenceSettings:
    """Options of `render_reference`.

    Attributes:
        spp: samples a pixel, a power of two. Direct light takes them for each LED and has no other noise than where
            in the pixel they fall; noise of the light that was reflected before falls with their root.
        integrator: "path": light reflected any number of times, up to `max_depth`; "direct": once.
        max_depth: reflections and refractions that a path has at most, plus one.
        seed: of the samples.
        specular: the GGX lobe is added to the diffuse one.
        shell: the headset's shell is there.
        eye: "refractive": a cornea of glass over a flat iris; "painted": the mesh's own eyeball.
        antialias: samples are spread over the pixel; off: all go through its centre.
    """

    spp: int = 64
    integrator: str = "path"
    max_depth: int = 8
    seed: int = 0
    specular: bool = True
    shell: bool = True
    eye: str = "refractive"
    antialias: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.spp <= 65536 or self.spp & (self.spp - 1):
            raise SimError(f"`spp` must be a power of two from 1 to 65536, got {self.spp} (ReferenceSettings)")
        if not 2 <= self.max_depth <= 64:
            raise SimError(f"`2 <= max_depth <= 64` must hold, got {self.max_depth} (ReferenceSettings)")
        if not 0 <= self.seed < 2**32:
            raise SimError(f"`0 <= seed < 2**32` must hold, got {self.seed} (ReferenceSettings)")
        for name, value, known in (("integrator", self.integrator, INTEGRATORS), ("eye", self.eye, EYES)):
            if value not in known:
                raise SimError(f"unknown {name} {value!r} (ReferenceSettings). Known: {', '.join(known)}")
