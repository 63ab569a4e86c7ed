"""The table of features is complete, and the tests that it names exist; `switch_off.py` runs them without."""

import ast
import subprocess
import sys
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from sim.render.settings import RenderSettings
from sim.sensor.settings import ImageSettings
from tests.features import switches
from tests.features.features import FEATURES

ROOT = Path(__file__).parents[2]


@cache
def functions_in(file: str) -> dict[str, list[str]]:
    """Test functions at the top of a file, and their decorators."""
    tree = ast.parse((ROOT / file).read_text())
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    return {node.name: [ast.unparse(mark) for mark in node.decorator_list] for node in functions}


@pytest.mark.parametrize("settings", [RenderSettings, ImageSettings])
def test_every_switch_is_in_the_table(settings):
    switched = {field.name for field in fields(settings) if isinstance(field.default, bool)}
    assert len(switched) >= 7
    assert switched <= FEATURES.keys()


def test_every_named_test_is_in_the_gate():
    for name, feature in FEATURES.items():
        assert feature.tests, name
        for test in feature.tests:
            file, _, function = test.partition("::")
            found = functions_in(file)
            assert function in found, test
            assert not [mark for mark in found[function] if "slow" in mark or "gpu" in mark], test


def test_a_setting_is_off_however_it_is_made(monkeypatch):
    from dataclasses import replace

    from sim.render import settings

    monkeypatch.setattr(settings.RenderSettings, "__init__", settings.RenderSettings.__init__)
    before = {name: getattr(settings, name).panes for name in ("FULL", "FAST", "DIRECT")}
    switches.setting("sim.render.settings.RenderSettings", "panes")()
    try:
        assert not settings.RenderSettings().panes
        assert not settings.RenderSettings(panes=True).panes
        assert not replace(settings.DIRECT, panes=True).panes
        assert not settings.FULL.panes
        assert settings.FULL.ghosts
    finally:
        for name, was in before.items():
            object.__setattr__(getattr(settings, name), "panes", was)


def test_a_patch_of_something_that_is_gone_is_an_error():
    with pytest.raises(AttributeError, match="table of features must follow"):
        switches.value("sim.drive:_lamp", None)()


def test_every_switch_finds_what_it_switches():
    """In a process of its own, which they leave without any feature."""
    code = "from tests.features.features import FEATURES\nfor one in FEATURES.values(): one.switch_off()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
