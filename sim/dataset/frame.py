"""One labelled frame: rendered, recorded, labelled, and as the files of a WebDataset sample."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import warp as wp
from numpy.typing import NDArray

from faces.mesh import HeadMesh
from faces.protocol import HeadModel
from headsets.headset import Headset
from sim.dataset.arithmetic import one_thread
from sim.dataset.config import DatasetConfig, OutputsPart
from sim.dataset.keypoints import KeypointFinder
from sim.dataset.labels import label_of, label_text
from sim.dataset.light_code import coded
from sim.dataset.png import encode_image, encode_labels
from sim.dataset.sample import Sample, Sampler
from sim.dataset.seeds import chip_seed
from sim.errors import SimError
from sim.render import PRESETS, Renderer
from sim.render.frame import NO_SURFACE, SHELL
from sim.sensor import Capture, Recorder
from sim.sensor.basis import light_basis
from sim.sensor.captures import ResidentCapture
from sim.sensor.eight_bits import eight_bits
from sim.sensor.recorder import outdoors
from sim.sensor.resident import resident_eight_bits

Shot = TypeVar("Shot", Capture, ResidentCapture)
RECORDERS = 16
"""Those of the sets of lenses used last are kept; each takes some 30 MB."""
SEG_NOTHING, SEG_SHELL = 255, 254
"""In seg.png: nothing seen, and the headset's housing; else the index into `region_labels`."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A labelled frame.

    Attributes:
        sample: what it shows.
        mesh: the posed head, before the facial interface presses it.
        vertices: (V, 3) m, device frame: the head as drawn.
        captures: by camera.
        images: (H, W) uint8 by camera, or uint16, as stored.
        label: as stored.
        lights: codes (N · H, W) by camera of the lights that the label names, if asked for; see
            `sim.dataset.light_code`.
    """

    sample: Sample
    mesh: HeadMesh
    vertices: NDArray[np.float32]
    captures: Mapping[str, Capture]
    images: Mapping[str, NDArray[np.uint8] | NDArray[np.uint16]]
    label: dict[str, Any]
    lights: Mapping[str, NDArray[np.uint16]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class ResidentFrame:
    """A labelled frame whose images stay on the renderer's device; see `Frame`.

    Attributes:
        captures: by camera; the buffers that the data set has lie in `frame.resident`.
        images: (H, W) wp.uint8 by camera, or wp.uint16, as they would be stored.
    """

    sample: Sample
    vertices: NDArray[np.float32]
    captures: Mapping[str, ResidentCapture]
    images: Mapping[str, wp.array]
    label: dict[str, Any]


class FrameMaker:
    """Makes frames of a data set, any of them in any order; keeps renderer and recorders.

    Attributes:
        sampler: draws what they show.
        renderer: draws them.

    Args:
        renderer: of another maker that is no longer used, with the configuration's preset: its tables stay; None: a new
            one on `device`.

    Raises:
        SimError: no such device; a configuration that does not go with the head model.
    """

    def __init__(
        self,
        headset: Headset,
        head: HeadModel,
        config: DatasetConfig,
        seed: int,
        device: str = "cpu",
        renderer: Renderer | None = None,
    ) -> None:
        self.headset = headset
        self.config = config
        self.sampler = Sampler(headset, head, config, seed)
        self._head = head
        self._seed = seed
        self.renderer = renderer or Renderer(device, PRESETS[config.render])
        self._unit: Headset | None = None
        self._recorders: OrderedDict[int, Recorder] = OrderedDict()
        self._finder = KeypointFinder(device)
        outputs = config.outputs
        extra = ["depth"] * outputs.depth + ["normal"] * outputs.normals
        self._buffers = ("region", *extra)

    def frame(self, index: int) -> Frame:
        """Make frame `index`."""
        with one_thread():
            return self._render(self.sampler.sample(index))

    def render(self, sample: Sample) -> Frame:
        """Make a sample's frame."""
        with one_thread():
            return self._render(sample)

    def resident_frame(self, index: int) -> ResidentFrame:
        """Make frame `index` on the renderer's device, where its images stay.

        Raises:
            SimError: a configuration with `outputs.lights`, whose codes are made on the host.
        """
        refuse_lights(self.config)
        with one_thread():
            sample = self.sampler.sample(index)
            _, vertices, captures, label = self._taken(sample, Recorder.record_resident)
            images = {name: shot.dn for name, shot in captures.items()}
            if self.config.images.bits == 8:
                sensors = {name: sample.unit.cameras[name].sensor for name in captures}
                images = {name: resident_eight_bits(dn, sensors[name].bits) for name, dn in images.items()}
            return ResidentFrame(sample, vertices, captures, images, label)

    def _render(self, sample: Sample) -> Frame:
        mesh, vertices, captures, label = self._taken(sample, Recorder.record)
        images = {name: self._stored(shot, sample.unit.cameras[name].sensor.bits) for name, shot in captures.items()}
        lights = self._lights(sample, mesh, label) if self.config.outputs.lights else {}
        return Frame(sample, mesh, vertices, captures, images, label, lights)

    def _taken(
        self, sample: Sample, record: Callable[..., Mapping[str, Shot]]
    ) -> tuple[HeadMesh, NDArray[np.float32], Mapping[str, Shot], dict[str, Any]]:
        """The sample's head, its vertices as drawn, what one of `Recorder`'s methods took of it, and the label."""
        if sample.unit is not self._unit:  # another headset: its cameras and LEDs stand elsewhere
            self._unit = sample.unit
            self.renderer.forget_standing()
            outdoors(self.renderer).forget_standing()
        mesh = self._head.mesh(sample.wearer.identity, sample.weights, sample.gaze, sample.wearer.look)
        recorder = self._recorder(sample)
        recorder.restart(sample.bias)
        captures = record(
            recorder,
            mesh,
            sample.T_device_head,
            sample.index,
            buffers=self._buffers,
            ambient=sample.ambient,
            headset=sample.headset,
            settle=True,
        )
        drawn = self.renderer.drawn()
        label = label_of(sample, self.headset, mesh, drawn, captures, self._finder)
        return mesh, drawn[0][: len(mesh.vertices)].copy(), captures, label

    def _stored(self, shot: Capture, bits: int) -> NDArray[np.uint8] | NDArray[np.uint16]:
        return eight_bits(shot.dn, bits) if self.config.images.bits == 8 else shot.dn.astype(np.uint16)

    def _lights(self, sample: Sample, mesh: HeadMesh, label: dict[str, Any]) -> dict[str, NDArray[np.uint16]]:
        """Codes of each light alone; what they are relative to goes into the label."""
        basis = light_basis(self._recorder(sample), sample.headset, mesh, sample.T_device_head, sample.ambient)
        out = {}
        for name, images in basis.items():
            codes = {light: coded(image) for light, image in images.items()}
            label["cameras"][name]["lights"] = {light: top for light, (_, top) in codes.items()}
            out[name] = np.concatenate([code for code, _ in codes.values()])
        return out

    def _recorder(self, sample: Sample) -> Recorder:
        """One for each set of lenses, with the fixed patterns of its chips."""
        number = sample.lens_set
        if number not in self._recorders:
            seed = chip_seed(self._seed, number)
            exposure = self.config.exposure
            mode = {"headset": None, "auto": "auto", "fixed": exposure.us}[exposure.mode]
            self._recorders[number] = Recorder(
                self.renderer,
                sample.optics,
                seed=seed,
                exposure_us=mode,  # type: ignore[arg-type]  # "auto", a number, or None
            )
            if len(self._recorders) > RECORDERS:
                self._recorders.popitem(last=False)
        self._recorders.move_to_end(number)
        return self._recorders[number]


def refuse_lights(config: DatasetConfig) -> None:
    """Of frames on the device.

    Raises:
        SimError: the configuration asks for the light of each LED alone.
    """
    if config.outputs.lights:
        raise SimError("`outputs.lights` must be false where images stay on the device, or `resident=False`, got true")


def files_of(frame: Frame, outputs: OutputsPart) -> Iterator[tuple[str, bytes]]:
    """Names after the key, such as "mouth_left.png", and bytes of a sample's files, in their order in the shard."""
    for name, image in frame.images.items():
        yield f"{name}.png", encode_image(image)
        if name in frame.lights:
            yield f"{name}.lights.png", encode_image(frame.lights[name])
        buffers = frame.captures[name].frame
        if outputs.regions and buffers.region is not None:
            yield f"{name}.seg.png", encode_labels(seg_image(buffers.region))
        if outputs.depth and buffers.depth is not None:
            yield f"{name}.depth.npy", _npy(buffers.depth)
        if outputs.normals and buffers.normal is not None:
            yield f"{name}.normal.npy", _npy(buffers.normal.astype(np.float16))
    if outputs.mesh:
        yield "mesh.npy", _npy(frame.vertices)
    yield "label.json", label_text(frame.label)


def seg_image(region: NDArray[np.int32]) -> NDArray[np.uint8]:
    """(H, W) uint8 of a region buffer; see `SEG_NOTHING`, `SEG_SHELL`."""
    table = {NO_SURFACE: SEG_NOTHING, SHELL: SEG_SHELL}
    out = region.astype(np.uint8)
    for value, shown in table.items():
        out[region == value] = shown
    return out


def _npy(array: NDArray[Any]) -> bytes:
    out = io.BytesIO()
    np.save(out, np.ascontiguousarray(array), allow_pickle=False)
    return out.getvalue()
