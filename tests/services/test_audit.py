"""The history: append-only, bulk-written, private values sealed."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction
from django.db.utils import DatabaseError

from integrations.engine.mapping import Privacy
from integrations.engine.records import ABSENT, BLANK, Value
from integrations.models import AuditEntry, RecordKey, Tenant
from integrations.services import audit
from integrations.services.audit import MASK, AuditDraft

pytestmark = pytest.mark.django_db
PRIVACY = {"Notes": Privacy.PUBLIC, "FirstName": Privacy.PERSONAL, "DOB": Privacy.HEALTH}


@pytest.fixture
def tenant() -> Tenant:
    return Tenant.objects.create(name="Acme", slug="acme")


def draft(tenant: Tenant, link_id: int | None = 7, **after: Value) -> AuditDraft:
    return AuditDraft(
        tenant_id=tenant.pk, action="update", link_id=link_id, after=after, privacy=PRIVACY
    )


def test_values_of_a_record_are_masked_in_the_columns_and_public_ones_read_with_its_key(
    tenant: Tenant,
) -> None:
    audit.append([draft(tenant, Notes="hi", FirstName="Ida", DOB="1988-02-29")])
    entry = AuditEntry.objects.get()
    assert entry.after == {"Notes": MASK, "FirstName": MASK, "DOB": MASK}
    assert audit.changes_of(entry)[1] == {"Notes": "hi", "FirstName": "Ida", "DOB": MASK}


def test_public_values_of_entries_about_no_record_are_readable_in_the_columns(
    tenant: Tenant,
) -> None:
    audit.append([draft(tenant, None, Notes="hi", FirstName="Ida")])
    assert AuditEntry.objects.get().after == {"Notes": "hi", "FirstName": MASK}


def test_no_private_value_is_readable_anywhere_in_the_row(tenant: Tenant) -> None:
    audit.append([draft(tenant, FirstName="Ida", DOB="1988-02-29")])
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(e)::text FROM integrations_auditentry e")
        (text,) = cursor.fetchone()
    assert "Ida" not in text
    assert "1988" not in text


def test_a_reader_sees_personal_values_and_health_stays_masked(tenant: Tenant) -> None:
    audit.append([draft(tenant, FirstName="Ida", DOB="1988-02-29")])
    _, after = audit.changes_of(AuditEntry.objects.get())
    assert after == {"FirstName": "Ida", "DOB": MASK}


def test_health_values_open_only_when_asked_for(tenant: Tenant) -> None:
    audit.append([draft(tenant, DOB="1988-02-29")])
    _, after = audit.changes_of(AuditEntry.objects.get(), show_health=True)
    assert after == {"DOB": "1988-02-29"}


def test_destroying_the_record_key_erases_the_values_and_keeps_the_entry(tenant: Tenant) -> None:
    audit.append([draft(tenant, FirstName="Ida", Notes="hi")])
    RecordKey.objects.all().delete()
    _, after = audit.changes_of(AuditEntry.objects.get(), show_health=True)
    assert after == {"FirstName": MASK, "Notes": MASK}


def test_values_of_unclassified_fields_count_as_personal(tenant: Tenant) -> None:
    audit.append([draft(tenant, Unheard="x")])
    assert AuditEntry.objects.get().after == {"Unheard": MASK}


def test_blank_is_recorded_as_blank_and_absent_not_at_all(tenant: Tenant) -> None:
    audit.append([draft(tenant, Notes=BLANK, DOB=BLANK, FirstName=ABSENT)])
    assert AuditEntry.objects.get().after == {"Notes": None, "DOB": None}


@pytest.mark.parametrize(
    ("value", "text"),
    [(Decimal("1.50"), "1.50"), (("b", "a"), ["b", "a"]), (True, True), ("x", "x")],
)
def test_every_kind_of_value_survives_sealing(
    tenant: Tenant, value: Value, text: audit.Plain
) -> None:
    audit.append([draft(tenant, FirstName=value)])
    assert audit.changes_of(AuditEntry.objects.get())[1] == {"FirstName": text}


def test_records_have_keys_of_their_own(tenant: Tenant) -> None:
    audit.append([draft(tenant, 1, DOB="a"), draft(tenant, 2, DOB="b"), draft(tenant, 1, DOB="c")])
    assert RecordKey.objects.count() == 2
    first, second, _ = AuditEntry.objects.order_by("id")
    RecordKey.objects.filter(link_id=2).delete()
    assert audit.changes_of(first, show_health=True)[1] == {"DOB": "a"}
    assert audit.changes_of(second, show_health=True)[1] == {"DOB": MASK}


def test_writing_many_entries_costs_the_same_number_of_queries(
    tenant: Tenant, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        audit.append([draft(tenant, n, DOB="x") for n in range(200)])


def test_texts_with_tabs_newlines_and_backslashes_survive_copy(tenant: Tenant) -> None:
    audit.append([draft(tenant, None, Notes="a\tb\nc\\d\x01")])
    assert AuditEntry.objects.get().after == {"Notes": "a\tb\nc\\d\x01"}


def test_a_configuration_act_names_actor_and_reason(tenant: Tenant, admin_user: object) -> None:
    audit.record(tenant, "integration.paused", user=admin_user, detail="by hand")  # type: ignore[arg-type]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.detail, entry.actor) == (
        "integration.paused",
        "by hand",
        admin_user,
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE integrations_auditentry SET detail = 'forged'",
        "DELETE FROM integrations_auditentry",
    ],
)
def test_the_database_refuses_to_change_history(tenant: Tenant, statement: str) -> None:
    audit.append([draft(tenant)])
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)
    assert AuditEntry.objects.count() == 1


def test_the_database_refuses_to_truncate_history(tenant: Tenant) -> None:
    cursor = connection.cursor()
    cursor.execute("SET LOCAL portal.audit_truncate = 'off'")
    with pytest.raises((InternalError, ProgrammingError), match="append-only"):
        cursor.execute("TRUNCATE integrations_auditentry")


def test_an_entry_survives_the_rows_it_speaks_of(tenant: Tenant) -> None:
    audit.append([AuditDraft(tenant_id=uuid.uuid4(), action="x", link_id=99, actor_id=12345)])
    assert AuditEntry.objects.get().link_id == 99
