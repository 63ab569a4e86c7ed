"""Derivative images against differences of images that a renderer of their own made, and of other steps."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from headsets.donning import DonningDistribution
from sim.observability.derivatives import Sensitivity, Swing, differentiate, whitened
from sim.observability.evaluate import as_it_is
from sim.observability.information import NoiseModel
from sim.observability.parameters import EXPRESSION, Parameter, State, Steps, donning_steps, expression_steps
from sim.observability.pixels import OBSERVED, Instant, Pixels, noise_model
from sim.observability.priors import Priors
from sim.render.renderer import Renderer
from sim.sensor.recorder import Recorder
from sim.sensor.settings import ImageSettings
from tests.faces.ellipsoid_head import EXPRESSIONS, EllipsoidHead
from tests.observability.toys import Hills, face_headset, hills_headset, state_of

DONNING = DonningDistribution(depth_m=1e-3, pitch_rad=0.02)
EVEN = replace(OBSERVED, shadows=False)


def sensitivity_of(
    state: State, worn: object, steps: Steps, renderer: Renderer, **other: object
) -> tuple[Pixels, Sensitivity]:
    instant = Instant(state.mesh(), state.T_device_head)
    pixels = Pixels(renderer, worn, instant)  # type: ignore[arg-type]
    priors = Priors()
    moves = chain(expression_steps(state, priors, steps), donning_steps(state, DONNING, steps))
    none = np.zeros((len(instant.mesh.vertices), 0), np.float32)
    return pixels, differentiate(pixels, instant, moves, {}, none, **other)  # type: ignore[arg-type]


def test_derivatives_are_those_of_images_rendered_apart() -> None:
    state, worn = state_of(Hills(), [0.4, 0.5, 0.6]), hills_headset(40, DONNING)
    _, got = sensitivity_of(state, worn, Steps().scaled(0.4), Renderer(settings=EVEN))

    recorder = Recorder(Renderer(settings=EVEN), worn, ImageSettings(fixed_pattern=False, noise=False))

    def image(weights: list[float], z: float = 0.0) -> dict[str, np.ndarray]:
        moved = replace(state.mesh(np.array(weights)), look=state.wearer.look)
        moved = replace(moved, vertices=moved.vertices + np.array([0.0, 0.0, z]))
        return {n: one.electrons.astype(float) for n, one in recorder.expect(moved).items()}

    step = 0.03  # 0.2 mm at the summits
    pairs = {
        "left": (image([0.4 + step, 0.5, 0.6]), image([0.4 - step, 0.5, 0.6]), 2 * step),
        "top": (image([0.4, 0.5, 0.6 + step]), image([0.4, 0.5, 0.6 - step]), 2 * step),
        "depth": (image([0.4, 0.5, 0.6], 2e-4), image([0.4, 0.5, 0.6], -2e-4), 0.4),
    }
    names = [p.name for p in got.parameters]
    for name, (above, below, width) in pairs.items():
        for camera in worn.cameras:
            expected = gaussian_filter((above[camera] - below[camera]) / width, 1.0)
            row = gaussian_filter(got.derivatives[camera][names.index(name)].astype(float), 1.0)
            assert np.linalg.norm(row - expected) < 0.05 * np.linalg.norm(expected), (name, camera)
            assert np.linalg.norm(expected) > 100.0


def test_pixels_tell_little_more_where_cameras_do_not_see_what_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    # A camera that sees nothing of what a blendshape moves is left out; all it could see is light thrown back. The
    # ellipsoid's actions fade out as Gaussians do and end nowhere: what moves by less than 20 µm is taken to be still.
    monkeypatch.setattr("sim.observability.derivatives.STILL_M", 2e-5)
    state, worn = state_of(EllipsoidHead(), np.full(len(EXPRESSIONS), 0.5)), face_headset(40, DONNING, power=3.0)
    renderer = Renderer(settings=OBSERVED)
    pixels, some = sensitivity_of(state, worn, Steps(), renderer)
    _, all_of_them = sensitivity_of(state, worn, Steps(), renderer, everywhere=True)
    left_out = 0
    for name, camera in worn.cameras.items():
        reading = as_it_is(noise_model(camera, pixels.base[name], Priors()))
        a, b = (whitened(one, name, reading, pixels.base[name].electrons) for one in (some, all_of_them))
        left_out += int((~a.any(axis=1) & (np.abs(some.derivatives[name]).max() > 0)).sum())
        scale = np.linalg.norm(b, axis=1).max()
        assert np.linalg.norm(a - b, axis=1).max() < 0.01 * scale
    assert left_out > 0


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_information_does_not_depend_on_the_step(factor: float) -> None:
    state, worn = state_of(Hills(), [0.4, 0.5, 0.6]), hills_headset(40, DONNING)
    renderer = Renderer(settings=OBSERVED)
    norms = []
    for steps in (Steps(), Steps().scaled(factor)):
        pixels, got = sensitivity_of(state, worn, steps, renderer, detail_px=1.5)
        rows = []
        for name, camera in worn.cameras.items():
            reading = as_it_is(noise_model(camera, pixels.base[name], Priors()))
            rows.append(whitened(got, name, reading, pixels.base[name].electrons))
        norms.append(np.linalg.norm(np.concatenate(rows, axis=1), axis=1))
    assert norms[1] == pytest.approx(norms[0], rel=0.05)


def test_end_of_the_range_is_approached_from_inside() -> None:
    state = state_of(Hills(), [0.0, 1.0, 0.5])
    low, high, middle = expression_steps(state, Priors(), Steps())
    assert low.low is None
    assert low.high is not None
    assert high.high is None
    assert high.low is not None
    assert middle.low is not None
    assert middle.high is not None
    assert low.width == pytest.approx(high.width, rel=0.02)
    assert low.width == pytest.approx(middle.width, rel=0.02)
    for step in (low, high, middle):
        ends = [state.mesh() if end is None else end.mesh for end in (step.low, step.high)]
        moved = ends[1].vertices - ends[0].vertices
        assert 1e3 * np.abs(moved).max() == pytest.approx(Steps().surface_mm, rel=0.02)
        assert np.abs(moved).max() == pytest.approx(step.width * Hills.height, rel=0.03)


@pytest.mark.parametrize(
    ("below", "above", "told"),
    [
        (9000.0, 500.0, (6000.0, 500.0)),  # a glint that burns out moves away
        (500.0, 9000.0, (500.0, 6000.0)),  # and comes
        (9000.0, 7000.0, (6000.0, 6000.0)),
        (2000.0, 900.0, (2000.0, 900.0)),
    ],
)
def test_a_swing_tells_what_digital_numbers_show_of_it(below: float, above: float, told: tuple[float, float]) -> None:
    # The state is one end of the step: its own pixel may be burnt out, the other end's not.
    noise = NoiseModel(constant=100.0, relative=0.0, error=0.0, black=-50.0, white=6000.0)
    (low, high), width = told, 0.5
    ends = [np.array([end], np.float32) for end in (below, above, 0.5 * (below + above))]
    swing = Swing(np.array([0]), *ends, width)
    slope = np.full((1, 1, 1), (above - below) / width, np.float32)
    sensitivity = Sensitivity(
        (Parameter("a", EXPRESSION, 1.0),), {"c": slope}, {"c": {0: swing}}, np.zeros((1, 1, 3), np.float32), 0.0
    )
    row = whitened(sensitivity, "c", as_it_is(noise), np.array([[below]]))
    variance = 100.0 + min(0.5 * (below + above), 6000.0)  # of the light that was there
    information = (1.0 / variance + 0.5 / variance**2) * ((high - low) / width) ** 2
    assert float(row[0, 0]) ** 2 == pytest.approx(information, rel=1e-3)
