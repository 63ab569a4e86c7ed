"""A real Ray cluster of two nodes' processes makes the bytes that one local process makes."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from sim.dataset.generate import Engine, generate
from tests.dataset.small import FRAMES


@pytest.mark.slow
def test_two_nodes_make_the_bytes_of_one_process_and_a_lost_node_is_made_up_for(
    tmp_path: Path, headset: Any, head: Any, config: Any, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")]))
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    out, seen = tmp_path / "out", []
    try:
        second = cluster.add_node(num_cpus=1)

        def lose_a_node(done: int, _: int) -> None:
            seen.append(done)
            if len(seen) == 2:  # the first shard is there: the other node is at work
                cluster.remove_node(second, allow_graceful=False)

        engine = Engine("ray", workers=2, address=cluster.address)
        generate(headset, head, config, FRAMES, out, engine=engine, progress=lose_a_node)
    finally:
        cluster.shutdown()
    assert {p.name: _sum(p) for p in sorted(out.iterdir())} == {p.name: _sum(p) for p in sorted(data.iterdir())}
    assert len(seen) > 3


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
