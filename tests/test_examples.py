"""Every example runs, at a tiny size."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

FOLDER = Path(__file__).parents[1] / "examples"
TINY: dict[str, dict[str, Any]] = {
    "00_render_one_frame.py": {},
    "01_score_layouts.py": {"identities": 1, "donnings": 1, "workers": 1},
    "02_custom_headset.py": {},
    "03_move_a_camera.py": {"lower_mm": (0.0, 6.0), "identities": 1, "workers": 1},
}


def _main(name: str) -> Callable[..., None]:
    return runpy.run_path(str(FOLDER / name))["main"]


def test_every_example_is_tested() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.py")) == sorted(TINY)


@pytest.mark.parametrize("name", [name for name, size in TINY.items() if not size])
def test_examples_that_write_pictures(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _main(name)(tmp_path / "out")
    pictures = list((tmp_path / "out").glob("*.png"))
    assert pictures
    for picture in pictures:
        low, high = Image.open(picture).getextrema()
        assert high - low > 100
    assert "mm" in capsys.readouterr().out


@pytest.mark.parametrize("name", [name for name, size in TINY.items() if size])
def test_examples_that_score(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    _main(name)(**TINY[name])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= 2
    assert all(re.search(r"\d\.\d", line) for line in lines)
