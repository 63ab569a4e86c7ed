"""Damaged headset files and meshes: one kind of error, one line, never another."""

from __future__ import annotations

import contextlib
import copy
from typing import Any

import pytest
import trimesh
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from headsets import (
    HeadsetError,
    build_headset,
    load_headset,
)
from headsets.build import SHIPPED
from headsets.load import parse_file
from tests.headsets.headset_file_cases import BASE, BESIDE, DELETE, changed, read


@pytest.mark.parametrize("suffix", ["stl", "obj", "glb"])
@settings(deadline=None, max_examples=25)
@given(cut=st.integers(0, 600), noise=st.binary(max_size=40))
def test_broken_meshes_fail_in_one_way_only(
    suffix: str, cut: int, noise: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    whole = trimesh.creation.box(extents=(0.1, 0.1, 0.1)).export(file_type=suffix)
    whole = whole.encode() if isinstance(whole, str) else whole
    (folder / f"broken.{suffix}").write_bytes(whole[:cut] + noise + whole[cut + len(noise) : -7])
    (folder / "x.yaml").write_text(yaml.safe_dump(changed("shell", value={"mesh": f"broken.{suffix}", "units": "m"})))
    with contextlib.suppress(HeadsetError):
        load_headset(folder / "x.yaml")


PATHS: list[tuple[str | int, ...]] = []


def _collect(part: Any, path: tuple[str | int, ...]) -> None:
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in items:
        PATHS.append((*path, key))
        _collect(value, (*path, key))


_collect(BASE, ())
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["wide", "eye_right", "chip_850", "shells/visor.stl", "pinhole", "double_sphere", 0, -1, 1e-320])
)
VALUES = st.recursive(LEAVES, lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(max_size=4), v, max_size=3))


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(PATHS), VALUES | st.just(DELETE)), min_size=1, max_size=3))
def test_mutated_files_raise_nothing_but_headset_errors(mutations: list[tuple[tuple[str | int, ...], Any]]) -> None:
    data = copy.deepcopy(BASE)
    for path, value in mutations:
        part: Any = data
        with contextlib.suppress(KeyError, IndexError, TypeError):  # an earlier mutation took that branch away
            for key in path[:-1]:
                part = part[key]
            if value is DELETE:
                del part[path[-1]]
            else:
                part[path[-1]] = value
    try:
        read(data)
    except HeadsetError as error:
        assert "\n" not in str(error), "one line"  # noqa: PT017  (most mutations raise, some are valid)


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 4000), st.text(max_size=6), st.integers(0, 6))
def test_mutated_text_raises_nothing_but_headset_errors(at: int, insert: str, drop: int) -> None:
    text = (SHIPPED / "refa_green.yaml").read_text()
    with contextlib.suppress(HeadsetError):
        build_headset(parse_file(text[:at] + insert + text[at + drop :], "x.yaml"), BESIDE)
