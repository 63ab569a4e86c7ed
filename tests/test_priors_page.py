"""docs/priors.md against the code: it lists every prior with its default, and its example is valid."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from faces.motion.priors import MotionPriors
from faces.motion.priors_file import parse_motion_priors
from faces.priors import LookPriors
from faces.priors_file import parse_look_priors
from headsets.schema.file import HousingPart, ShellPart
from headsets.schema.lenses import LensPart
from headsets.schema.parts import AutoExposurePart, EmitterPart, SensorPart

PAGE = (Path(__file__).parents[1] / "docs" / "priors.md").read_text()
HARDWARE, WEARERS = PAGE.split("## In a file of look priors")
WEARERS, MOTION = WEARERS.split("## In a file of motion priors")
ROW = re.compile(r"^\| `([\w.*]+)` \| `(.*?)` \|", re.MULTILINE)


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Numbers by key path."""
    if isinstance(value, dict):
        return {key: item for name, part in value.items() for key, item in flat(part, f"{path}.{name}").items()}
    return {path.removeprefix("."): [*value] if isinstance(value, tuple) else value}


def rows(text: str) -> dict[str, Any]:
    """Defaults by key path, as the tables have them."""
    found = ROW.findall(text)
    assert len(dict(found)) == len(found)  # no key twice
    return flat({key: yaml.safe_load(default) for key, default in found})


def test_every_prior_of_looks_stands_there_with_its_default() -> None:
    assert rows(WEARERS) == flat(asdict(LookPriors()))


def test_every_prior_of_motion_stands_there_with_its_default() -> None:
    assert rows(MOTION) == flat(asdict(MotionPriors()))


def test_every_prior_of_the_headset_file_stands_there_with_its_default() -> None:
    expected = flat(
        {"housing": HousingPart().model_dump(), "shell": {"reflectance": _default(ShellPart, "reflectance")}}
    )
    for part, model, names in (
        ("lenses.*", LensPart, ("psf_sigma_px", "veiling_glare")),
        ("sensors.*", SensorPart, ("prnu", "dsnu_e")),
        ("sensors.*.auto_exposure", AutoExposurePart, ("target", "min_us", "lag")),
        ("emitters.*", EmitterPart, ("bin_spread", "droop_per_k", "shift_nm_per_k")),
    ):
        expected |= {f"{part}.{name}": _default(model, name) for name in names}
    assert rows(HARDWARE) == expected


def test_the_example_is_valid_and_sets_what_it_shows() -> None:
    example = re.search(r"```yaml\n(.*?)```", WEARERS, re.DOTALL)
    assert example is not None
    priors = parse_look_priors(example.group(1), "docs")
    assert priors.skin.reflectance.tail_share == 0.3
    assert priors.glasses.shape.round.share == 2.0
    given = flat(yaml.safe_load(example.group(1)))
    assert given.items() <= flat(asdict(priors)).items()


def test_the_example_of_motion_is_valid_and_sets_what_it_shows() -> None:
    example = re.search(r"```yaml\n(.*?)```", MOTION, re.DOTALL)
    assert example is not None
    given = flat(yaml.safe_load(example.group(1)))
    assert given.items() <= flat(asdict(parse_motion_priors(example.group(1), "docs"))).items()


def _default(model: Any, name: str) -> Any:
    return model.model_fields[name].default
