"""One small data set for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from faces import load_head_model
from faces.builtin import AnnyHead
from headsets.headset import Headset
from sim.dataset.config import DatasetConfig
from sim.dataset.generate import Engine, generate
from sim.dataset.load_config import parse_config
from tests.dataset.small import CONFIG, FRAMES, small_headset


@pytest.fixture(scope="session")
def head() -> AnnyHead:
    return load_head_model()


@pytest.fixture(scope="session")
def headset(tmp_path_factory: pytest.TempPathFactory) -> Headset:
    return small_headset(tmp_path_factory.mktemp("headset"))


@pytest.fixture(scope="session")
def config() -> DatasetConfig:
    return parse_config(CONFIG, "test")


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory, headset: Headset, head: AnnyHead, config: DatasetConfig) -> Path:
    """A data set, made by one process; tests that change it make a copy."""
    out = tmp_path_factory.mktemp("data") / "set"
    generate(headset, head, config, FRAMES, out, engine=Engine(workers=1))
    return out
