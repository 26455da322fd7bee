"""The measurements: their arithmetic, and that each group really runs, small."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from integrations.management.bench import passes
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


@pytest.mark.django_db(transaction=True)
def test_the_passes_write_every_contact_once(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connectors, "MOUNTS", {})
    for name, value in passes.SETTINGS.items():
        setattr(settings, name, value)
    rows = {row.what: row.measured for row in passes.measure(tmp_path, 60, lambda _text: None)}
    assert rows["patients / links / audit entries"].startswith("60 / 60 / ")
    assert float(rows["first load, records/s"].replace(",", "")) > 0
