"""A wearer's skin maps on the device."""

from __future__ import annotations

import numpy as np
import warp as wp
from numpy.typing import NDArray

from faces.mesh import HeadMesh
from faces.skin.maps import compose, skin_maps
from sim.render.structs import Maps


class SkinTextures:
    """Uploads maps when they differ from those of the frame before."""

    def __init__(self, wanted: bool, device: wp.Device) -> None:
        self._wanted = wanted
        self._device = device
        self._none = Maps()
        self._none.texels = wp.zeros(1, dtype=wp.uint32, device=device)
        self._latest: NDArray[np.uint8] | None = None
        self._maps = Maps()

    def upload(self, mesh: HeadMesh) -> tuple[Maps, NDArray[np.float32]]:
        """The mesh's maps with its expression's wrinkles, and (V, 2) texture coordinates into them.

        Maps of width 0 where they are not wanted, or where the head model has no rest pose to lay them out on.
        """
        if not self._wanted or mesh.topology.rest is None:
            return self._none, mesh.uv
        skin = skin_maps(mesh.topology.head, mesh.look.skin)
        texels = compose(skin, skin.weights(mesh.weights))
        if texels is not self._latest:
            self._latest = texels
            self._maps = Maps()
            self._maps.height, self._maps.width = texels.shape[:2]
            self._maps.texels = wp.array(texels.reshape(-1).view(np.uint32), dtype=wp.uint32, device=self._device)
        worn = len(mesh.uv) - len(skin.uv)
        return self._maps, np.pad(skin.uv, ((0, worn), (0, 0)))
