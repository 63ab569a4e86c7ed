"""Reading and writing YAML, strictly: duplicate keys are refused, 1e-3 is a number, `on` and 1:30 are text."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable
from typing import Any

import yaml

from headsets.errors import HeadsetError

LARGEST = 1_000_000
"""Values in one file, aliases written out: more is no headset, but a file that grows while it is read."""


class _Loader(yaml.SafeLoader):
    """YAML 1.2's core schema instead of PyYAML's 1.1."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  (pyyaml's own form)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable):
                if key in seen:
                    raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key!r}", key_node.start_mark)
                seen.add(key)
        return super().construct_mapping(node, deep)


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    text = str(loader.construct_scalar(node)).lower()
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


def _integer(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int | float:
    text = str(loader.construct_scalar(node))
    return int(text) if len(text) < 300 else float(text)  # beyond that it is no size of anything


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$|^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$"
    ),
    list("-+0123456789."),
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"^<<$"), ["<"])
_Loader.add_constructor("tag:yaml.org,2002:float", _number)
_Loader.add_constructor("tag:yaml.org,2002:int", _integer)


def parse_yaml(text: str, source: str) -> Any:
    """Parse one YAML document; `source` names it in errors.

    Raises:
        HeadsetError: wrong syntax, a duplicate key, a second document, values that no number can hold.
    """
    try:
        data = yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f": line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise HeadsetError(f"wrong YAML: {_one_line(error.problem or error.context)} ({source}{place})") from error
    except yaml.YAMLError as error:
        raise HeadsetError(f"wrong YAML: {_one_line(error)} ({source})") from error
    except RecursionError:
        raise HeadsetError(f"wrong YAML: nested too deeply ({source})") from None
    except (ValueError, TypeError, OverflowError) as error:  # from a scalar with an explicit tag, such as !!int x
        raise HeadsetError(f"wrong YAML: {_one_line(error)} ({source})") from error
    if _written_out(data) > LARGEST:
        raise HeadsetError(
            f"wrong YAML: aliases must not hold themselves, nor repeat into more than {LARGEST} values ({source})"
        )
    return data


def _written_out(data: Any) -> float:
    """How many values there are if every alias is written out; infinitely many if one holds itself."""
    sizes: dict[int, float] = {}

    def size(value: Any) -> float:
        if not isinstance(value, dict | list):
            return 1.0
        if id(value) not in sizes:
            sizes[id(value)] = math.inf  # until it is known: who meets itself on the way is endless
            items = [*value, *value.values()] if isinstance(value, dict) else value
            sizes[id(value)] = 1.0 + sum(size(item) for item in items)
        return sizes[id(value)]

    return size(data)


class _Dumper(yaml.SafeDumper):
    """Mappings as blocks, vectors and small mappings on one line."""


def _sequence(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    flow = not any(isinstance(item, dict) for item in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=flow)


_Dumper.add_representer(list, _sequence)


def dump_yaml(data: dict[str, Any]) -> str:
    """Data as YAML in its own order, floats at full precision."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def _one_line(message: object) -> str:
    return " ".join(str(message).split())
