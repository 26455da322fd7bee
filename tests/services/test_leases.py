"""The lease of a lane: exclusive, renewable, taken over after its time, by the database's clock."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.utils import timezone

from integrations.engine.errors import LeaseLost
from integrations.models import Intent, Lane, ObjectSync
from integrations.services import leases, ledger_sql
from tests import factories
from tests.services.lane_kit import expire_lease

pytestmark = pytest.mark.django_db


@pytest.fixture
def sync(db: None) -> ObjectSync:
    return factories.object_sync()


def test_a_lane_has_one_holder(sync: ObjectSync) -> None:
    lease = leases.acquire(sync.pk)
    assert lease is not None
    assert leases.acquire(sync.pk) is None
    assert leases.release(lease) is True
    assert leases.acquire(sync.pk) is not None


def test_a_dead_holder_is_replaced_and_what_it_was_writing_is_unknown(sync: ObjectSync) -> None:
    first = leases.acquire(sync.pk)
    assert first is not None
    link = factories.record_link(sync)
    Intent.objects.create(
        object_sync=sync,
        link=link,
        side="target",
        action="create",
        state="planned",
        fence=first.fence,
        created_at=timezone.now(),
    )
    expire_lease(sync.pk)
    second = leases.acquire(sync.pk)
    assert second is not None
    assert second.fence == first.fence + 1
    assert Intent.objects.get().state == "unknown"
    assert leases.renew(first) is False
    assert leases.release(first) is False
    assert leases.renew(second) is True
    with pytest.raises(LeaseLost):
        ledger_sql.check_fence(sync.pk, first.fence)
    ledger_sql.check_fence(sync.pk, second.fence)


def test_a_kept_lease_outlives_its_time(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "TTL", 0.3)
    sync = factories.object_sync()
    lease = leases.acquire(sync.pk)
    assert lease is not None
    with leases.kept(lease):
        waiting = threading.Event()
        refused = []
        for _moment in range(6):
            waiting.wait(0.15)
            refused.append(leases.acquire(sync.pk) is None)
    assert all(refused)


def test_of_many_workers_one_at_a_time_works_on_a_lane(
    transactional_db: None, in_thread: Callable[[Callable[[], object]], threading.Thread]
) -> None:
    sync = factories.object_sync()
    inside: list[int] = []
    overlaps: list[int] = []
    fences: list[int] = []
    guard = threading.Lock()

    def worker() -> None:
        for _turn in range(20):
            lease = leases.acquire(sync.pk)
            if lease is None:
                continue
            with guard:
                inside.append(lease.fence)
                fences.append(lease.fence)
                if len(inside) > 1:
                    overlaps.append(lease.fence)
            with guard:
                inside.remove(lease.fence)
            leases.release(lease)

    threads = [in_thread(worker) for _number in range(4)]
    for thread in threads:
        thread.join(30)
    assert overlaps == []
    assert len(fences) == len(set(fences))
    assert Lane.objects.get().fence == len(fences)
