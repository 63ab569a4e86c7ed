"""The same bytes, whoever works and whatever happens; damage is found."""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from sim.dataset.generate import Engine, generate
from sim.dataset.load_config import parse_config
from sim.dataset.plan import plan_shards
from sim.dataset.verify import verify
from sim.errors import SimError
from tests.dataset.small import CONFIG, FRAMES

SCRIPT = """
import sys
from faces import load_head_model
from headsets.load import load_headset
from sim.dataset.generate import Engine, generate
from sim.dataset.load_config import load_config
if __name__ == "__main__":
    headset, config, out, frames = sys.argv[1:]
    generate(load_headset(headset), load_head_model(), load_config(config), int(frames), out, engine=Engine(workers=2))
"""


def sums(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def start(tmp_path: Path, headset: Any) -> subprocess.Popen[str]:
    script, config = tmp_path / "make.py", tmp_path / "config.yaml"
    script.write_text(SCRIPT)
    config.write_text(CONFIG)
    arguments = [headset.source, config, tmp_path / "out", FRAMES]
    return subprocess.Popen(
        [sys.executable, str(script), *map(str, arguments)],
        text=True,
        start_new_session=True,
        env={
            **os.environ,
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")]),
        },
    )


def test_killed_with_its_workers_and_resumed_it_ends_with_the_bytes_of_one_process(
    tmp_path: Path, headset: Any, head: Any, config: Any, data: Path
) -> None:
    out = tmp_path / "out"
    process = start(tmp_path, headset)
    deadline = time.monotonic() + 120
    while not list(out.glob("*.tar")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert process.returncode == -signal.SIGKILL
    finished = len(list(out.glob("*.tar")))
    assert 1 <= finished < len(plan_shards(config, FRAMES))
    assert not (out / "dataset.json").exists()
    (out / ".partial-left").write_bytes(b"half a shard")  # what a killed writer leaves
    generate(headset, head, config, FRAMES, out, engine=Engine(workers=1), resume=True)
    assert sums(out) == sums(data)


def test_a_killed_worker_is_said_and_the_rest_is_done_by_resuming(
    tmp_path: Path, headset: Any, head: Any, config: Any, data: Path
) -> None:
    out = tmp_path / "out"

    def kill_one() -> None:
        deadline = time.monotonic() + 120
        while not list(out.glob("*.tar")) and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)  # type: ignore[arg-type]

    killer = threading.Thread(target=kill_one)
    killer.start()
    with pytest.raises(SimError, match="a worker process was killed; --resume goes on from what is finished"):
        generate(headset, head, config, FRAMES, out, engine=Engine(workers=2))
    killer.join()
    assert not (out / "dataset.json").exists()
    generate(headset, head, config, FRAMES, out, engine=Engine(workers=1), resume=True)
    assert sums(out) == sums(data)


def test_a_disk_that_fills_up_leaves_whole_shards_alone(
    tmp_path: Path, headset: Any, head: Any, config: Any, data: Path
) -> None:
    """The system refuses to write beyond a size, in the middle of the first shard."""
    out, limits = tmp_path / "out", resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(SimError, match=r"cannot write train-000000\.tar .*: File too large"):
            generate(headset, head, config, FRAMES, out, engine=Engine(workers=1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in out.iterdir()] == [".work"]
    assert [path.name for path in (out / ".work").iterdir()] == ["run.json"]


def test_a_change_is_refused_with_the_difference_and_nothing_is_touched(
    tmp_path: Path, headset: Any, head: Any, config: Any, data: Path
) -> None:
    before = sums(data)
    other = parse_config(CONFIG.replace("share: 0.0", "share: 0.5"), "test")
    with pytest.raises(SimError, match=r"config\.light\.ambient\.share: 0\.0 -> 0\.5"):
        generate(headset, head, other, FRAMES, data, resume=True)
    with pytest.raises(SimError, match=r"seed: 0 -> 1; .*|seed: 0 -> 1"):
        generate(headset, head, config, FRAMES, data, seed=1, resume=True)
    with pytest.raises(SimError, match="there is a data set already; --resume goes on"):
        generate(headset, head, config, FRAMES, data)
    assert generate(headset, head, config, FRAMES, data, resume=True)["frames"] == FRAMES
    assert sums(data) == before


def test_too_little_room_is_noticed_before_the_start(
    tmp_path: Path, headset: Any, head: Any, config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: namedtuple("Usage", "total used free")(10, 5, 5_000_000))
    monkeypatch.setattr("sim.dataset.generate.make_locally", lambda *_: pytest.fail("the work began"))
    with pytest.raises(SimError, match=r"about .* GB are needed for 100 frames, and 0\.005 GB are free"):
        generate(headset, head, config, 100, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_guess_of_room_is_enough_and_not_much_more(headset: Any, config: Any, data: Path) -> None:
    from sim.dataset.disk import bytes_per_frame

    used = sum(path.stat().st_size for path in data.glob("*.tar")) / FRAMES
    assert used < bytes_per_frame(headset, config) < 1.5 * used


@pytest.mark.parametrize("place", ["/proc/hmcsim", "a file"])
def test_a_place_that_cannot_be_written_is_refused(
    place: str, tmp_path: Path, headset: Any, head: Any, config: Any
) -> None:
    (tmp_path / "a file").write_text("kept")
    target = place if place.startswith("/") else str(tmp_path / place)
    with pytest.raises(SimError, match="cannot write"):
        generate(headset, head, config, 2, target)
    assert (tmp_path / "a file").read_text() == "kept"


def test_frames_do_not_depend_on_what_came_before(headset: Any, head: Any, config: Any, data: Path) -> None:
    from sim.dataset.frame import FrameMaker, files_of

    maker = FrameMaker(headset, head, config, 0)
    stored: dict[str, bytes] = {}
    for path in data.glob("*.tar"):
        with tarfile.open(path) as tar:
            stored |= {member.name: tar.extractfile(member).read() for member in tar}
    for index in (11, 3, 4, 3):
        frame = maker.frame(index)
        for name, content in files_of(frame, config.outputs):
            assert stored[f"{frame.sample.key}.{name}"] == content, name


def test_verify_finds_what_is_wrong(tmp_path: Path, data: Path) -> None:
    assert verify(data) == []
    names = sorted(path.name for path in data.glob("*.tar"))

    def damaged(change: Any) -> str:
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(data, copy)
        change(copy)
        return "\n".join(verify(copy))

    def flip(copy: Path) -> None:
        content = bytearray((copy / names[0]).read_bytes())
        content[5000] ^= 1
        (copy / names[0]).write_bytes(content)

    def relabel(copy: Path) -> None:
        """A label off its schema, with the checksum made good."""
        old, new = copy / names[1], copy / "new.tar"
        with tarfile.open(old) as source, tarfile.open(new, "w", format=tarfile.USTAR_FORMAT) as target:
            for member in source:
                content = source.extractfile(member).read()
                if member.name.endswith("label.json"):
                    label = json.loads(content)
                    label["weights"][7] = 1.5
                    content = json.dumps(label).encode()
                    member.size = len(content)
                target.addfile(member, io.BytesIO(content))
        new.rename(old)
        record = json.loads((copy / "dataset.json").read_text())
        (own,) = [shard for shard in record["shards"] if shard["name"] == names[1]]
        own["sha256"] = hashlib.sha256(old.read_bytes()).hexdigest()
        (copy / "dataset.json").write_text(json.dumps(record))

    assert "its SHA-256 must be" in damaged(flip)
    assert f"{names[0]}: missing" in damaged(lambda copy: (copy / names[0]).unlink())
    wrong = damaged(relabel)
    assert "weights" in wrong
    assert "1.5" in wrong
    assert "SHA-256" not in wrong
    cut = damaged(lambda copy: (copy / names[0]).write_bytes((copy / names[0]).read_bytes()[:30_000]))
    assert f"{names[0]}: a shard must be a whole tar file" in cut or "must hold" in cut
    assert "index.parquet: missing" in damaged(lambda copy: (copy / "index.parquet").unlink())
    with pytest.raises(SimError, match=r"dataset\.json is missing"):
        verify(tmp_path)
