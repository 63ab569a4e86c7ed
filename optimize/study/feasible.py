"""Whether a space has any layout that keeps the constraints and, if not, which of them leaves none.

Most constraints ask about one part at a time, so each part's few coordinates are searched by themselves: far denser
than layouts as a whole ever could be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, OptimizeResult, differential_evolution
from scipy.stats import qmc

from headsets.search import Movable
from optimize.constraints import counts, power, view
from optimize.constraints.candidate import CAMERA
from optimize.constraints.check import Checker
from optimize.errors import OptimizeError
from optimize.space.axes import Choice

MM = 1e-3
NO_LAYOUT = "no layout in the search space is feasible"
TRIED = 256
"""Places of a part that are tried first, a power of two."""
GENERATIONS = 30
VIEWED = 32
"""Clear places from which a part's view is tried first."""


def explain_empty(checker: Checker) -> None:
    """Look for a place for every part, and for LEDs dim enough.

    Raises:
        OptimizeError: there is none; the message names the constraint, the part, and how near it comes.
    """
    for moved in checker.space.search.movables:
        if not moved.optional:
            _explain_part(checker, moved)
    _explain_fixed(checker)
    _explain_power(checker)
    _explain_counts(checker)


def _explain_part(checker: Checker, moved: Movable) -> None:
    mount = checker.space.mounts.get(moved.key)
    if mount is None:
        return
    intervals = {key: ends for key, ends in mount.intervals.items() if ends[0] < ends[1]}
    fixed = {key: low for key, (low, high) in mount.intervals.items() if low == high}

    def place(row: NDArray[np.float64]) -> NDArray[np.float64]:
        free = {k: low + u * (high - low) for (k, (low, high)), u in zip(intervals.items(), row, strict=True)}
        return np.asarray(mount.place({**free, **fixed})) * MM

    def margins(unit: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Of places at (N, free coordinates), each in [0, 1], twins included."""
        return _both(checker, np.array([place(row) for row in unit]), moved.twin)

    unit = np.zeros((1, 0))
    if intervals:
        unit = qmc.Sobol(len(intervals), rng=np.random.default_rng(0)).random(TRIED)
    found = margins(unit)
    clear = np.all([np.ones(len(unit), dtype=bool), *(values >= 0 for values in found.values())], axis=0)
    if clear.any():
        _explain_view(checker, moved, place, margins, unit[clear])
        return
    if intervals:  # what is left may be a sliver between the places tried
        start = unit[np.min(list(found.values()), axis=0).argmax()]
        best = _sought(lambda rows: -np.min(list(margins(rows).values()), axis=0), start, 0.0)
        if best.fun <= 0:
            return
        found = {name: np.append(values, margins(best.x[None])[name]) for name, values in found.items()}
    _refuse(found, moved)


def _refuse(found: Mapping[str, NDArray[np.float64]], moved: Movable) -> None:
    alone = {name: float(values.max()) for name, values in found.items()}
    what = _words(moved)
    name = min(alone, key=lambda constraint: alone[constraint])
    if alone[name] < 0:
        raise OptimizeError(
            f"{NO_LAYOUT}: wherever {what} may sit, it breaks {name!r}, "
            f"by {-alone[name]:.1f} mm at best; widen its mount or relax search.constraints"
        )
    # Each can be kept, but not all at once: name the pair that excludes each other most.
    names = list(found)
    pairs = {(a, b): float(np.minimum(found[a], found[b]).max()) for i, a in enumerate(names) for b in names[i + 1 :]}
    a, b = min(pairs, key=lambda pair: pairs[pair])
    raise OptimizeError(
        f"{NO_LAYOUT}: {what} cannot keep {a!r} and {b!r} at once, "
        f"short by {-min(pairs[a, b], 0.0):.1f} mm at best; widen its mount or relax search.constraints"
    )


def _words(moved: Movable) -> str:
    return f"{'camera' if moved.kind == 'cameras' else 'LED'} {moved.name!r}"


def _both(checker: Checker, points: NDArray[np.float64], twin: bool) -> dict[str, NDArray[np.float64]]:
    """Margins at points (N, 3), m, the smaller of part and twin: donnings are not symmetric."""
    own = checker.room_margins(points)
    if not twin:
        return own
    other = checker.room_margins(points * [-1.0, 1.0, 1.0])
    return {name: np.minimum(own[name], other[name]) for name in own}


def _explain_view(
    checker: Checker,
    moved: Movable,
    place: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    margins: Callable[[NDArray[np.float64]], Mapping[str, NDArray[np.float64]]],
    clear: NDArray[np.float64],
) -> None:
    """From the clear places (N, free coordinates), and then from whatever is clear and sees more."""
    if checker.view is None or view.NAME in checker.limits.ignore:
        return
    sight, wanted = checker.view, checker.limits.open_view
    camera = moved.kind == "cameras"
    regions = checker.space.spec.cameras[moved.name].sees if camera else ()

    def opened(row: NDArray[np.float64]) -> float:
        return sight.of_camera(place(row), regions) if camera else sight.of_led(place(row))

    tried = [opened(row) for row in clear[:VIEWED]]
    best = max(tried)
    if best < wanted and clear.shape[1]:

        def hidden(rows: NDArray[np.float64]) -> NDArray[np.float64]:
            """Share that is not free where a place is clear; beyond 1 what it lacks to be clear, mm."""
            short = -np.min(list(margins(rows).values()), axis=0)
            return np.array([1.0 + s if s > 0 else 1.0 - opened(row) for s, row in zip(short, rows, strict=True)])

        best = max(best, 1.0 - float(_sought(hidden, clear[int(np.argmax(tried))], 1.0 - wanted).fun))
    if best < wanted:
        raise OptimizeError(
            f"{NO_LAYOUT}: wherever {_words(moved)} may sit, it breaks 'view': at most {best:.0%} of "
            f"{'its regions' if camera else 'any region'} is free of shell and lens barrels, and "
            f"search.constraints.open_view is {wanted:g}"
        )


def _sought(
    shortfall: Callable[[NDArray[np.float64]], NDArray[np.float64]], start: NDArray[np.float64], enough: float
) -> OptimizeResult:
    """The least shortfall, of rows (N, coordinates) in [0, 1] each (N,); not less than `enough`."""

    def of_population(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return shortfall(np.atleast_2d(x.T))

    return differential_evolution(
        of_population,  # type: ignore[arg-type]  # the stubs know no vectorized=True
        Bounds(np.zeros(len(start)), np.ones(len(start))),
        x0=start,
        maxiter=GENERATIONS,
        popsize=8,
        rng=np.random.default_rng(0),
        polish=False,
        vectorized=True,
        updating="deferred",
        callback=lambda intermediate_result: intermediate_result.fun <= enough,
    )


def _explain_fixed(checker: Checker) -> None:
    """Parts that do not move must keep clear where they are."""
    space = checker.space
    params, _ = space.existing()
    layout = checker.candidate(space.layout(params))
    movable = {(m.kind, m.name) for m in space.search.movables if m.key in space.mounts or m.optional}
    for kind, parts in (("cameras", space.spec.cameras), ("leds", space.spec.leds)):
        movable |= {(kind, part.mirror or "") for name, part in parts.items() if (kind, name) in movable}
    for name, values in checker.room_margins(layout.positions).items():
        for i, value in enumerate(values):
            section = "cameras" if layout.kinds[i] == CAMERA else "leds"
            if value < 0 and (section, layout.names[i]) not in movable:
                raise OptimizeError(
                    f"{NO_LAYOUT}: {layout.part(i)}, which does not move, breaks "
                    f"{name!r} by {-value:.1f} mm; give it a mount or relax search.constraints"
                )


def _explain_power(checker: Checker) -> None:
    """With every optional LED off and every current at its lowest, does the budget hold?"""
    budget = checker.limits.led_power_mw
    if budget is None or power.NAME in checker.limits.ignore:
        return
    params, _ = checker.space.existing()
    for axis in checker.space.axes:
        if axis.name.startswith("leds."):
            if isinstance(axis, Choice) and axis.name.endswith(".on"):
                params[axis.name] = False
            elif not isinstance(axis, Choice) and axis.name.endswith(".current"):
                params[axis.name] = axis.low
    headset = checker.candidate(checker.space.layout(params)).headset
    if headset is not None and (least := power.led_power_mw(headset)) > budget:
        raise OptimizeError(
            f"{NO_LAYOUT}: at the lowest currents LEDs emit {least:.3g} mW, which breaks "
            f"'led_power' (led_power_mw: {budget:g})"
        )


def _explain_counts(checker: Checker) -> None:
    if counts.NAME in checker.limits.ignore:
        return
    search, spec = checker.space.search, checker.space.spec
    optional = {m.name for m in search.movables if m.optional}
    for what, section, parts, allowed in (
        ("cameras", "camera_count", spec.cameras, search.cameras),
        ("LEDs", "led_count", spec.leds, search.leds),
    ):
        sizes = {name: 2 if part.mirror else 1 for name, part in parts.items()}
        most = sum(sizes.values())
        least = sum(size for name, size in sizes.items() if name not in optional)
        if most < allowed.least or (allowed.most is not None and least > allowed.most):
            wanted = f"at least {allowed.least}" if most < allowed.least else f"at most {allowed.most}"
            has = f"{most}" if least == most else f"{least} to {most}"
            raise OptimizeError(f"{NO_LAYOUT}: it has {has} {what}, and 'count' wants {wanted} (search.{section})")
