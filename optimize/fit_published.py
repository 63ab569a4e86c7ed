"""Camera poses that reproduce REFA figure 1, which publishes scores of three layouts but no positions.

    python -m optimize.fit_published                  # print the fit
    python -m optimize.fit_published --write          # and put it into headsets/specs/refa_*.yaml
    python -m optimize.fit_published --fov 120        # with this lens instead of the one in the file

Two published numbers cannot fix the five or six of a camera's pose, so the rest is chosen for plausibility: each
camera stays as near to its mount (`optimize.mounts`) and looks as straight at the middle of its region as V and M
allow, under hard rules on clearance and framing. All three layouts share one lens.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

import headsets
from faces.protocol import HeadModel
from headsets import load_headset
from headsets.lenses.kannala_brandt4 import KannalaBrandt4
from optimize.camera_fit import CameraProblem, FittedCamera
from optimize.mounts import MOUNTS
from optimize.spec_edit import set_camera_pose, set_lens_focal
from optimize.wearers import Wearers, collect
from sim.metrics.config import ScoreConfig
from sim.metrics.published import PUBLISHED
from sim.metrics.result import group_name

LENS = "wide"
ALSO_GREEN = ("refa_groundtruth",)
"""Specs that carry green's tracking cameras as well."""
Fit = dict[str, dict[str, FittedCamera]]
"""Layout -> camera -> pose."""


def lens_of_fov(lens: KannalaBrandt4, fov_deg: float) -> KannalaBrandt4:
    """The lens with its focal length set so that the image is `fov_deg` wide."""
    half = 0.5 * np.deg2rad(fov_deg)
    k = lens.k
    radius = half * (1 + k[0] * half**2 + k[1] * half**4 + k[2] * half**6 + k[3] * half**8)
    focal = round(0.5 * lens.width_px / radius, 1)
    return dataclasses.replace(lens, fx_px=focal, fy_px=focal)


def collect_wearers(head: HeadModel, config: ScoreConfig, progress: Callable[[int, int], None] | None) -> Wearers:
    """The wearers of a score; all three layouts have the same donning and regions."""
    green = load_headset("refa_green")
    regions = tuple(dict.fromkeys(region for name in MOUNTS["refa_green"] for region in green.cameras[name].sees))
    return collect(head, green.donning, regions, config, progress)


def fit_layouts(wearers: Wearers, lens: KannalaBrandt4) -> Fit:
    """Fit all cameras of the three layouts with one lens; mirror twins follow from their originals."""
    fit: Fit = {}
    for layout, mounts in MOUNTS.items():
        headset = load_headset(layout)
        for camera, mount in mounts.items():
            scores = PUBLISHED[layout].regions[group_name(headset.cameras[camera].sees[0])]
            target = (scores["visibility"], scores["range_of_motion"])
            problem = CameraProblem.of(headset, camera, mount, lens, wearers, target)
            fit.setdefault(layout, {})[camera] = problem.solve()
    return fit


def write_specs(fit: Mapping[str, Mapping[str, FittedCamera]], lens: KannalaBrandt4, folder: Path) -> None:
    """Put a fit into the headset files of a folder.

    Raises:
        HeadsetError: a file without the cameras or the lens.
    """
    layouts = dict(fit) | dict.fromkeys(ALSO_GREEN, fit["refa_green"])
    for layout, cameras in layouts.items():
        path = folder / f"{layout}.yaml"
        text = set_lens_focal(path.read_text(encoding="utf-8"), LENS, lens.fx_px)
        for camera, pose in cameras.items():
            text = set_camera_pose(text, camera, pose.position_mm, pose.look_at_mm)
        path.write_text(text, encoding="utf-8")


def describe(fit: Mapping[str, Mapping[str, FittedCamera]]) -> str:
    """The fit as a table."""
    lines = []
    for layout, cameras in fit.items():
        for camera, pose in cameras.items():
            group = group_name(load_headset(layout).cameras[camera].sees[0])
            paper = PUBLISHED[layout].regions[group]
            room = " ".join(f"{name} {value:.1f}" for name, value in pose.clearances_mm.items())
            lines.append(
                f"{layout:12s} {camera:11s} at {pose.position_mm} to {pose.look_at_mm} "
                f"V {pose.visibility:.3f} ({paper['visibility']:.3f}) "
                f"M {pose.range_of_motion:.2f} ({paper['range_of_motion']:.2f}) "
                f"framing {pose.margin_px:+.0f} px, cost {pose.cost:.1f}, mm clear: {room}"
            )
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Command line; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m optimize.fit_published", description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the fit into headsets/specs")
    parser.add_argument("--fov", type=float, help="width of the image in degrees")
    parser.add_argument("--identities", type=int, default=ScoreConfig.identities)
    parser.add_argument("--donnings", type=int, default=ScoreConfig.donnings)
    chosen = parser.parse_args(arguments)
    from faces import load_head_model

    lens = load_headset("refa_green").cameras["mouth_left"].lens
    assert isinstance(lens, KannalaBrandt4)
    if chosen.fov is not None:
        lens = lens_of_fov(lens, chosen.fov)
    config = ScoreConfig(identities=chosen.identities, donnings=chosen.donnings)

    def show(done: int, total: int) -> None:
        print(f"\rposing wearers {done}/{total}", end="" if done < total else "\n", file=sys.stderr, flush=True)

    fit = fit_layouts(collect_wearers(load_head_model(), config, show), lens)
    print(f"fx {lens.fx_px} px\n{describe(fit)}")
    if chosen.write:
        write_specs(fit, lens, Path(headsets.__file__).parent / "specs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
