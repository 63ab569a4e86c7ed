"""An eye safety estimate in words and rounded numbers, as table and report show it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from headsets.eye_safety import CORNEA_CLAUSE, EXEMPT_CLAUSE, PULSE_CLAUSE, RETINA_CLAUSE, corneal_limit
from headsets.eye_safety.limits import ICNIRP_RETINAL, IEC_RETINAL
from hmcsim.safety_result import SafetyEstimate, Source
from sim.metrics.corneas import GAZES

MODE_NAMES = {"normal": "Strobed, as designed", "stuck_on": "Fault: every strobe stuck on"}
HAZARDS = {CORNEA_CLAUSE: "the cornea", RETINA_CLAUSE: "the retina", PULSE_CLAUSE: "the retina in a single flash"}
ICNIRP_SOURCE = "ICNIRP 2013, eq. 9"
NEAR_EYE = (
    "Sources nearer than 100 mm are covered: irradiance is taken at the cornea where it is, and retinal images are "
    "counted as sharp, though no eye focuses so near."
)
TAKE_THE_SMALLER = (
    "Take the smaller one, unless something independent of the strobe's control cuts a stuck LED off in time."
)
IGNORED = (
    "Left out: light from skin and shell, spread of LEDs within a bin (up to 2:1), lenses or glasses that focus. "
    "Nothing shadows the eyes and lids stay open."
)


@dataclass(frozen=True)
class SafetyRow:
    """One line: a quantity at both eyes, its limit, the larger share of it, and the clause."""

    what: str
    left: str
    right: str
    limit: str
    share: str
    clause: str


def percent(share: float) -> str:
    """A share with two figures below 10 %."""
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.2g} %"


def cut(value: float) -> str:
    """Three figures, never rounded up: that could pass a limit."""
    step = 10.0 ** (math.floor(math.log10(value)) - 2)
    return f"{math.floor(value / step + 1e-9) * step:.3g}" if value < 1000 else f"{math.floor(value / step) * step:.0f}"


def mode_rows(estimate: SafetyEstimate, mode: str) -> list[SafetyRow]:
    """The lines of one mode; none without LEDs."""
    eyes = estimate.of(mode)
    if not eyes:
        return []
    limit = f"{corneal_limit():g} W/m²"
    mean = [e.mean_w_m2 for e in eyes]
    rows = [
        _row("corneal irradiance, mean", map(_irradiance, mean), limit, max(mean) / corneal_limit(), CORNEA_CLAUSE),
        _row(
            "corneal irradiance, worst",
            [_irradiance(e.worst_w_m2) for e in eyes],
            limit,
            max(e.corneal_share for e in eyes),
            CORNEA_CLAUSE,
        ),
        _row(
            "retinal radiance, worst LED",
            [f"{_radiance(e.source.radiance_w_m2_sr)}\n{e.source.leds[0]}" for e in eyes],
            _radiance(min(e.source.limit_w_m2_sr for e in eyes)),
            max(e.source.share for e in eyes),
            RETINA_CLAUSE,
        ),
        _shares("LEDs within 100 mrad together", [e.group for e in eyes], RETINA_CLAUSE),
        _shares("the same, limit 6300/α", [e.group for e in eyes], ICNIRP_SOURCE, IEC_RETINAL / ICNIRP_RETINAL),
    ]
    flashes = [e.pulse for e in eyes if e.pulse is not None]
    if flashes:
        rows.append(_shares("a single flash, likewise", flashes, PULSE_CLAUSE))
    return rows


def largest_current(estimate: SafetyEstimate, mode: str) -> str:
    """The largest current within the exempt group, as a multiple and in mW/sr."""
    most = estimate.largest_factor(mode)
    intensities = ", ".join(cut(i * most) for i in estimate.intensities_mw_sr)
    hazard = HAZARDS[estimate.limited_by(mode)]
    return f"× {cut(most)}, up to {intensities} mW/sr on axis ({hazard} decides; {EXEMPT_CLAUSE})"


def verdict(estimate: SafetyEstimate) -> str:
    """One sentence."""
    if not estimate.leds:
        return "The headset has no LEDs: there is nothing to assess."
    normal, stuck = estimate.share("normal"), estimate.share("stuck_on")
    if normal > 1:
        return f"Above the exempt group's limits as designed ({percent(normal)} of the tightest)."
    fault = "within them" if stuck <= 1 else "above them"
    return (
        f"Within the exempt group's limits as designed ({percent(normal)} of the tightest), and {fault} with every "
        f"strobe stuck on ({percent(stuck)})."
    )


def circumstances(estimate: SafetyEstimate) -> str:
    """What the figures are taken over."""
    c = estimate.config
    nearest = f" Nearest LED to a cornea: {estimate.nearest_mm:.1f} mm." if estimate.leds else ""
    return (
        f"Wearers × donnings × directions of gaze: {c.identities} × {c.donnings} × {GAZES}, seed {c.seed}; the worst "
        f"point of the cornea counts.{nearest}"
    )


def _irradiance(value: float) -> str:
    return f"{value:.3g} W/m²"


def _radiance(value: float) -> str:
    return f"{value / 1e3:.3g} kW/m²/sr"


def _row(what: str, cells: Iterable[str], limit: str, share: float, clause: str) -> SafetyRow:
    left, right = cells
    return SafetyRow(what, left, right, limit, percent(share), clause)


def _shares(what: str, sources: Sequence[Source], clause: str, scale: float = 1.0) -> SafetyRow:
    names = [" +\n".join(source.leds) for source in sources]
    cells = [
        f"{percent(scale * s.share)}" + (f"\n{n}" if scale == 1 else "") for s, n in zip(sources, names, strict=True)
    ]
    return _row(what, cells, "100 %", scale * max(s.share for s in sources), clause)
