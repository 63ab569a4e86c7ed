"""Where a study is kept: a file in the output folder, or a database that many machines share."""

from __future__ import annotations

import os
import re
import sqlite3
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import optuna
import sqlalchemy
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.study import Study

from optimize.errors import OptimizeError

FILE = "study.db"
HEARTBEAT_S, GRACE_S = 10, 40
"""A running trial's worker reports so often; one that has been silent for longer is dead, and its trial is queued
again."""
RETRIES = 3
"""A trial that has killed its worker more often is given up."""
WAIT_S = 60
LONGEST_NAME = 512
"""Optuna's tables hold so many characters."""
DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "mysql": "mysql+pymysql"}
"""Where a URL names none."""


def check_study_name(name: str) -> None:
    """Refuse a name under which a study could not be found again.

    Raises:
        OptimizeError: blank, longer than storages hold, or with characters that do not show.
    """
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        shown = repr(name if len(name) <= 60 else name[:57] + "...")
        raise OptimizeError(f"`--study` must name a study in 1 to {LONGEST_NAME} printable characters, got {shown}")


def storage_url(url: str | None, folder: Path) -> str:
    """The URL of a storage: that given, with a driver, or a file in the output folder."""
    if url is None:
        return sqlalchemy.URL.create("sqlite", database=str(folder.absolute() / FILE)).render_as_string()
    scheme, colon, rest = url.partition("://")
    return DRIVERS.get(scheme, scheme) + colon + rest if colon else url


def without_password(url: str) -> str:
    """For messages and records."""
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", url)


def open_storage(url: str, heartbeat_s: int = HEARTBEAT_S, grace_s: int = GRACE_S) -> RDBStorage:
    """Open a storage, making its tables if need be.

    Raises:
        OptimizeError: no such database, or no driver for it.
    """
    embedded = url.startswith("sqlite")
    # A database that many share may have closed connections that were idle while a layout was scored.
    engine = {"connect_args": {"timeout": WAIT_S}} if embedded else {"pool_pre_ping": True}
    for attempt in range(5):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                storage = RDBStorage(
                    url,
                    engine_kwargs=engine,
                    heartbeat_interval=heartbeat_s,
                    grace_period=grace_s,
                    heartbeat_stale_trial_callback=RetryHeartbeatStaleTrialCallback(max_retry=RETRIES),
                )
            if embedded:
                sqlalchemy.event.listen(storage.engine, "connect", _write_ahead)
                storage.engine.dispose()  # connections that are open were made without it
            return storage
        except (sqlalchemy.exc.NoSuchModuleError, ImportError) as error:
            raise OptimizeError(_no_driver(url, error)) from error
        except sqlalchemy.exc.ArgumentError as error:
            raise OptimizeError(
                f"`--storage` must be a database URL such as postgresql://user@host/name, got {without_password(url)!r}"
            ) from error
        except sqlalchemy.exc.SQLAlchemyError as error:
            # Two machines that start at once both make the tables, and one of them fails: it finds them made.
            hopeless = isinstance(error, sqlalchemy.exc.OperationalError) and not _made_meanwhile(error)
            if attempt == 4 or hopeless:
                raise OptimizeError(f"cannot open the storage {without_password(url)}: {_short(error)}") from error
            time.sleep(0.2 * (attempt + 1) + 1e-3 * (os.getpid() % 200))
    raise AssertionError


@contextmanager
def storage_errors(url: str) -> Iterator[None]:
    """One line for a database that goes away, or takes no more, while the block runs.

    Raises:
        OptimizeError: it has.
    """
    try:
        yield
    except (sqlalchemy.exc.SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        raise OptimizeError(f"lost the storage {without_password(url)}: {type(error).__name__}") from error


def close_storage(study: Study) -> None:
    """Close a study's connections: an embedded database is one file again, and may be moved."""
    storage = study._storage
    backend = getattr(storage, "_backend", storage)  # Optuna puts a cache before it
    if isinstance(backend, RDBStorage):
        backend.remove_session()
        backend.engine.dispose()


def _write_ahead(connection: sqlite3.Connection, _: object) -> None:
    """A trial makes some fifty small writes: none waits for the disk, and a crash loses the last few at most."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


def _made_meanwhile(error: sqlalchemy.exc.OperationalError) -> bool:
    """MySQL says so of a table that another machine has just made (1050); of PostgreSQL it is no operational error."""
    return "already exists" in str(error.orig)


def _no_driver(url: str, error: BaseException) -> str:
    """Optuna names no package: drivers that a URL gets by default come with an extra."""
    scheme = url.partition("://")[0]
    extra = next((name for name, driver in DRIVERS.items() if driver == scheme), None)
    if extra is None:
        return f"no driver for the storage {without_password(url)}: {_short(error)}"
    return f"no driver for the storage {without_password(url)}, which needs: pip install hmcsim[{extra}]"


def _short(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).split())[:160]
