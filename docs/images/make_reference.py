"""Make the pictures of docs/reference.md anew: both renderers side by side. Takes some three minutes on two cores.

python docs/images/make_reference.py
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from faces import load_head_model
from faces.mesh import HeadMesh
from headsets import load_headset
from headsets.headset import Camera, Headset
from hmcsim.exposure import headset_white, tone_map
from sim.reference import ReferenceSettings, render_reference
from sim.render import Renderer, RenderSettings
from sim.seeding import generator

HERE = Path(__file__).parent
SIZE, GAP = 140, 4
SPP = 64
SMILE = {"jawOpen": 0.12, "mouthSmileLeft": 0.8, "mouthSmileRight": 0.7}
EYE = {"eyeWideLeft": 0.6}
SETTINGS = RenderSettings(sparse=False, shadow_resolution=1024)


def shrunk(camera: Camera) -> Camera:
    """The same view in SIZE columns."""
    lens = camera.lens
    k = SIZE / lens.width_px
    size = {"width_px": SIZE, "height_px": round(lens.height_px * k), "fx_px": lens.fx_px * k, "fy_px": lens.fy_px * k}
    middle = {"cx_px": (lens.cx_px + 0.5) * k - 0.5, "cy_px": (lens.cy_px + 0.5) * k - 0.5}
    return replace(camera, lens=replace(lens, **size, **middle))


def around(camera: Camera, point: NDArray[np.float64], pixels: int) -> Camera:
    """The part of a camera's image around a point of the device frame."""
    at = camera.lens.project(camera.T_device_camera.inv().apply(point))[0].round()
    shift = {"cx_px": camera.lens.cx_px - at[0] + pixels // 2, "cy_px": camera.lens.cy_px - at[1] + pixels // 2}
    return replace(camera, lens=replace(camera.lens, width_px=pixels, height_px=pixels, **shift))


def grid(rows: list[list[NDArray[np.uint8]]], size: int) -> Image.Image:
    """Grey pictures in rows."""
    sheet = Image.new("L", (len(rows[0]) * (size + GAP) - GAP, len(rows) * (size + GAP) - GAP), 255)
    for i, row in enumerate(rows):
        for j, picture in enumerate(row):
            image = Image.fromarray(picture)
            image = image if image.width == size else image.resize((size, size), Image.Resampling.NEAREST)
            sheet.paste(image, (j * (size + GAP), i * (size + GAP)))
    return sheet


def fast(headset: Headset, mesh: HeadMesh) -> Mapping[str, NDArray[np.float32]]:
    """Our radiance by camera."""
    frames = Renderer(settings=SETTINGS).render(headset, mesh)
    return {name: np.asarray(frame.radiance) for name, frame in frames.items()}


def cameras(headset: Headset, mesh: HeadMesh, white: float) -> None:
    """Rows: ours, Mitsuba's paths, and Mitsuba less ours (grey: none; white: 20 % of white more)."""
    small = replace(headset, cameras={name: shrunk(camera) for name, camera in headset.cameras.items()})
    ours = fast(small, mesh)
    theirs = render_reference(small, mesh, settings=ReferenceSettings(spp=SPP, side=2))
    rows = [[tone_map(image, white) for image in images.values()] for images in (ours, theirs)]
    apart = [np.clip(0.5 + (theirs[n] - ours[n]) / white / 0.4, 0, 1) for n in ours]
    rows.append([np.rint(255 * image).astype(np.uint8) for image in apart])
    grid(rows, SIZE).save(HERE / "reference.png", optimize=True)


def eye(headset: Headset, mesh: HeadMesh, white: float) -> None:
    """One eye: ours, and Mitsuba's with its cornea."""
    view = headset.cameras["eye_left"]
    at = mesh.T_head_eye[0] @ [0.0, 0.0, 0.0133, 1.0]
    close = replace(headset, cameras={"eye_left": around(view, at[:3], 100)})
    theirs = render_reference(close, mesh, settings=ReferenceSettings(spp=SPP, side=2))
    images = [fast(close, mesh)["eye_left"], theirs["eye_left"]]
    grid([[tone_map(image, white) for image in images]], 300).save(HERE / "reference_eye.png", optimize=True)


def main() -> None:
    """Make both."""
    head, headset = load_head_model(), load_headset("refa_green")
    wearer = head.sample_identity(generator(4, "identity"))
    white = headset_white(Renderer(settings=SETTINGS), headset, head)
    eye(headset, head.mesh(wearer, EYE, np.radians([-8.0, -12.0])), white)
    cameras(headset, head.mesh(wearer, SMILE, np.radians([6.0, -3.0])), white)


if __name__ == "__main__":
    main()
