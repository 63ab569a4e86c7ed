"""What stands in the way of an expression, on headsets that are spoilt on purpose; and causes on made-up numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import RigidTransform, Rotation

from headsets.donning import DonningDistribution
from headsets.headset import Headset
from sim.observability.config import ObservabilityConfig
from sim.observability.diagnosis import OBSERVABLE, OCCLUDED, SATURATED, UNLIT, find_causes
from sim.observability.evaluate import Observer, StateBound, StateKey
from sim.observability.parameters import ALBEDO, DONNING, EXPRESSION, Parameter
from sim.observability.pixels import OBSERVED
from sim.observability.priors import Priors
from sim.render.renderer import Renderer
from tests.faces.ellipsoid_head import EllipsoidHead
from tests.observability.toys import Wall, face_headset, wall_headset

STILL = DonningDistribution()


@pytest.fixture(scope="module")
def observer() -> Observer:
    config = ObservabilityConfig(
        identities=1, expressions=("smile",), gaze_sd_deg=0.0, identity_modes=0, albedo_modes=4, regions=("mouth",)
    )
    return Observer(EllipsoidHead(), config, Renderer(settings=OBSERVED))


def reason(bound: StateBound, name: str) -> str:
    return bound.causes.reason([p.name for p in bound.parameters].index(name))


def with_power(headset: Headset, factor: float) -> Headset:
    leds = {n: replace(d, radiant_intensity_w_sr=d.radiant_intensity_w_sr * factor) for n, d in headset.leds.items()}
    return replace(headset, leds=leds)


def turned(headset: Headset, name: str) -> Headset:
    """The headset with one camera facing the other way."""
    camera = headset.cameras[name]
    back = Rotation.from_euler("y", 180, degrees=True)
    place = RigidTransform.from_components(camera.position, camera.T_device_camera.rotation * back)
    return replace(headset, cameras=headset.cameras | {name: replace(camera, T_device_camera=place)})


@pytest.fixture(scope="module")
def sound(observer: Observer) -> StateBound:
    return observer.bound(face_headset(power=3.0), StateKey(0, 0))


def test_mouth_of_a_sound_headset_is_observable(sound: StateBound) -> None:
    assert reason(sound, "mouthSmileLeft") == OBSERVABLE
    assert reason(sound, "jawOpen") == OBSERVABLE


def test_dim_leds_leave_it_unlit(observer: Observer) -> None:
    dim = observer.bound(with_power(face_headset(power=3.0), 1e-4), StateKey(0, 0))
    assert reason(dim, "mouthSmileLeft") == UNLIT


def test_glaring_leds_saturate_it(observer: Observer) -> None:
    bright = observer.bound(with_power(face_headset(power=3.0), 1e3), StateKey(0, 0))
    assert reason(bright, "mouthSmileLeft") == SATURATED


def test_camera_that_looks_away_leaves_it_occluded(observer: Observer, sound: StateBound) -> None:
    away = observer.bound(turned(turned(face_headset(power=3.0), "mouth"), "eyes"), StateKey(0, 0))
    assert reason(away, "mouthSmileLeft") == OCCLUDED
    assert away.all.bits == pytest.approx(0.0, abs=1e-6)
    assert away.all.sd == pytest.approx([p.prior_sd for p in away.parameters[: len(away.all.sd)]])
    assert sound.all.mm["mouth"] < 0.5 * away.all.mm["mouth"]
    assert away.all.mm["mouth"] == pytest.approx(away.all.prior_mm["mouth"])


def test_wall_that_comes_nearer_may_be_a_headset_that_sits_deeper() -> None:
    # To a camera that sits fast on the headset, both are the same image
    config = ObservabilityConfig(
        identities=1, expressions=("near",), gaze_sd_deg=0.0, regions=("a",), identity_modes=0, albedo_modes=0,
        priors=Priors(led=0.0, donning=DonningDistribution(depth_m=0.05)),
    )  # fmt: skip
    observer = Observer(Wall(), config, Renderer(settings=OBSERVED))
    got = observer.bound(replace(wall_headset(), donning=STILL), StateKey(0, 0))
    assert got.causes.reason(0) == "confounded with donning"
    assert got.causes.alone[0] < 0.3
    # what is left: the sum of both is known, so the weight is as uncertain as the depth, cut by its own prior
    travel = 0.01
    expected = 1 / np.sqrt(0.29**-2 + (0.05 / travel) ** -2)
    assert got.all.sd[0] == pytest.approx(expected, rel=0.01)


def test_added_bits_and_cameras_alone_fit_together(sound: StateBound) -> None:
    for name in ("mouth", "eyes"):
        assert 0.0 <= sound.alone[name].bits <= sound.all.bits
        assert sound.without[name].mm["mouth"] >= sound.all.mm["mouth"]
    # with two cameras, what is left without one is the other alone
    assert sound.without["mouth"].bits == pytest.approx(sound.alone["eyes"].bits, abs=1e-6)


def test_causes_of_made_up_information() -> None:
    names = {"seen": EXPRESSION, "weak": EXPRESSION, "like_albedo": EXPRESSION, "twin_a": EXPRESSION}
    names |= {"twin_b": EXPRESSION, "shade": ALBEDO, "up": DONNING}
    parameters = [Parameter(name, group, 1.0) for name, group in names.items()]
    rows = np.zeros((7, 4))
    rows[0, 0] = 30.0
    rows[1, 1] = 0.5
    rows[2, 2] = rows[5, 2] = 30.0
    rows[3, 3] = 30.0
    rows[4, 3] = 30.0
    information = rows @ rows.T
    alone = np.diag(information)[:5]
    causes = find_causes(information, alone, alone, parameters, np.ones(5))
    assert [causes.reason(k) for k in range(5)] == [
        OBSERVABLE, "weak", "confounded with albedo", "confounded with expression", "confounded with expression",
    ]  # fmt: skip
