"""The overview, its moving part, and the buttons that change an integration."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.models import Integration, Intent, JobRun, RecordLink, SyncState
from tests import factories
from tests.services.stage import LOGIN, PORTAL, Stage
from tests.views.conftest import Enter


@pytest.fixture
def ada(stage: Stage, enter: Enter) -> Client:
    """Give the owner's browser."""
    return enter(stage.ada)


@pytest.fixture
def there(joined: Integration) -> str:
    """Return the overview's address, with one record in sync and two that fail."""
    sync = joined.object_syncs.get()
    factories.record_link(sync, "900", "88200")
    for hubspot_id in ("901", "902"):
        factories.record_link(sync, hubspot_id, state="failing", reason="required_missing")
    RecordLink.objects.filter(state="failing").update(detail="Date of Birth.")
    return reverse("status", args=["acme", joined.pk])


def poll(client: Client, address: str, mark: str = "") -> tuple[int, str]:
    """Ask for the moving part like htmx does."""
    answer = client.get(address, {"mark": mark}, headers={"HX-Request": "true"})
    return answer.status_code, answer.content.decode()


def mark_of(part: str) -> str:
    """Return the mark that a part carries."""
    found = re.search(r'name="mark" value="([0-9a-f]+)"', part)
    assert found, part[:200]
    return found.group(1)


def test_failures_are_grouped_by_reason_with_remedy_and_records(there: str, ada: Client) -> None:
    page = ada.get(there).content.decode()

    assert "2 records" in page
    assert "Fill in the named fields in HubSpot" in page
    assert "Required fields are empty: Date of Birth." in page
    assert "?id=901" in page
    assert 'value="patients/required_missing"' in page


def test_counts_lead_to_the_records_of_that_state(
    there: str, joined: Integration, ada: Client
) -> None:
    page = ada.get(there).content.decode()
    address = reverse("records", args=["acme", joined.pk])

    assert f"{address}?sync=patients&amp;state=failing" in page
    records = ada.get(address, {"sync": "patients", "state": "failing"}).content.decode()
    assert "901" in records
    assert "88200" not in records


def test_a_poll_of_an_unchanged_page_is_answered_with_nothing(there: str, ada: Client) -> None:
    status, part = poll(ada, there)
    assert status == 200

    assert poll(ada, there, mark_of(part)) == (204, "")


def test_a_poll_after_a_change_brings_the_new_part_and_says_it_aloud(
    there: str, joined: Integration, ada: Client
) -> None:
    _status, part = poll(ada, there)
    factories.record_link(joined.object_syncs.get(), "903", state="failing", reason="rejected")

    status, part = poll(ada, there, mark_of(part))

    assert status == 200
    assert 'id="live-summary" hx-swap-oob="innerHTML">1 in sync, 3 need you' in part
    assert "<html" not in part


def test_writes_whose_end_is_unknown_are_counted(
    there: str, joined: Integration, ada: Client
) -> None:
    sync = joined.object_syncs.get()
    Intent.objects.create(
        object_sync=sync, link=RecordLink.objects.get(hubspot_id="900"), side="target",
        action="update", state="unknown", fence=1, created_at=timezone.now(),
    )  # fmt: skip

    page = ada.get(there).content.decode()

    assert re.search(r"Unconfirmed writes</abbr></dt>.*?>1<", page, re.S)


def test_pausing_and_resuming_say_what_happens(
    there: str, joined: Integration, ada: Client
) -> None:
    page = ada.post(reverse("pause", args=["acme", joined.pk]), follow=True).content.decode()
    joined.refresh_from_db()
    assert joined.state == SyncState.PAUSED
    assert "kept and synced after you resume" in page

    ada.post(reverse("resume", args=["acme", joined.pk]))
    joined.refresh_from_db()
    assert joined.state == SyncState.ACTIVE


def test_settings_offer_hubspots_stages_and_are_published(joined: Integration, ada: Client) -> None:
    address = reverse("settings", args=["acme", joined.pk])
    assert ">Customer<" in ada.get(address).content.decode()

    ada.post(address, {"trigger_stage": "opportunity", "incomplete_address": "quarantine"})

    joined.refresh_from_db()
    assert joined.settings["trigger_stage"] == "opportunity"
    assert joined.object_syncs.get().versions.count() == 2


def test_a_setting_that_hubspot_does_not_offer_is_refused(joined: Integration, ada: Client) -> None:
    address = reverse("settings", args=["acme", joined.pk])

    page = ada.post(address, {"trigger_stage": "nonsense", "incomplete_address": "fail"})

    assert "Select a valid choice" in page.content.decode()
    assert joined.object_syncs.get().versions.count() == 1


def test_deleted_properties_are_made_again(stage: Stage, joined: Integration, ada: Client) -> None:
    page = ada.post(reverse("repair", args=["acme", joined.pk]), follow=True).content.decode()

    assert "All properties were there already" in page


def test_disconnecting_says_what_is_kept_and_keeps_it(
    there: str, joined: Integration, ada: Client
) -> None:
    address = reverse("disconnect", args=["acme", joined.pk])
    assert "What is kept" in ada.get(address).content.decode()

    page = ada.post(address, follow=True).content.decode()

    joined.refresh_from_db()
    assert joined.state == SyncState.UNINSTALLED
    assert RecordLink.objects.count() == 3
    assert "are kept" in page
    assert ada.get(there).status_code == 200
    assert ada.post(reverse("resume", args=["acme", joined.pk])).status_code == 404


def test_what_was_disconnected_can_be_connected_again(
    stage: Stage, joined: Integration, ada: Client
) -> None:
    ada.post(reverse("disconnect", args=["acme", joined.pk]))

    again = reverse("credentials", args=["acme", "rxnt", joined.hubspot.pk])
    ada.post(again, LOGIN)

    joined.refresh_from_db()
    assert joined.state == SyncState.ACTIVE


def test_the_whole_app_is_uninstalled_when_asked(
    stage: Stage, joined: Integration, ada: Client
) -> None:
    ada.post(reverse("disconnect", args=["acme", joined.pk]), {"app": "1"})

    joined.hubspot.refresh_from_db()
    assert joined.hubspot.state == "uninstalled"
    assert joined.hubspot.tokens == ""
    assert joined.hubspot.account_id == str(PORTAL)


def a_run(joined: Integration, **values: object) -> JobRun:
    """Make a run that has been working for ten seconds."""
    started = timezone.now() - timedelta(seconds=10)
    defaults: dict[str, object] = {"kind": "manual", "state": "running", "started_at": started}
    return JobRun.objects.create(
        tenant=joined.tenant, object_sync=joined.object_syncs.get(), **(defaults | values)
    )


def test_a_run_shows_its_progress_and_the_time_left(joined: Integration, ada: Client) -> None:
    read = {"stages": ["hubspot"], "totals": {"hubspot": 1000}, "read": {"hubspot": 400}}
    run = a_run(
        joined, seen=400, total=1000, counts={"created": 390, "rejected": 10}, cursor="hubspot|",
        scope=read | {"pace": [2.0, 400]}, heartbeat_at=timezone.now(),
    )  # fmt: skip

    page = ada.get(reverse("run", args=["acme", joined.pk, run.pk])).content.decode()

    assert '<progress max="1" value="0.4"' in page
    assert "400 of 1,000 (40 %)" in page
    assert "less than a minute left" in page
    assert "390" in page


def test_the_last_poll_of_a_run_ends_the_polling(joined: Integration, ada: Client) -> None:
    run = a_run(joined, state="done", ended_at=timezone.now())

    status, part = poll(ada, reverse("run", args=["acme", joined.pk, run.pk]))

    assert status == 286
    assert "Done" in part


def test_a_run_is_cancelled_by_its_button(joined: Integration, ada: Client) -> None:
    run = a_run(joined)

    ada.post(reverse("run-cancel", args=["acme", joined.pk, run.pk]))

    run.refresh_from_db()
    assert run.state == "cancelled"


def test_long_lists_are_paged_by_key_without_a_gap(joined: Integration, ada: Client) -> None:
    sync = joined.object_syncs.get()
    made = [factories.record_link(sync, str(n)).hubspot_id for n in range(1000, 1120)]
    address = reverse("records", args=["acme", joined.pk])

    seen: list[str] = []
    query = "sync=patients"
    while query:
        page = ada.get(f"{address}?{query}")
        seen += [link.hubspot_id for link, *_more in page.context["rows"]]
        query = page.context["page"].next

    assert seen == made[::-1]
