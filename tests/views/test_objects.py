"""What the overview shows of each object pair, its buttons, and the download of its records."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.test import Client
from django.urls import reverse

from integrations.models import AuditEntry, JobRun, ObjectSync, RunKind, SyncState
from integrations.services import schemas
from tests import factories
from tests.services.desk import Desk
from tests.views.conftest import there


def overview(desk: Desk, client: Client) -> str:
    """Return the overview's page."""
    there_is = reverse("status", args=[desk.acme.slug, desk.sync.integration_id])
    return client.get(there_is).content.decode()


def test_a_sync_that_is_being_set_up_leads_to_its_fields(desk: Desk, ada: Client) -> None:
    page = overview(desk, ada)

    assert "HubSpot ⇄ Desk" in page
    assert "Connected. Nothing is synced yet." in page
    assert there(desk, "fields") in page
    assert "Sync now" not in page


def test_a_published_sync_shows_totals_runs_and_the_next_passes(desk: Desk, ada: Client) -> None:
    desk.people(3)
    desk.publish()
    ObjectSync.objects.update(hubspot_total=1_234)

    page = overview(desk, ada)

    assert "1,234" in page
    assert "First load" in page
    assert "Next: Safety pass" in page
    assert "Last full pass" in page


def test_a_changed_field_is_announced(desk: Desk, ada: Client) -> None:
    desk.publish()
    del desk.hubspot.specs["name"]
    schemas.refresh(desk.sync.integration.hubspot, "contacts")

    assert "1 field changed in one of the systems." in overview(desk, ada)


def test_sync_now_opens_a_full_pass_and_shows_it(desk: Desk, ada: Client) -> None:
    desk.publish()

    answer = ada.post(there(desk, "object-sync"))

    run = JobRun.objects.get(kind=RunKind.MANUAL)
    assert answer.headers["Location"].endswith(f"/runs/{run.pk}/")
    assert run.requested_by == desk.ada


def test_sync_now_of_a_sync_without_a_version_says_what_is_missing(desk: Desk, ada: Client) -> None:
    page = ada.post(there(desk, "object-sync"), follow=True).content.decode()

    assert "Publish or resume it first." in page
    assert not JobRun.objects.exists()


def test_one_object_is_paused_and_resumed(desk: Desk, ada: Client) -> None:
    desk.publish()

    page = ada.post(there(desk, "object-pause"), follow=True).content.decode()
    assert desk.sync.state == SyncState.PAUSED
    assert "Changes are kept and synced after you resume." in page

    ada.post(there(desk, "object-resume"))
    assert desk.sync.state == SyncState.ACTIVE


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({}, {"901", "902"}),
        ({"state": "failing"}, {"902"}),
        ({"sync": "contacts", "reason": "rejected"}, {"902"}),
        ({"state": "nonsense"}, {"901", "902"}),
    ],
)
def test_records_are_downloaded_as_they_are_narrowed(
    query: dict[str, str], ids: set[str], desk: Desk, ada: Client
) -> None:
    factories.record_link(desk.sync, "901")
    factories.record_link(desk.sync, "902", state="failing", reason="rejected")

    address = reverse("records-export", args=[desk.acme.slug, desk.sync.integration_id])
    answer = ada.get(address, query)

    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))
    assert {cell for row in rows[1:] for cell in row} & {"901", "902"} == ids
    assert "attachment" in answer.headers["Content-Disposition"]
    assert AuditEntry.objects.filter(action="records.exported").count() == 1


@pytest.mark.parametrize("state", ['x"; filename="evil.html', "failing\r\nX-Evil: 1", "nonsense"])
def test_an_address_cannot_name_the_file(state: str, desk: Desk, ada: Client) -> None:
    address = reverse("records-export", args=[desk.acme.slug, desk.sync.integration_id])

    answer = ada.get(address, {"state": state})

    named = answer.headers["Content-Disposition"]
    assert re.fullmatch(r'attachment; filename="records-[\d-]{10}\.csv"', named)
