"""What cameras record of one frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import warp as wp
from numpy.typing import NDArray

from sim.render.frame import CameraFrame
from sim.sensor.auto_exposure import Exposure


@dataclass(frozen=True, eq=False)
class Capture:
    """What one camera records.

    Attributes:
        dn: (H, W) digital numbers, uint8 up to 8 bits, else uint16.
        exposure: what it was taken with.
        frame: the rendered buffers, radiance (while the LEDs shine) among them.
        electrons: (H, W) photoelectrons that light makes on average, before the full well; None: not asked for.
    """

    dn: NDArray[np.uint8] | NDArray[np.uint16]
    exposure: Exposure
    frame: CameraFrame
    electrons: NDArray[np.float32] | None = None


@dataclass(frozen=True, eq=False)
class Expectation:
    """What one camera would record in the mean.

    Attributes:
        electrons: (H, W) photoelectrons, neither dark current nor full well.
        exposure: what it is taken with.
        frame: the rendered buffers, radiance among them.
    """

    electrons: NDArray[np.float32]
    exposure: Exposure
    frame: CameraFrame


@dataclass(frozen=True, eq=False)
class ResidentCapture:
    """What one camera records, on the device.

    Attributes:
        dn: (H, W) wp.uint16 digital numbers, in memory of their own.
        exposure: what they were taken with.
        frame: the rendered buffers, in `frame.resident`, radiance among them.
    """

    dn: wp.array
    exposure: Exposure
    frame: CameraFrame
