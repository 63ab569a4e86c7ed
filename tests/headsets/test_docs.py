"""docs/headset_file.md against the code: its example loads, and it explains every key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from headsets import build_headset, dump_headset, load_headset
from headsets.load import parse_file
from headsets.schema import base, file, lenses, parts, search

DOCS = Path(__file__).parents[2] / "docs"
PAGE, SEARCH_PAGE = ((DOCS / name).read_text() for name in ("headset_file.md", "search.md"))
MODELS = {
    model
    for module in (base, file, lenses, parts)
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, base.Part) and model.__module__ != search.__name__
}


def test_the_example_is_valid() -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    headset = build_headset(parse_file(example.group(1), "docs"))
    assert list(headset.cameras) == ["mouth_left", "mouth_right"]
    assert headset.shell is not None


def test_the_python_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    example = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    exec(example.group(1), {})
    assert "name: refa_green" in capsys.readouterr().out


def test_the_search_example_is_valid() -> None:
    example = re.search(r"```yaml\nsearch:\n(.*?)```", SEARCH_PAGE, re.DOTALL)
    assert example is not None
    text = dump_headset(load_headset("refa_orange")) + "search:\n" + example.group(1)
    headset = build_headset(parse_file(text, "docs"))
    assert headset.spec is not None
    assert headset.spec.search is not None


@pytest.mark.parametrize(
    "key",
    sorted(
        {
            name
            for model in vars(search).values()
            if isinstance(model, type) and model.__module__ == search.__name__
            for name in model.model_fields  # type: ignore[attr-defined]
        }
    ),
)
def test_every_key_of_the_search_section_is_explained(key: str) -> None:
    assert re.search(rf"\b{key}\b", SEARCH_PAGE)


@pytest.mark.parametrize("key", sorted({name for model in MODELS for name in model.model_fields}))
def test_every_key_is_explained(key: str) -> None:
    assert re.search(rf"\b{key}\b", PAGE)
