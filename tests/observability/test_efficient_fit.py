"""An efficient estimator of simulated noisy images scatters as the bound says: 1.0 to 1.2 times it."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import numpy as np
import pytest

from headsets.donning import DonningDistribution
from headsets.headset import Camera, Headset
from sim.observability.albedo_field import albedo_modes
from sim.observability.bound import bound_of, wanted_count
from sim.observability.derivatives import differentiate, whitened
from sim.observability.evaluate import as_it_is
from sim.observability.information import fisher
from sim.observability.parameters import (
    EXPRESSION,
    Parameter,
    State,
    Steps,
    _moved,
    donning_steps,
    expression_steps,
)
from sim.observability.pixels import Instant, Pixels, noise_model
from sim.observability.priors import Priors
from sim.render.renderer import Renderer
from sim.sensor.chain import SensorChain
from sim.sensor.recorder import Recorder
from sim.sensor.settings import ImageSettings
from tests.observability.toys import SMOOTH, Hills, hills_headset, state_of

DONNING = DonningDistribution(depth_m=3e-4, pitch_rad=0.005)
EXPRESSIONS = Hills.expression_names
WEIGHTS = np.full(len(EXPRESSIONS), 0.5)
PRIORS = Priors(albedo=0.04, albedo_length_mm=12.0, reflectance=0.03, detail_px=0.0)
LED_SD, MODES, DRAWS = 0.1, 6, 64


class Experiment:
    """Bound and simulated measurements of one headset."""

    def __init__(self, priors: Priors, power: float) -> None:
        self.headset: Headset = hills_headset(32, DONNING, power)
        self.priors = priors
        self.renderer = Renderer(settings=SMOOTH)
        head = Hills()
        self.state: State = state_of(head, WEIGHTS)
        mesh = self.state.mesh()
        self.modes = albedo_modes(head.topology, mesh.vertices, priors, MODES)
        instant = Instant(mesh, self.state.T_device_head)
        pixels = Pixels(self.renderer, self.headset, instant)
        steps = chain(expression_steps(self.state, priors, Steps()), donning_steps(self.state, DONNING, Steps()))
        leds = dict.fromkeys(self.headset.leds, LED_SD)
        sensitivity = differentiate(pixels, instant, steps, leds, self.modes)
        self.parameters: tuple[Parameter, ...] = sensitivity.parameters
        self.sd = np.array([p.prior_sd for p in self.parameters])
        self.noise = {n: noise_model(c, pixels.base[n], priors) for n, c in self.headset.cameras.items()}
        self.base = {n: one.electrons.astype(float) for n, one in pixels.base.items()}
        rows = [whitened(sensitivity, n, as_it_is(self.noise[n]), self.base[n]) for n in self.base]
        self.bound = bound_of(fisher(np.concatenate(rows, axis=1)), self.parameters, {})
        self.slopes = np.concatenate(
            [sensitivity.derivatives[n].reshape(len(self.parameters), -1) for n in self.base], axis=1
        ).astype(float)
        self.variance = np.concatenate([self.noise[n].variance(self.base[n]).ravel() for n in self.base])
        self.fields = self._fields()

    def _fields(self) -> dict[str, np.ndarray]:
        """Camera -> (M, H, W) modes behind the pixels."""
        frames = self.renderer.render(
            self.headset, self.state.mesh(), self.state.T_device_head, ("triangle", "barycentric")
        )
        out = {}
        for name, frame in frames.items():
            hit = frame.triangle >= 0
            values = np.zeros((MODES, *hit.shape))
            corners = self.state.mesh().triangles[frame.triangle[hit]]
            values[:, hit] = (self.modes[corners] * frame.barycentric[hit][..., None]).sum(1).T
            out[name] = values
        return out

    def render(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """Expected electrons at offsets from the state, by the shipped renderer and sensor, and nothing linearised."""
        value = dict(zip((p.name for p in self.parameters), theta, strict=True))
        weights = np.clip(WEIGHTS + [value[name] for name in EXPRESSIONS], 0.0, 1.0)
        pose = _moved(_moved(self.state.T_device_head, 2, value["depth"]), 3, value["pitch"])
        leds = self.headset.leds.items()
        lit = {n: replace(d, radiant_intensity_w_sr=d.radiant_intensity_w_sr * (1.0 + value[n])) for n, d in leds}
        worn = replace(self.headset, leds=lit)
        recorder = Recorder(self.renderer, worn, ImageSettings(fixed_pattern=False, noise=False))
        seen = recorder.expect(self.state.mesh(weights), pose)
        shade = np.array([value[f"reflectance_{k + 1}"] for k in range(MODES)])
        return {n: one.electrons * (1.0 + np.tensordot(shade, self.fields[n], 1)) for n, one in seen.items()}

    def measure(self, theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Electrons as the shipped sensor counts them, of light that differs from the model by its error."""
        out = []
        for name, mean in self.render(theta).items():
            camera, noise = self.headset.cameras[name], self.noise[name]
            error = np.sqrt(noise.error) * self.base[name] * rng.standard_normal(mean.shape)
            out.append(_counted(camera, np.maximum(mean + error, 0.0), rng).ravel())
        return np.concatenate(out)

    def fit(self, seen: np.ndarray, prior_mean: np.ndarray) -> np.ndarray:
        """Maximum a posteriori by Gauss-Newton steps with a fixed Jacobian; each residual is rendered anew."""
        weighted = self.slopes / self.variance
        inverse = np.linalg.inv(weighted @ self.slopes.T + np.diag(self.sd**-2.0))
        theta = np.zeros(len(self.sd))
        for _ in range(4):
            model = np.concatenate([image.ravel() for image in self.render(theta).values()])
            theta = theta + inverse @ (weighted @ (seen - model) + (prior_mean - theta) / self.sd**2)
        return theta


def _counted(camera: Camera, mean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Photons, dark current, both patterns, read noise and digits of one new camera, read back as photoelectrons."""
    sensor = camera.sensor
    dn = SensorChain(sensor, mean.shape, rng).expose(mean, rng)
    dark = sensor.dark_e_per_s * sensor.exposure_us * 1e-6
    return (dn.astype(float) - sensor.black_dn) / sensor.gain - dark


@pytest.mark.parametrize(("error", "power"), [(0.0, 0.6), (0.04, 0.6)], ids=["sensor_noise", "model_error"])
def test_fit_scatters_as_the_bound_says(error: float, power: float) -> None:
    experiment = Experiment(replace(PRIORS, model_error=error), power)
    asked = [k for k, p in enumerate(experiment.parameters) if p.group == EXPRESSION]
    assert wanted_count(experiment.parameters) == len(asked)
    off = []
    for draw in range(DRAWS):
        rng = np.random.default_rng([7, draw])
        # The truth is the state, nuisances off by their priors; of expressions the prior is an observation itself.
        truth = np.where(np.arange(len(experiment.sd)) < len(asked), 0.0, rng.standard_normal(len(experiment.sd)))
        truth *= experiment.sd
        belief = np.zeros(len(experiment.sd))
        belief[asked] = experiment.sd[asked] * rng.standard_normal(len(asked))
        estimate = experiment.fit(experiment.measure(truth, rng), belief)
        off.append((estimate - truth)[asked])
    scatter = np.cov(np.array(off).T)
    # Pooled over all directions, each in its own SDs: tr(C⁻¹ S) / Q is 1 for an efficient estimator of a linear
    # model, ± √(2 / Q N); this one weighs pixels by the state's noise while LEDs and skin are brighter or darker.
    ratio = np.sqrt(np.trace(np.linalg.solve(experiment.bound.covariance, scatter)) / len(asked))
    assert 1.0 < ratio < 1.2
    assert (experiment.bound.sd < 0.5 * experiment.sd[asked]).all()  # the images, not the priors, decide
