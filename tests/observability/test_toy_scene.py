"""The whole way through shipped code on a wall before one camera, against formulas worked out here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.constants import c, h

from headsets.headset import Headset
from sim.observability.config import ObservabilityConfig
from sim.observability.evaluate import ALL, Observer, StateBound, StateKey
from sim.observability.priors import Priors
from sim.render.renderer import Renderer
from tests.observability.toys import SMOOTH, TRAVEL_M, Wall, wall_headset

WEIGHT = 0.5
PRIORS = Priors(led=0.0, model_error=0.0, detail_px=0.0)


def bound(headset: Headset, priors: Priors = PRIORS, **other: object) -> StateBound:
    config = ObservabilityConfig(
        identities=1, expressions=("near",), intensity=WEIGHT, gaze_sd_deg=0.0, regions=("a", "b"), identity_modes=0,
        albedo_modes=0, priors=priors, **other,
    )  # fmt: skip
    return Observer(Wall(), config, Renderer(settings=SMOOTH)).bound(headset, StateKey(0, 0))


def light(headset: Headset, z: float) -> tuple[np.ndarray, np.ndarray]:
    """(L, H, W) electrons of each LED from the wall at z, and their slopes, electrons a metre.

    A pixel's ray meets the wall at p; the LED at q, facing it, of order 1 gives E = I cos²θ / r² = I (q_z − z)² / r⁴.
    """
    camera = headset.cameras["c"]
    lens, sensor, optics = camera.lens, camera.sensor, camera.optics
    x, y = np.meshgrid(np.arange(lens.width_px), np.arange(lens.height_px))
    u, v = (x - 19.5) / 60.0, (y - 15.5) / 60.0
    gap = camera.position[2] - z
    turn = camera.T_device_camera.rotation.as_matrix()
    d = np.stack([u, v, np.ones_like(u)], -1) @ turn.T  # to z = −1 in the device
    assert d[..., 2] == pytest.approx(-1.0)
    p = camera.position + d * gap
    values, slopes = [], []
    for led in headset.leds.values():
        away = led.position[2] - z
        across = p[..., :2] - led.position[:2]
        square = (across**2).sum(-1) + away**2
        values.append(led.radiant_intensity_w_sr * away**2 / square**2)
        # dp/dz = −d across, d(away)/dz = −1
        d_square = 2 * (across * -d[..., :2]).sum(-1) - 2 * away
        slopes.append(led.radiant_intensity_w_sr * (-2 * away / square**2 - 2 * away**2 * d_square / square**3))
    cos4 = (1.0 + u**2 + v**2) ** -2.0
    collected = np.pi * optics.transmission / (1 + 4 * optics.f_number**2) * (sensor.pixel_um * 1e-6) ** 2
    photons = sensor.exposure_us * 1e-6 * 850e-9 / (h * c) * sensor.quantum_efficiency[850.0]
    scale = Wall.albedo / np.pi * cos4 * collected * photons
    return np.array(values) * scale, np.array(slopes) * scale


def weights_of(headset: Headset, mean: np.ndarray) -> np.ndarray:
    """1/σ² + ½ (dσ²/dμ)² / σ⁴ of unclipped pixels."""
    sensor = headset.cameras["c"].sensor
    dark = sensor.dark_e_per_s * sensor.exposure_us * 1e-6
    variance = mean + dark + sensor.read_noise_e**2 + sensor.dsnu_e**2 + 1 / (12 * sensor.gain**2)
    variance = variance + (sensor.prnu * mean) ** 2
    return 1 / variance + 0.5 * ((1 + 2 * sensor.prnu**2 * mean) / variance) ** 2


def test_distance_of_a_wall_is_as_uncertain_as_the_closed_form() -> None:
    headset = wall_headset()
    mean, slope = light(headset, WEIGHT * TRAVEL_M)
    assert 500 < mean.max() < 5000
    information = (weights_of(headset, mean[0]) * (slope[0] * TRAVEL_M) ** 2).sum()
    expected = 1 / np.sqrt(information + PRIORS.expression**-2)
    got = bound(headset)
    assert got.parameters[0].name == "nearer"
    assert got.all.sd[0] == pytest.approx(expected, rel=0.005)
    # the wall moves as a whole, so the surface's error is the weight's times its travel, and gaze has no image
    assert got.all.mm[ALL] == pytest.approx(1e3 * TRAVEL_M * expected, rel=0.005)
    assert got.all.bits == pytest.approx(np.log2(PRIORS.expression / expected), abs=0.01)
    assert got.all.sd[1:] == pytest.approx(PRIORS.gaze_deg)
    assert got.all.prior_mm[ALL] == pytest.approx(1e3 * TRAVEL_M * PRIORS.expression, rel=1e-6)


def test_leds_of_unknown_power_leave_what_the_shape_of_their_light_tells() -> None:
    headset = wall_headset(leds=2)
    values, slopes = light(headset, WEIGHT * TRAVEL_M)
    rows = np.concatenate([[slopes.sum(axis=0) * TRAVEL_M], values]).reshape(3, -1)
    root = np.sqrt(weights_of(headset, values.sum(axis=0)).ravel())
    for power in (0.02, 0.2):
        prior = np.diag([PRIORS.expression, power, power]) ** 2
        expected = np.sqrt(np.linalg.inv((rows * root) @ (rows * root).T + np.linalg.inv(prior))[0, 0])
        got = bound(headset, replace(PRIORS, led=power))
        assert got.all.sd[0] == pytest.approx(expected, rel=0.005)
    known = bound(headset).all.sd[0]
    assert got.all.sd[0] > 2.0 * known  # so the test is one of the nuisances


def test_model_error_is_one_error_a_patch_whatever_the_pixels() -> None:
    # A patch of 2πℓ² in the middle of the image has ℓ-independent information: Σ (∂ ln μ)² / ε² over patches
    error = 0.1
    headset = wall_headset(power=50.0)  # so bright that model error is all the noise there is, in an endless well
    camera = headset.cameras["c"]
    deep = replace(camera.sensor, full_well_e=1e12, read_noise_e=0.1, prnu=0.0, gain_dn_per_e=1.0, bits=40)
    headset = replace(headset, cameras={"c": replace(camera, sensor=deep)})
    z = WEIGHT * TRAVEL_M
    mean, slope = light(headset, z)
    priors = replace(PRIORS, model_error=error, model_error_mm=2.0)
    gap = camera.position[2] - z
    pixel = (gap / 60.0) ** 2  # every pixel of a pinhole sees as much of a wall that faces it
    patches = pixel / (2 * np.pi * 2e-3**2)
    information = ((slope[0] / mean[0] * TRAVEL_M / error) ** 2).sum() * patches
    expected = 1 / np.sqrt(information + PRIORS.expression**-2)
    assert bound(headset, priors).all.sd[0] == pytest.approx(expected, rel=0.02)


def test_binning_keeps_the_bound_of_a_smooth_scene() -> None:
    headset = wall_headset()
    assert bound(headset, binning=2).all.sd[0] == pytest.approx(bound(headset).all.sd[0], rel=0.03)
