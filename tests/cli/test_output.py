"""Output folders: complete or absent."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from hmcsim.errors import OutputError
from hmcsim.output import output_folder


def test_a_new_target_appears_when_the_work_is_done(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b"
    with output_folder(target) as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "x.txt").write_text("x")
        assert not target.exists()
    assert (target / "deep" / "x.txt").read_text() == "x"
    assert [p.name for p in tmp_path.rglob("*")] == ["a", "b", "deep", "x.txt"]


def test_an_existing_target_keeps_other_files_and_gets_new_ones(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "x.txt").write_text("old")
    with output_folder(tmp_path) as folder:
        (folder / "old").mkdir()
        (folder / "old" / "x.txt").write_text("new")
        assert (tmp_path / "old" / "x.txt").read_text() == "old"
    assert (tmp_path / "old" / "x.txt").read_text() == "new"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine.txt", "old"]


@pytest.mark.parametrize("error", [ValueError("bad"), KeyboardInterrupt()])
def test_a_failure_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    def work() -> None:
        with output_folder(tmp_path / "a" / "b") as folder:
            (folder / "x.txt").write_text("half")
            raise error

    with pytest.raises(type(error)):
        work()
    assert list(tmp_path.iterdir()) == []


def test_a_failure_keeps_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("whole")

    def work() -> None:
        with output_folder(tmp_path) as folder:
            (folder / "x.txt").write_text("half")
            raise ValueError("bad")

    with pytest.raises(ValueError, match="bad"):
        work()
    assert (tmp_path / "x.txt").read_text() == "whole"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_target_below_a_file_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for target in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OutputError, match="file"), output_folder(target):
            pytest.fail("the work began")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_one_error_that_names_the_target(tmp_path: Path) -> None:
    target = tmp_path / "full"
    with pytest.raises(OutputError, match=r"full.*No space left"), output_folder(target):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert not target.exists()


def test_the_folder_is_as_readable_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    with output_folder(tmp_path / "made"):
        pass
    assert (tmp_path / "made").stat().st_mode == (tmp_path / "plain").stat().st_mode
