"""What a study was started with; it is resumed with the same or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from headsets.load import dump_headset
from headsets.yaml_text import parse_yaml
from optimize.constraints.check import Checker
from optimize.errors import OptimizeError
from optimize.referred import referred_files
from optimize.space.space import Space
from optimize.study.settings import SearchSettings

KEY = "hmcsim"
SHOWN = 3


def study_record(space: Space, settings: SearchSettings, checker: Checker, head: str) -> dict[str, Any]:
    """Plain data: everything that changes what the search finds. The headset is YAML text, without its `search`."""
    spec = space.spec.model_copy(update={"search": None})
    bare = spec.model_construct(_fields_set=spec.model_fields_set - {"search"}, **dict(spec))
    files = referred_files(space.spec, space.base.source)
    record = {
        "headset": dump_headset(bare),
        "search": space.search.part.model_dump(mode="json", exclude_unset=True),
        "objectives": list(settings.objectives),
        "sampler": settings.sampler,
        "seed": settings.seed,
        "head": head,
        "score": settings.score.describe(),
        "room": settings.room.describe(),
        "constraints": list(checker.names) if settings.constrained else [],
        "population": settings.population,
        "early": settings.early,
        # Only where there are any, so that studies of before are resumed.
        **({"redraws": settings.redraws} if settings.redraws else {}),
        **({"files": files} if files else {}),
    }
    plain: dict[str, Any] = json.loads(json.dumps(record))  # tuples become lists, as they come back from a storage
    return plain


def refuse_changes(stored: Mapping[str, Any], now: Mapping[str, Any], study: str) -> None:
    """Compare what a study was started with to what is asked now.

    Raises:
        OptimizeError: they differ; the message shows where.
    """
    before, after = _flat(_opened(stored)), _flat(_opened(now))
    changes = [
        f"{path}: {_text(before.get(path))} then, {_text(after.get(path))} now"
        for path in dict.fromkeys([*before, *after])
        if before.get(path) != after.get(path)
    ]
    if changes:
        more = f"; {len(changes) - SHOWN} more" if len(changes) > SHOWN else ""
        raise OptimizeError(
            f"study {study!r} was started with something else: {'; '.join(changes[:SHOWN])}{more}. "
            "Start a new one with another --out or, in a database, another --study"
        )


def _opened(record: Mapping[str, Any]) -> dict[str, Any]:
    return {**record, "headset": parse_yaml(str(record.get("headset", "{}")), "study")}


def _flat(data: object, path: str = "") -> dict[str, object]:
    """Key path -> value; lists are values."""
    if not isinstance(data, Mapping) or not data:
        return {path: data}
    flat: dict[str, object] = {}
    for key, value in data.items():
        flat |= _flat(value, f"{path}.{key}" if path else str(key))
    return flat


def _text(value: object) -> str:
    text = "absent" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."
