"""The page that explains any record, and the buttons that act on what it shows."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.connectors.sandbox_faults import Fault, FaultKind
from integrations.engine.ports import Priority
from integrations.engine.records import Side
from integrations.models import AuditEntry, Event, Hint, Integration, RecordLink
from integrations.services import hints, lanes
from integrations.services.hints import NewHint
from tests.services.stage import PORTAL, Stage
from tests.views.conftest import Enter

WHOLE = {"firstname": "Ida", "lastname": "Brandt", "rxnt_date_of_birth": "1988-02-29"}


@pytest.fixture
def ada(stage: Stage, enter: Enter) -> Client:
    """Give the owner's browser."""
    return enter(stage.ada)


def contact(stage: Stage, joined: Integration, **values: str) -> str:
    """Create a contact in HubSpot that enters the trigger, and let the lane work."""
    made = stage.people[PORTAL].create_contact(WHOLE | {"lifecyclestage": "customer"} | values)
    sync = joined.object_syncs.get()
    hint = NewHint(Side.HUBSPOT, made, Priority.WEBHOOK, fired=True, due_at=timezone.now())
    hints.raise_hints(sync.pk, [hint])
    lanes.work(sync.pk)
    return made


def ask(client: Client, joined: Integration, text: str, **more: str) -> str:
    """Search for an id; return the page."""
    address = reverse("why", args=["acme", joined.pk])
    return client.get(address, {"id": text} | more).content.decode()


def test_a_failed_record_names_the_empty_field_and_the_remedy(
    stage: Stage, joined: Integration, ada: Client
) -> None:
    failed = contact(stage, joined, rxnt_date_of_birth="")

    page = ask(ada, joined, failed)

    assert "Required fields are empty: Date of Birth" in page
    assert "Fill in the named fields in HubSpot" in page
    assert ">Failing<" in page


def test_health_values_are_masked_and_names_are_not(
    stage: Stage, joined: Integration, ada: Client
) -> None:
    page = ask(ada, joined, contact(stage, joined, phone="4105550142"))

    assert "Brandt" in page
    assert "••••" in page
    assert "1988" not in page
    assert "4105550142" not in page


def test_a_record_is_found_by_each_of_its_ids(
    stage: Stage, joined: Integration, ada: Client
) -> None:
    made = contact(stage, joined)
    link = RecordLink.objects.get(hubspot_id=made)

    for text in (made, link.target_id, link.external_key):
        page = ask(ada, joined, text)
        assert f"/record/0-1/{made}" in page, text
        assert link.target_id in page


def test_a_contact_the_portal_never_saw_is_explained_all_the_same(
    stage: Stage, joined: Integration, ada: Client
) -> None:
    made = stage.people[PORTAL].create_contact(WHOLE | {"lifecyclestage": "customer"})

    page = ask(ada, joined, made)

    assert "never seen" in page
    assert "has not entered the trigger stage" in page
    assert "It would be created in the other system now." in page
    assert not RecordLink.objects.exists()


def test_a_contact_in_another_stage_names_the_condition_and_the_value(
    stage: Stage, joined: Integration, ada: Client
) -> None:
    lead = stage.people[PORTAL].create_contact(WHOLE | {"lifecyclestage": "lead"})

    page = ask(ada, joined, lead)

    assert "“Lifecycle Stage” must be “customer”, but it is “lead”." in page


def test_an_id_that_nobody_has_is_said_to_be_unknown(joined: Integration, ada: Client) -> None:
    assert "has a record with the id 404404404" in ask(ada, joined, "404404404")


@pytest.mark.parametrize("text", ["", "   ", "<script>alert(1)</script>", "x" * 400, "%00"])
def test_nonsense_is_answered_with_a_page(text: str, joined: Integration, ada: Client) -> None:
    page = ask(ada, joined, text)

    assert "Nothing is written by looking" in page
    assert "<script>alert" not in page


def test_looking_writes_nothing(stage: Stage, joined: Integration, ada: Client) -> None:
    made = stage.people[PORTAL].create_contact(WHOLE | {"lifecyclestage": "customer"})
    before = AuditEntry.objects.count()

    ask(ada, joined, made)

    assert AuditEntry.objects.count() == before
    assert not RecordLink.objects.exists()
    assert not Hint.objects.exists()


def test_the_timeline_holds_notices_and_what_was_written(
    stage: Stage, joined: Integration, ada: Client
) -> None:
    made = contact(stage, joined)
    now = timezone.now()
    Event.objects.create(
        tenant=stage.acme, connection=joined.hubspot, dedup_key="k", object_type="contacts",
        kind="changed", record_id=made, property="lifecyclestage", occurred_at=now,
        received_at=now, outcome="event_not_trigger",
    )  # fmt: skip

    page = ask(ada, joined, made)

    assert "Notice: Changed" in page
    assert "does not start this integration" in page
    assert "<ins>Brandt</ins>" in page


def test_sync_now_puts_the_record_first_and_comes_back(
    stage: Stage, joined: Integration, ada: Client
) -> None:
    made = stage.people[PORTAL].create_contact(WHOLE | {"lifecyclestage": "customer"})
    form = {"group": "patients", "side": "hubspot", "id": made}

    answer = ada.post(reverse("sync-now", args=["acme", joined.pk]), form)

    assert answer.headers["Location"].endswith(f"?id={made}&side=hubspot&sync=patients&looks=0")
    assert Hint.objects.get().priority == Priority.PERSON
    lanes.work(joined.object_syncs.get().pk)
    assert RecordLink.objects.get(hubspot_id=made).state == "linked"
    assert AuditEntry.objects.filter(action="record.sync_now", actor=stage.ada).exists()


def test_after_sync_now_the_page_looks_again_until_the_outcome_is_there(
    stage: Stage, joined: Integration, ada: Client
) -> None:
    made = stage.people[PORTAL].create_contact(WHOLE | {"lifecyclestage": "customer"})
    form = {"group": "patients", "side": "hubspot", "id": made}
    ada.post(reverse("sync-now", args=["acme", joined.pk]), form)

    assert "looks=1" in ask(ada, joined, made, looks="0")
    assert "hx-trigger" not in ask(ada, joined, made)
    assert "hx-trigger" not in ask(ada, joined, made, looks="5")
    assert "hx-trigger" not in ask(ada, joined, made, looks="x")

    lanes.work(joined.object_syncs.get().pk)
    assert "hx-trigger" not in ask(ada, joined, made, looks="1")


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"group": "patients", "side": "left", "id": "1"},
        {"group": "patients", "side": "hubspot", "id": ""},
        {"group": "others", "side": "hubspot", "id": "1"},
    ],
)
def test_a_made_up_button_does_nothing(
    form: dict[str, str], joined: Integration, ada: Client
) -> None:
    assert ada.post(reverse("sync-now", args=["acme", joined.pk]), form).status_code == 404
    assert not Hint.objects.exists()


def test_all_failures_of_one_reason_are_tried_again(
    stage: Stage, joined: Integration, ada: Client
) -> None:
    failed = {contact(stage, joined, rxnt_date_of_birth="") for _ in range(3)}
    contact(stage, joined, lastname="Hale")

    page = ada.post(
        reverse("retry", args=["acme", joined.pk]),
        {"group": "patients/required_missing"},
        follow=True,
    ).content.decode()

    assert "3 records are tried again" in page
    assert set(Hint.objects.values_list("record_id", flat=True)) == failed


def test_a_system_that_cannot_be_read_leaves_what_is_stored(
    stage: Stage, joined: Integration, ada: Client
) -> None:
    made = contact(stage, joined)
    stage.hubspot.faults.inject(Fault(FaultKind.STATUS), times=20)

    page = ask(ada, joined, made)

    assert "Cannot look now" in page
    assert ">In sync<" in page
