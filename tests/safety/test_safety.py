"""Eye safety over people: where corneas are, the worst case, and currents exactly at the limit."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from scipy.spatial.transform import RigidTransform, Rotation

from faces import load_head_model
from headsets import Headset, load_headset
from headsets.donning import DonningDistribution
from headsets.errors import HeadsetError
from headsets.headset import Led
from hmcsim.errors import HmcsimError
from hmcsim.safety import estimate_safety, wearers_corneas
from hmcsim.safety_names import cut, largest_current, percent, verdict
from hmcsim.safety_result import MODES, SafetyConfig, SafetyEstimate
from sim.metrics.corneas import AZIMUTHS_DEG, ELEVATIONS_DEG, corneal_points
from sim.seeding import generator
from tests.faces.ellipsoid_head import EYE, EllipsoidHead

CONFIG = SafetyConfig(2, 3, 1)
HEAD = EllipsoidHead()


def estimate(headset: Headset, config: SafetyConfig = CONFIG) -> SafetyEstimate:
    return estimate_safety(headset, wearers_corneas(HEAD, config), config)


def with_leds(headset: Headset, **changes: object) -> Headset:
    return replace(headset, leds=MappingProxyType({n: replace(led, **changes) for n, led in headset.leds.items()}))


def scaled(headset: Headset, factor: float) -> Headset:
    leds = {
        n: replace(led, radiant_intensity_w_sr=factor * led.radiant_intensity_w_sr) for n, led in headset.leds.items()
    }
    return replace(headset, leds=MappingProxyType(leds))


def without_leds() -> Headset:
    return replace(load_headset("refa_green"), leds=MappingProxyType({}))


def test_the_apex_is_where_the_head_model_looks() -> None:
    """The library turns eyes by itself; the built-in head's own frames are the oracle."""
    head = load_head_model()
    config = SafetyConfig(1, 1, 0)
    identity = head.sample_identity(generator(0, "identity", 0))
    corneas = wearers_corneas(head, config)[0]
    for gaze_deg in ((-45.0, -40.0), (22.5, 17.5), (0.0, 0.0)):
        g = AZIMUTHS_DEG.index(gaze_deg[0]) * len(ELEVATIONS_DEG) + ELEVATIONS_DEG.index(gaze_deg[1])
        T_head_eye = head.mesh(identity, gaze=np.deg2rad(gaze_deg)).T_head_eye
        for eye in range(2):
            expected = T_head_eye[eye] @ [0.0, 0.0, 0.0133, 1.0]
            np.testing.assert_allclose(corneas[eye, g, 0], expected[:3], atol=1e-9)


def test_the_edge_of_the_cornea_lies_on_the_conic() -> None:
    # rho^2 - 2 R s + (1 + Q) s^2 = 0 with s = 13.3 mm - z, R = 7.8 mm, Q = -0.15, rho = 5.92 mm; s = 2.62 mm by hand.
    points = corneal_points() * 1e3
    assert len(points) == 9
    np.testing.assert_allclose(points[0], [0.0, 0.0, 13.3], atol=1e-12)
    sag = 13.3 - points[1:, 2]
    np.testing.assert_allclose(np.hypot(points[1:, 0], points[1:, 1]), 5.92)
    np.testing.assert_allclose(5.92**2 - 2 * 7.8 * sag + 0.85 * sag**2, 0.0, atol=1e-9)
    np.testing.assert_allclose(sag, 2.62, atol=0.01)


def test_worst_and_mean_by_a_slow_loop() -> None:
    """One LED before the left eye, one wearing exactly as designed: every point is visited by hand."""
    led = Led("a", RigidTransform.from_components([0.031, 0.02, 0.05], Rotation.from_euler("x", 180, degrees=True)),
              0.010, load_headset("ufe").leds["eye_left_a"].profile, 850.0, 30.0, 0.3e-3, 1000.0, 100.0)  # fmt: skip
    headset = replace(load_headset("refa_green"), leds=MappingProxyType({"a": led}), donning=DonningDistribution())
    found = estimate(headset, SafetyConfig(1, 2, 0))
    order = led.profile.order  # type: ignore[attr-defined]
    highest = []
    for azimuth in AZIMUTHS_DEG:
        for elevation in ELEVATIONS_DEG:
            a, e = math.radians(azimuth), math.radians(elevation)
            axis = np.array([math.sin(a) * math.cos(e), math.sin(e), math.cos(a) * math.cos(e)])
            turn, _ = Rotation.align_vectors([axis], [[0.0, 0.0, 1.0]])
            values = []
            for point in turn.apply(corneal_points()) + EYE:
                away = point - led.position
                r = float(np.linalg.norm(away))
                values.append(0.010 * max(float(away @ led.axis) / r, 0.0) ** order / r**2)
            highest.append(max(values))
    left = next(e for e in found.of("stuck_on") if e.eye == "left")
    assert left.worst_w_m2 == pytest.approx(max(highest), rel=1e-3)  # the edge ring may be turned about the axis
    assert left.mean_w_m2 == pytest.approx(float(np.mean(highest)), rel=1e-3)
    # Duty 1000 us x 100 Hz = 0.1.
    strobed = next(e for e in found.of("normal") if e.eye == "left")
    assert strobed.worst_w_m2 == pytest.approx(0.1 * left.worst_w_m2)
    assert strobed.group.share == pytest.approx(0.1 * left.group.share)


def test_donning_moves_the_eyes_in_the_device() -> None:
    """A headset that shifts and turns, worn once: the same as LEDs moved the other way round still eyes."""
    green, config = load_headset("refa_green"), SafetyConfig(1, 1, 5)
    loose = DonningDistribution(up_m=0.004, pitch_rad=0.1, yaw_rad=0.1, roll_rad=0.1)
    T_device_head = loose.sample(generator(5, "donning", 0), 1)[0]
    assert abs(T_device_head.translation[1]) > 1e-4
    assert T_device_head.rotation.magnitude() > 0.02
    back = T_device_head.inv()
    leds = {n: replace(led, T_device_led=back * led.T_device_led) for n, led in green.leds.items()}
    worn = estimate(replace(green, donning=loose), config)
    moved = estimate(replace(green, donning=DonningDistribution(), leds=MappingProxyType(leds)), config)
    still = estimate(replace(green, donning=DonningDistribution()), config)
    for a, b, c in zip(worn.exposures, moved.exposures, still.exposures, strict=True):
        assert a.worst_w_m2 == pytest.approx(b.worst_w_m2, rel=1e-9)
        assert a.worst_w_m2 != pytest.approx(c.worst_w_m2, rel=1e-3)


@pytest.mark.parametrize("name", ["refa_green", "ufe"])
def test_order_of_the_figures(name: str) -> None:
    found = estimate(load_headset(name))
    assert [(e.eye, e.mode) for e in found.exposures] == [(e, m) for m in MODES for e in ("left", "right")]
    for e in found.exposures:
        assert 0 < e.mean_w_m2 < e.worst_w_m2
        assert 0 < e.source.share <= e.group.share
        assert e.source.leds[0] in load_headset(name).leds
        assert e.source.distance_mm >= found.nearest_mm
    for normal, stuck in zip(found.of("normal"), found.of("stuck_on"), strict=True):
        assert normal.worst_w_m2 < stuck.worst_w_m2
        assert normal.group.share < stuck.group.share
    assert found.largest_factor("stuck_on") < found.largest_factor("normal")


def test_more_wearings_never_lower_the_worst() -> None:
    headset = load_headset("refa_green")
    few, many = estimate(headset, SafetyConfig(1, 4, 0)), estimate(headset, SafetyConfig(3, 70, 0))
    for a, b in zip(few.exposures, many.exposures, strict=True):
        assert a.worst_w_m2 <= b.worst_w_m2
        assert a.group.share <= b.group.share * (1 + 1e-9)


def test_the_same_seed_gives_the_same_figures() -> None:
    assert estimate(load_headset("ufe")) == estimate(load_headset("ufe"))
    other = estimate(load_headset("ufe"), replace(CONFIG, seed=2))
    assert other.exposures != estimate(load_headset("ufe")).exposures


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["refa_green", "ufe"])
def test_the_largest_current_meets_the_limit_exactly(name: str, mode: str) -> None:
    headset = load_headset(name)
    factor = estimate(headset).largest_factor(mode)
    assert estimate(scaled(headset, factor)).share(mode) == pytest.approx(1.0, rel=1e-9)
    assert estimate(scaled(headset, 0.99 * factor)).share(mode) < 1


def test_each_clause_can_be_the_one_that_decides() -> None:
    green = load_headset("refa_green")
    assert estimate(green).limited_by("stuck_on").endswith("4.3.7")
    assert estimate(with_leds(green, source_m=0.05e-3)).limited_by("stuck_on").endswith("4.3.6")
    # A flash of 20 us once a second: the average is tiny, the flash is not.
    rare = with_leds(green, source_m=0.05e-3, pulse_us=20.0, rate_hz=1.0)
    assert estimate(rare).limited_by("normal").endswith("4.3.5")


def test_a_bright_headset_is_called_so() -> None:
    green = load_headset("refa_green")
    assert verdict(estimate(green)).startswith("Within")
    assert "within them with every strobe stuck on" in verdict(estimate(green))
    assert "above them with every strobe stuck on" in verdict(estimate(scaled(green, 10.0)))
    assert verdict(estimate(scaled(green, 1000.0))).startswith("Above")


def test_a_headset_without_leds_has_nothing_to_assess() -> None:
    found = estimate(without_leds())
    assert found.exposures == ()
    assert found.share("normal") == 0
    assert "no LEDs" in verdict(found)
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["largest_current"] == {}


def test_visible_leds_are_refused_by_name() -> None:
    with pytest.raises(HeadsetError, match=r"wavelength_nm.*650.*'refa_green': leds.mouth_left_a"):
        estimate(with_leds(load_headset("refa_green"), wavelength_nm=650.0))


@pytest.mark.parametrize(
    "bad", [{"identities": 0}, {"donnings": 0}, {"seed": -1}, {"identities": 10**6}, {"seed": 1.5}]
)
def test_bad_counts(bad: dict[str, int]) -> None:
    name = next(iter(bad))
    with pytest.raises(HmcsimError, match=f"`{name} "):
        SafetyConfig(**bad)


@pytest.mark.parametrize(
    ("value", "text"),
    [(4.5199, "4.51"), (103.9, "103"), (29.99, "29.9"), (0.01239, "0.0123"), (2928.7, "2920"), (5.0, "5")],
)
def test_a_current_is_never_rounded_up(value: float, text: str) -> None:
    assert cut(value) == text


@pytest.mark.parametrize(("share", "text"), [(0.00156, "0.16 %"), (0.0994, "9.9 %"), (0.271, "27 %"), (12.0, "1200 %")])
def test_shares_in_words(share: float, text: str) -> None:
    assert percent(share) == text


def test_the_current_in_words_is_the_one_in_the_data() -> None:
    found = estimate(load_headset("refa_green"))
    text = largest_current(found, "stuck_on")
    factor = found.largest_factor("stuck_on")
    assert f"× {cut(factor)}, up to {cut(8 * factor)} mW/sr" in text
    assert "the cornea decides; IEC 62471:2006, 6.1.1" in text
