"""A valid headset file, and ways to change it."""

from __future__ import annotations

import copy
from typing import Any

import yaml

from headsets import (
    Headset,
    build_headset,
)
from headsets.build import SHIPPED
from headsets.load import parse_file
from headsets.place import display_path

BASE: dict[str, Any] = yaml.safe_load((SHIPPED / "refa_green.yaml").read_text())
del BASE["search"]  # it has tests of its own
BESIDE = SHIPPED / "x.yaml"
DELETE = object()


GLASS: dict[str, Any] = {
    "position_mm": [30, -40, 45], "look_at_mm": [4, -70, 30], "width_mm": 14, "height_mm": 8, "thickness_mm": 0.7,
    "index": 1.51, "mirror": "mouth_right",
}  # fmt: skip


def changed(*path: str | int, value: Any) -> dict[str, Any]:
    """A copy of a valid file with one value replaced, added or (DELETE) removed."""
    data = copy.deepcopy(BASE)
    part: Any = data
    for key in path[:-1]:
        part = part[key]
    if value is DELETE:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    return data


def read(data: object) -> Headset:
    return build_headset(parse_file(yaml.safe_dump(data, sort_keys=False), display_path(BESIDE)), BESIDE)
