"""Ctrl-C reaches every process of a terminal; workers leave it to their parent, and so end without a traceback each."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker


@contextmanager
def workers_ignore_interrupts() -> Iterator[None]:
    """Start worker processes in this block: they never see SIGINT, and none is lost half-started.

    Workers inherit that the signal is blocked. Here it is held back, and raised as the block ends: this thread's mask
    does not suffice, as the system hands the signal to any other thread.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # or the first process starts it, and it ends by unblocking the signal
    arrived: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: arrived.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
        if arrived:
            signal.raise_signal(signal.SIGINT)
