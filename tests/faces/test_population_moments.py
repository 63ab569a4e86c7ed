"""The carried moments against the survey's records, and the draws against the moments."""

import csv
from pathlib import Path

import numpy as np
import pytest

from faces.population.measurements import NAMES, NIOSH
from faces.population.moments import SEXES, draw_measurements, mean_measurements, niosh_moments

RECORDS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "niosh_2003_head_face.csv"
GROUP_CODES = {"white": "1.0", "black": "2.0", "hispanic": "3.0", "other": "4.0"}
AGE_CODES = ("1.0", "2.0", "3.0")


@pytest.fixture(scope="module")
def records() -> list[dict[str, str]]:
    if not RECORDS.exists():
        pytest.skip("the survey's records (shared/data/niosh_2003_head_face.csv) are not part of the product")
    with RECORDS.open(newline="") as stream:
        return [r for r in csv.DictReader(stream) if all(r[f"{name}_mm"] for name in NIOSH)]


def _table(rows: list[dict[str, str]]) -> np.ndarray:
    return np.array([[float(row[f"{name}_mm"]) for name in NIOSH] for row in rows])


@pytest.mark.parametrize(("sex", "code"), [("male", "M"), ("female", "F")])
def test_the_carried_moments_are_those_of_the_records(records: list[dict[str, str]], sex: str, code: str) -> None:
    rows = [row for row in records if row["sex"] == code]
    table, carried = _table(rows), niosh_moments().sexes[sex]
    assert carried.count == len(rows)
    np.testing.assert_allclose(carried.mean, table.mean(0), atol=1e-3)
    np.testing.assert_allclose(carried.sd, table.std(0, ddof=1), atol=1e-3)
    np.testing.assert_allclose(carried.correlation, np.corrcoef(table.T), atol=1e-4)
    for group, share, mean in zip(carried.groups, carried.group_share, carried.group_mean, strict=True):
        members = [row["race_group"] == GROUP_CODES[group] for row in rows]
        assert share == pytest.approx(np.mean(members), abs=1e-3)
        np.testing.assert_allclose(mean, table[members].mean(0), atol=0.02)
    ages = [np.mean([row["age_group"] == code for row in rows]) for code in AGE_CODES]
    np.testing.assert_allclose(carried.age_share, ages, atol=1e-3)


@pytest.mark.parametrize("sex", SEXES)
def test_groups_add_up_to_the_whole_sex(sex: str) -> None:
    moments = niosh_moments().sexes[sex]
    np.testing.assert_allclose(moments.group_share @ moments.group_mean, moments.mean, atol=1e-9)
    total = moments.within.copy()
    for share, mean in zip(moments.group_share, moments.group_mean, strict=True):
        total += share * np.outer(mean - moments.mean, mean - moments.mean)
    np.testing.assert_allclose(total, moments.correlation * np.outer(moments.sd, moments.sd), atol=1e-9)
    assert np.linalg.eigvalsh(moments.within).min() > 0


@pytest.mark.parametrize("sex", SEXES)
def test_draws_have_the_moments(sex: str) -> None:
    moments, rng, count = niosh_moments().sexes[sex], np.random.default_rng(5), 20_000
    groups = rng.choice(len(moments.groups), size=count, p=moments.group_share)
    drawn = np.array([draw_measurements(sex, int(g), rng.standard_normal(len(NAMES))) for g in groups])[:, : len(NIOSH)]
    assert np.abs((drawn.mean(0) - moments.mean) / moments.sd).max() < 0.035  # five standard errors
    np.testing.assert_allclose(drawn.std(0) / moments.sd, 1.0, atol=0.04)  # clipped tails cost 2 %
    np.testing.assert_allclose(np.corrcoef(drawn.T), moments.correlation, atol=0.04)


@pytest.mark.parametrize("sex", SEXES)
def test_no_draw_is_absurd(sex: str) -> None:
    centre = mean_measurements(sex)
    wild = draw_measurements(sex, 0, np.full(len(NAMES), 50.0))
    assert np.all(wild > 0)
    assert np.all(wild < 2.2 * centre)
