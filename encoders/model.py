"""Any encoder, behind one small contract: one of ours, an ONNX file, or a Python callable (docs/encoders.md)."""

from __future__ import annotations

import importlib
import importlib.util
import json
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from encoders.errors import EncoderError
from encoders.frames import Sizes
from encoders.inputs import CameraInput

Batch = Mapping[str, NDArray[np.float32]]
"""By camera (N, H, W), 0 to 1, unflipped."""
NAMES_KEY = "hmcsim_expression_names"
"""ONNX metadata: a JSON list, the order of the weights."""
OUTPUTS = ("weights", "gaze")


class Encoder(Protocol):
    """What evaluation calls.

    Attributes:
        name: for reports.
        sizes: height and width of the image that it wants of each camera.
        expression_names: order of its weights; None: that of the data set.
    """

    name: str
    sizes: Sizes
    expression_names: tuple[str, ...] | None

    def __call__(self, images: Batch) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """Weights (N, E) and gaze (N, 2, 2) in rad."""
        ...


class OnnxEncoder:
    """An ONNX file on onnxruntime, on the CPU: an input (N, 1, H, W) float32 for each camera it uses, named after it;
    outputs `weights` (N, E) and `gaze` (N, 2, 2)."""

    def __init__(self, path: Path, cameras: Sequence[CameraInput]) -> None:
        onnxruntime = needed("onnxruntime")
        if not path.is_file():
            raise EncoderError(f"an encoder must be a file, got none at {path}")
        try:
            self._session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no base but this
            line = (str(error).splitlines() or [type(error).__name__])[0]
            raise EncoderError(f"an encoder must be a model that onnxruntime runs, got {line!r} ({path})") from None
        self.name = path.stem
        own = {camera.name: camera for camera in cameras}
        sizes: dict[str, tuple[int, int]] = {}
        for given in self._session.get_inputs():
            if given.name not in own:
                raise EncoderError(
                    f"inputs must be named after cameras, got {given.name!r}. Cameras: {', '.join(own)} ({path})"
                )
            shape = given.shape
            if given.type != "tensor(float)" or len(shape) != 4 or shape[1] != 1 or isinstance(shape[0], int):
                raise EncoderError(
                    f"input {given.name!r} must be float32 of shape (any number, 1, height, width), got {given.type}"
                    f" {tuple(shape)} ({path})"
                )
            camera = own[given.name]
            height, width = (
                s if isinstance(s, int) else c
                for s, c in zip(shape[2:], (camera.height_px, camera.width_px), strict=True)
            )
            sizes[given.name] = (height, width)
        self.sizes: Sizes = sizes
        outputs = [output.name for output in self._session.get_outputs()]
        for name in OUTPUTS:
            if name not in outputs:
                raise EncoderError(f"an output must be called {name!r}, got {', '.join(outputs)} ({path})")
        listed = self._session.get_modelmeta().custom_metadata_map.get(NAMES_KEY)
        self.expression_names: tuple[str, ...] | None = None if listed is None else tuple(json.loads(listed))

    def __call__(self, images: Batch) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        given = {name: np.ascontiguousarray(images[name][:, None]) for name in self.sizes}
        weights, gaze = self._session.run(list(OUTPUTS), given)
        return weights, gaze


class CallableEncoder:
    """A Python callable that takes `Batch` and returns a mapping with `weights` and `gaze`, or the pair.

    What it has as attributes is heeded: `cameras` (names; else all), `size` (height, width; else each camera's own) and
    `expression_names`.
    """

    def __init__(self, function: Callable[..., Any], name: str, cameras: Sequence[CameraInput]) -> None:
        own = {camera.name: camera for camera in cameras}
        try:
            wanted = tuple(getattr(function, "cameras", own))
            size = getattr(function, "size", None)
            height_width = None if size is None else (int(size[0]), int(size[1]))
            names = getattr(function, "expression_names", None)
            self.expression_names: tuple[str, ...] | None = None if names is None else tuple(names)
        except (TypeError, ValueError, IndexError) as error:
            rule = "`cameras` and `expression_names` must be names, and `size` height and width"
            raise EncoderError(f"{rule}, got {error} ({name})") from error
        missing = [camera for camera in wanted if camera not in own]
        if missing:
            raise EncoderError(
                f"inputs must be named after cameras, got {', '.join(map(repr, missing))}."
                f" Cameras: {', '.join(own)} ({name})"
            )
        self.name = name
        self.sizes: Sizes = {c: height_width or (own[c].height_px, own[c].width_px) for c in wanted}
        self._function = function

    def __call__(self, images: Batch) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        try:
            out = self._function({name: images[name] for name in self.sizes})
        except Exception as error:  # a user's code may raise anything
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{last.filename}:{last.lineno}"
            raise EncoderError(f"{self.name} failed with {type(error).__name__}: {error} ({where})") from error
        if isinstance(out, Mapping):
            for name in OUTPUTS:
                if name not in out:
                    raise EncoderError(f"{self.name} must return {name!r}, got {', '.join(map(str, out))}")
            out = (out["weights"], out["gaze"])
        if not isinstance(out, tuple) or len(out) != 2:
            raise EncoderError(f"{self.name} must return weights and gaze, got {type(out).__name__}")
        return np.asarray(out[0]), np.asarray(out[1])


def load_encoder(where: str, cameras: Sequence[CameraInput]) -> Encoder:
    """Load an encoder for a headset.

    Args:
        where: a folder or encoder.pt of `hmcsim train`; FILE.onnx; FILE.py:NAME or MODULE:NAME, a callable.
        cameras: of the headset or data set.

    Raises:
        EncoderError: nothing there, or an input that no camera gives.
    """
    path = Path(where)
    if path.suffix == ".onnx":
        return OnnxEncoder(path, cameras)
    if path.suffix == ".pt" or path.is_dir():
        needed("torch")
        from encoders.trained import TrainedEncoder

        return TrainedEncoder(path, cameras)
    module, colon, name = where.rpartition(":")
    if not colon:
        raise EncoderError(
            "an encoder must be a folder of hmcsim train, FILE.pt, FILE.onnx, FILE.py:NAME or MODULE:NAME,"
            f" got {where!r}"
        )
    return CallableEncoder(_callable(module, name, where), where, cameras)


def checked(
    weights: NDArray[np.floating], gaze: NDArray[np.floating], frames: int, names: Sequence[str], encoder: Encoder
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """An encoder's output in the order of `names`, weights clipped to [0, 1]; a weight it does not give is 0.

    Raises:
        EncoderError: of another shape, or not finite.
    """
    own = tuple(names) if encoder.expression_names is None else encoder.expression_names
    for what, got, shape in (("weights", weights, (frames, len(own))), ("gaze", gaze, (frames, 2, 2))):
        if got.shape != shape:
            raise EncoderError(f"`{what}` of {encoder.name} must have shape {shape}, got {got.shape}")
        if not np.isfinite(got).all():
            raise EncoderError(f"`{what}` of {encoder.name} must be finite, got {got[~np.isfinite(got)][0]}")
    out = np.zeros((frames, len(names)))
    for k, name in enumerate(names):
        if name in own:
            out[:, k] = np.clip(weights[:, own.index(name)], 0, 1)
    if not set(own) & set(names):
        raise EncoderError(f"expressions of {encoder.name} must be some of the data set's, got {', '.join(own[:4])}")
    return out, np.asarray(gaze, np.float64)


def needed(module: str) -> Any:
    """A package of the extra.

    Raises:
        EncoderError: it is not installed.
    """
    if importlib.util.find_spec(module) is None:
        raise EncoderError(
            f"this needs {module}, which is not installed: pip install -c constraints.txt 'hmcsim[train]'"
        )
    return importlib.import_module(module)


def _callable(module: str, name: str, where: str) -> Callable[..., Any]:
    try:
        if module.endswith(".py"):
            spec = importlib.util.spec_from_file_location(Path(module).stem, module)
            assert spec is not None
            assert spec.loader is not None
            loaded = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(loaded)
        else:
            loaded = importlib.import_module(module)
    except Exception as error:  # a user's module may raise anything
        what = f"{type(error).__name__}: {error}"
        raise EncoderError(f"an encoder must be a callable that can be imported, got {what} ({where})") from error
    found = getattr(loaded, name, None)
    if not callable(found):
        known = ", ".join(key for key, value in vars(loaded).items() if callable(value) and not key.startswith("_"))
        raise EncoderError(f"unknown callable {name!r}. Callables of {module}: {known or 'none'}")
    return found
