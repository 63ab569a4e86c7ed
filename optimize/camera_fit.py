"""One camera's pose from two published scores: the most plausible pose that has them and breaks no rule."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, differential_evolution, minimize

from headsets.headset import Headset
from headsets.lenses.lens import Lens
from optimize.judge import Surroundings, camera_scores, framed_margin_px, pose_matrix
from optimize.mounts import Mount, Point
from optimize.wearers import RegionData, Wearers

MM = 1e-3
CLEARANCE_M = 3e-3
"""Every camera's from faces and glasses, over all wearers, expressions and donnings, and from shell and barrels."""
SLACK_M = 0.6e-3
"""On top of it in the fit: faces and shell are clouds of points there, and poses are rounded afterwards."""
FRAMED = 0.82
"""Of the region inside the image, in 19 of 20 faces and donnings; shipped layouts must keep 0.8."""
V_BAND = 0.004
"""V may be off by this, and M by the mount's share, where it makes the pose more plausible; the order is kept."""
UNOBSTRUCTED = 0.85
"""Of the region that the lens barrels at the middle IPD leave in the camera's sight."""
PAST_SHELL = 0.97
"""Of what faces the camera in its region, over faces and donnings, that its own housing leaves in its sight."""
AIM_REACH_MM = 80.0
POSITION_SCALE_MM, AIM_SCALE_MM = 6.0, 8.0
"""How far from its mount, and from the middle of its region, a camera may be or point before it costs one unit."""


@dataclass(frozen=True)
class FittedCamera:
    """A fitted pose, as it goes into the file.

    Attributes:
        position_mm, look_at_mm: rounded to 0.1 mm.
        visibility, range_of_motion: ours, of the rounded pose.
        clearances_mm: smallest distance to each obstacle; lens barrels at the middle IPD, and "ipd" over its range.
        margin_px: see `framed_margin_px`, for `FRAMED` of the region.
        cost: squared distance from mount and straight aim, in units of the two scales; 0 is ideal.
    """

    position_mm: Point
    look_at_mm: Point
    visibility: float
    range_of_motion: float
    clearances_mm: Mapping[str, float]
    margin_px: float
    cost: float


@dataclass(frozen=True, eq=False)
class CameraProblem:
    """Pose variables are x, y, z of the position and x, y of the point looked at (its z is the region's), mm.

    Cameras on the sagittal plane keep x = 0.
    """

    lens: Lens
    mount: Mount
    region: RegionData
    wearers: Wearers
    surroundings: Surroundings
    target: tuple[float, float]

    @classmethod
    def of(
        cls, headset: Headset, camera: str, mount: Mount, lens: Lens, wearers: Wearers, target: tuple[float, float]
    ) -> CameraProblem:
        """For a camera of a headset, its lens replaced."""
        (region,) = headset.cameras[camera].sees
        return cls(lens, mount, wearers.regions[region], wearers, Surroundings.of(headset, wearers), target)

    @property
    def middle_mm(self) -> NDArray[np.float64]:
        """(3,) of the region, mean wearer and expression."""
        middle = self.region.to_frame.mean(axis=(0, 1, 2)) / MM
        return middle * [0.0 if self.central else 1.0, 1.0, 1.0]

    @property
    def central(self) -> bool:
        """Whether the camera sits on the sagittal plane."""
        return self.mount.low[0] == self.mount.high[0] == 0

    def unpack(self, x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Position and point looked at, mm."""
        if self.central:
            return np.array([0.0, x[0], x[1]]), np.array([0.0, x[2], self.middle_mm[2]])
        return np.array(x[:3]), np.array([x[3], x[4], self.middle_mm[2]])

    def cost(self, x: NDArray[np.float64]) -> float:
        """Distance from the ideal."""
        position, aim = self.unpack(x)
        off = (position - self.mount.start) / POSITION_SCALE_MM
        return float((off**2).sum() + (((aim - self.middle_mm) / AIM_SCALE_MM) ** 2).sum())

    def scores(self, x: NDArray[np.float64]) -> tuple[float, float]:
        """V and M."""
        pose = pose_matrix(*(part * MM for part in self.unpack(x)))
        return camera_scores(self.lens, pose, self.region, self.wearers.device_head)

    def misfit(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Off the published V and M, in units of what is let pass: within -1 .. 1 all is well."""
        v, m = self.scores(x)
        return np.array(
            [(v - self.target[0] - self.mount.v_offset) / V_BAND, np.log(m / self.target[1]) / self.mount.m_band]
        )

    def clearances(self, x: NDArray[np.float64]) -> dict[str, float]:
        """See `FittedCamera.clearances_mm`."""
        position = self.unpack(x)[0] * MM
        found = self.surroundings.clearances(position)
        barrels = self.surroundings.keep_out.lens_barrels
        if barrels is not None:
            middle = float(np.mean(barrels.ipd_m))
            found["ipd"] = found["lens_barrels"]
            found["lens_barrels"] = float(dataclasses.replace(barrels, ipd_m=(middle, middle)).distance(position))
        return {name: value / MM for name, value in found.items()}

    def margin(self, x: NDArray[np.float64]) -> float:
        """Framing, px."""
        pose = pose_matrix(*(part * MM for part in self.unpack(x)))
        return framed_margin_px(self.lens, pose, self.region, self.wearers.device_head, FRAMED)

    def sight(self, x: NDArray[np.float64]) -> float:
        """How far the barrels stay off the lines from the camera to `UNOBSTRUCTED` of the region, mm, design pose.

        Negative, too, where the shell leaves less than `PAST_SHELL`.
        """
        open_share = self.surroundings.open_share(self.unpack(x)[0] * MM, self.region)
        barrels = self.surroundings.keep_out.lens_barrels
        if barrels is None or open_share < PAST_SHELL:
            return 10 * (open_share - PAST_SHELL)
        points = self.region.to_frame.mean(axis=(0, 1))
        middle = float(np.mean(barrels.ipd_m))
        barrels = dataclasses.replace(barrels, ipd_m=(middle, middle))
        along = np.linspace(0.0, 1.0, 13)[:, None, None]
        gaps = barrels.distance((1 - along) * self.unpack(x)[0] * MM + along * points).min(0)
        return float(np.quantile(gaps, 1 - UNOBSTRUCTED)) / MM

    def rules(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """All >= 0 where the pose is allowed."""
        found = self.clearances(x)
        least = (CLEARANCE_M + SLACK_M) / MM
        ipd = CLEARANCE_M / MM - SLACK_M / MM - found["ipd"] if self.mount.conflicts_ipd else found["ipd"] - least
        kept = [found[name] - least for name in ("face", "glasses", "shell", "lens_barrels") if name in found]
        return np.array([*kept, ipd, found.get("display", 1.0), self.margin(x) / 10, self.sight(x)])

    def loss(self, x: NDArray[np.float64]) -> float:
        """Cost, and much more than that for scores outside their bands and rules that are broken."""
        broken = np.maximum(-self.rules(x), 0).sum()
        off = np.maximum(np.abs(self.misfit(x)) - 1, 0).sum()
        return float(self.cost(x) + 200 * off + 200 * broken)

    def solve(self, seed: int = 0) -> FittedCamera:
        """Search the mount's box by differential evolution (Storn and Price, 1997), then locally."""
        box = list(zip(self.mount.low, self.mount.high, strict=True))
        aim = [(c - AIM_REACH_MM, c + AIM_REACH_MM) for c in self.middle_mm[:2]]
        bounds: list[tuple[float, float]] = [*box[1:], aim[1]] if self.central else [*box, *aim]
        start = np.array([*self.mount.start, *self.middle_mm[:2]])[[1, 2, 4] if self.central else slice(None)]
        found = differential_evolution(
            self.loss,
            Bounds(*np.transpose(bounds)),
            x0=start,
            popsize=20 if self.central else 9,  # what the rules leave of a central mount is a sliver
            maxiter=60,
            tol=1e-3,
            rng=np.random.default_rng(seed),
            polish=False,
        )
        polished = minimize(
            self.loss, found.x, method="Nelder-Mead", bounds=bounds, options={"maxiter": 400, "xatol": 0.02}
        )
        return self.report(polished.x)

    def report(self, x: NDArray[np.float64]) -> FittedCamera:
        """Round a pose and judge it."""
        x = np.round(x, 1)
        position, aim = (np.round(part, 1) for part in self.unpack(x))
        v, m = self.scores(x)
        return FittedCamera(
            tuple(position.tolist()), tuple(aim.tolist()), v, m, self.clearances(x), self.margin(x), self.cost(x)
        )
