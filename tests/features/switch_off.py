"""Switch every feature off, one at a time, and see its named tests fail.

    python tests/features/switch_off.py [FEATURE ...]

Each feature's tests run in a process of their own. A named test counts as failing when one of its cases does. Ends
with 1 if any test passes without its feature, or cannot be run. About ten minutes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.features.features import FEATURES, Feature  # noqa: E402

_FAILED_LINE = re.compile(r"^FAILED (\S+?)(?:\[.*)?(?: - |$)", re.MULTILINE)


def survivors(name: str, feature: Feature) -> tuple[list[str], str]:
    """The named tests that do not fail without the feature, and what pytest said."""
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-rf", "-p", "no:cacheprovider", "--tb=line"]
    done = subprocess.run(
        [*command, *feature.tests],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "HMCSIM_TEST_OFF": name},
        check=False,
    )
    failed = set(_FAILED_LINE.findall(done.stdout))
    return [test for test in feature.tests if test not in failed], done.stdout[-3000:] + done.stderr[-2000:]


def main(names: list[str]) -> int:
    """Print the table."""
    unknown = [name for name in names if name not in FEATURES]
    if unknown:
        print(f"unknown feature {unknown[0]!r}. Features: {', '.join(FEATURES)}", file=sys.stderr)
        return 2
    left = 0
    for name in names or FEATURES:
        began = time.monotonic()
        passing, said = survivors(name, FEATURES[name])
        left += len(passing)
        for test in FEATURES[name].tests:
            verdict = "PASSES" if test in passing else "fails"
            print(f"{name:24s} {verdict:7s} {test}  ({time.monotonic() - began:.0f} s)", flush=True)
        if passing:
            print(said, flush=True)
    print(f"{left} named tests do not fail without their feature" if left else "every named test fails", flush=True)
    return int(left > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
