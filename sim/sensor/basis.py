"""The light of each LED alone, as it falls on the sensor: a camera's electrons are a weighted sum of these images.

    electrons on the axis = A · π τ / (1 + 4 N²) · (Σ_led R_led I_led B_led min(pulse, t) + R_band L_ambient t)

B_led is the radiance (W/m²/sr) that the LED makes at 1 W/sr, after the lens's blur, which is linear as long as nothing
moves. The renderer is linear in its LEDs but for where it spends samples (docs/dataset.md has the figures).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import RigidTransform

from faces.mesh import HeadMesh
from headsets.headset import Headset
from sim.render.ambient import Ambient
from sim.sensor.recorder import Recorder

OWN, EVEN = "ambient:own", "ambient:even"
"""Names beside those of LEDs, which hold no colon: the frame's ambient light (W/m²/sr), if it has any, and even
surroundings of 1 W/m² in band."""
Basis = dict[str, NDArray[np.float32]]


def light_basis(
    recorder: Recorder,
    headset: Headset,
    mesh: HeadMesh,
    T_device_head: RigidTransform | None = None,
    ambient: Ambient | None = None,
) -> Mapping[str, Basis]:
    """By camera and light (H, W) radiance behind the lens: W/m²/sr per W/sr of an LED, see also `OWN` and `EVEN`.

    Args:
        recorder: of the frame; its exposures stay as they are.
        headset: cameras and LEDs as they are; LEDs that are dark get an image too.
        mesh, T_device_head, ambient: as recorded.

    Raises:
        SimError: see `Renderer.render`.
    """
    names = list(headset.cameras)
    depths = recorder.renderer.render(headset, mesh, T_device_head, ("depth",), names)
    out: dict[str, Basis] = {name: {} for name in names}

    def keep(light: str, radiance: Mapping[str, NDArray[np.float32]]) -> None:
        for name in names:
            running = recorder.running(headset.cameras[name])
            out[name][light] = running.blurred(radiance[name], depths[name].depth)

    for name, led in headset.leds.items():
        alone = replace(headset, leds={name: replace(led, radiant_intensity_w_sr=1.0)})
        frames = recorder.renderer.render(alone, mesh, T_device_head, ("radiance",), names)
        keep(name, {camera: np.asarray(frame.radiance) for camera, frame in frames.items()})
    keep(EVEN, recorder.ambient_radiance(headset, (mesh, T_device_head), Ambient.even(1.0), names))
    if ambient is not None and not ambient.dark:
        keep(OWN, recorder.ambient_radiance(headset, (mesh, T_device_head), ambient, names))
    return out
