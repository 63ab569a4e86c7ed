"""Templates of `assets/`, filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from hmcsim.report.pictures import readable
from sim.counted import counted


def page(name: str, context: Mapping[str, object]) -> str:
    """A template of `assets/` filled in; it may include others."""
    environment = Environment(
        loader=FunctionLoader(asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["readable"] = readable
    environment.filters["minus"] = lambda text: text.replace("-", "−")
    environment.filters["counted"] = counted
    environment.filters["share"] = lambda value: f"{100 * value:.0f} %"
    return environment.get_template(name).render(context)


def asset(name: str) -> str:
    """Text of a file of `assets/`."""
    return (files("hmcsim.report") / "assets" / name).read_text(encoding="utf-8")


def script_json(value: object) -> Markup:
    """JSON that may stand inside a script element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("</", "<\\/").replace("<!--", "<\\!--"))
