"""A contact sheet of what a headset's cameras record: every camera, over wearers, expressions, donning and light."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import wrap

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from faces.mesh import HeadMesh
from faces.priors import LookPriors
from faces.protocol import HeadModel
from headsets import Headset, parse_donning
from hmcsim.configuration import priors_record, write_json
from hmcsim.gallery_scenes import SCENES, GalleryScene
from hmcsim.recorded import exposure_record
from hmcsim.wearer import drawn_look, drawn_wearer, dressed
from sim.drive import driven, sample_drive
from sim.render import Renderer
from sim.seeding import generator
from sim.sensor import Capture, capture
from sim.sensor.eight_bits import eight_bits

MARGIN, HEADER, TITLE = 4, 22, 150
FONT_PX = 13
TALLEST_PX = 400
"""Images of larger sensors are shrunk to this height on the sheet."""


def write_gallery(
    headset: Headset,
    head: HeadModel,
    renderer: Renderer,
    folder: Path,
    seed: int = 0,
    scenes: Sequence[GalleryScene] = SCENES,
    progress: Callable[[int, int], None] | None = None,
    priors: LookPriors = LookPriors(),
) -> list[Path]:
    """Record every scene and write `gallery.png`, `{row}_{camera}.png` at full size, and `gallery.json`.

    Args:
        seed: of wearers, looks, LED bins and noise.
        progress: called with the rows done and in all.
        priors: what looks are drawn from; the scenes' own beards, glasses and skins stay.

    Raises:
        FaceError, HeadsetError, SimError: the headset and the head do not go together.
    """
    rows: list[dict[str, Image.Image]] = []
    records = []
    for k, scene in enumerate(scenes):
        mesh, record = _wearer(head, scene, seed + k, priors)
        shots = _record(headset, renderer, scene, mesh, seed + k)
        pictures = {}
        for name, shot in shots.items():
            pictures[name] = Image.fromarray(eight_bits(shot.dn, headset.cameras[name].sensor.bits))
            pictures[name].save(folder / f"{k:02d}_{name}.png")
        rows.append(pictures)
        exposures = {n: exposure_record(s, headset.cameras[n].sensor) for n, s in shots.items()}
        records.append(record | {"exposures": exposures})
        if progress is not None:
            progress(k + 1, len(scenes))
    _sheet(rows, [scene.title for scene in scenes]).save(folder / "gallery.png")
    write_json(
        folder / "gallery.json", {"headset": headset.name, "seed": seed, **priors_record(priors), "rows": records}
    )
    return [folder / "gallery.png", folder / "gallery.json", *sorted(folder.glob("[0-9]*.png"))]


def _wearer(head: HeadModel, scene: GalleryScene, seed: int, priors: LookPriors) -> tuple[HeadMesh, dict[str, object]]:
    identity = drawn_wearer(head, seed, scene.sex, scene.ages)
    look = dressed(drawn_look(seed, identity, priors), scene.beard, scene.glasses, priors)
    if scene.reflectance is not None:
        look = replace(look, skin=replace(look.skin, reflectance=scene.reflectance))
    gaze = np.deg2rad(scene.gaze_deg)
    record: dict[str, object] = {"title": scene.title, "identity": identity.describe(), "look": look.describe()}
    record |= {"expression": dict(scene.expression), "gaze_deg": [*scene.gaze_deg], "donning": scene.donning}
    return head.mesh(identity, scene.expression, gaze, look=look), record


def _record(headset: Headset, renderer: Renderer, scene: GalleryScene, mesh: HeadMesh, seed: int) -> dict[str, Capture]:
    drive = sample_drive(generator(seed, "drive"), headset, scene.current)
    lit = driven(headset, drive)
    out: dict[str, Capture] = {}
    for name, camera in headset.cameras.items():
        exposure = "auto" if scene.exposure == "auto" else float(scene.exposure) * camera.sensor.exposure_us
        out |= capture(
            renderer, lit, mesh, parse_donning(scene.donning), seed=seed, cameras=[name], ambient=scene.ambient,
            exposure_us=exposure,  # type: ignore[arg-type]
        )  # fmt: skip
    return out


def _sheet(rows: Sequence[dict[str, Image.Image]], titles: Sequence[str]) -> Image.Image:
    """Rows of images under the names of the cameras, titles at the left."""
    font = ImageFont.load_default(FONT_PX)
    names = list(rows[0])
    sizes = {name: _shrunk(rows[0][name]).size for name in names}
    height = max(h for _, h in sizes.values())
    width = TITLE + sum(w + MARGIN for w, _ in sizes.values())
    sheet = Image.new("L", (width, HEADER + len(rows) * (height + MARGIN)), 255)
    draw = ImageDraw.Draw(sheet)
    x = TITLE
    for name in names:
        draw.text((x + 2, 3), name, fill=0, font=font)
        for k, row in enumerate(rows):
            sheet.paste(_shrunk(row[name]), (x, HEADER + k * (height + MARGIN)))
        x += sizes[name][0] + MARGIN
    for k, title in enumerate(titles):
        draw.text((6, HEADER + k * (height + MARGIN) + 6), "\n".join(wrap(title, 19)), fill=0, font=font)
    return sheet


def _shrunk(image: Image.Image) -> Image.Image:
    if image.height <= TALLEST_PX:
        return image
    return image.resize((round(image.width * TALLEST_PX / image.height), TALLEST_PX), Image.Resampling.LANCZOS)
