"""What every lens must keep, whatever its model; subclass `LensContract` and list lenses."""

from __future__ import annotations

import numpy as np
import pytest

from headsets.errors import HeadsetError
from headsets.lenses import Lens, inside_image, pixel_solid_angles, ray_table

SHAPES = [(), (1,), (7,), (2, 3), (0,), (1, 0, 4)]


def directions(theta: np.ndarray, phi: np.ndarray) -> np.ndarray:
    return np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], axis=-1)


def angle_between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Accurate for tiny angles, which arccos is not."""
    return 2 * np.arctan2(np.linalg.norm(a - b, axis=-1), np.linalg.norm(a + b, axis=-1))


class LensContract:
    """Subclasses set `lenses`, instances of one model; the test module parametrises `lens` over them."""

    lenses: list[Lens]

    def test_satisfies_the_protocol(self, lens: Lens) -> None:
        assert isinstance(lens, Lens)
        assert 0 < lens.max_angle_rad <= np.pi

    @pytest.mark.parametrize("shape", SHAPES, ids=str)
    def test_round_trips_in_every_batch_shape(self, lens: Lens, shape: tuple[int, ...]) -> None:
        rng = np.random.default_rng(0)
        d = directions(rng.uniform(0, 0.8 * lens.max_angle_rad, shape), rng.uniform(-np.pi, np.pi, shape))
        pixels, valid = lens.project(d * rng.uniform(1e-3, 10, shape)[..., None])
        assert pixels.shape == (*shape, 2)
        assert pixels.dtype == np.float64
        assert valid.shape == shape
        assert valid.all()
        rays = lens.unproject(pixels)
        assert rays.shape == (*shape, 3)
        assert (angle_between(rays, d) < 1e-9).all()

    def test_pixels_round_trip_wherever_the_lens_has_a_ray(self, lens: Lens) -> None:
        rays = ray_table(lens)
        has_ray = np.isfinite(rays).all(-1)
        assert has_ray.mean() > 0.5
        np.testing.assert_allclose(np.linalg.norm(rays[has_ray], axis=-1), 1, atol=1e-12)
        pixels, valid = lens.project(rays[has_ray])
        y, x = np.nonzero(has_ray)
        expected = np.stack([x, y], axis=-1)
        # At the very rim a ray may round to the far side of the limit.
        assert valid.mean() > 0.9999
        np.testing.assert_allclose(pixels[valid], expected[valid], atol=1e-6)

    def test_the_axis_hits_the_principal_point(self, lens: Lens) -> None:
        pixel, valid = lens.project([0.0, 0.0, 0.03])
        assert valid
        np.testing.assert_allclose(pixel, [lens.cx_px, lens.cy_px], atol=1e-12)  # type: ignore[attr-defined]
        np.testing.assert_allclose(lens.unproject(pixel), [0, 0, 1], atol=1e-15)
        nearly, _ = lens.project([1e-12, -1e-12, 1.0])
        assert angle_between(lens.unproject(nearly), np.array([1e-12, -1e-12, 1.0])) < 1e-12

    def test_outside_the_domain_is_invalid_and_nan(self, lens: Lens) -> None:
        beyond = min(lens.max_angle_rad + 1e-6, np.pi)
        points = [*directions(np.full(8, beyond), np.linspace(0, 6, 8)), [0, 0, 0], [0, 0, -1], [np.nan, 0, 1]]
        pixels, valid = lens.project(points)
        assert not valid.any()
        assert np.isnan(pixels).all()

    def test_valid_does_not_mean_inside_the_image(self, lens: Lens) -> None:
        far = 0.97 * lens.max_angle_rad
        small = type(lens)(**{**vars_of(lens), "width_px": 10, "height_px": 10, "cx_px": 4.5, "cy_px": 4.5})
        pixel, valid = small.project(directions(np.array(far), np.array(0.3)))
        assert valid
        assert not inside_image(small, pixel)

    def test_nan_pixels_have_no_ray(self, lens: Lens) -> None:
        assert np.isnan(lens.unproject([[np.nan, 1.0], [np.inf, 0.0]])).all()

    def test_wrong_shapes_are_refused(self, lens: Lens) -> None:
        with pytest.raises(HeadsetError, match="shape"):
            lens.project([1.0, 2.0])
        with pytest.raises(HeadsetError, match="shape"):
            lens.unproject([1.0, 2.0, 3.0])

    def test_the_mirror_twin_sees_the_mirrored_world(self, lens: Lens) -> None:
        """Project the scene reflected in x through the twin: the picture must be the flipped picture."""
        rng = np.random.default_rng(1)
        d = directions(rng.uniform(0, 0.9 * lens.max_angle_rad, 200), rng.uniform(-np.pi, np.pi, 200))
        pixels, valid = lens.project(d)
        twin_pixels, twin_valid = lens.mirrored().project(d * (-1, 1, 1))
        np.testing.assert_array_equal(twin_valid, valid)
        np.testing.assert_allclose(twin_pixels[:, 0], lens.width_px - 1 - pixels[:, 0], rtol=1e-12, atol=1e-9)
        np.testing.assert_allclose(twin_pixels[:, 1], pixels[:, 1], rtol=1e-12, atol=1e-9)
        assert lens.mirrored().mirrored().max_angle_rad == lens.max_angle_rad

    def test_radius_grows_with_angle_up_to_the_limit(self, lens: Lens) -> None:
        theta = np.linspace(0, lens.max_angle_rad * (1 - 1e-4), 2000)
        for phi in np.linspace(0, 2 * np.pi, 9):
            pixels, valid = lens.project(directions(theta, np.full_like(theta, phi)))
            assert valid.all()
            steps = np.diff(pixels, axis=0)
            # One to one: walking outwards in the world never walks back in the image.
            assert (steps[:, 0] * np.cos(phi) + steps[:, 1] * np.sin(phi) > -1e-9).all()

    def test_solid_angles_add_up(self, lens: Lens) -> None:
        """The sum over pixels equals the area on the unit sphere, integrated from the ray table's Jacobian."""
        angles = pixel_solid_angles(lens)
        assert angles.shape == (lens.height_px, lens.width_px)
        y, x = lens.height_px // 3, lens.width_px // 4
        h = 1e-3
        dx = (lens.unproject([x + h, y]) - lens.unproject([x - h, y])) / (2 * h)
        dy = (lens.unproject([x, y + h]) - lens.unproject([x, y - h])) / (2 * h)
        np.testing.assert_allclose(angles[y, x], np.linalg.norm(np.cross(dx, dy)), rtol=1e-3)
        assert np.nansum(angles) < 4 * np.pi


def vars_of(lens: Lens) -> dict[str, object]:
    """Dataclass fields without cached properties."""
    return {name: getattr(lens, name) for name in type(lens).__dataclass_fields__}  # type: ignore[attr-defined]
