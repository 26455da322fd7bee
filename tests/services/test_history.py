"""What an audit entry says of its cost and of its error."""

from __future__ import annotations

import pytest
from django.db.models import Sum

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.models import AuditEntry, JobRun
from integrations.services import audit_seals
from tests.services.lane_kit import LaneKit

pytestmark = pytest.mark.django_db


def of_records() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(link_id__isnull=False).order_by("id"))


def test_an_entry_says_how_many_calls_it_took(kit: LaneKit) -> None:
    kit.sync_now(kit.contact())
    [entry] = of_records()
    assert entry.calls == JobRun.objects.get().calls > 0


def test_the_entries_of_a_batch_add_up_to_what_was_sent(kit: LaneKit) -> None:
    kit.sync_now(*kit.contacts(7))
    entries = of_records()
    assert len(entries) == 7
    assert sum(entry.calls for entry in entries) == JobRun.objects.get().calls
    shares = {entry.calls for entry in entries}
    assert max(shares) - min(shares) <= 1


def test_what_is_not_written_down_costs_nobody_anything(kit: LaneKit) -> None:
    contact = kit.contact()
    kit.sync_now(contact)
    before = AuditEntry.objects.aggregate(total=Sum("calls"))
    kit.sync_now(contact)
    assert AuditEntry.objects.aggregate(total=Sum("calls")) == before


def test_a_refusal_is_written_down_with_its_text_and_no_value(kit: LaneKit) -> None:
    refused = b'{"ValidationStatus": "Failed", "Message": "City is too long."}'
    fault = Fault(FaultKind.STATUS, path="SavePatient", status=400, body=refused)
    kit.stage.rxnt.faults.inject(fault)
    contact = kit.contact(55)
    kit.sync_now(contact)
    [entry] = of_records()
    assert (entry.action, entry.reason) == ("create", kit.state(contact)[1])
    assert entry.detail
    assert "Ida55" not in entry.detail


def test_the_cost_is_part_of_what_is_sealed(kit: LaneKit) -> None:
    assert "calls" in audit_seals.FIELDS
    assert "duration_ms" in audit_seals.FIELDS
