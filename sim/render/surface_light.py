"""Light that needs no camera: what the LEDs send to each node of the surface, and how it diffuses in the tissue."""

from __future__ import annotations

from weakref import WeakKeyDictionary, WeakSet

import numpy as np
import warp as wp
from numpy.typing import NDArray

from faces.mesh import ALBEDO_NM, Topology
from sim.render.bounce import LANES as PATCHES
from sim.render.bounce import add_surroundings, relay, sum_patches, surround
from sim.render.diffusion import (
    ITERATIONS,
    add_local,
    assemble,
    begin,
    chebyshev,
    chebyshev_steps,
    finish,
    gather_light,
    measure,
    put_glow,
    weigh,
)
from sim.render.dipole import LOCAL_SHARE, diffusion
from sim.render.openness import measure_openness
from sim.render.samples import LANES, light_samples
from sim.render.scene import Fixed, Moving
from sim.render.settings import RenderSettings
from sim.render.structs import Leds
from sim.render.surface_net import SurfaceNet

FAR_M = 0.012
"""Light diffuses this far at most, m, before it is lost: some four lengths."""


class SurfaceLight:
    """Fills the vertices' glow, once a frame, before any camera."""

    def __init__(self, settings: RenderSettings, device: wp.Device) -> None:
        self._settings = settings
        self._device = device
        self._lit = settings.scattering or settings.bounce or settings.node_light
        self._factors = wp.array(np.array(chebyshev_steps(), np.float32), dtype=wp.vec2, device=device)
        self._local = LOCAL_SHARE if settings.scattering else 1.0
        self._openness: WeakKeyDictionary[Topology, NDArray[np.float32]] = WeakKeyDictionary()
        self._opened: WeakSet[SurfaceNet] = WeakSet()

    def set_openness(self, fixed: Fixed, topology: Topology) -> None:
        """Carry what is known of the head's openness to the nodes of a net, once for each; elsewhere it is 1."""
        if not self._settings.bounce or fixed.net in self._opened:
            return
        if topology.head not in self._openness:
            self._openness[topology.head] = measure_openness(topology.head, self._device)
        known = self._openness[topology.head]
        nodes = fixed.net.host.nodes
        values = np.where(nodes < len(known), known[np.minimum(nodes, len(known) - 1)], 1.0)
        fixed.net.openness.assign(values.astype(np.float32))
        self._opened.add(fixed.net)

    def prepare(self, fixed: Fixed, moving: Moving, leds: Leds, through_hair: wp.array) -> None:
        """Light the nodes, let the light diffuse, and carry it to the vertices; shadow maps must be filled.

        `through_hair`: what hair leaves to each vertex of the surroundings' light; one number: all.
        """
        if not self._lit:
            return
        net = fixed.net
        net.glow.zero_()
        self._gather(net, moving, leds)
        if self._settings.bounce:
            self._bounce(net, moving, through_hair)
        if self._settings.node_light and net.tissue:
            self._launch(add_local, net.tissue, [self._local, net.irradiance], [net.glow])
        if self._settings.scattering and net.tissue:
            self._diffuse(net, moving)
        self._launch(put_glow, net.node_of.shape[0], [net.node_of, net.glow], [moving.vertices])

    def white(self, fixed: Fixed, moving: Moving) -> float:
        """Radiance of skin in full light, W/m²/sr: 1 node in 100 gets more; 0 where nodes are not lit."""
        if not self._lit or not fixed.net.tissue:
            return 0.0
        some = fixed.net.irradiance.numpy()[: fixed.net.tissue : 4].sum(axis=1)
        return float(np.percentile(some, 99.0)) * moving.tissue_albedo[0] / np.pi

    def _launch(self, kernel: wp.Kernel, count: int, inputs: list[object], outputs: list[object]) -> None:
        wp.launch(kernel, dim=count, inputs=inputs, outputs=outputs, device=self._device)

    def _gather(self, net: SurfaceNet, moving: Moving, leds: Leds) -> None:
        """Irradiance of every node."""
        lanes = 1 if self._device.is_cuda else LANES
        inputs = [net.samples, lanes, net.sample_vertices, net.sample_weights, moving.vertices, leds]
        self._launch(light_samples, -(-net.samples // lanes), inputs, [net.arrived, net.open])
        inputs = [net.triangles, net.nodes, moving.vertices]
        self._launch(measure, net.triangles.shape[0], inputs, [net.areas, net.cotangents])
        inputs = [net.corner_starts, net.corners, net.starts, net.edges, net.areas, net.cotangents]
        self._launch(assemble, net.tissue, inputs, [net.mass, net.edge_weights])
        inputs = [net.tissue, net.gather_starts, net.gather, net.gather_weights, net.gather_triangles, net.sample_area]
        inputs += [net.areas, net.mass, net.arrived]
        self._launch(gather_light, net.count, inputs, [net.irradiance])

    def _bounce(self, net: SurfaceNet, moving: Moving, through_hair: wp.array) -> None:
        """Add what patches of face and housing throw at each other."""
        inputs = [net.tissue, net.patch_starts, net.members, net.nodes, moving.vertices, net.mass, net.housing_area]
        patches = [net.centres, net.patch_normals, net.patch_areas]
        self._launch(sum_patches, net.patches, [*inputs, net.irradiance], [*patches, net.flux, net.patch_albedo])
        lanes = 1 if self._device.is_cuda else PATCHES
        own = [lanes, net.patches, net.heads, *patches]
        self._launch(relay, -(-net.patches // lanes), [*own, net.flux, net.patch_albedo], [net.exitance])
        self._launch(surround, -(-net.patches // lanes), [*own, net.exitance], [net.cubes])
        # Where nodes hold all the light, they take this with the rest.
        local = 0.0 if self._settings.node_light else self._local
        inputs = [net.tissue, local, net.nodes, moving.vertices, net.near, net.near_weights, net.cubes, net.openness]
        inputs += [through_hair]
        self._launch(add_surroundings, net.count, inputs, [net.irradiance, net.glow])

    def _diffuse(self, net: SurfaceNet, moving: Moving) -> None:
        """Add to the glow what comes back out of the tissue away from where it entered."""
        irradiance = net.irradiance.numpy()[: net.tissue]
        for wavelength in range(len(ALBEDO_NM)):
            lit = np.flatnonzero(irradiance[:, wavelength])
            if not len(lit):
                continue
            # Behind the last lit node nothing glows.
            reach = np.searchsorted(-net.host.depth, FAR_M - net.host.depth[lit[-1]], side="right")
            active = max(int(reach), int(lit[-1]) + 1)
            # On the CPU one thread does it all; on the GPU each iteration must end before the next.
            chunk, iterations = (1, 1) if self._device.is_cuda else (active, ITERATIONS)
            terms = diffusion(moving.tissue_albedo[wavelength])
            squares = wp.vec2(terms.lengths[0] ** 2, terms.lengths[1] ** 2)
            inputs = [squares, net.starts, net.others, net.mass, net.edge_weights]
            self._launch(weigh, active, inputs, [net.weights, net.sums])
            inputs = [wavelength, net.irradiance]
            self._launch(begin, net.tissue, inputs, [net.source, net.u, net.steps, net.after])
            system = [net.starts, net.others, net.weights, net.sums, net.mass, net.source]
            for first in range(0, ITERATIONS, iterations):
                inputs = [chunk, active, first, first + iterations, self._factors, *system, net.u, net.steps]
                self._launch(chebyshev, -(-active // chunk), inputs, [net.after])
            self._launch(finish, net.tissue, [wavelength, wp.vec2(*terms.shares), net.u], [net.glow])
