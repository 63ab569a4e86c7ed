"""What a chip adds and cuts off, in images of a shipped headset, by hand."""

import numpy as np

from sim.drive import Drive, driven
from sim.render import Renderer
from sim.sensor import capture
from tests.sensor.test_capture import BARE, CAMERA, SETTINGS, WALL, with_camera


def test_dark_current_and_full_well():
    """Electrons that gather in the dark, 2e6 a second over 400 µs; and no more than a pixel holds, below white."""
    chip = {"dark_e_per_s": 2e6, "full_well_e": 5000.0, "gain_dn_per_e": 4.0, "offset_dn": 50.0}
    renderer, headset = Renderer(settings=SETTINGS), with_camera(**chip)
    dark, bright = (
        capture(
            renderer, driven(headset, Drive(current=current)), WALL, settings=BARE, cameras=[CAMERA], exposure_us=400
        )
        for current in (0.0, 1e5)
    )
    assert (dark[CAMERA].dn == 50 + 4 * 800).all()
    assert np.median(bright[CAMERA].dn[:150, 100:300]) == 50 + 4 * 5000
    assert bright[CAMERA].dn.max() == 50 + 4 * 5000
