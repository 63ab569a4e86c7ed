"""Ctrl-C while Mitsuba renders: it cancels its integrator and hands the signal on, which may get lost on the way.

An exception that a signal raises while Mitsuba calls back into Python does not come out again. So the signal is noted
as well, and looked for after each rendering: a cancelled one is never taken for a whole one.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def noted_interrupts() -> Iterator[Callable[[], None]]:
    """Yields what raises KeyboardInterrupt if a SIGINT has come in this block; elsewhere than in the main thread Python
    handles no signals, and it does nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    came: list[int] = []
    before = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)
        if callable(before):
            before(number, frame)

    def check() -> None:
        if came and before is signal.default_int_handler:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, note)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)
