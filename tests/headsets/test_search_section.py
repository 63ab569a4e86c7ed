"""The `search` section: what it means, and what it refuses in which words."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from headsets import HeadsetError, load_headset
from headsets.place import Place
from headsets.schema.search import SearchPart
from headsets.search import Box, Count, Patch, Rail, build_search, read_search

PLACE = Place("mine.yaml", ("search",))
VALID: dict[str, Any] = {
    "mounts": {
        "rim": {"box": {"low_mm": [30, -42, 20], "high_mm": [72, -10, 50]}},
        "edge": {"rail": {"points_mm": [[0, 0, 50], [10, 0, 50]]}},
        "plate": {"shell": {"from_mm": [0, 0, 0], "azimuth_deg": [-5, 5], "elevation_deg": [0, 9], "off_mm": [3, 5]}},
    },
    "cameras": {"eye_left": {"mount": "rim", "pan_deg": [-5, 5], "lens": ["wide"], "optional": True}},
    "leds": {"glabella_left": {"mount": "plate", "current": [0.5, 2]}, "eye_left_b": {"mount": "edge"}},
    "camera_count": {"at_least": 3, "at_most": 5},
    "constraints": {"clearance_mm": 4, "led_power_mw": 10, "ignore": ["shell"]},
}


def build(data: dict[str, Any]) -> Any:
    spec = load_headset("refa_green").spec
    assert spec is not None
    return build_search(spec, PLACE, SearchPart.model_validate(data))


def test_a_section_arrives_typed() -> None:
    found = build(VALID)
    eye, glabella, edge = found.movables
    assert eye.mount == Box((30, -42, 20), (72, -10, 50))
    assert glabella.mount == Patch((0, 0, 0), (-5, 5), (0, 9), (3, 5))
    assert edge.mount == Rail(((0, 0, 50), (10, 0, 50)))
    assert (eye.optional, eye.twin, eye.choices["lens"], eye.pan_deg) == (True, True, ("wide",), (-5, 5))
    assert eye.aim_mm == (38.1, 10.5, 11.7)  # what its file says it looks at
    assert (found.cameras, found.leds) == (Count(3, 5), Count(0, None))
    assert (found.limits.clearance_mm, found.limits.led_power_mw, found.limits.ignore) == (4, 10, {"shell"})


REFUSED = {
    "unknown camera": (("cameras",), {"eye_lft": {}}, ["eye_lft", "did you mean 'eye_left'", "search.cameras"]),
    "a twin": (("cameras",), {"eye_right": {}}, ["eye_right", "move 'eye_left', its mirror twin"]),
    "an LED as camera": (("leds",), {"mouth_left": {}}, ["mouth_left", "search.leds"]),
    "unknown mount": (("cameras", "eye_left", "mount"), "rm", ["`mount`", "'rm'", "did you mean 'rim'"]),
    "unknown lens": (("cameras", "eye_left", "lens"), ["wide", "tele"], ["`lens`", "'tele'", "lens[1]"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_references_to_nothing_are_refused(case: str) -> None:
    path, value, fragments = REFUSED[case]
    data = copy.deepcopy(VALID)
    section = data
    for key in path[:-1]:
        section = section[key]
    section[path[-1]] = value
    with pytest.raises(HeadsetError) as caught:
        build(data)
    for fragment in [*fragments, "mine.yaml"]:
        assert fragment in str(caught.value)


FILES = {
    "unknown key": ("cameras: {eye_left: {mont: rim}}", ["mont", "did you mean 'mount'"]),
    "two ways": (
        "mounts: {a: {box: {low_mm: [0, 0, 0], high_mm: [1, 1, 1]}, rail: {points_mm: [[0, 0, 0], [1, 0, 0]]}}}",
        ["exactly one of box, rail, shell", "box and rail"],
    ),
    "no way": ("mounts: {a: {}}", ["exactly one of box, rail, shell", "none"]),
    "box inside out": (
        "mounts: {a: {box: {low_mm: [0, 5, 0], high_mm: [1, 4, 1]}}}", ["low_mm <= high_mm", "along y", "5 > 4"],
    ),
    "rail without length": ("mounts: {a: {rail: {points_mm: [[0, 0, 0], [0, 0, 0]]}}}", ["points_mm", "differ"]),
    "angles swapped": ("cameras: {eye_left: {pan_deg: [5, -5]}}", ["low <= high", "5 > -5"]),
    "counts swapped": ("camera_count: {at_least: 5, at_most: 3}", ["at_least <= at_most", "5 > 3"]),
    "unknown constraint": ("constraints: {ignore: [glass]}", ["ignore", "glass"]),
    "current": ("leds: {eye_left_a: {current: [1, .inf]}}", ["current", "inf"]),
    "not a mapping": ("[1, 2]", ["mapping"]),
    "not YAML": ("mounts: [", ["YAML"]),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_files_against_the_schema_are_refused(case: str, tmp_path: Path) -> None:
    text, fragments = FILES[case]
    path = tmp_path / "space.yaml"
    path.write_text(text)
    with pytest.raises(HeadsetError) as caught:
        read_search(path)
    for fragment in [*fragments, "space.yaml"]:
        assert fragment in str(caught.value), str(caught.value)


def test_a_space_may_stand_below_its_key(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("search: {cameras: {glabella: {tilt_deg: [-5, 5]}}}")
    (tmp_path / "b.yaml").write_text("cameras: {glabella: {tilt_deg: [-5, 5]}}")
    assert read_search(tmp_path / "a.yaml") == read_search(tmp_path / "b.yaml")
    with pytest.raises(HeadsetError, match="cannot read the search space"):
        read_search(tmp_path / "c.yaml")


def test_a_headset_without_a_section_says_so() -> None:
    spec = load_headset("wei2019").spec
    assert spec is not None
    with pytest.raises(HeadsetError, match=r"wei2019.*no `search` section"):
        build_search(spec, PLACE)
