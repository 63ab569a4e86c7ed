"""Images a second of five-camera frames under eight lights: hmcsim on all cores against pyrender, in one run.

    python benchmarks/render_vs_peers.py [--frames 12] [--rounds 6] [--no-costs] [--device cuda]

pyrender renders the unsubdivided head (about 9,000 triangles) without shadows, under spot lights, in one process that
reuses scene and window and gets a new mesh each frame, as ours does; hmcsim renders the full head with region
labels, in its presets `fast` and `full`, in one process a core, with the headset's shell, lens barrels and facial
interface and without them; the peer never has them. They take turns, and each is judged by its best round, so that a
busy machine hurts neither; processor time an image is that of all threads. On a GPU hmcsim takes one process, and an
image counts when it is back on the host; pyrender uses whatever EGL gives it, and its name is printed.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace

import numpy as np
import trimesh
from pyrender_peer import MissingPeerError, PyrenderPeer

from faces import load_head_model
from faces.mesh import HeadMesh
from headsets import load_headset
from headsets.headset import Headset
from headsets.keep_out import KeepOut
from sim.render import PRESETS, Renderer, RenderSettings
from sim.render.pool import cores, map_frames

HEADSET = "refa_green"
LIGHTS = 8
WARM_UP = 2
HOUSING = ", housing"
_scene: list[tuple[Headset, list[HeadMesh]]] = []
_housed: list[Headset] = []

FEATURES: dict[str, dict[str, bool]] = {
    "shadows": {"shadows": False},
    "specular": {"specular": False},
    "scattering": {"scattering": False},
    "bounce": {"bounce": False},
    "skin maps": {"skin_maps": False},
    "eyes": {"eyes": False},
    "hair": {"hair": False},
    "panes": {"panes": False},
    "ghosts": {"ghosts": False},
    "antialiasing": {"antialias": False},
    "every pixel lit": {"sparse": False},
}


def scene() -> tuple[Headset, list[HeadMesh]]:
    """The headset with eight LEDs and without its housing, which the peer lacks, and a few expressions."""
    if not _scene:
        headset = load_headset(HEADSET)
        leds = dict(list(headset.leds.items())[:LIGHTS])
        if len(leds) < LIGHTS:
            raise SystemExit(f"{HEADSET} has {len(leds)} LEDs, {LIGHTS} are needed")
        head = load_head_model()
        wearer = head.neutral_identity()
        weights = [{}, {"jawOpen": 0.4}, {"eyeBlinkLeft": 0.7, "mouthSmileLeft": 0.6}]
        _scene.append(
            (replace(headset, leds=leds, shell=None, keep_out=KeepOut()), [head.mesh(wearer, w) for w in weights])
        )
    return _scene[0]


def housed() -> Headset:
    """The same headset as it stands."""
    if not _housed:
        _housed.append(replace(load_headset(HEADSET), leds=scene()[0].leds))
    return _housed[0]


def render_frames(renderer: Renderer, item: tuple[int, bool]) -> tuple[float, float, float, int]:
    """Render some frames, with the housing or not.

    Returns when they started and ended on the common clock, processor time, s, and how many images they are.
    """
    count, housing = item
    headset, meshes = scene()
    if housing:
        headset = housed()
    for mesh in meshes[:WARM_UP]:
        renderer.render(headset, mesh, None, ("radiance", "region"))
    images = 0
    start, busy = time.monotonic(), time.process_time()
    for k in range(count):
        images += len(renderer.render(headset, meshes[k % len(meshes)], None, ("radiance", "region")))
    return start, time.monotonic(), time.process_time() - busy, images


def ours(frames: int, settings: RenderSettings, housing: bool, device: str) -> tuple[float, float]:
    """Images a second over all cores, each counted over its own time, and processor time an image, s."""
    if device == "cpu":
        runs = list(map_frames(render_frames, [(frames, housing)] * cores(), settings, workers=cores()))
    else:
        runs = [render_frames(Renderer(device=device, settings=settings), (frames, housing))]
    busy = sum(run[2] for run in runs) / sum(run[3] for run in runs)
    return sum(images / (end - start) for start, end, _, images in runs), busy


def coarse() -> HeadMesh:
    """The unsubdivided skin with the eyeballs as they are, as a mesh for the peer."""
    full = scene()[1][0]
    head = load_head_model()
    skin = head.asset.shape_vertices(head.neutral_identity().coefficients)
    quads = head.asset.quads
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    eyes = [full.topology.material_names.index(name) for name in ("sclera", "iris", "pupil")]
    eye_triangles = full.triangles[np.isin(full.material_ids, eyes)]
    triangles = np.concatenate([triangles, eye_triangles + len(skin)])
    vertices = np.concatenate([skin, full.vertices])
    normals = np.asarray(trimesh.Trimesh(vertices, triangles, process=False).vertex_normals)
    return replace(full, topology=replace(full.topology, triangles=triangles), vertices=vertices, normals=normals)


def peer(frames: int) -> tuple[float, float, str]:
    """pyrender's images a second, processor time an image, s, and what it drew on what."""
    mesh = coarse()
    view = PyrenderPeer(scene()[0], mesh)
    for _ in range(WARM_UP):
        view.frame(mesh)
    start, busy = time.perf_counter(), time.process_time()
    images = sum(len(view.frame(mesh)) for _ in range(frames))
    rate, busy = images / (time.perf_counter() - start), (time.process_time() - busy) / images
    drawn = f"{len(mesh.triangles)} triangles, 1 process, {view.gl()}"
    view.close()
    return rate, busy, drawn


def costs_ms(rounds: int) -> dict[str, float]:
    """Processor time per image in one process, best of `rounds`, by what is rendered; they take turns."""
    headset, meshes = scene()
    full = ("radiance", "region")
    cases = {"everything": (Renderer(), headset, full), "geometry alone": (Renderer(), headset, ("depth", "region"))}
    cases["housing, besides"] = (Renderer(), housed(), full)
    for name, off in FEATURES.items():
        cases[name] = (Renderer(settings=RenderSettings(**off)), headset, full)
    best = dict.fromkeys(cases, np.inf)
    for k in range(rounds + 1):
        for name, (renderer, parts, buffers) in cases.items():
            start = time.process_time()
            images = len(renderer.render(parts, meshes[k % len(meshes)], None, buffers))
            best[name] = min(best[name], 1e3 * (time.process_time() - start) / images)
    return best


def main() -> int:
    """Print both rates, their ratio, and what each feature costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--no-costs", action="store_true", help="leave out what each feature costs")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    mine = {name + housing: (0.0, np.inf) for name in PRESETS for housing in ("", HOUSING)}
    theirs, drawn = (0.0, np.inf), ""
    try:
        for _ in range(options.rounds):
            rate, busy, drawn = peer(options.frames)
            theirs = (max(theirs[0], rate), min(theirs[1], busy))
            for name, (most, least) in mine.items():
                housing = name.endswith(HOUSING)
                rate, busy = ours(options.frames, PRESETS[name.removesuffix(HOUSING)], housing, options.device)
                mine[name] = (max(most, rate), min(least, busy))
    except MissingPeerError as error:
        print(error, file=sys.stderr)
        return 2
    full = scene()[1][0]
    processes = f"{cores()} processes" if options.device == "cpu" else f"1 process, {options.device}"
    print(
        f"{'pyrender':14s}{theirs[0]:7.1f} images/s, {1e3 / theirs[0]:5.1f} ms an image, of a processor "
        f"{1e3 * theirs[1]:5.1f} ms ({drawn})"
    )
    for name, (rate, busy) in mine.items():
        print(
            f"{name:14s}{rate:7.1f} images/s, {1e3 / rate:5.1f} ms an image, of a processor {1e3 * busy:5.1f} ms "
            f"({len(full.triangles)} triangles of the head, {processes}); ratio {rate / theirs[0]:.2f}, "
            f"of processor time {theirs[1] / busy:.2f}"
        )
    if options.no_costs or options.device != "cpu":
        return 0
    print("processor time an image in preset full, one process, and what each feature adds to it:")
    costs = costs_ms(2 * options.frames)
    everything = costs["everything"]
    print(f"  {'everything':16s}{everything:7.1f} ms")
    print(f"  {'housing, besides':16s}{costs['housing, besides'] - everything:7.1f} ms")
    for name in FEATURES:
        print(f"  {name:16s}{everything - costs[name]:7.1f} ms")
    print(f"  {'geometry alone':16s}{costs['geometry alone']:7.1f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
