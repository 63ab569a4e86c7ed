"""The renderer's interface: what it returns, what it refuses, and that the same call gives the same bytes."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from render_scenes import BASE, LENSES, camera, headset, led, sphere

from headsets.errors import UnknownPartError
from sim.errors import SimError
from sim.render import BUFFERS, Renderer, RenderSettings
from sim.render.pool import map_frames


def scene():
    views = [
        camera(LENSES["kannala_brandt4"], (0.02, 0.0, 0.1), name="a"),
        camera(LENSES["pinhole"], (-0.02, 0.01, 0.1), name="b"),
    ]
    return headset(views, [led((0.03, 0.01, 0.08)), led((-0.03, 0.02, 0.07))]), sphere(0.05, 4)


def digest(renderer: Renderer, _item: object = None) -> str:
    """Hash of all buffers of both cameras."""
    parts, mesh = scene()
    frames = renderer.render(parts, mesh, buffers=BUFFERS)
    return hashlib.sha256(b"".join(getattr(f, b).tobytes() for f in frames.values() for b in BUFFERS)).hexdigest()


def test_only_the_buffers_asked_for_are_there():
    parts, mesh = scene()
    expected = {
        "radiance": ((), np.float32),
        "depth": ((), np.float32),
        "normal": ((3,), np.float32),
        "region": ((), np.int32),
        "triangle": ((), np.int32),
        "barycentric": ((3,), np.float32),
        "albedo": ((), np.float32),
        "irradiance": ((), np.float32),
        "valid": ((), np.bool_),
    }
    assert set(expected) == set(BUFFERS)
    for name, (shape, dtype) in expected.items():
        frame = Renderer().render(parts, mesh, buffers=(name,))["b"]
        got = getattr(frame, name)
        assert got.shape == (48, 64, *shape)
        assert got.dtype == dtype
        assert all(getattr(frame, other) is None for other in BUFFERS if other != name)


def test_a_buffer_does_not_depend_on_its_company():
    parts, mesh = scene()
    together = Renderer().render(parts, mesh, buffers=BUFFERS)["a"]
    for name in BUFFERS:
        alone = Renderer().render(parts, mesh, buffers=(name,))["a"]
        np.testing.assert_array_equal(getattr(alone, name), getattr(together, name))


def test_cameras_are_chosen_by_name_and_rendered_alike():
    parts, mesh = scene()
    both = Renderer().render(parts, mesh)
    assert list(both) == ["a", "b"]
    one = Renderer().render(parts, mesh, cameras=["b"])
    assert list(one) == ["b"]
    np.testing.assert_array_equal(one["b"].radiance, both["b"].radiance)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"buffers": ("radiance", "colour")}, SimError, "unknown buffer 'colour'. Buffers: radiance, depth"),
        ({"cameras": ["c"]}, UnknownPartError, "'c'. Cameras of 'refa_green': a, b"),
    ],
)
def test_unknown_names_list_the_valid_ones(options, error, message):
    parts, mesh = scene()
    with pytest.raises(error, match=message):
        Renderer().render(parts, mesh, **options)


def test_bad_meshes_and_devices_are_refused():
    parts, mesh = scene()
    batch = replace(mesh, vertices=mesh.vertices[None], normals=mesh.normals[None])
    with pytest.raises(SimError, match=r"one head at a time, got shape \(1, "):
        Renderer().render(parts, batch)
    broken = mesh.vertices.copy()
    broken[3, 1] = np.nan
    with pytest.raises(SimError, match=r"must be a scipy RigidTransform .*got ndarray"):
        Renderer().render(parts, mesh, np.eye(4))
    with pytest.raises(SimError, match="must be finite"):
        Renderer().render(parts, replace(mesh, vertices=broken))
    with pytest.raises(SimError, match=r"unknown device 'tpu'\. Devices here: cpu"):
        Renderer(device="tpu")
    names = (*mesh.topology.material_names[:-1], "velvet")
    with pytest.raises(SimError, match="unknown material 'velvet'"):
        Renderer().render(parts, replace(mesh, topology=replace(mesh.topology, material_names=names)))


@pytest.mark.parametrize(
    "bad", [{"shadow_resolution": 10}, {"shadow_resolution": 8192}, {"shadow_bias_m": -1.0}, {"shadow_bias_m": 0.1}]
)
def test_settings_state_their_rules(bad):
    (name,) = bad
    with pytest.raises(SimError, match=rf"`.*{name}.*` must hold, got"):
        RenderSettings(**bad)


def test_the_same_call_gives_the_same_bytes_after_other_work_and_elsewhere():
    """In a used renderer, in a fresh one, and in another process."""
    used = Renderer()
    parts, _ = scene()
    used.render(BASE, sphere(0.03, 3), buffers=BUFFERS)
    used.render(parts, sphere(0.08, 2), buffers=BUFFERS)
    here = digest(used)
    assert here == digest(Renderer())
    code = "import test_render_api as t; from sim.render import Renderer; print(t.digest(Renderer()))"
    there = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "", "HOME": str(Path.home())},
    )
    assert there.stdout.split() == [here]


def test_frames_belong_to_the_caller():
    parts, mesh = scene()
    renderer = Renderer()
    first = renderer.render(parts, mesh)["a"].radiance
    kept = first.copy()
    renderer.render(parts, sphere(0.02, 3))
    np.testing.assert_array_equal(first, kept)


def test_frames_over_processes_come_in_order_and_equal_those_made_here():
    here = list(map_frames(shrinking, range(4), workers=1))
    there = list(map_frames(shrinking, range(4), workers=2))
    assert here == there
    assert here == sorted(here, reverse=True)
    with pytest.raises(SimError, match="`workers >= 1` must hold, got 0"):
        list(map_frames(shrinking, [1], workers=0))


def shrinking(renderer: Renderer, k: int) -> int:
    """How many pixels see a sphere that gets smaller with k."""
    parts, _ = scene()
    frame = renderer.render(parts, sphere(0.05 - 0.01 * k, 3), buffers=("region",))["b"]
    return int((frame.region >= 0).sum())


def test_loading_kernels_reports_progress_and_says_nothing_else(capfd):
    steps = []
    Renderer(report=lambda name, done, total: steps.append((name, done, total)))
    names, done, totals = zip(*steps, strict=True)
    assert done == tuple(range(len(steps)))
    assert set(totals) == {len(steps) - 1}
    assert "raster" in names
    assert capfd.readouterr() == ("", "")
