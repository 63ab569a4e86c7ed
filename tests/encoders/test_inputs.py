"""What encoders are fed: sizes, augmentation, and data sets' cameras."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from encoders.augment import Augmentation, augmented, cut_mixed, turned
from encoders.errors import EncoderError
from encoders.frames import groups_of, pack
from encoders.inputs import from_record, inputs_of, inputs_of_dataset
from encoders.shrink import shrink
from headsets.load import load_headset
from sim.dataset.labels import calibration


@pytest.mark.parametrize(("old", "new"), [((400, 400), (64, 64)), ((480, 640), (96, 96)), ((40, 60), (16, 20))])
def test_shrinking_is_opencvs_area_interpolation(old: tuple[int, int], new: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, old, dtype=np.uint8)
    expected = cv2.resize(image.astype(np.float32), new[::-1], interpolation=cv2.INTER_AREA)
    np.testing.assert_allclose(shrink(image, *new), expected, atol=0.502)  # half a step of rounding
    mirrored = shrink(image[:, ::-1], *new)[:, ::-1].astype(int)
    assert np.abs(mirrored - shrink(image, *new)).max() <= 1  # halves may round either way


def test_a_quarter_turn_and_a_scale_are_exact() -> None:
    image = torch.rand(3, 1, 9, 9)
    rng = np.random.default_rng(0)

    class Most:
        """Draws the upper end."""

        def uniform(self, low: float, high: float, count: int) -> np.ndarray:
            return np.full(count, high)

    turn = turned(image, Augmentation(rotation_deg=90, scale=1.0), Most())  # type: ignore[arg-type]
    assert torch.allclose(turn, torch.rot90(image, 1, (2, 3)), atol=1e-5)
    grown = turned(image, Augmentation(rotation_deg=0, scale=2.0), Most())  # type: ignore[arg-type]
    assert torch.allclose(grown[..., 4, 4], image[..., 4, 4], atol=1e-5)
    assert torch.allclose(grown[..., 2, 6], image[..., 3, 5], atol=1e-5)  # two from the middle was one from it
    same = turned(image, Augmentation(rotation_deg=0, scale=1.0), rng)
    assert torch.allclose(same, image, atol=1e-6)


def test_rotation_keeps_its_angle_on_oblong_images() -> None:
    spot = torch.zeros(1, 1, 21, 41)
    spot[0, 0, 10, 28] = 1.0  # eight to the right of the middle

    class Most:
        def uniform(self, low: float, high: float, count: int) -> np.ndarray:
            return np.full(count, high)

    out = turned(spot, Augmentation(rotation_deg=90, scale=1.0), Most())[0, 0]  # type: ignore[arg-type]
    assert divmod(int(out.argmax()), 41) == (2, 20)


def test_patches_come_from_the_batch_at_the_same_place() -> None:
    levels = torch.arange(6.0)[:, None, None, None].expand(6, 1, 40, 40)
    ramp = torch.arange(1600.0).reshape(1, 1, 40, 40) / 1e5
    out = cut_mixed(levels + ramp, Augmentation(mixed=1.0), np.random.default_rng(0))
    frames = torch.round(out - ramp)
    assert torch.allclose(out - frames, ramp.expand(6, 1, 40, 40), atol=1e-5)  # never from elsewhere
    shares = [(frames[k] != k).float().mean().item() for k in range(6)]
    assert max(shares) <= 3 * 0.25**2 + 0.01
    assert sum(share > 0 for share in shares) >= 4
    assert torch.equal(cut_mixed(out, Augmentation(mixed=0.0), np.random.default_rng(0)), out)


def test_augmentation_is_a_function_of_seed_and_step() -> None:
    images = {"a": torch.rand(4, 1, 12, 12), "b": torch.rand(4, 1, 12, 12)}
    one, same, other = (augmented(images, Augmentation(), 1, step) for step in (5, 5, 6))
    assert all(torch.equal(one[name], same[name]) for name in images)
    assert not torch.equal(one["a"], other["a"])
    both_alike = augmented({"a": images["a"], "b": images["a"]}, Augmentation(), 1, 5)
    assert not torch.equal(both_alike["a"], both_alike["b"])  # each camera's image by a draw of its own


def test_a_data_sets_record_gives_the_headsets_inputs() -> None:
    headset = load_headset("refa_green")
    inputs = inputs_of(headset)
    assert headset.spec is not None
    record = {
        "headset": headset.spec.model_dump(mode="json", exclude_unset=True),
        "cameras": {name: calibration(camera) for name, camera in headset.cameras.items()},
        "sees": {c.name: list(c.sees) for c in inputs},
    }
    assert inputs_of_dataset(record) == inputs
    assert tuple(from_record(c.record()) for c in inputs) == inputs
    assert [c.name for c in inputs if c.symmetric] == ["glabella"]
    assert replace(inputs[0], sees=("eye_left", "eye_right")).eye is None


def _item(**images: np.ndarray) -> dict[str, object]:
    bits = dict.fromkeys(images, 8)
    return {"key": "000000007", "images": images, "bits": bits, "weights": np.zeros(52), "gaze": np.zeros((2, 2))}


def test_packing_refuses_frames_that_lack_a_camera() -> None:
    picture = np.zeros((40, 40), np.uint8)
    frames = pack([_item(mouth=picture)] * 3, {"mouth": (8, 8)}, total=2)
    assert frames.images["mouth"].shape == (2, 8, 8)
    with pytest.raises(EncoderError, match=r"frame 000000007 has no image of 'eye'\. Cameras there: mouth"):
        pack([_item(mouth=picture)], {"eye": (8, 8)})
    with pytest.raises(EncoderError, match="at least one frame"):
        pack([], {"eye": (8, 8)})


def test_groups_are_those_that_labels_know() -> None:
    shape = {"sex": "female", "group": "white", "age_years": 47.2}
    look = {"glasses": None, "hair": {"beard": "stubble"}}
    expected = {"sex": "female", "group": "white", "age": "40s", "glasses": "none", "beard": "stubble"}
    assert groups_of({"shape": shape, "look": look}) == expected
    assert groups_of({"shape": {}, "look": {}}) == {}
