"""Mirrored frames are what the headset would see of the mirrored wearer."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial import KDTree

from encoders.augment import Augmentation, mirrored
from encoders.frames import Frames
from encoders.inputs import inputs_of
from encoders.mirror import Mirror, find_mirror
from faces import load_head_model
from faces.arkit import ARKIT_NAMES
from headsets.argument import load_argument
from headsets.load import load_headset
from tests.encoders.encoder_cases import CAMERAS, NAMES, drawn_frames

ASYMMETRIC = {"jawLeft": 0.8, "eyeBlinkRight": 1.0, "mouthSmileLeft": 0.9, "browOuterUpRight": 1.0, "jawOpen": 0.3}


def _mirror() -> Mirror:
    mirror = find_mirror(CAMERAS, NAMES)
    assert mirror is not None
    return mirror


def test_a_mirrored_face_projects_to_flipped_images() -> None:
    """The mean face is symmetric; its meshes with a frame's labels and with the mirrored ones tell what cameras see."""
    anny, headset = load_head_model(), load_headset("refa_green")
    mirror = find_mirror(inputs_of(headset), ARKIT_NAMES)
    assert mirror is not None
    assert mirror.twins["glabella"] == "glabella"
    weights = np.array([[ASYMMETRIC.get(name, 0.0) for name in ARKIT_NAMES]], np.float32)
    frames = Frames({name: np.zeros((1, 4, 4), np.uint8) for name in headset.cameras}, weights,
                    np.array([[[0.3, 0.1], [0.2, -0.1]]], np.float32))  # fmt: skip
    other = mirror(frames)
    before, after, unswapped = (
        anny.mesh(anny.neutral_identity(), w[0].astype(np.float64), g[0].astype(np.float64)).vertices
        for w, g in ((frames.weights, frames.gaze), (other.weights, other.gaze), (frames.weights, frames.gaze))
    )
    for name, camera in headset.cameras.items():
        twin = headset.cameras[mirror.twins[name]]
        seen, valid = twin.lens.project(twin.T_device_camera.inv().apply(before))
        flipped = np.column_stack([twin.width_px - 1 - seen[valid, 0], seen[valid, 1]])
        off = []
        for vertices in (after, unswapped):
            pixels, there = camera.lens.project(camera.T_device_camera.inv().apply(vertices))
            off.append(np.percentile(KDTree(pixels[there]).query(flipped)[0], 99))
        assert off[0] < 1.0, name
        assert off[1] > 3 * off[0], name


def test_mirroring_twice_is_nothing_and_chosen_frames_alone_change() -> None:
    frames, mirror = drawn_frames(6, 16), _mirror()
    twice = mirror(mirror(frames))
    some = mirror.some(frames, np.array([1, 4]))
    whole = mirror(frames)
    for name in frames.images:
        np.testing.assert_array_equal(twice.images[name], frames.images[name])
        np.testing.assert_array_equal(some.images[name][[1, 4]], whole.images[name][[1, 4]])
        np.testing.assert_array_equal(some.images[name][[0, 2, 3, 5]], frames.images[name][[0, 2, 3, 5]])
    np.testing.assert_array_equal(twice.weights, frames.weights)
    np.testing.assert_array_equal(twice.gaze, frames.gaze)
    np.testing.assert_array_equal(some.weights[[0, 4]], [frames.weights[0], whole.weights[4]])
    np.testing.assert_array_equal(some.gaze[[0, 4]], [frames.gaze[0], whole.gaze[4]])


def test_tensors_are_mirrored_as_arrays_are() -> None:
    frames, mirror = drawn_frames(6, 16), _mirror()
    resident = Frames({n: torch.from_numpy(i) for n, i in frames.images.items()}, frames.weights, frames.gaze)
    one, other = (mirrored(f, mirror, Augmentation(), 3, 5) for f in (frames, resident))
    for name in frames.images:
        np.testing.assert_array_equal(one.images[name], other.images[name].numpy())
    np.testing.assert_array_equal(one.weights, other.weights)
    assert not np.array_equal(one.weights, frames.weights)


@pytest.mark.parametrize(
    "change",
    [
        "cameras.glabella.position_mm=[1, 42.5, 40.1]",
        "cameras.glabella.look_at_mm=[1, 9.5, 24.7]",
        "cameras.glabella.roll_deg=2",
        "lenses.wide.cx_px=201",
    ],
)
def test_a_headset_that_is_not_symmetric_is_not_mirrored(change: str) -> None:
    inputs = inputs_of(load_argument(f"refa_green:{change}"))
    assert not any(camera.symmetric for camera in inputs)
    assert find_mirror(inputs, ARKIT_NAMES) is None


def test_expressions_without_another_side_are_not_mirrored() -> None:
    assert find_mirror(CAMERAS, ["jawOpen", "mouthSmileLeft"]) is None
