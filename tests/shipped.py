"""Shipped headsets on wearers of the shipped population, and their lenses' formula written out anew: for oracles.

Headsets are read from their files, changed by keys of those files alone (what `--set` does on the command line).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray

from faces import load_head_model
from faces.hair.look import BARE, HairLook
from faces.look import Look, sample_look
from faces.mesh import HeadMesh
from headsets import load_headset
from headsets.headset import Camera, Headset, Led


def fixed_sensor(name: str, overrides: Mapping[str, Any] | None = None) -> Headset:
    """A shipped headset at its file's exposure, fixed, with keys of its file changed."""
    return load_headset(name, {"sensors.vga_nir.auto_exposure": None, **(overrides or {})})


@cache
def wearer(
    seed: int,
    bare: bool = True,
    beard: str | None = None,
    gaze_deg: tuple[float, float] = (0.0, 0.0),
    wide: float = 0.5,
    **look: Any,
) -> HeadMesh:
    """A person of the population with a look drawn for them, without glasses.

    Args:
        seed: of shape and look.
        bare: without any hair.
        beard: this style of beard in place of the drawn one, and other hair as drawn.
        gaze_deg: azimuth and elevation.
        wide: how wide the eyes are open.
        look: other parts of `Look`.
    """
    model, rng = load_head_model(), np.random.default_rng(seed)
    identity = model.sample_identity(rng)
    drawn = sample_look(rng, sex=identity.sex, age_years=identity.age_years)
    hair = BARE if bare else drawn.hair if beard is None else HairLook(beard=beard)
    parts = {"skin": drawn.skin, "eyes": drawn.eyes, "hair": hair, "mouth": drawn.mouth, **look}
    expression = {"jawOpen": 0.15, "eyeWideLeft": wide, "eyeWideRight": wide}
    return model.mesh(identity, expression, np.radians(gaze_deg), Look(glasses=None, **parts))


class Fisheye:
    """Kannala and Brandt 2006 for one shipped camera: r = f (t + k1 t³ + k2 t⁵ + k3 t⁷ + k4 t⁹), written out here.

    Attributes:
        theta: (H, W) angle from the axis, rad, found by bisection.
        slope: (H, W) dr/dtheta, px a rad.
        radius: (H, W) px.
        rays: (H, W, 3) unit, device frame.
        solid: (H, W) sr a pixel.
    """

    def __init__(self, camera: Camera) -> None:
        lens: Any = camera.lens
        assert lens.fx_px == lens.fy_px
        self.focal, self.k = float(lens.fx_px), np.array([1.0, *lens.k])
        y, x = np.mgrid[: lens.height_px, : lens.width_px].astype(float)
        dx, dy = x - lens.cx_px, y - lens.cy_px
        self.radius = np.hypot(dx, dy)
        low, high = np.zeros_like(self.radius), np.full_like(self.radius, 1.6)
        for _ in range(60):
            middle = 0.5 * (low + high)
            beyond = self.r(middle) > self.radius
            low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
        self.theta = 0.5 * (low + high)
        powers = 2 * np.arange(5)
        self.slope = self.focal * (self.k * (powers + 1) * self.theta[..., None] ** powers).sum(-1)
        self.solid = np.sin(self.theta) / np.maximum(self.slope * self.radius, 1e-12)
        turn = camera.T_device_camera.rotation.as_matrix()
        side = np.sin(self.theta) / np.maximum(self.radius, 1e-9)
        self.rays = np.stack([side * dx, side * dy, np.cos(self.theta)], -1) @ turn.T

    def r(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Radius, px, of angles (...)."""
        return np.asarray(self.focal * (self.k * theta[..., None] ** (2 * np.arange(5) + 1)).sum(-1))


def towards(led: Led, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) W/sr of a shipped LED towards points (N, 3), m: Lambert's law to the power that halves it at half_angle.

    Its angle comes from the file's 65 degrees.
    """
    to = points - led.position
    cosine = to @ led.axis / np.linalg.norm(to, axis=-1)
    power = -np.log(2) / np.log(np.cos(np.radians(65.0)))
    return np.asarray(led.radiant_intensity_w_sr * np.maximum(cosine, 0.0) ** power)


def body(vertices: NDArray[np.floating], triangles: NDArray[np.integer]) -> trimesh.Trimesh:
    """For rays."""
    return trimesh.Trimesh(np.asarray(vertices, float), triangles, process=False)
