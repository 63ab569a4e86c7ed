"""What the reference renderer does, and how long it takes over it."""

from __future__ import annotations

from dataclasses import dataclass

from sim.errors import SimError

INTEGRATORS = ("path", "direct")
COUNTS = tuple(4**k for k in range(1, 9))
LEAST = 4
"""Samples a ray: what Mitsuba's low-discrepancy sampler takes at least; it takes powers of four."""
EYES = ("refractive", "painted")


@dataclass(frozen=True)
class ReferenceSettings:
    """Options of `render_reference`.

    Attributes:
        spp: samples a pixel, a power of four, at least 4 `side`². Direct light has no noise; that of the light that was
            reflected more often falls with their root.
        side: rays along each side of a pixel, 1, 2 or 4; 1: through its centre alone, silhouettes are jagged.
        integrator: "path": light reflected any number of times, up to `max_depth`; "direct": once.
        max_depth: reflections and refractions that a path has at most, plus one.
        seed: of the samples.
        specular: the GGX lobe is added to the diffuse one.
        shell: shell, lens barrels and facial interface are there.
        skin_maps: the wearer's skin maps lie on skin and lips.
        hair: brows, beards and lashes are strands; off: brows and beards are painted on, lashes the mesh's ribbons.
        panes: glasses have their panes; their frames are there in any case.
        eye: "refractive": a cornea of glass over a flat iris; "painted": the mesh's own eyeball.
    """

    spp: int = 64
    side: int = 2
    integrator: str = "path"
    max_depth: int = 8
    seed: int = 0
    specular: bool = True
    shell: bool = True
    skin_maps: bool = True
    hair: bool = True
    panes: bool = True
    eye: str = "refractive"

    def __post_init__(self) -> None:
        if self.side not in (1, 2, 4):
            raise SimError(f"`side` must be 1, 2 or 4, got {self.side} (ReferenceSettings)")
        if self.spp not in COUNTS or self.spp < LEAST * self.side**2:
            least = LEAST * self.side**2
            rule = f"`spp` must be a power of 4 from {least} to {COUNTS[-1]} for side {self.side}"
            raise SimError(f"{rule}, got {self.spp} (ReferenceSettings)")
        if not 2 <= self.max_depth <= 64:
            raise SimError(f"`2 <= max_depth <= 64` must hold, got {self.max_depth} (ReferenceSettings)")
        if not 0 <= self.seed < 2**32:
            raise SimError(f"`0 <= seed < 2**32` must hold, got {self.seed} (ReferenceSettings)")
        for name, value, known in (("integrator", self.integrator, INTEGRATORS), ("eye", self.eye, EYES)):
            if value not in known:
                raise SimError(f"unknown {name} {value!r} (ReferenceSettings). Known: {', '.join(known)}")
