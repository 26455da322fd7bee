"""A measured row, the printed table and the machine it was measured on."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import connection


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what was measured, what it is, and what DESIGN section 10 asks for."""

    what: str
    measured: str
    wanted: str = ""


def machine() -> str:
    """Name processor, cores, memory and versions."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in _lines("/proc/cpuinfo")
            if line.startswith("model name")
        ),
        platform.processor() or "unknown processor",
    )
    memory = next((line.split()[1] for line in _lines("/proc/meminfo")), "0")
    server = connection.cursor().execute("SHOW server_version").fetchone()[0]
    return (
        f"{model}, {os.cpu_count()} cores, {int(memory) / 1024**2:.0f} GiB, "
        f"{platform.system()}, Python {platform.python_version()}, PostgreSQL {server}"
    )


def render(rows: Sequence[Row]) -> str:
    """Return the rows as aligned text."""
    widths = [max(len(cell) for cell in column) for column in zip(*map(_cells, rows), strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(_cells(row), widths, strict=True))
        for row in (Row("work", "measured", "wanted"), *rows)
    )
    return "\n".join(line.rstrip() for line in lines)


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value below which `share` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _cells(row: Row) -> tuple[str, str, str]:
    return row.what, row.measured, row.wanted


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []
