"""What the fast renderer leaves out, in numbers: its radiance against Mitsuba's paths, camera by camera.

    python benchmarks/reference_error.py [--headset refa_green] [--pixels 80] [--spp 256] [--identity 4] [--regions]
        [--off scattering,ghosts,…] [--features bounce,skin_maps,…]

Printed are the median, 5th and 95th percentile and the mean of (fast - reference) / reference over face pixels, with
the headset's shell and without, against `path` and, to tell them apart, `direct`. Images are small: the cameras keep
their places and fields of view, and have fewer pixels; both renderers look along the rays through the pixels' centres,
without antialiasing, so that only light differs. Dark pixels are left out: a ratio says little there.
`--off` switches fields of `RenderSettings` off, in the reference too where it has them. It lacks scattering and ghosts.
`--features` compares the fast renderer without each of these against one reference image that has all of them.
Noise of the reference shows in the percentiles, not in the mean. About a minute and a half on two cores.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from faces import load_head_model
from faces.eyewear.look import GlassesLook
from faces.look import Look
from faces.mesh import HeadMesh
from headsets import load_headset
from headsets.headset import Camera, Headset
from sim.reference import ReferenceSettings, render_reference
from sim.render import CameraFrame, Renderer, RenderSettings
from sim.seeding import generator

EXPRESSION = {"jawOpen": 0.12, "mouthSmileLeft": 0.8, "mouthSmileRight": 0.7}
FEW = 30
"""Regions of fewer pixels are not listed."""
DARK = 0.02
"""Share of the 95th percentile below which a pixel is too dark to be judged by a ratio."""


def shrunk(camera: Camera, pixels: int) -> Camera:
    """The same view in `pixels` columns."""
    lens = camera.lens
    scale = pixels / lens.width_px
    size = {"width_px": pixels, "height_px": round(lens.height_px * scale)}
    focal = {"fx_px": lens.fx_px * scale, "fy_px": lens.fy_px * scale}
    centre = {"cx_px": (lens.cx_px + 0.5) * scale - 0.5, "cy_px": (lens.cy_px + 0.5) * scale - 0.5}
    return replace(camera, lens=replace(lens, **size, **focal, **centre))


def judged(frame: CameraFrame, reference: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Pixels of the face that are not dark."""
    assert frame.region is not None
    face = frame.region >= 0
    return face & (reference > DARK * np.percentile(reference[face], 95))


def row(name: str, error: NDArray[np.floating]) -> str:
    """One line of the table, in per cent."""
    p5, median, p95 = np.percentile(error, [5, 50, 95])
    return f"{name:34s} {100 * median:8.1f} {100 * p5:8.1f} {100 * p95:8.1f} {100 * error.mean():8.1f} {error.size:7d}"


def fast_frames(headset: Headset, mesh: HeadMesh, shell: bool, off: list[str]) -> Mapping[str, CameraFrame]:
    """The fast renderer's images, without the features in `off`."""
    plain = RenderSettings(sparse=False, antialias=False, shadow_resolution=1024, shell=shell)
    fast = Renderer(settings=replace(plain, **dict.fromkeys(off, False)))
    return fast.render(headset, mesh, buffers=("radiance", "region"))


def compare_features(
    headset: Headset, mesh: HeadMesh, settings: ReferenceSettings, off: list[str], features: list[str]
) -> None:
    """Print a line for the fast renderer with everything, and one without each of `features`."""
    reference = render_reference(headset, mesh, settings=settings)
    for missing in ("", *features):
        frames = fast_frames(headset, mesh, settings.shell, [*off, missing] if missing else off)
        total = []
        for name, image in reference.items():
            frame = frames[name]
            used = judged(frame, image)
            total.append((np.asarray(frame.radiance)[used] - image[used]) / image[used])
        error = np.concatenate(total)
        print(
            f"{row('without ' + missing if missing else 'everything', error)} {100 * abs(error).mean():8.1f}",
            flush=True,
        )


def compare(headset: Headset, mesh: HeadMesh, settings: ReferenceSettings, by_region: bool, off: list[str]) -> None:
    """Print one block of the table."""
    frames = fast_frames(headset, mesh, settings.shell, off)
    label = f"{settings.integrator}, {'with' if settings.shell else 'no'} shell"
    labels = mesh.topology.region_labels
    by: dict[str, list[NDArray[np.floating]]] = {}
    total = []
    for name, image in render_reference(headset, mesh, settings=settings).items():
        frame = frames[name]
        assert frame.radiance is not None
        assert frame.region is not None
        used = judged(frame, image)
        error = (frame.radiance[used] - image[used]) / image[used]
        print(row(f"{label}: {name}", error), flush=True)
        total.append(error)
        for index in np.unique(frame.region[used]):
            by.setdefault(labels[index], []).append(error[frame.region[used] == index])
    print(row(f"{label}: all", np.concatenate(total)), flush=True)
    for region in sorted(by) if by_region else ():
        error = np.concatenate(by[region])
        if error.size >= FEW:
            print(row(f"{label}: {region}", error), flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--headset", default="refa_green")
    parser.add_argument("--pixels", type=int, default=80, help="columns of an image")
    parser.add_argument("--spp", type=int, default=256, help="samples a pixel, a power of 4")
    parser.add_argument("--identity", type=int, default=4, help="seed of the wearer")
    parser.add_argument("--integrators", default="direct,path", metavar="NAME,…", help="direct: bounce is off, too")
    parser.add_argument("--glasses", metavar="SHAPE", help="that the wearer wears")
    parser.add_argument("--features", default="", metavar="NAME,…", help="to leave out of the fast renderer, in turn")
    parser.add_argument("--regions", action="store_true", help="also by region, over all cameras")
    parser.add_argument("--off", default="", metavar="NAME,…", help="fields of RenderSettings to switch off")
    args = parser.parse_args()
    off, features = ([name for name in text.split(",") if name] for text in (args.off, args.features))
    full = load_headset(args.headset)
    headset = replace(full, cameras={name: shrunk(camera, args.pixels) for name, camera in full.cameras.items()})
    head = load_head_model()
    look = Look(glasses=GlassesLook(shape=args.glasses) if args.glasses else None)
    mesh = head.mesh(head.sample_identity(generator(args.identity, "identity")), EXPRESSION, look=look)
    shared = {name: name not in off for name in ("specular", "skin_maps", "hair", "panes")}
    shared["eye"] = "painted" if "eyes" in off else "refractive"
    print(f"{'(fast - reference) / reference, %':34s} {'median':>8} {'p5':>8} {'p95':>8} {'mean':>8} {'pixels':>7}")
    if features:
        compare_features(headset, mesh, ReferenceSettings(spp=args.spp, side=1, **shared), off, features)
        return
    for shell in (True, False) if full.shell is not None else (False,):
        for integrator in args.integrators.split(","):
            settings = ReferenceSettings(spp=args.spp, side=1, integrator=integrator, shell=shell, **shared)
            once = ["bounce"] if integrator == "direct" else []
            compare(headset, mesh, settings, args.regions, [*off, *once])


if __name__ == "__main__":
    main()
