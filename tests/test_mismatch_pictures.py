"""Pictures of a mismatch are saved when a test fails, and only then."""

import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from tests.pictures import side_by_side

ROOT = Path(__file__).parents[1]
TESTS = """
import numpy as np

def test_right(pictures):
    pictures.keep("a", np.ones((4, 5)), np.ones((4, 5)))

def test_wrong(pictures):
    pictures.keep("a", np.ones((4, 5)), np.zeros((4, 5)))
    raise AssertionError
"""


def test_a_failing_test_leaves_its_picture(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (tmp_path / "test_two.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), "."]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(Path.home())}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "1 failed, 1 passed" in done.stdout, done.stdout
    assert "saved outputs/mismatch/test_wrong.a.png" in done.stdout
    saved = sorted(path.name for path in (tmp_path / "outputs" / "mismatch").iterdir())
    assert saved == ["test_wrong.a.png"]
    assert Image.open(tmp_path / "outputs" / "mismatch" / saved[0]).size == (15, 4)


def test_the_picture_shows_both_and_five_times_their_difference() -> None:
    got = np.array([[0.5, np.nan]])
    picture = side_by_side(got, np.array([[0.5, 1.0]]))
    assert picture.shape == (1, 6)
    assert picture[0, 3] == 255
    assert picture[0, 1] == picture[0, 4] == 0
    assert picture[0, 5] == 255
