"""Angular profiles against closed forms, and IES files that are right and wrong."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headsets.errors import HeadsetError
from headsets.leds import AngularProfile, Lambertian, Table, flux_per_axial_intensity, half_angle, read_ies
from headsets.leds.ies import parse_ies

IES = """IESNA:LM-63-2002
[TEST] written for a test
[MANUFAC] nobody
TILT=NONE
1 100 1 {n} 1 1 2 0 0 0
1.0 1.0 2.5
{angles}
0
{candela}
"""


def ies_text(angles: list[float], candela: list[float]) -> str:
    return IES.format(n=len(angles), angles=" ".join(map(str, angles)), candela="\n".join(map(str, candela)))


@pytest.mark.parametrize("half_deg", [10, 30, 37, 65, 89])
def test_lambertian_halves_at_its_half_angle_and_integrates_to_its_flux(half_deg: float) -> None:
    profile = Lambertian.from_half_angle(np.deg2rad(half_deg))
    assert isinstance(profile, AngularProfile)
    assert profile.order == pytest.approx(-np.log(2) / np.log(np.cos(np.deg2rad(half_deg))))
    assert profile.relative(0.0) == 1
    assert half_angle(profile) == pytest.approx(np.deg2rad(half_deg), abs=1e-9)
    assert flux_per_axial_intensity(profile) == pytest.approx(2 * np.pi / (profile.order + 1), rel=1e-3)
    assert (profile.relative([np.pi / 2 + 0.01, 3.0]) < 1e-6).all()


def test_order_one_is_a_perfect_diffuser() -> None:
    assert flux_per_axial_intensity(Lambertian(1.0)) == pytest.approx(np.pi, rel=1e-12)


def test_table_of_a_cosine_integrates_to_pi_and_never_overshoots() -> None:
    theta = np.linspace(0, np.pi / 2, 46)
    table = Table(tuple(theta), tuple(7 * np.cos(theta)))
    assert flux_per_axial_intensity(table) == pytest.approx(np.pi, rel=1e-4)
    assert half_angle(table) == pytest.approx(np.pi / 3, abs=1e-3)
    assert table.relative([np.pi / 2 + 1e-6, np.pi]).tolist() == [0, 0]


@given(st.lists(st.floats(0, 100), min_size=2, max_size=12).filter(lambda v: v[0] > 1e-3))
def test_table_stays_between_its_neighbours(values: list[float]) -> None:
    theta = np.linspace(0, 1.5, len(values))
    relative = np.array(values) / values[0]
    between = Table(tuple(theta), tuple(values)).relative(np.linspace(0, 1.5, 301))
    knot = np.clip(np.searchsorted(theta, np.linspace(0, 1.5, 301), side="right") - 1, 0, len(values) - 2)
    tolerance = 1e-9 * relative.max()
    assert (between >= np.minimum(relative[knot], relative[knot + 1]) - tolerance).all()
    assert (between <= np.maximum(relative[knot], relative[knot + 1]) + tolerance).all()


@pytest.mark.parametrize(
    ("theta", "intensity"),
    [
        ((0.0,), (1.0,)),
        ((0.0, 1.0), (1.0,)),
        ((0.1, 1.0), (1.0, 0.5)),
        ((0.0, 1.0, 1.0), (1.0, 0.5, 0.2)),
        ((0.0, 3.2), (1.0, 0.5)),
        ((0.0, 1.0), (0.0, 0.5)),
        ((0.0, 1.0), (1.0, -0.5)),
        ((0.0, 1.0), (1.0, np.nan)),
    ],
)
def test_table_rules(theta: tuple[float, ...], intensity: tuple[float, ...]) -> None:
    with pytest.raises(HeadsetError):
        Table(theta, intensity)


@pytest.mark.parametrize("order", [0.0, -1.0, np.nan, np.inf])
def test_lambertian_rules(order: float) -> None:
    with pytest.raises(HeadsetError, match="lambertian_order"):
        Lambertian(order)


def test_ies_gives_the_shape_alone(tmp_path: Path) -> None:
    angles = list(np.arange(0, 91, 5.0))
    path = tmp_path / "led.ies"
    path.write_text(ies_text(angles, list(430 * np.cos(np.deg2rad(angles)) ** 2)))
    profile = read_ies(path)
    theta = np.deg2rad(np.linspace(0, 90, 50))
    np.testing.assert_allclose(profile.relative(theta), np.cos(theta) ** 2, atol=2e-3)
    assert flux_per_axial_intensity(profile) == pytest.approx(2 * np.pi / 3, rel=1e-3)


def test_ies_of_1995_with_commas_and_equal_planes() -> None:
    text = "IESNA:LM-63-1995\nTILT=NONE\n1,-1,1,3,2,1,1,0,0,0\n1,1,1\n0,45,90\n0,90\n10,5,0\n10.1,5,0\n"
    assert parse_ies(text, "x.ies").relative(np.pi / 4) == pytest.approx(5 / 10.05)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("TILT=NONE", "TILT=INCLUDE"), r"TILT=INCLUDE \(x.ies: line 4\)"),
        (("TILT=NONE\n", ""), "needs a line TILT=NONE"),
        (("1 100 1 3 1 1 2", "1 100 1 3 1 2 2"), r"Type C.*got 2 \(x.ies: line 5\)"),
        (("1 100 1 3 1 1 2", "1 100 1 4 1 1 2"), "need 22 numbers"),
        (("1 100 1 3 1 1 2", "1 100 1 1e9 1 1 2"), r"vertical angles <= 10000.*got 1e\+09 \(x.ies: line 5\)"),
        (("0 45 90", "5 45 90"), r"start at 0.*got 5 \(x.ies: line 7\)"),
        (("0 45 90", "0 45 45"), r"increase, got 45 \(x.ies: line 7\)"),
        (("0 45 90", "0 45 190"), r"up to 190 \(x.ies: line 7\)"),
        (("\n50\n", "\nfifty\n"), r"expected a number, got 'fifty' \(x.ies: line 10\)"),
        (("\n50\n", "\nnan\n"), r"finite, got 'nan' \(x.ies: line 10\)"),
        (("\n50\n", "\n-50\n"), r"negative, got -50 \(x.ies: line 10\)"),
        (("100\n50", "0\n50"), r"on the axis must be positive, got 0 \(x.ies: line 9\)"),
        (("1.0 1.0 2.5\n0 45 90\n0\n100\n50\n0\n", ""), "needs 13 numbers after TILT, found 10"),
    ],
)
def test_ies_errors_name_the_line(change: tuple[str, str], message: str) -> None:
    text = ies_text([0, 45, 90], [100, 50, 0])
    assert change[0] in text
    with pytest.raises(HeadsetError, match=message):
        parse_ies(text.replace(*change), "x.ies")


def test_ies_of_an_asymmetric_lamp_is_refused() -> None:
    text = "TILT=NONE\n1 -1 1 2 2 1 1 0 0 0\n1 1 1\n0 90\n0 90\n10 0\n10 4\n"
    with pytest.raises(HeadsetError, match=r"symmetric LED\), got 40%"):
        parse_ies(text, "x.ies")


def test_missing_ies_file() -> None:
    with pytest.raises(HeadsetError, match=r"cannot read the IES file nowhere\.ies"):
        read_ies(Path("nowhere.ies"))


@given(st.text(alphabet="0123456789 .-,eTILNO=\n", max_size=120))
def test_ies_parser_fails_in_one_way_only(text: str) -> None:
    with contextlib.suppress(HeadsetError):
        assert parse_ies("TILT=NONE\n" + text, "x.ies").relative(0.0) == 1
