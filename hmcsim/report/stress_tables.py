"""Tables of a stress test: what is borne, and pairs of factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LIMITS = ("absolute", "relative")


@dataclass(frozen=True)
class BorneRow:
    """Of one factor, by encoder and limit, what is borne in words; None: the encoder was not tried on it."""

    factor: str
    cells: tuple[tuple[str, str] | None, ...]


@dataclass(frozen=True)
class PairRow:
    """One pair, as printed.

    Attributes:
        parts: factor, its step, and what that costs alone, mm.
        verdict: joint increase against the sum of both.
    """

    parts: tuple[tuple[str, str, str], ...]
    total: str
    joint: str
    excess: str
    error: str
    verdict: str
    fails: bool


def borne_rows(runs: Sequence[Mapping[str, Any]]) -> list[BorneRow]:
    """A row a factor, in the order in which encoders have them."""
    names = list(dict.fromkeys(name for run in runs for name in run["factors"]))
    return [BorneRow(name, tuple(_cells(run, name) for run in runs)) for name in names]


def pair_rows(run: Mapping[str, Any]) -> list[PairRow]:
    """Those with the largest joint error first."""
    found = sorted(run["pairs"]["found"], key=lambda pair: -pair["errors"]["mesh_mm"]["mean"])
    return [
        PairRow(
            tuple(
                (name, step, f"{alone:+.2f}")
                for name, step, alone in zip(pair["factors"], pair["steps"], pair["alone_mm"], strict=True)
            ),
            f"{pair['sum_mm']:+.2f}",
            signed(pair["increase_mm"]),
            signed(pair["excess_mm"]),
            f"{pair['errors']['mesh_mm']['mean']:.2f}",
            pair["verdict"],
            pair["fails"],
        )
        for pair in found
    ]


def borne(factor: Mapping[str, Any], nominal: float, name: str, limit: float) -> str:
    """From where to where the error stays below a limit, in words."""
    if nominal >= limit:
        return "nominally above"
    if "tolerance" not in factor:
        over = [step["label"] for step in factor["steps"] if step["errors"]["mesh_mm"]["mean"] >= limit]
        if not over:
            return "all"
        return f"all but {', '.join(over)}" if len(over) < len(factor["steps"]) else "none"
    low, high = factor["tolerance"][name]
    sign = "+" if any(step["severity"] < 0 for step in factor["steps"]) else ""
    below, above = ("" if value is None else f"{value:{sign}.2g}" for value in (low, high))
    if not (below or above):
        return "all"
    words = f"{below} to {above}" if below and above else f"from {below}" if below else f"up to {above}"
    return f"{words} {factor['unit']}"


def signed(value: Mapping[str, Any]) -> str:
    """A difference with its interval."""
    between = value["interval95"]
    text = f"{value['mean']:+.2f}"
    return text if between is None else f"{text} ({between[0]:+.2f} to {between[1]:+.2f})"


def _cells(run: Mapping[str, Any], name: str) -> tuple[str, str] | None:
    if name not in run["factors"]:
        return None
    nominal = run["nominal"]["errors"]["mesh_mm"]["mean"]
    one, other = (borne(run["factors"][name], nominal, limit, run["limits_mm"][limit]) for limit in LIMITS)
    return one, other
