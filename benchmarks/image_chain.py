"""Processor time from radiance to digital numbers, per 400×400 image, with each step left out in turn.

python benchmarks/image_chain.py [HEADSET]
"""

from __future__ import annotations

import sys
import time
from dataclasses import fields, replace

import numpy as np

from faces import load_head_model
from headsets import load_headset
from sim.render import Renderer
from sim.sensor.auto_exposure import default_auto_exposure
from sim.sensor.lights import light_groups
from sim.sensor.running_camera import RunningCamera
from sim.sensor.scene import Scene
from sim.sensor.settings import ImageSettings

ROUNDS = 12


def main(name: str = "refa_green") -> None:
    """Print a line for all steps, one without each, and one for none of them; best of `ROUNDS`, in turns."""
    head, headset = load_head_model(), load_headset(name)
    frames = Renderer().render(headset, head.mesh(head.neutral_identity()), None, ("radiance", "depth"))
    scenes = []
    for camera in headset.cameras.values():
        lights = [(group, np.asarray(frames[camera.name].radiance)) for group in light_groups(headset, camera)]
        scenes.append(Scene(camera, lights, None, 850.0))
    steps = [field.name for field in fields(ImageSettings)]
    rows = {"all": ImageSettings()} | {f"without {s}": replace(ImageSettings(), **{s: False}) for s in steps}
    rows["none"] = ImageSettings(**dict.fromkeys(steps, False))
    cameras = {}
    for row, settings in rows.items():
        automatic = default_auto_exposure(scenes[0].camera.sensor)
        cameras[row] = [RunningCamera(s.camera, settings, 0, "cpu", automatic) for s in scenes]
        for camera, scene in zip(cameras[row], scenes, strict=True):
            camera.settle(scene)
    best = dict.fromkeys(rows, np.inf)
    pixels = sum(s.camera.width_px * s.camera.height_px for s in scenes)
    for k in range(ROUNDS):
        for row, running in cameras.items():
            start = time.process_time()
            for camera, scene in zip(running, scenes, strict=True):
                camera.expose(scene, frames[scene.camera.name].depth, np.random.default_rng(k))
            best[row] = min(best[row], time.process_time() - start)
    for row, seconds in best.items():
        print(f"{row:24s} {1e3 * seconds * 400 * 400 / pixels:6.2f} ms")


if __name__ == "__main__":
    main(*sys.argv[1:])
