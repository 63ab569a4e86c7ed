"""IES LM-63 photometric files (1991, 1995, 2002, 2019 text layout): only the shape of the distribution is used.

Source: ANSI/IES LM-63-02, "Standard File Format for the Electronic Transfer of Photometric Data".
Accepted: Type C photometry, TILT=NONE, vertical angles from 0 (nadir, the LED's axis). The profile of a
simulated LED is rotationally symmetric, so several horizontal planes are accepted only where they agree.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from headsets.errors import HeadsetError
from headsets.leds.table import Table

ASYMMETRY = 0.02
"""Largest difference between horizontal planes, relative to the axial intensity, that still counts as symmetric."""
COUNTS = 13  # numbers between the TILT line and the vertical angles: ten, then three
LARGEST_COUNT = 10_000


def read_ies(path: Path) -> Table:
    """Read the profile of an LM-63 file.

    Raises:
        HeadsetError: the file cannot be read or breaks a rule; the message names file and line.
    """
    try:
        text = path.read_text(encoding="latin-1")
    except OSError as error:
        raise HeadsetError(f"cannot read the IES file {path}: {error.strerror or error}") from error
    return parse_ies(text, str(path))


def parse_ies(text: str, source: str) -> Table:
    """Parse the text of an LM-63 file; `source` names it in errors."""
    lines = text.splitlines()
    tilt = next((i for i, line in enumerate(lines) if line.strip().upper().startswith("TILT")), None)
    if tilt is None:
        raise HeadsetError(f"an IES file needs a line TILT=NONE, found none ({source}: line {len(lines)})")
    value = lines[tilt].partition("=")[2].strip()
    if value.upper() != "NONE":
        raise HeadsetError(f"`TILT=NONE` must hold for an IES file, got TILT={value} ({source}: line {tilt + 1})")
    numbers, places = _numbers(lines, tilt + 1, source)

    def fail(index: int, message: str) -> HeadsetError:
        line = places[index] if index < len(places) else len(lines)
        return HeadsetError(f"{message} ({source}: line {line})")

    if len(numbers) < COUNTS:
        raise fail(len(numbers), f"an IES file needs {COUNTS} numbers after TILT, found {len(numbers)}")
    for index, name in ((3, "number of vertical angles"), (4, "number of horizontal angles")):
        count = numbers[index]
        if count != int(count) or not 1 <= count <= LARGEST_COUNT:
            raise fail(index, f"`1 <= {name} <= {LARGEST_COUNT}` must hold, got {count:g}")
    if numbers[5] != 1:
        raise fail(5, f"photometric type must be 1 (Type C), got {numbers[5]:g}")
    n_v, n_h = int(numbers[3]), int(numbers[4])
    needed = COUNTS + n_v + n_h + n_v * n_h
    if len(numbers) != needed:
        rule = f"{n_v} vertical and {n_h} horizontal angles need {needed} numbers after TILT"
        raise fail(min(len(numbers), needed), f"{rule}, found {len(numbers)}")
    vertical = numbers[COUNTS : COUNTS + n_v]
    candela = numbers[COUNTS + n_v + n_h :].reshape(n_h, n_v)
    if vertical[0] != 0:
        raise fail(COUNTS, f"vertical angles must start at 0 (the axis of the LED), got {vertical[0]:g}")
    bad = np.flatnonzero(np.diff(vertical) <= 0)
    if bad.size:
        raise fail(COUNTS + int(bad[0]) + 1, f"vertical angles must increase, got {vertical[bad[0] + 1]:g}")
    if vertical[-1] > 180 or n_v < 2:
        raise fail(
            COUNTS + n_v - 1, f"two or more vertical angles up to 180 are needed, got {n_v} up to {vertical[-1]:g}"
        )
    first = COUNTS + n_v + n_h
    if candela.min() < 0:
        raise fail(first + int(candela.argmin()), f"candela values must not be negative, got {candela.min():g}")
    if candela[0, 0] <= 0:
        raise fail(first, "the candela value on the axis must be positive, got 0")
    if np.ptp(candela, axis=0).max() > ASYMMETRY * candela[0, 0]:
        rule = f"horizontal planes must agree within {ASYMMETRY:.0%} of the axial value (a symmetric LED)"
        raise fail(first, f"{rule}, got {np.ptp(candela, axis=0).max() / candela[0, 0]:.0%}")
    return Table(tuple(np.deg2rad(vertical)), tuple(candela.mean(axis=0)))


def _numbers(lines: list[str], start: int, source: str) -> tuple[np.ndarray, list[int]]:
    """All numbers from line `start` (0-based) on, and the 1-based line of each; commas count as blanks."""
    values: list[float] = []
    places: list[int] = []
    for number, line in enumerate(lines[start:], start + 1):
        for word in line.replace(",", " ").split():
            try:
                value = float(word)
            except ValueError:
                raise HeadsetError(f"expected a number, got {word[:40]!r} ({source}: line {number})") from None
            if not np.isfinite(value):
                raise HeadsetError(f"numbers must be finite, got {word[:40]!r} ({source}: line {number})")
            values.append(value)
            places.append(number)
    return np.array(values), places
