"""`run_sync` beside workers; what it prints is proved with the explain command."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from integrations.services import leases
from tests.services.lane_kit import LaneKit
from tests.services.stage import Stage


def test_a_lane_that_a_worker_has_is_waited_for(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = LaneKit(stage)
    kit.contacts(2)
    lease = leases.acquire(kit.sync.pk)
    assert lease is not None
    waits: list[float] = []

    def rest(seconds: float) -> None:
        waits.append(seconds)
        leases.release(lease)

    monkeypatch.setattr("integrations.management.commands.run_sync.time.sleep", rest)
    said = StringIO()
    call_command("run_sync", str(kit.sync.pk), "--fired", stdout=said)
    assert "2 seen, 2 written" in said.getvalue()
    assert len(waits) == 1


def test_a_paused_lane_is_not_waited_for(stage: Stage) -> None:
    kit = LaneKit(stage)
    kit.sync.state = "paused"
    kit.sync.save(update_fields=["state"])
    with pytest.raises(CommandError, match="Not every run"):
        call_command("run_sync", str(kit.sync.pk), stdout=StringIO())
    assert not leases.held(kit.sync.pk)
