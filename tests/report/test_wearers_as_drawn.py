"""Pictures of reports and searches show wearers in the look that was drawn: with their own glasses, beards and skin."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from faces import load_head_model
from faces.mesh import HeadMesh
from faces.protocol import HeadModel
from headsets import Headset, load_headset
from hmcsim.report.pictures import Photographer
from hmcsim.report.search.kept import _Camera
from sim.metrics.config import ScoreConfig
from sim.metrics.result import ScoreResult
from sim.wearers import wearer_identity, wearer_look

SEED = 0
"""Of its wearers the first wears glasses and the second none."""


class _NoRenderer:
    """Keeps the heads it was asked to draw."""

    seen: ClassVar[list[HeadMesh]] = []

    def __init__(self, **_: object) -> None:
        type(self).seen = []

    def render(self, headset: Headset, mesh: HeadMesh, **_: object) -> Mapping[str, Any]:
        self.seen.append(mesh)
        return {}


@pytest.fixture(scope="module")
def head() -> HeadModel:
    return load_head_model()


@pytest.fixture(autouse=True)
def no_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pictures", "search.kept"):
        monkeypatch.setattr(f"hmcsim.report.{module}.Renderer", _NoRenderer)
        monkeypatch.setattr(f"hmcsim.report.{module}.headset_white", lambda *_: 1.0)


def _as_drawn(mesh: HeadMesh, head: HeadModel, wearer: int) -> None:
    look = wearer_look(SEED, wearer, wearer_identity(head, SEED, wearer))
    assert mesh.look == look
    extra = len(mesh.triangles) - len(head.topology.triangles)
    assert (extra > 0) == (look.glasses is not None)


def test_the_report_s_wearers(head: HeadModel) -> None:
    result: ScoreResult = SimpleNamespace(config=ScoreConfig(identities=2, seed=SEED))  # type: ignore[assignment]
    photographer = Photographer(result, [load_headset("refa_green")], head)
    worn = [photographer.mesh(wearer, "smile") for wearer in (0, 1)]
    assert [one.look.glasses is None for one in worn] == [False, True]
    for wearer, mesh in enumerate(worn):
        _as_drawn(mesh, head, wearer)


def test_the_search_s_wearer(head: HeadModel) -> None:
    camera = _Camera(head, ScoreConfig(identities=2, seed=SEED, expressions="neutral,smile"))
    camera.take(load_headset("refa_green"), "smile", ["mouth_left"])
    (mesh,) = _NoRenderer.seen
    assert mesh.look.glasses is not None
    _as_drawn(mesh, head, 0)
