"""What a task that fails leaves behind in django-q's table and log."""

from __future__ import annotations

import traceback

import pytest

from integrations import tasks
from integrations.services import retention


def test_an_unexpected_error_reaches_the_queue_without_its_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        try:
            raise ValueError("born 1980-02-29")
        except ValueError as error:
            raise RuntimeError("Jane Roe") from error

    monkeypatch.setattr(retention, "prune", fail)
    with pytest.raises(tasks.TaskFailed, match="RuntimeError at test_tasks.py") as caught:
        tasks.prune()

    kept = "".join(traceback.format_exception(caught.value))
    assert "1980" not in kept
    assert "Jane" not in kept
