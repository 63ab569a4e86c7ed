"""The label of a frame, version 1: what `{key}.label.json` holds, checked.

SI units; matrices map as their names say, row by row; lists run in the order of `keypoint_names`, `expression_names`
and so on of `dataset.json`.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from annotated_types import Len
from pydantic import Field, ValidationError

from headsets.schema.base import Fraction, NotNegative, Part
from headsets.schema.explain import explain
from sim.errors import SimError

SCHEMA_VERSION = 1

Matrix = Annotated[list[Annotated[list[float], Len(4, 4)]], Len(4, 4)]
Point = Annotated[list[float], Len(3, 3)]
Pixel = Annotated[list[float], Len(2, 2)]
Pair = Annotated[list[float], Len(2, 2)]
Box = Annotated[list[int], Len(4, 4)]
Index = Annotated[int, Field(ge=0)]


class CalibrationLabel(Part):
    """A camera as it is: `lens` holds the model's name and its numbers."""

    lens: dict[str, Any]
    T_device_camera: Matrix


class CameraLabel(Part):
    """One camera's view.

    Attributes:
        nominal, true: calibration by design, and of this headset; pixels are the true one's.
        exposure_us, gain, gain_dn_per_e, offset_dn, bits: what it was taken with; images of 8 bits are the upper ones.
        keypoints_px: null where the lens has no image; may lie outside the image.
        visible: 1: in the image and not hidden.
        boxes: of what is seen of each region: left, top, right, bottom pixel, all inclusive.
        pixels: how many pixels of each region are seen.
        lights: of each image in `lights.png` the value that its codes are relative to, in order; see
            `sim.sensor.basis` and `sim.dataset.light_code`.
    """

    width_px: Index
    height_px: Index
    nominal: CalibrationLabel
    true: CalibrationLabel
    exposure_us: NotNegative
    gain: NotNegative
    gain_dn_per_e: NotNegative
    offset_dn: NotNegative
    bits: Index
    keypoints_px: list[Pixel | None]
    visible: list[Literal[0, 1]]
    boxes: dict[str, Box]
    pixels: dict[str, Index]
    lights: dict[str, Annotated[float, Field(ge=0)]] | None = None


class LedLabel(Part):
    """One LED as it is: intensity on its axis, and its true pose."""

    radiant_intensity_w_sr: NotNegative
    wavelength_nm: NotNegative
    failed: bool
    T_device_led: Matrix


class AmbientLabel(Part):
    """See `sim.render.ambient.Ambient`."""

    radiance: Annotated[list[float], Len(1, 9)]
    sun_direction: Point
    sun_irradiance_w_m2: NotNegative


class IlluminationLabel(Part):
    """Of the wearing; `current` and `warming_k` as in `sim.drive.Drive`."""

    current: NotNegative
    warming_k: float
    leds: dict[str, LedLabel]
    ambient: AmbientLabel | None


class WearerLabel(Part):
    """Who: `identity` and `capture` are numbers, `shape` and `look` plain data of the models."""

    identity: Index
    capture: Index
    shape: dict[str, Any]
    look: dict[str, Any]


class TaskLabel(Part):
    """What the wearer was asked to do, and where in it the frame is."""

    name: str
    kind: str
    frame: Index
    time_s: NotNegative
    anchor: bool
    wearing: Index


class Label(Part):
    """A frame: one instant seen by all cameras.

    Attributes:
        weights: blendshape weights.
        gaze_rad: azimuth and elevation of left and right optical axis.
        T_device_head: how the headset sits; T_device_head_worn: before it slipped.
        T_head_eye: left and right eyeball: rotation centre and optical axis.
        keypoints_m: device frame, as drawn: where the facial interface presses the skin, pressed.
    """

    schema_version: Literal[1]
    key: str
    index: Index
    split: Literal["train", "val", "test"]
    headset: str
    wearer: WearerLabel
    task: TaskLabel
    expression: str
    weights: list[Fraction]
    gaze_rad: Annotated[list[Pair], Len(2, 2)]
    T_device_head: Matrix
    T_device_head_worn: Matrix
    T_head_eye: Annotated[list[Matrix], Len(2, 2)]
    keypoints_m: list[Point]
    lens_set: Annotated[int, Field(ge=-1)]
    exposure_bias: NotNegative
    illumination: IlluminationLabel
    cameras: dict[str, CameraLabel]


def check_label(data: bytes | str, source: str, keypoints: int, expressions: int) -> Label:
    """A label's text, checked.

    Args:
        source: names it in errors.
        keypoints, expressions: how many the data set has.

    Raises:
        SimError: not JSON, or off its schema; one line names rule, value and place.
    """
    try:
        plain = json.loads(data)
    except ValueError as error:
        raise SimError(f"a label must be JSON, got {error} ({source})") from None
    if not isinstance(plain, dict):
        raise SimError(f"a label must be a mapping, got {type(plain).__name__} ({source})")
    try:
        label = Label.model_validate(plain)
    except ValidationError as error:
        raise SimError(explain(error, plain, Label, source)) from None
    lengths = [("weights", len(label.weights), expressions), ("keypoints_m", len(label.keypoints_m), keypoints)]
    for name, camera in label.cameras.items():
        lengths.append((f"cameras.{name}.keypoints_px", len(camera.keypoints_px), keypoints))
        lengths.append((f"cameras.{name}.visible", len(camera.visible), keypoints))
    for what, got, expected in lengths:
        if got != expected:
            raise SimError(f"`len({what}) = {expected}` must hold, got {got} ({source})")
    return label
