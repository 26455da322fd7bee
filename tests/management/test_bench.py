"""The measurements: their arithmetic, and that each group really runs, small."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from integrations.management.bench import firms, measuring, passes
from integrations.management.bench.table import Row, machine, percentile, render
from integrations.services import connectors


@pytest.mark.parametrize(
    ("share", "value"), [(0.0, 1.0), (0.5, 6.0), (0.95, 10.0), (0.99, 10.0), (1.0, 10.0)]
)
def test_a_percentile_is_the_nearest_rank(share: float, value: float) -> None:
    assert percentile([float(n) for n in range(10, 0, -1)], share) == value


def test_rows_are_aligned_below_their_headings() -> None:
    head, short, longer = render(
        [Row("short", "1"), Row("a longer name", "2,000", "1,500")]
    ).splitlines()
    assert head.split() == ["work", "measured", "wanted"]
    assert short.index("1") == longer.index("2,000") == head.index("measured")


@pytest.mark.django_db
def test_the_machine_is_named_with_its_database() -> None:
    assert "cores" in machine()
    assert "PostgreSQL" in machine()


@pytest.fixture
def quiet(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing that a measurement sets outlive it."""
    monkeypatch.setattr(connectors, "MOUNTS", {})
    for name, value in measuring.SETTINGS.items():
        setattr(settings, name, value)


def said(_text: str) -> None:
    """Take what a measurement says."""


@pytest.mark.django_db(transaction=True)
def test_the_passes_write_every_patient_once(tmp_path: Path, quiet: None) -> None:
    rows = {row.what: row.measured for row in passes.measure(tmp_path, 60, said)}
    assert rows["patients / links / audit entries"].startswith("60 / 60 / ")
    assert float(rows["RXNT: first load, records/s"].replace(",", "")) > 0


@pytest.mark.django_db(transaction=True)
def test_the_passes_between_hubspot_and_thena_pair_everything(tmp_path: Path, quiet: None) -> None:
    rows = firms.measure(tmp_path, 60, said)
    assert rows[-1] == Row("accounts / contacts / links", "3 / 66 / 69")
    loads = [row.what for row in rows if row.wanted == "1,500"]
    assert loads == [
        "Thena: first load of companies, records/s",
        "Thena: first load of contacts, records/s",
    ]
    (thena,) = (row for row in rows[5:10] if "Thena requests" in row.what)
    assert thena.measured.endswith(" / 100.00"), "one call makes one contact"
