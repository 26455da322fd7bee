"""Counts of links: exact while they are few, kept for a moment when they are many."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrations.models import ObjectSync, RecordLink
from integrations.services import link_counts
from tests.services.stage import Stage


@pytest.fixture
def sync(stage: Stage) -> ObjectSync:
    return stage.connect().object_syncs.get()


def add(sync: ObjectSync, name: str, state: str = "linked", reason: str = "created") -> None:
    now = timezone.now()
    RecordLink.objects.create(
        tenant=sync.tenant,
        object_sync=sync,
        hubspot_id=name,
        state=state,
        reason=reason,
        created_at=now,
        decided_at=now,
    )


def test_few_links_are_counted_each_time(sync: ObjectSync) -> None:
    assert link_counts.of([sync.pk]) == {sync.pk: {}}
    add(sync, "1")
    add(sync, "2")
    add(sync, "3", "failing", "rejected")
    expected = {("linked", "created"): 2, ("failing", "rejected"): 1}
    assert link_counts.of([sync.pk]) == {sync.pk: expected}


def test_many_links_are_counted_anew_only_after_a_moment(
    sync: ObjectSync,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(link_counts, "MANY", 2)
    add(sync, "1")
    add(sync, "2")
    link_counts.of([sync.pk])
    add(sync, "3")
    with django_assert_num_queries(0):
        assert link_counts.of([sync.pk]) == {sync.pk: {("linked", "created"): 2}}
    cache.clear()
    assert link_counts.of([sync.pk]) == {sync.pk: {("linked", "created"): 3}}
