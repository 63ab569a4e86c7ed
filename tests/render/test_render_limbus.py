"""Where iris turns into sclera, in a shipped headset's picture, against points of the cornea found by marching."""

from dataclasses import replace

import eye_trace as trace
import numpy as np
import pytest
from test_render_eyes import Eye, posed

from faces import load_head_model
from headsets import load_headset
from sim.render import DIRECT, Renderer

LIMBUS_MM = 5.92
"""Visible radius of the iris (gkaModelEye)."""


def on_cornea(eye, pixels):
    """(N,) distance, mm, from the optical axis at which rays through pixels (N, 2) meet the cornea; NaN: nowhere."""
    o = eye.local(eye.camera.position)
    rays = (
        eye.camera.lens.unproject(pixels.astype(float)) @ eye.camera.T_device_camera.rotation.as_matrix().T @ eye.turn
    )
    start = max(np.linalg.norm(o) - 15.0, 0.0)
    lengths = [trace.meet(trace.FRONT, o, ray, start, start + 25.0) for ray in rays]
    return np.array([np.nan if t is None else np.hypot(*(o + t * r)[:2]) for t, r in zip(lengths, rays, strict=True)])


@pytest.mark.parametrize("width_mm", [0.8, 1.2])
def test_the_limbus_is_as_wide_as_it_should_be(pictures, width_mm):
    """The sclera's share of the albedo is 3 t² - 2 t³ over the width, a half at 5.92 mm.

    It is what a brighter sclera adds, so that the iris's texture does not matter.
    """
    parts, model, renderer = (
        load_headset("refa_green"),
        load_head_model(),
        Renderer(settings=replace(DIRECT, eyes=True)),
    )
    albedos = []
    for white in (0.4, 0.8):
        mesh = posed(model, (0.0, 0.0), limbus_width_mm=width_mm, sclera_albedo=white)
        frame = renderer.render(parts, mesh, buffers=("albedo", "region"), cameras=("eye_left",))["eye_left"]
        albedos.append(frame.albedo)
    share = (albedos[1] - albedos[0]) / 0.4
    eye = Eye(mesh, 0, parts.cameras["eye_left"])
    x, y = np.round(eye.pixel(np.array([0.0, 0.0, trace.APEX]))).astype(int)
    box = np.s_[y - 40 : y + 41, x - 40 : x + 41]
    rows, columns = np.nonzero(frame.region[box] == mesh.topology.region_labels.index("eyeball_left"))
    rho = on_cornea(eye, np.stack([columns + x - 40, rows + y - 40], -1))
    near = np.abs(rho - LIMBUS_MM) < 0.4  # beyond is the sclera's sphere
    got = share[box][rows[near], columns[near]]
    t = np.clip((rho[near] - LIMBUS_MM) / width_mm + 0.5, 0.0, 1.0)
    expected = np.full(share[box].shape, np.nan)
    expected[rows[near], columns[near]] = 3 * t**2 - 2 * t**3
    pictures.keep("share", np.where(np.isnan(expected), np.nan, share[box]), expected)
    assert near.sum() > 50
    np.testing.assert_allclose(got, 3 * t**2 - 2 * t**3, atol=0.01)
