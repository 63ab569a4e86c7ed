"""The picture of learning.py: mesh error over how far off the headset sits, with and without donning variation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT = 560, 330
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 40, 48
KINDS = {"green": ("#1a7f37", "trained with donning variation"), "still": ("#c4420f", "trained as designed only")}
SPREAD = 0.025
"""Between seeds at one place, in donning priors, so that intervals do not cover each other."""


def curves(seen: Mapping[float, Mapping[str, Any]]) -> str:
    """An SVG.

    Args:
        seen: by multiple of the donning prior the "errors" of each encoder (mean and interval95, mm), named after
            kind and seed, and the "mean_predictor", mm.
    """
    names = list(next(iter(seen.values()))["errors"])
    top = 1.1 * max(value["interval95"][1] for one in seen.values() for value in one["errors"].values())
    top = max(top, 1.1 * max(one["mean_predictor"] for one in seen.values()))
    scales = sorted(seen)

    def x(scale: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (scale + 0.1) / (scales[-1] + 0.2)

    def y(mm: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * mm / top

    parts = [_frame(x, y, scales, top)]
    points = " ".join(f"{x(s):.1f},{y(seen[s]['mean_predictor']):.1f}" for s in scales)
    parts.append(f'<polyline points="{points}" fill="none" stroke="#777" stroke-dasharray="5 4"/>')
    parts.append(_text(x(scales[0]), y(seen[scales[0]]["mean_predictor"]) - 6, "mean of the labels", colour="#555"))
    for name in names:
        kind = name.partition("_")[0]
        offset = SPREAD * ([n for n in names if n.startswith(kind)].index(name) + (0.25 if kind == "still" else -0.25))
        parts.append(_curve([(x(s + offset), seen[s]["errors"][name]) for s in scales], y, KINDS[kind][0]))
    for k, (colour, words) in enumerate(KINDS.values()):
        at = LEFT + 250 * k
        parts.append(f'<line x1="{at}" y1="18" x2="{at + 22}" y2="18" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(at + 28, 22, words))
    inner = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>\n{inner}\n</svg>\n'
    )


def _frame(x: Any, y: Any, scales: Sequence[float], top: float) -> str:
    step = 0.5 if top > 1.0 else 0.2
    lines = []
    for k in range(int(top / step) + 1):
        at = y(k * step)
        lines.append(f'<line x1="{LEFT}" y1="{at:.1f}" x2="{WIDTH - RIGHT}" y2="{at:.1f}" stroke="#e3e3e3"/>')
        lines.append(_text(LEFT - 8, at + 4, f"{k * step:.1f}", "end"))
    lines += [_text(x(scale), HEIGHT - BOTTOM + 18, f"× {scale:g}", "middle") for scale in scales]
    lines.append(_text((LEFT + WIDTH) / 2, HEIGHT - 10, "how far off the headset sits, donning priors", "middle"))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    lines.append(f'<text transform="translate(16 {middle}) rotate(-90)" text-anchor="middle">mesh error, mm</text>')
    return "\n".join(lines)


def _curve(points: Sequence[tuple[float, Mapping[str, Any]]], y: Any, colour: str) -> str:
    line = " ".join(f"{at:.1f},{y(value['mean']):.1f}" for at, value in points)
    out = [f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>']
    for at, value in points:
        low, high = (y(mm) for mm in value["interval95"])
        out.append(f'<line x1="{at:.1f}" y1="{low:.1f}" x2="{at:.1f}" y2="{high:.1f}" stroke="{colour}"/>')
        out.append(f'<circle cx="{at:.1f}" cy="{y(value["mean"]):.1f}" r="2.5" fill="{colour}"/>')
    return "\n".join(out)


def _text(x: float, y: float, words: str, anchor: str = "start", colour: str = "#222") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'
