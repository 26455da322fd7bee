"""Xentral's three starters as jobs: each carries its own direction, and loses nothing while off."""

from __future__ import annotations

import pytest
from django_q.models import OrmQ

from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import Integration, Intent, JobRun, RecordLink
from integrations.services import carriage, jobs, starts, status
from tests.services.stage import PORTAL
from tests.services.test_xentral import CONTACT, DEAL, firm, syncs_of, work
from tests.services.xentral_stage import XentralStage

pytestmark = pytest.mark.django_db
__all__ = ["firm"]


def start(integration: Integration, key: str) -> None:
    """Let a job start, and workers come by until both lanes rest."""
    starts.start(integration.jobs.get(key=key).pk)
    work(integration)


def switch(firm: XentralStage, integration: Integration, key: str, *, on: bool) -> None:
    """Switch a job on or off as Ada does."""
    jobs.change(integration, key, firm.ada, enabled=on)
    OrmQ.objects.all().delete()
    work(integration)


def loaded(firm: XentralStage) -> tuple[Integration, str, str]:
    """Return the integration with a contact in step, and the contact's id and address."""
    contact = firm.people[PORTAL].create("contacts", CONTACT)
    integration = firm.connect()
    work(integration)
    for key in ("queue", "contacts", "deals"):
        start(integration, key)
    [address] = firm.clerk.all("addresses")
    return integration, contact, str(address["id"])


def test_three_starters_run_by_themselves(firm: XentralStage) -> None:
    integration, _contact, _address = loaded(firm)
    found = {view.job.key: view for view in jobs.of(integration)}
    assert [found[key].job.minutes for key in ("queue", "contacts", "deals")] == [10, 60, 60]
    assert all(found[key].next_run for key in ("queue", "contacts", "deals"))
    assert len(found["queue"].runs) == 2, "one of each kind of record"
    assert len(found["contacts"].runs) == len(found["deals"].runs) == 1
    assert found["queue"].calls_day > 0


def test_each_starter_reads_its_own_side_only(firm: XentralStage) -> None:
    integration, _contact, _address = loaded(firm)
    sides = {
        (run.job.key, tuple(run.scope["cursors"]))
        for run in JobRun.objects.filter(kind="incremental").select_related("job")
        if run.job
    }
    assert sides == {
        ("queue", ("target",)), ("contacts", ("hubspot",)), ("deals", ("hubspot",)),
    }  # fmt: skip


def test_while_the_contacts_starter_is_off_no_contact_reaches_xentral(firm: XentralStage) -> None:
    integration, contact, address = loaded(firm)
    hubspot = firm.people[PORTAL]
    switch(firm, integration, "contacts", on=False)
    hubspot.edit("contacts", contact, {"city": "Köln"})
    fresh = hubspot.create("contacts", {**CONTACT, "email": "anna@jaeger.example"})
    deal = hubspot.create("deals", DEAL)
    for key in ("queue", "contacts", "deals", "safety", "full"):
        start(integration, key)
    assert firm.clerk.get("addresses", address)["ort"] == ""
    assert len(firm.clerk.all("addresses")) == 1
    assert len(firm.clerk.all("resubmissions")) == 1, "deals have a starter of their own"
    (contacts, deals) = status.of(integration).objects
    assert (contacts.off, deals.off) == (("“Synchronise contacts”",), ())
    switch(firm, integration, "contacts", on=True)
    start(integration, "contacts")
    assert firm.clerk.get("addresses", address)["ort"] == "Köln"
    assert len(firm.clerk.all("addresses")) == 2
    known = RecordLink.objects.filter(hubspot_id__in=(contact, fresh, deal))
    assert {link.state for link in known} == {"linked"}


def test_while_the_queue_is_off_nothing_from_xentral_reaches_hubspot(firm: XentralStage) -> None:
    integration, contact, address = loaded(firm)
    hubspot = firm.people[PORTAL]
    switch(firm, integration, "queue", on=False)
    row = syncs_of(integration)["contacts"]
    assert carriage.of(row).sides == (Side.TARGET,)
    firm.clerk.edit("addresses", address, telefon="+49 221 55")
    hubspot.edit("contacts", contact, {"jobtitle": "Müllerin"})
    for key in ("queue", "contacts", "safety", "full"):
        start(integration, key)
    assert hubspot.read("contacts", contact).get("phone", "") == ""
    assert RecordLink.objects.get(hubspot_id=contact).reason == Reason.JOB_OFF
    switch(firm, integration, "queue", on=True)
    start(integration, "queue")
    assert hubspot.read("contacts", contact)["phone"] == "+49 221 55"
    writes = Intent.objects.count()
    for key in ("queue", "contacts", "full"):
        start(integration, key)
    assert Intent.objects.count() == writes, "it is in step"
