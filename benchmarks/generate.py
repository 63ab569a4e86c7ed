"""Images a second that `hmcsim generate` makes, each stage's share, and a pyrender script that writes PNGs too.

    python benchmarks/generate.py [--frames 200] [--presets fast,full] [--workers 2] [--device cpu] [--no-peer]
    python benchmarks/generate.py --stream [--device cuda]     # streamed: nothing encoded; on a GPU images stay
    python benchmarks/generate.py --memory 5000        # how memory grows over so many frames of one process
    python benchmarks/generate.py --plan 25e6          # machines, hours and terabytes of so many frames (docs/scale.md)

400 x 400, 8-bit PNG, standard labels, the default configuration (wearers, donning, lenses, light all vary), the headset
with its housing. Rates are of whole runs, new wearers among them, but start of the workers and their
sets of lenses left out: what a long run comes to. The peer draws the
full head under as many spot lights without shadows, in one process, and writes the same pictures with Pillow's fastest
compression; labels, lens distortion, noise and housing it has none. CPU time an image is beside each rate, as a busy
machine stretches the wall clock and not that.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import warp as wp
from PIL import Image
from pyrender_peer import MissingPeerError, PyrenderPeer

from faces import load_head_model
from headsets import load_headset
from headsets.headset import Headset
from sim.dataset.config import DatasetConfig
from sim.dataset.frame import FrameMaker, files_of
from sim.dataset.items import item_from_files
from sim.dataset.load_config import load_config
from sim.dataset.plan import plan_shards
from sim.dataset.png import encode_image
from sim.dataset.shards import read_samples, write_shard
from sim.dataset.storage import Storage
from sim.dataset.streaming import stream
from sim.parallel import in_processes, worker_count

HEADSET = "refa_green"
WARM_UP = 2


def preset_config(render: str) -> DatasetConfig:
    data = load_config().record()
    return DatasetConfig.model_validate({**data, "render": render})


def warm(maker: FrameMaker) -> None:
    """Every set of lenses, and ambient light, whose renderer is another."""
    each, missing = maker.config.wearers.frames_each, set(range(maker.config.hardware.lens_sets))
    visit = 100
    while missing or maker.sampler.sample(each * (visit - 1)).ambient is None:
        sample = maker.sampler.sample(each * visit)
        if sample.lens_set in missing or (not missing and sample.ambient is not None):
            maker.render(sample)
            missing.discard(sample.lens_set)
        visit += 1


def make(job: tuple[str, str]) -> Callable[[tuple[list[int], str]], tuple[float, float, float, int]]:
    """A worker that makes shards of these frames, and says when it began and ended, its processor time, and images."""
    render, device = job
    maker = FrameMaker(load_headset(HEADSET), load_head_model(), preset_config(render), 0, device)

    def work(task: tuple[list[int], str]) -> tuple[float, float, float, int]:
        from sim.dataset.plan import Shard

        indices, out = task
        warm(maker)
        start, busy = time.monotonic(), time.process_time()
        storage = Storage(out)
        for first in range(0, len(indices), 20):
            part = indices[first : first + 20]
            write_shard(maker, Shard(f"train-{part[0]:06d}.tar", "train", ((part[0], part[-1] + 1),)), storage)
        images = len(indices) * len(maker.headset.cameras)
        return start, time.monotonic(), time.process_time() - busy, images

    return work


def rate(render: str, device: str, frames: int, workers: int) -> tuple[float, float, float]:
    """Images a second, processor time an image in ms, bytes an image."""
    out = tempfile.mkdtemp()
    each = frames // workers
    tasks = [(list(range(k * each, (k + 1) * each)), out) for k in range(workers)]
    try:
        runs = list(in_processes(make, (render, device), tasks, workers))
        size = sum(path.stat().st_size for path in Path(out).glob("*.tar"))
    finally:
        shutil.rmtree(out)
    images = sum(run[3] for run in runs)
    seconds = max(run[1] for run in runs) - min(run[0] for run in runs)
    return images / seconds, 1e3 * sum(run[2] for run in runs) / images, size / images


def streamed(render: str, device: str, frames: int) -> tuple[float, float]:
    """Images a second of a stream in one process, and processor time an image in ms."""
    source = stream(HEADSET, preset_config(render), device=device)
    warm(source.maker())
    start, busy = time.perf_counter(), time.process_time()
    images = sum(len(source[index]["images"]) for index in range(frames))
    wp.synchronize()
    return images / (time.perf_counter() - start), 1e3 * (time.process_time() - busy) / images


def stages(render: str, device: str, frames: int) -> dict[str, float]:
    """Share of the processor time of each stage, one process, once everything is warm."""
    maker = FrameMaker(load_headset(HEADSET), load_head_model(), preset_config(render), 0, device)
    warm(maker)
    spent: dict[str, float] = defaultdict(float)
    inside: list[str] = []

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            start = time.process_time()
            inside.append(name)
            try:
                return function(*args, **named)
            finally:
                inside.pop()
                took = time.process_time() - start
                spent[name] += took
                if inside:
                    spent[inside[-1]] -= took

        return call

    import sim.dataset.frame as frame_module
    import sim.sensor.recorder as recorder_module

    undo = (frame_module.label_of, frame_module.encode_image, frame_module.label_text, recorder_module._render)
    frame_module.label_of = timed("labels", frame_module.label_of)
    frame_module.encode_image = timed("PNG", frame_module.encode_image)
    frame_module.label_text = timed("JSON", frame_module.label_text)
    recorder_module._render = timed("rendering", recorder_module._render)
    ambient = recorder_module.Recorder.ambient_radiance
    recorder_module.Recorder.ambient_radiance = timed("ambient light", ambient)
    head, sample = maker._head.mesh, maker.sampler.sample
    maker._head.mesh, maker.sampler.sample = timed("head", head), timed("drawing", sample)
    make_frame, pack = (
        timed("sensor, exposure", maker.frame),
        timed("files", lambda f: list(files_of(f, maker.config.outputs))),
    )
    try:
        for index in range(WARM_UP, WARM_UP + frames):
            pack(make_frame(index))
    finally:
        frame_module.label_of, frame_module.encode_image, frame_module.label_text, recorder_module._render = undo
        recorder_module.Recorder.ambient_radiance = ambient
        maker._head.mesh = head
    total = sum(spent.values())
    return {name: value / total for name, value in sorted(spent.items(), key=lambda item: -item[1])}


def sizes(render: str, frames: int) -> dict[str, float]:
    """Bytes a frame of each kind of file, everything stored, and of 16-bit images."""
    data = preset_config(render).record()
    outputs = dict.fromkeys(("regions", "depth", "normals", "mesh", "lights"), True)
    deep = DatasetConfig.model_validate({**data, "outputs": outputs, "images": {"bits": 16}})
    maker = FrameMaker(load_headset(HEADSET), load_head_model(), deep, 0)
    out: dict[str, float] = defaultdict(float)
    for index in range(0, 20 * frames, 20):
        frame = maker.frame(index)
        for name, content in files_of(frame, deep.outputs):
            stem, _, kind = name.partition(".") if name not in ("label.json", "mesh.npy") else ("", "", name)
            out["image, 16 bits" if kind == "png" else kind] += len(content) / frames
            if kind == "png":
                shift = maker.headset.cameras[stem].sensor.bits - 8
                out["image, 8 bits"] += len(encode_image((frame.images[stem] >> shift).astype("uint8"))) / frames
    return dict(out)


def reading(frames: int) -> float:
    """Processor time, ms, to read an image with its share of the label from a shard."""
    out = tempfile.mkdtemp()
    try:
        config = preset_config("fast")
        maker = FrameMaker(load_headset(HEADSET), load_head_model(), config, 0)
        write_shard(maker, plan_shards(config, frames)[0], Storage(out))
        busy, count = time.process_time(), 0
        with next(Path(out).glob("*.tar")).open("rb") as file:
            for key, files in read_samples(file):
                count += len(item_from_files(key, files)["images"])
        return 1e3 * (time.process_time() - busy) / count
    finally:
        shutil.rmtree(out)


def plan(frames: float, presets: list[str], measured: int, workers: int) -> None:
    """A table of what so many frames cost, from rates, sizes and reading measured here and now."""
    cameras = len(load_headset(HEADSET).cameras)
    images = frames * cameras
    read_ms = reading(min(20, measured))
    print(f"{frames:.3g} frames x {cameras} cameras = {images:.3g} images; reading takes {read_ms:.2f} ms an image\n")
    print("| preset | ms an image | core hours | days of a 64-core machine | kB an image | TB | cores that feed 1,000 "
          "images/s: rendered; read | epochs up to which streaming costs less |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    for render in presets:
        _, busy, size = rate(render, "cpu", measured, workers)
        hours = images * busy / 3.6e6
        print(
            f"| `{render}` | {busy:.1f} | {hours:,.0f} | {hours / 64 / 24:.1f} | {size / 1e3:.1f} | "
            f"{images * size / 1e12:.2f} | {busy:.0f}; {read_ms:.1f} | {busy / max(busy - read_ms, 1e-9):.2f} |"
        )
    print(f"\n| file | kB a frame | TB for {frames:.3g} |\n|---|---|---|")
    for kind, size in sorted(sizes(presets[-1], 5).items(), key=lambda pair: pair[1]):
        print(f"| {kind} | {size / 1e3:.1f} | {frames * size / 1e12:.2f} |")


def peer(headset: Headset, frames: int) -> tuple[float, float]:
    """pyrender's images a second and processor time an image, ms."""
    head = load_head_model()
    config = preset_config("fast")
    from sim.dataset.sample import Sampler

    sampler = Sampler(headset, head, config, 0)
    samples = [sampler.sample(index) for index in range(WARM_UP + frames)]

    def meshed(sample: Any) -> Any:
        return head.mesh(sample.wearer.identity, sample.weights, sample.gaze, sample.wearer.look)

    view = PyrenderPeer(headset, meshed(samples[0]))
    start = busy = 0.0
    images = 0
    for k, sample in enumerate(samples):
        if k == WARM_UP:
            start, busy, images = time.perf_counter(), time.process_time(), 0
        for picture in view.frame(meshed(sample)):
            Image.fromarray(picture[..., 0]).save(io.BytesIO(), "png", compress_level=1)
            images += 1
    rate, busy = images / (time.perf_counter() - start), 1e3 * (time.process_time() - busy) / images
    view.close()
    return rate, busy


def memory(render: str, frames: int) -> None:
    """Resident memory of one process as it makes frames."""
    maker = FrameMaker(load_headset(HEADSET), load_head_model(), preset_config(render), 0)
    shard = plan_shards(maker.config, frames)
    page, done = os.sysconf("SC_PAGE_SIZE"), 0
    out = tempfile.mkdtemp()
    try:
        storage = Storage(out)
        start = time.process_time()
        for one in shard:
            write_shard(maker, one, storage)
            storage.remove(one.name)
            done += one.frames
            resident = int(Path("/proc/self/statm").read_text().split()[1]) * page / 1e6
            print(
                f"{done} frames  {resident:.0f} MB  {1e3 * (time.process_time() - start) / done:.0f} ms a frame",
                flush=True,
            )
    finally:
        shutil.rmtree(out)


def main() -> int:
    """Print rates, shares, and the peer's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--presets", default="fast,full")
    parser.add_argument("--workers", type=int, default=worker_count(None))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--stream", action="store_true")
    parser.add_argument("--memory", type=int, metavar="FRAMES")
    parser.add_argument("--plan", type=float, metavar="FRAMES")
    options = parser.parse_args()
    if options.memory:
        memory(options.presets.split(",")[0], options.memory)
        return 0
    if options.stream:
        for render in options.presets.split(","):
            images, busy = streamed(render, options.device, options.frames)
            print(f"{render:10s}{images:7.1f} images/s streamed, {busy:5.1f} ms of a processor an image (1 process, "
                  f"{options.device})")  # fmt: skip
        return 0
    if options.plan:
        plan(options.plan, options.presets.split(","), options.frames, options.workers)
        return 0
    for render in options.presets.split(","):
        images, busy, size = rate(render, options.device, options.frames, options.workers)
        print(
            f"{render:10s}{images:7.1f} images/s, {busy:5.1f} ms of a processor an image, {size / 1e3:.0f} kB "
            f"({options.workers} processes, {options.device})"
        )
        shares = stages(render, options.device, min(40, options.frames))
        print(f"{'':10s}" + ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares.items()))
    if not options.no_peer:
        try:
            images, busy = peer(load_headset(HEADSET), max(5, options.frames // 10))
        except MissingPeerError as error:
            print(error, file=sys.stderr)
            return 2
        print(f"{'pyrender':10s}{images:7.1f} images/s, {busy:5.1f} ms of a processor an image (1 process)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
