"""Each lens model against the contract, against OpenCV and against closed forms."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lens_contract import LensContract, angle_between, directions

from headsets.errors import HeadsetError
from headsets.lenses import BrownConrady, DoubleSphere, KannalaBrandt4, Lens, Pinhole, inside_image, pixel_solid_angles

IMAGE = (96, 72, 41.0, 43.0, 46.2, 36.9)
BROWN = [
    BrownConrady(*IMAGE, k=(-0.1, 0.02, -0.001, 0, 0, 0), p=(0.001, -0.002)),
    BrownConrady(*IMAGE, k=(0.3, 0.2, 0.1, 0.5, 0.3, 0.12), p=(0.001, -0.002)),
    BrownConrady(*IMAGE, k=(0.3, 0.2, 0.1, 0.5, 0.3, 0.12)),
    BrownConrady(*IMAGE, k=(-0.05, 0.0, 0.0, 0, 0, 0), p=(-0.01, 0.02)),
]
FISHEYE = [
    KannalaBrandt4(*IMAGE, k=(0.02, -0.004, 0.0, 0.0)),
    KannalaBrandt4(*IMAGE, k=(-0.01, 0.003, -0.002, 0.0001)),
    KannalaBrandt4(*IMAGE),
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.cls is not None and "lens" in metafunc.fixturenames:
        metafunc.parametrize("lens", metafunc.cls.lenses, ids=str)


class TestPinhole(LensContract):
    lenses = [Pinhole(*IMAGE)]  # noqa: RUF012


class TestBrownConrady(LensContract):
    lenses = BROWN


class TestKannalaBrandt4(LensContract):
    lenses = FISHEYE


class TestDoubleSphere(LensContract):
    lenses = [  # noqa: RUF012
        DoubleSphere(*IMAGE, xi=-0.2, alpha=0.6),
        DoubleSphere(*IMAGE, xi=0.3, alpha=0.4),
        DoubleSphere(*IMAGE, xi=0.0, alpha=0.5),
        DoubleSphere(*IMAGE, xi=-0.6, alpha=0.3),
    ]


EVERY = [lens for case in (TestPinhole, TestBrownConrady, TestKannalaBrandt4, TestDoubleSphere) for lens in case.lenses]


@settings(deadline=None, max_examples=150)
@given(
    lens=st.sampled_from(EVERY),
    share=st.floats(0, 1),
    phi=st.floats(-np.pi, np.pi),
    scale=st.floats(1e-4, 1e4),
)
def test_round_trips_up_to_the_edge(lens: Lens, share: float, phi: float, scale: float) -> None:
    direction = directions(np.array(share * (lens.max_angle_rad - 1e-5)), np.array(phi))
    pixel, valid = lens.project(scale * direction)
    assert valid
    assert angle_between(lens.unproject(pixel), direction) < 1e-6


def inside_85_degrees() -> np.ndarray:
    rng = np.random.default_rng(5)
    theta = np.append(rng.uniform(0, np.deg2rad(85), 3000), [0.0, 1e-9, np.deg2rad(85)])
    return directions(theta, rng.uniform(-np.pi, np.pi, len(theta))) * rng.uniform(0.01, 1, (len(theta), 1))


K = np.array([[41.0, 0, 46.2], [0, 43.0, 36.9], [0, 0, 1]])


@pytest.mark.parametrize("lens", [Pinhole(*IMAGE), *BROWN], ids=str)
def test_plane_models_project_as_opencv_does(lens: Pinhole | BrownConrady) -> None:
    points = inside_85_degrees()
    k1, k2, k3, k4, k5, k6 = getattr(lens, "k", (0.0,) * 6)
    p1, p2 = getattr(lens, "p", (0.0, 0.0))
    coefficients = np.array([k1, k2, p1, p2, k3, k4, k5, k6])
    expected = cv2.projectPoints(points, np.zeros(3), np.zeros(3), K, coefficients)[0][:, 0]
    pixels, valid = lens.project(points)
    assert valid.mean() > 0.7
    assert np.abs(pixels - expected)[valid].max() < 1e-4


@pytest.mark.parametrize("lens", FISHEYE, ids=str)
def test_fisheye_projects_as_opencv_does(lens: KannalaBrandt4) -> None:
    points = inside_85_degrees()
    expected = cv2.fisheye.projectPoints(points[:, None], np.zeros(3), np.zeros(3), K, np.array(lens.k))[0][:, 0]
    pixels, valid = lens.project(points)
    assert valid.all()
    assert np.abs(pixels - expected).max() < 1e-4


def test_double_sphere_with_one_sphere_is_the_unified_model() -> None:
    """xi = 0, alpha = 1/2 is stereographic: r = 2 tan(theta / 2)."""
    theta = np.linspace(0, 3, 50)
    pixels, valid = DoubleSphere(640, 480, 100, 100, 0, 0, xi=0.0, alpha=0.5).project(directions(theta, 0 * theta))
    assert valid.all()
    np.testing.assert_allclose(pixels[:, 0], 200 * np.tan(theta / 2), rtol=1e-12)


def test_domain_limits_have_closed_forms() -> None:
    # 1 + 3 k1 theta^2 = 0
    assert KannalaBrandt4(*IMAGE, k=(-0.2, 0, 0, 0)).max_angle_rad == pytest.approx(np.sqrt(1 / 0.6), abs=1e-12)
    assert KannalaBrandt4(*IMAGE, k=(-0.2, 0, 0, 0)).folds
    assert KannalaBrandt4(*IMAGE).max_angle_rad == np.pi
    # 1 + 3 k1 r^2 = 0, r = tan(theta)
    assert BrownConrady(*IMAGE, k=(-0.2, 0, 0, 0, 0, 0)).max_angle_rad == pytest.approx(np.arctan(np.sqrt(1 / 0.6)))
    # Purely tangential: the Jacobian turns singular at 1 = 6 r |p|.
    assert BrownConrady(*IMAGE, p=(0.03, 0.04)).max_angle_rad == pytest.approx(np.arctan(1 / 0.3))
    # A pole of the rational form ends the domain as well: 1 + k4 r^2 = 0.
    assert BrownConrady(*IMAGE, k=(0, 0, 0, -0.25, 0, 0)).max_angle_rad == pytest.approx(np.arctan(2.0))


def test_tangential_limit_is_where_some_direction_first_turns_singular() -> None:
    """Slow oracle: smallest Jacobian eigenvalue over all directions, by finite differences of OpenCV's projection."""
    lens = BROWN[3]
    k1, k2, k3, k4, k5, k6 = lens.k
    coefficients = np.array([k1, k2, *lens.p, k3, k4, k5, k6])

    def smallest(radius: float) -> float:
        phi = np.linspace(0, 2 * np.pi, 721)
        x = radius * np.stack([np.cos(phi), np.sin(phi)], axis=-1)
        columns = []
        for step in ((1e-5, 0.0), (0.0, 1e-5)):
            pair = [np.column_stack([x + np.multiply(s, step), np.ones(len(x))]) for s in (1, -1)]
            plus, minus = (
                cv2.projectPoints(p, np.zeros(3), np.zeros(3), np.eye(3), coefficients)[0][:, 0] for p in pair
            )
            columns.append((plus - minus) / 2e-5)
        return float(np.linalg.eigvalsh(np.stack(columns, axis=-1)).min())

    limit = np.tan(lens.max_angle_rad)
    assert smallest(0.999 * limit) > 0
    assert smallest(1.001 * limit) < 1e-6


def test_pinhole_solid_angle_is_that_of_a_rectangle() -> None:
    lens = Pinhole(200, 100, 80, 80, 99.5, 49.5)
    a, b = 200 / 80, 100 / 80
    exact = 4 * np.arcsin(a * b / np.sqrt((4 + a * a) * (4 + b * b)))
    assert pixel_solid_angles(lens).sum() == pytest.approx(exact, rel=1e-10)


def test_inside_image_counts_half_a_pixel_around_the_centres() -> None:
    lens = Pinhole(10, 5, 1, 1, 0, 0)
    pixels = [[-0.5, -0.5], [9.49, 4.49], [9.5, 0], [0, 4.5], [-0.51, 0], [np.nan, 0]]
    assert inside_image(lens, pixels).tolist() == [True, True, False, False, False, False]


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda: Pinhole(0, 5, 1, 1, 0, 0), "0 < width_px"),
        (lambda: Pinhole(5, 5, -1, 1, 0, 0), "0 < fx_px"),
        (lambda: Pinhole(5, 5, 1, np.nan, 0, 0), "0 < fy_px"),
        (lambda: Pinhole(5, 5, 1, 1, np.inf, 0), "cx_px"),
        (lambda: DoubleSphere(5, 5, 1, 1, 0, 0, xi=1.0), "xi < 1"),
        (lambda: DoubleSphere(5, 5, 1, 1, 0, 0, alpha=1.1), "alpha <= 1"),
    ],
)
def test_impossible_intrinsics_are_refused(make: object, rule: str) -> None:
    with pytest.raises(HeadsetError, match=rule):
        make()  # type: ignore[operator]
