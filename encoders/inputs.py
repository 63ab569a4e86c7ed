"""What an encoder is fed: the cameras of a headset, which of them are mirror twins, and which see an eye."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders.errors import EncoderError
from headsets.headset import Headset

SIDES = ("left", "right")


@dataclass(frozen=True)
class CameraInput:
    """One camera as an input.

    Attributes:
        name: of the camera, and of the encoder's input.
        height_px, width_px: of its images.
        sees: scored regions that it is for.
        mirror_of: the camera it is the mirror twin of, or None; a twin's image, flipped left to right, is what its
            original would see of the mirrored face (`headsets.mirror`).
        symmetric: whether it is its own twin: in the plane of symmetry, looking along it.
    """

    name: str
    height_px: int
    width_px: int
    sees: tuple[str, ...]
    mirror_of: str | None = None
    symmetric: bool = False

    @property
    def eye(self) -> str | None:
        """ "left" or "right" if it is for that eye alone, else None."""
        found = [side for side in SIDES if f"eye_{side}" in self.sees]
        return found[0] if len(found) == 1 else None

    def record(self) -> dict[str, Any]:
        """Plain data; `from_record` reads it."""
        return {**asdict(self), "sees": list(self.sees)}


def from_record(plain: Mapping[str, Any]) -> CameraInput:
    """From `CameraInput.record`."""
    return CameraInput(**{**plain, "sees": tuple(plain["sees"])})


def inputs_of(headset: Headset) -> tuple[CameraInput, ...]:
    """The inputs that a headset has, in its order."""
    return tuple(
        CameraInput(
            name,
            camera.height_px,
            camera.width_px,
            camera.sees,
            camera.mirror_of,
            _in_the_middle(camera.T_device_camera.as_matrix()) and camera.lens == camera.lens.mirrored(),
        )
        for name, camera in headset.cameras.items()
    )


def inputs_of_dataset(record: Mapping[str, Any]) -> tuple[CameraInput, ...]:
    """The inputs that a data set has.

    Args:
        record: its dataset.json; see docs/dataset.md.
    """
    originals = {part["mirror"]: name for name, part in record["headset"]["cameras"].items() if part.get("mirror")}
    return tuple(
        CameraInput(
            name,
            int(camera["lens"]["height_px"]),
            int(camera["lens"]["width_px"]),
            tuple(record["sees"][name]),
            originals.get(name),
            _in_the_middle(np.asarray(camera["T_device_camera"])) and _even(camera["lens"]),
        )
        for name, camera in record["cameras"].items()
    )


def chosen(inputs: Sequence[CameraInput], names: Sequence[str] | None, place: str) -> tuple[CameraInput, ...]:
    """Some of the cameras, in the headset's order; None: all. A twin whose original is left out stands for itself.

    Raises:
        EncoderError: a name that is none of the headset's, named twice, or no name.
    """
    if names is None:
        return tuple(inputs)
    known = [camera.name for camera in inputs]
    for name in names:
        if name not in known:
            raise EncoderError(f"unknown camera {name!r}. Cameras of {place}: {', '.join(known)}")
    if not names or len(set(names)) != len(names):
        raise EncoderError(f"cameras must be named once each, at least one, got {','.join(names) or 'none'}")
    kept = [camera for camera in inputs if camera.name in names]
    return tuple(c if c.mirror_of is None or c.mirror_of in names else replace(c, mirror_of=None) for c in kept)


def _in_the_middle(T_device_camera: NDArray[np.float64]) -> bool:
    """Whether a pose (4, 4) is its own mirror image; data sets round poses to 1e-9."""
    reflection = np.diag([-1.0, 1.0, 1.0, 1.0])
    return np.allclose(reflection @ T_device_camera @ reflection, T_device_camera, rtol=0, atol=1e-6)


def _even(lens: Mapping[str, Any]) -> bool:
    """Whether a lens of a data set's record is its own mirror image (`headsets.lenses.lens.Lens.mirrored`)."""
    centred = abs(lens["cx_px"] - (lens["width_px"] - 1) / 2) < 1e-6
    return centred and lens.get("p", (0.0, 0.0))[1] == 0.0
