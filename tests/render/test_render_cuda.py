"""The same kernels on the GPU: they compile for it everywhere, and where there is one they give the CPU's images."""

import importlib

import numpy as np
import pytest
import warp as wp

from faces import load_head_model
from headsets import load_headset
from sim.render import Renderer
from sim.render.device import MODULES, open_device

OTHERS = ("sim.sensor.noise", "sim.sensor.blur_kernels", "sim.sensor.resident_kernels", "sim.dataset.region_kernels")


@pytest.mark.parametrize("name", [*(f"sim.render.{name}" for name in MODULES), *OTHERS])
def test_kernels_compile_for_cuda_without_a_gpu(name, tmp_path):
    """NVRTC comes with Warp, so that the GPU's branches of the native code are checked on every machine."""
    open_device("cpu")
    module = importlib.import_module(name)
    wp.compile_aot_module(module, arch=80, module_dir=tmp_path, use_ptx=True)
    (code,) = tmp_path.glob("*.ptx")
    assert ".entry" in code.read_text()


@pytest.mark.gpu
def test_the_gpu_gives_the_images_of_the_cpu():
    """Labels differ only where rounding decides; radiance agrees to 0.1 % of white on 99 % of the pixels."""
    assert wp.is_cuda_available()  # who asks for GPU tests (-m gpu) has one
    head, parts = load_head_model(), load_headset("refa_green")
    mesh = head.mesh(head.neutral_identity(), {"jawOpen": 0.4})
    buffers = ("radiance", "region", "depth")
    here, there = (Renderer(device=d).render(parts, mesh, buffers=buffers) for d in ("cpu", "cuda:0"))
    for name, frame in here.items():
        other = there[name]
        assert (frame.region != other.region).mean() < 1e-3
        same = (frame.region == other.region) & (frame.region >= 0)
        assert np.abs(frame.depth - other.depth)[same].max() < 1e-3
        error = np.abs(frame.radiance - other.radiance) / np.percentile(frame.radiance, 99.5)
        assert np.percentile(error, 99) < 1e-3
