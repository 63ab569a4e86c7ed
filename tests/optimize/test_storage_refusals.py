"""Databases that cannot hold a study, or have no driver: one line each, and nothing left behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import optuna
import pytest
import sqlalchemy
from optuna.study import Study

from optimize.errors import OptimizeError
from optimize.study.run import Where, prepare
from optimize.study.storage import open_storage, storage_url
from tests.optimize.search_cases import HEAD, faces, green, part, settings


@pytest.mark.parametrize(("url", "extra"), [("mysql://u:pw@h/n", "mysql"), ("postgresql://u:pw@h/n", "postgresql")])
def test_a_missing_driver_is_named_with_its_extra(url: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> Any:
        raise ImportError("no such module")

    monkeypatch.setattr("optimize.study.storage.RDBStorage", missing)
    with pytest.raises(OptimizeError) as error:
        open_storage(storage_url(url, Path()))
    assert str(error.value).endswith(f"u:***@h/n, which needs: pip install hmcsim[{extra}]")


def test_tables_that_another_machine_makes_at_the_same_moment_are_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As two workers that start at once met it on MariaDB 10.11."""
    real, calls = optuna.storages.RDBStorage, []

    def second(*given: Any, **named: Any) -> Any:
        calls.append(given)
        if len(calls) == 1:
            made = Exception(1050, "Table 'studies' already exists")
            raise sqlalchemy.exc.OperationalError("create table studies", {}, made)
        return real(*given, **named)

    monkeypatch.setattr("optimize.study.storage.RDBStorage", second)
    open_storage(storage_url(None, tmp_path))
    assert len(calls) == 2


def test_a_record_that_the_database_does_not_take_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As MySQL does beyond 65,535 bytes (seen on MariaDB 10.11 with a note of 70,000 letters)."""

    def too_long(*_: object) -> None:
        raise optuna.exceptions.StorageInternalError("exceeding max length")

    monkeypatch.setattr(Study, "set_user_attr", too_long)
    where = Where(tmp_path)
    with pytest.raises(OptimizeError, match=r"does not take the study's headset and settings, \d+ bytes: MySQL"):
        prepare(green(), part(), HEAD, settings(), where, 2, faces=faces())
    assert optuna.get_all_study_names(open_storage(storage_url(None, tmp_path))) == []


def test_a_database_that_goes_away_before_the_first_trial_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> Any:
        raise sqlalchemy.exc.OperationalError("select", {}, Exception("server has gone away"))

    monkeypatch.setattr(optuna, "create_study", gone)
    with pytest.raises(OptimizeError, match=r"lost the storage sqlite:.*OperationalError"):
        prepare(green(), part(), HEAD, settings(), Where(tmp_path), 2, faces=faces())
