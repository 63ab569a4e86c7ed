"""From a preset and a YAML file to a checked configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from faces.errors import FaceError
from faces.priors import LookPriors
from faces.priors_file import parse_look_priors
from headsets.errors import HeadsetError
from headsets.headset import Headset
from headsets.schema.explain import explain
from headsets.yaml_text import parse_yaml
from sim.dataset.config import DatasetConfig
from sim.dataset.presets import preset
from sim.errors import SimError

LARGEST_FILE = 1_000_000


def load_config(path: str | Path | None = None, preset_name: str | None = None) -> DatasetConfig:
    """The configuration of a preset, or of the defaults, with what a file says over it.

    Raises:
        SimError: an unknown preset; a file that cannot be read, is not YAML, or breaks a rule: one line names rule,
            value, file and key path.
    """
    base = {} if preset_name is None else preset(preset_name)
    if path is None:
        return _checked(base, f"preset {preset_name!r}")
    try:
        if Path(path).stat().st_size > LARGEST_FILE:
            raise SimError(f"`size <= {LARGEST_FILE}` bytes must hold for a data-set configuration ({path})")
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise SimError(f"cannot read the data-set configuration {path}: {reason}") from error
    return parse_config(text, str(path), base)


def parse_config(text: str, source: str, base: Mapping[str, Any] | None = None) -> DatasetConfig:
    """The configuration that a file's text sets; `source` names it in errors.

    Raises:
        SimError: see `load_config`.
    """
    try:
        data = parse_yaml(text, source)
    except HeadsetError as error:
        raise SimError(str(error)) from error
    if not isinstance(data, dict):
        raise SimError(f"a data-set configuration must be a mapping, got {type(data).__name__} ({source})")
    return _checked(_merged(dict(base or {}), data), source)


def look_priors(config: DatasetConfig, source: str = "wearers.looks") -> LookPriors:
    """What looks are drawn from.

    Raises:
        SimError: the mapping `wearers.looks` breaks a rule of look priors.
    """
    if not config.wearers.looks:
        return LookPriors()
    try:
        return parse_look_priors(yaml.safe_dump(config.wearers.looks), source)
    except FaceError as error:
        raise SimError(str(error)) from error


def check_against(config: DatasetConfig, headset: Headset) -> None:
    """What of a configuration depends on the headset.

    Raises:
        UnknownPartError: `light.failed` names an LED that the headset lacks.
    """
    for name in config.light.failed:
        headset.led(name)


def _checked(data: dict[str, Any], source: str) -> DatasetConfig:
    try:
        config = DatasetConfig.model_validate(data)
    except ValidationError as error:
        raise SimError(explain(error, data, DatasetConfig, source)) from None
    look_priors(config, f"{source}: wearers.looks")
    return config


def _merged(under: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings merged key by key; a distribution is replaced as a whole."""
    out = dict(under)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(out.get(key), dict)
        out[key] = _merged(out[key], value) if both and not _is_distribution(value) else value
    return out


def _is_distribution(value: Mapping[str, Any]) -> bool:
    return bool({"normal", "log_normal", "uniform", "constant"} & set(value))
