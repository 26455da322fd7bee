"""The audit log over the REST API: narrowed, paged, with health values masked."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import transaction

from integrations.engine.mapping import Privacy
from integrations.models import ObjectSync
from integrations.services import audit
from tests import factories
from tests.api.conftest import Api


def wrote(sync: ObjectSync, hubspot_id: str, target_id: str, reason: str = "updated") -> None:
    """Leave the entry of one write behind."""
    link = factories.record_link(sync, hubspot_id, target_id)
    draft = audit.AuditDraft(
        tenant_id=sync.tenant_id,
        action="update",
        reason=reason,
        object_sync_id=sync.pk,
        link_id=link.pk,
        hubspot_id=hubspot_id,
        target_id=target_id,
        side="target",
        before={"DOB": date(1988, 2, 28), "LastName": "Brandt"},
        after={"DOB": date(1988, 2, 29), "LastName": "Hale"},
        privacy={"DOB": Privacy.HEALTH},
        duration_ms=41,
    )
    with transaction.atomic():
        audit.append([draft])


def written(answer: Any) -> list[str]:
    """Return the HubSpot ids of the writes in an answer."""
    return [row["hubspot_id"] for row in answer.json()["items"] if row["action"] == "update"]


def test_an_entry_shows_before_and_after_with_health_values_masked(
    ada: Api, sync: ObjectSync
) -> None:
    wrote(sync, "901", "T1")

    answer = ada.get("audit/")
    entry = answer.json()["items"][0]

    assert entry["before"] == {"DOB": audit.MASK, "LastName": "Brandt"}
    assert entry["after"] == {"DOB": audit.MASK, "LastName": "Hale"}
    assert entry["duration_ms"] == 41
    assert entry["sentence"]
    assert "1988" not in answer.content.decode()
    assert "sealed" not in entry


def test_what_people_did_names_them(ada: Api, sync: ObjectSync) -> None:
    ada.post(f"object-syncs/{sync.pk}/pause/")

    entry = ada.get("audit/").json()["items"][0]

    assert (entry["action"], entry["actor"]) == ("sync.paused", "ada")
    assert entry["object_sync"] == str(sync.pk)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["903", "902", "901"]),
        ("record=902", ["902"]),
        ("record=T3", ["903"]),
        ("record=nobody", []),
        ("reason=rejected", ["903"]),
        ("record=901&reason=rejected", []),
        ("failed=true", ["903"]),
        ("action=update", ["903", "902", "901"]),
        ("action=create", []),
        ("since=2026-01-01T00:00:00Z", ["903", "902", "901"]),
        ("until=2026-01-01T00:00:00Z", []),
        ("object_sync={sync}", ["903", "902", "901"]),
    ],
)
def test_entries_are_narrowed(query: str, expected: list[str], ada: Api, sync: ObjectSync) -> None:
    wrote(sync, "901", "T1")
    wrote(sync, "902", "T2")
    wrote(sync, "903", "T3", "rejected")

    assert written(ada.get(f"audit/?{query.format(sync=sync.pk)}")) == expected


def test_pages_follow_each_other(ada: Api, sync: ObjectSync) -> None:
    for number in range(5):
        wrote(sync, f"90{number}", f"T{number}")

    page = ada.get("audit/?reason=updated&limit=3")
    after = ada.get(page.json()["next"].removeprefix("https://portal.test/api/v1/"))

    assert written(page) + written(after) == ["904", "903", "902", "901", "900"]


def test_a_wrong_reason_is_named(ada: Api) -> None:
    wrong = ada.get("audit/?reason=bad+luck&since=yesterday&object_sync=7")

    assert set(wrong.json()["fields"]) == {"reason", "since", "object_sync"}


def test_a_stranger_reads_only_the_history_of_their_own(
    ada: Api, bob: Api, sync: ObjectSync
) -> None:
    wrote(sync, "901", "T1")

    for query in ("", "record=901", "record=T1", "reason=updated"):
        assert written(bob.get(f"audit/?{query}")) == []
