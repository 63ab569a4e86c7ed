"""The worst frames of a stress test: what each camera saw, what the estimate would look like to it, and the face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from encoders.decode import DescribedHead, clipped_gaze
from encoders.metrics.mesh import FACE
from encoders.stress.frames import Conditions
from encoders.stress.steps import Step
from faces.mesh import HeadMesh
from headsets.headset import Camera
from hmcsim.portrait import STUDIO_SETTINGS, portrait_studio, shade_map
from sim.dataset.keypoints import keypoints_in
from sim.render import Renderer

CELL, MARGIN, LINE, FINER = 250, 6, 20, 2
"""px: of a camera's picture, between them, of a line of text; drawn so many times finer, then averaged."""
GAMMA = 0.6
"""Of the pictures alone, which are dark where the light is linear."""
TRUTH, ESTIMATE, INK, SOFT, BACKGROUND = (70, 235, 120), (255, 150, 40), (235, 235, 238), (165, 168, 176), (24, 24, 28)
RIGHT_MM, WRONG_MM = 1.0, 10.0
"""Errors at and below which the face is grey, and at and above which it is dark red."""
SCALE = np.array([[0.80, 0.80, 0.80], [0.98, 0.80, 0.45], [0.93, 0.42, 0.22], [0.62, 0.05, 0.12]])
LIT = 0.22
"""Radiance of well lit skin in the portrait studio, W/m²/sr."""
LEAST_WEIGHT, MOST_WEIGHTS = 0.15, 4


def _chains() -> tuple[tuple[str, ...], ...]:
    """Keypoints that lines join: lips, lids, brows, irises and jaw."""
    sides = ("left", "right")
    out: list[tuple[str, ...]] = []
    for part in ("upper", "lower"):
        halves = [[f"lip_{part}_outer_{k}_{side}" for k in (3, 2, 1)] for side in sides]
        out.append(("lip_corner_left", *halves[0], f"lip_{part}_outer_middle", *halves[1][::-1], "lip_corner_right"))
        inner = [f"lip_{part}_inner_{where}" for where in ("left", "middle", "right")]
        out.append(("lip_corner_left", *inner, "lip_corner_right"))
        for side in sides:
            lid = [f"eye_lid_{part}_{k}_{side}" for k in range(1, 6)]
            out.append((f"eye_canthus_inner_{side}", *lid, f"eye_canthus_outer_{side}"))
    for side in sides:
        out.append(tuple(f"brow_{k}_{side}" for k in range(1, 6)))
        out.append(tuple(f"iris_{where}_{side}" for where in ("up", "outer", "down", "inner", "up")))
    left, right = ([f"jaw_{k}_{side}" for k in (3, 2, 1)] for side in sides)
    out.append((*left, "jaw_middle", *right[::-1]))
    return tuple(out)


CHAINS = _chains()


@dataclass(frozen=True, eq=False)
class WorstFrame:
    """One of the worst frames.

    Attributes:
        what: the factor; `step`: its step, in words.
        key, expression, mesh_mm: of the frame.
        weights: those that are most off: true and estimated value.
        gaze_deg: error of the gaze.
        image: a row of the cameras' pictures above a row of the estimate, faces to the right.
    """

    what: str
    step: str
    key: str
    expression: str
    mesh_mm: float
    gaze_deg: float
    weights: dict[str, tuple[float, float]]
    image: Image.Image

    def record(self, file: str) -> dict[str, object]:
        """Plain data; `file`: of the picture."""
        return {
            "factor": self.what, "step": self.step, "key": self.key, "expression": self.expression,
            "mesh_mm": self.mesh_mm, "gaze_deg": self.gaze_deg,
            "weights": {name: [round(value, 3) for value in both] for name, both in self.weights.items()}, "file": file,
        }  # fmt: skip


def worst_frame(what: str, step: Step, k: int, conditions: Conditions, head: DescribedHead) -> WorstFrame:
    """Render frame `k` of a step again, and what the encoder took it for."""
    maker = conditions.maker(step.patch, conditions.opened(), head)
    shown = maker.frame(k)
    label, sample = shown.label, shown.sample
    weights, gaze = step.own.weights[k], clipped_gaze(step.own.gaze[k])
    guess = maker.render(replace(sample, weights=weights, gaze=gaze))
    true, estimated = (
        head.mesh(head.described(label["wearer"]["shape"]), w, g)
        for w, g in ((sample.weights, sample.gaze), (weights, gaze))
    )
    off = np.abs(weights - sample.weights)
    listed = [int(e) for e in np.argsort(-off, kind="stable")[:MOST_WEIGHTS] if off[e] >= LEAST_WEIGHT]
    columns = []
    for name, camera in sample.unit.cameras.items():
        points = [sample.T_device_head.apply(mesh.keypoints) for mesh in (true, estimated)]
        pixels = [keypoints_in(camera, own) for own in points]
        seen = np.array(label["cameras"][name]["visible"], bool)
        lines = [(pixels[0], TRUTH), (pixels[1], ESTIMATE)]
        names = head.topology.keypoint_names
        true_image, guessed_image = (
            one.images[name].astype(np.uint8) for one in (shown, guess)
        )  # conditions have 8 bits
        columns.append((name, _cell(true_image, camera, names, seen, lines),
                        _cell(guessed_image, camera, names, seen, lines[1:])))  # fmt: skip
    error = float(step.errors[k])
    columns.append(("face, from outside", *_faces(true, estimated)))
    return WorstFrame(
        what, step.label, str(label["key"]), str(label["expression"]), error, float(step.own.errors["gaze_deg"][k]),
        {head.expression_names[e]: (float(sample.weights[e]), float(weights[e])) for e in listed},
        _sheet(columns, error),
    )  # fmt: skip


def _cell(
    image: NDArray[np.uint8],
    camera: Camera,
    names: Sequence[str],
    seen: NDArray[np.bool_],
    lines: Sequence[tuple[NDArray[np.float64], tuple[int, int, int]]],
) -> Image.Image:
    """A camera's picture with outlines through those keypoints that it sees."""
    scale = FINER * CELL / max(camera.width_px, camera.height_px)
    size = (FINER * round(scale * camera.width_px / FINER), FINER * round(scale * camera.height_px / FINER))
    grey = np.rint(255 * (image / 255.0) ** GAMMA).astype(np.uint8)
    out = Image.fromarray(grey).convert("RGB").resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(out)
    at = {name: k for k, name in enumerate(names)}
    for pixels, colour in lines:
        for chain in CHAINS:
            known = [at[name] for name in chain if name in at]
            for a, b in pairwise(known):
                if seen[a] and seen[b] and np.isfinite(pixels[[a, b]]).all():
                    ends = [tuple(scale * (pixels[k] + 0.5)) for k in (a, b)]
                    draw.line([*ends], fill=colour, width=3)
    return out.resize((size[0] // FINER, size[1] // FINER), Image.Resampling.BOX)


@cache
def _studio() -> Renderer:
    return Renderer(settings=STUDIO_SETTINGS)


def _faces(true: HeadMesh, estimated: HeadMesh) -> tuple[Image.Image, Image.Image]:
    """The true face, and the estimated one coloured by how far its skin is off."""
    off = 1e3 * np.linalg.norm(estimated.vertices - true.vertices, axis=-1)
    topology = true.topology
    ids = [k for k, label in enumerate(topology.region_labels) if label in FACE]
    skin = np.isin(topology.region_ids, ids)
    share = np.clip((off - RIGHT_MM) / (WRONG_MM - RIGHT_MM), 0, 1)
    out = []
    for mesh in (true, estimated):
        frame = _studio().render(
            portrait_studio(FINER * CELL, FINER * CELL), mesh, None, ("radiance", "triangle", "barycentric")
        )["az0"]
        assert frame.radiance is not None
        assert frame.triangle is not None
        assert frame.barycentric is not None
        triangle = np.maximum(frame.triangle, 0)
        values = (share[topology.triangles[triangle]] * frame.barycentric).sum(-1)
        values = np.where(skin[triangle] & (mesh is estimated), values, np.nan)
        image = shade_map(values, SCALE, 0.35 + 0.75 * np.clip(frame.radiance / LIT, 0, 1))
        image[frame.triangle < 0] = BACKGROUND
        out.append(Image.fromarray(image).resize((CELL, CELL), Image.Resampling.BOX))
    return out[0], out[1]


def _sheet(columns: Sequence[tuple[str, Image.Image, Image.Image]], error: float) -> Image.Image:
    tallest = max(image.height for _, *images in columns for image in images)
    wide = sum(images[0].width + MARGIN for _, *images in columns) + MARGIN
    high = 3 * LINE + 2 * (tallest + MARGIN) + 2 * MARGIN
    sheet = Image.new("RGB", (wide, high), BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(13)
    upper, lower = MARGIN + 2 * LINE, 2 * MARGIN + 3 * LINE + tallest
    x = MARGIN
    for what, colour in (("What the cameras saw:   ", INK), ("truth   ", TRUTH), ("estimate", ESTIMATE)):
        draw.text((x, MARGIN), what, fill=colour, font=font)
        x += round(draw.textlength(what, font=font))
    draw.text((MARGIN, lower - LINE), "What they would have seen, had the estimate been right", fill=INK, font=font)
    x = MARGIN
    for k, (name, saw, guessed) in enumerate(columns):
        draw.text((x, MARGIN + LINE), f"{name}: true" if k + 1 == len(columns) else name, fill=SOFT, font=font)
        sheet.paste(saw, (x, upper))
        sheet.paste(guessed, (x, lower))
        x += saw.width + MARGIN
    last = columns[-1][1].width + MARGIN
    _key(draw, wide - last, lower - LINE, error, font)
    return sheet


def _key(
    draw: ImageDraw.ImageDraw, x: int, y: int, error: float, font: ImageFont.ImageFont | ImageFont.FreeTypeFont
) -> None:
    """Estimated face: mean error, and what the colours mean."""
    text = f"estimated, {error:.1f} mm off:  {RIGHT_MM:g}"
    draw.text((x, y), text, fill=SOFT, font=font)
    at = x + round(draw.textlength(text + " ", font=font))
    for k in range(40):
        place = k / 39 * (len(SCALE) - 1)
        low = min(int(place), len(SCALE) - 2)
        colour = 255 * (SCALE[low] + (place - low) * (SCALE[low + 1] - SCALE[low]))
        draw.rectangle((at + k, y + 4, at + k, y + 14), fill=tuple(int(c) for c in colour))
    draw.text((at + 45, y), f"{WRONG_MM:g} mm", fill=SOFT, font=font)
