"""The check's machine builder: HubSpot's set-up and Xentral over the real sandboxes, its looks."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import requests
from django.utils import timezone

from integrations.connectors.hubspot.sandbox import HubSpotSandbox
from integrations.connectors.sandbox_kit import SandboxAdapter
from integrations.connectors.xentral.sandbox import DEMO_TOKEN, XentralSandbox
from integrations.engine.ports import Priority
from integrations.engine.records import Side
from integrations.management.check.accounts import Crm
from integrations.management.check.client import Browser
from integrations.management.check.house import ADDRESSES, RESUBMISSIONS, House
from integrations.management.check.office import Failed
from integrations.management.check.works import CONTACTS, Works
from integrations.models import JobRun, RunKind, RunState
from integrations.services import hints, runs
from integrations.services.hints import NewHint
from tests import factories

PORTAL = 78
HOME = "http://sandbox.test"
BEARER = {"Authorization": f"Bearer {DEMO_TOKEN}"}
PERSON = {"name": "Jörg Größler", "email": "joerg@works.example", "lead": 1}


@pytest.fixture
def crm() -> Crm:
    sandbox = HubSpotSandbox()
    sandbox.add_account(PORTAL, "Works")
    made = Crm(HOME, PORTAL)
    made.session.mount(HOME, SandboxAdapter(sandbox))
    return made


@pytest.fixture
def house() -> House:
    made = House(HOME)
    made.session.mount(HOME, SandboxAdapter(XentralSandbox()))
    return made


@pytest.fixture
def works(db: None, crm: Crm, house: House) -> Works:
    """Give the machine builder of an organisation that is connected."""
    sync = factories.object_sync()
    return Works(Browser(HOME), sync.tenant.name, crm, house, token="t")


def test_an_admin_of_hubspot_makes_keys_and_stages(crm: Crm) -> None:
    before = crm.stages()
    made = crm.add_stage("default", "Übergabe")
    assert crm.stages() == {**before, f"default:{made}": "Übergabe"}
    assert crm.service_key(["crm.objects.contacts.read"]).startswith("pat-")


def test_a_contact_can_have_been_added_at_another_time(crm: Crm) -> None:
    made = crm.create_then(CONTACTS, "2025-12-31T22:59:59+00:00", email="old@works.example")
    assert crm.read(CONTACTS, made)["createdate"] == "2025-12-31T22:59:59Z"
    with pytest.raises(requests.HTTPError, match="400"):
        crm.create_then(CONTACTS, "some day", email="new@works.example")


def test_a_clerk_of_xentral_keeps_addresses_and_groups(house: House) -> None:
    made = house.create(ADDRESSES, **PERSON)
    house.edit(ADDRESSES, made, ort="Köln")
    assert house.read(ADDRESSES, made)["ort"] == "Köln"
    assert house.all(ADDRESSES)[made]["email"] == PERSON["email"]
    body = {"name": "Hubspot", "code": "HUBSPOT"}
    group = house.call("POST", "/sandbox/groups", body)["id"]
    house.join(made, group)
    assert house.groups() == {"Hubspot": group}
    assert house.groups_of(made) == [group]


def test_resubmissions_move_between_the_stages_of_a_view(house: House) -> None:
    stages = house.stages(house.views()["Standard"])
    first, last = list(stages.values())[0], list(stages.values())[-1]
    made = house.create(
        RESUBMISSIONS,
        bezeichnung="Rührwerk",
        datum_erinnerung="2026-12-15",
        zeit_erinnerung="09:00:00",
        stages=first,
    )
    house.move(made, last)
    assert str(house.read(RESUBMISSIONS, made)["stages"]) == last


def test_free_fields_come_and_go(house: House) -> None:
    house.name_field("Merkmal")
    [number] = [row["id"] for row in house.fields().values()]
    house.empty_field(number)
    assert house.fields() == {}
    with pytest.raises(requests.HTTPError, match="400"):
        house.empty_field(number)


def test_only_calls_of_programs_that_change_something_are_writes(house: House) -> None:
    made = house.create(ADDRESSES, **PERSON)
    house.call("GET", "/api/v2/adressen", **BEARER)
    house.call("POST", "/api/AdresseGruppenList", {"adresse": int(made)}, **BEARER)
    assert house.writes() == 0
    body = {"bezeichnung": "Rührwerk", "datum_erinnerung": "2026-12-15"}
    body |= {"beschreibung": "groß", "zeit_erinnerung": "09:00:00", "adresse": made}
    house.call("POST", "/api/v1/wiedervorlagen", body, **BEARER)
    assert house.writes() == 1


def test_another_version_and_a_slow_answer(house: House) -> None:
    house.be(tokens_on_old_api=False)
    with pytest.raises(requests.HTTPError, match="401"):
        house.call("GET", "/api/v2/adressen", **BEARER)
    house.be(tokens_on_old_api=True)
    house.delay("^/api/", 0.2)
    began = time.monotonic()
    house.call("GET", "/sandbox/groups")
    assert time.monotonic() - began < 0.2, "only programs wait"
    house.call("GET", "/api/v2/adressen", **BEARER)
    assert time.monotonic() - began >= 0.2


def test_it_is_busy_while_a_run_or_a_hint_is_open(works: Works) -> None:
    sync = works.integration.object_syncs.get()
    assert not works.is_busy()
    run = runs.open_run(sync, RunKind.RECONCILE)
    assert works.is_busy()
    runs.cancel(run)
    assert not works.is_busy()
    later = timezone.now() + timedelta(hours=1)
    hints.raise_hints(sync.pk, [NewHint(Side.HUBSPOT, "1", Priority.RETRY, due_at=later)])
    assert not works.is_busy(), "it waits for its time"
    hints.raise_hints(sync.pk, [NewHint(Side.HUBSPOT, "2", Priority.RETRY, due_at=timezone.now())])
    assert works.is_busy()


def test_runs_are_watched_until_all_are_done_and_a_bad_end_is_told(works: Works) -> None:
    sync = works.integration.object_syncs.get()
    run = runs.open_run(sync, RunKind.RECONCILE)
    look = works.ends([run])
    assert not look()
    JobRun.objects.filter(pk=run.pk).update(state=RunState.DONE)
    assert look()
    other = runs.open_run(sync, RunKind.RECONCILE)
    runs.cancel(other)
    with pytest.raises(Failed, match="cancelled"):
        works.ends([other])()


def test_a_record_without_a_twin_says_so(works: Works) -> None:
    sync = works.integration.object_syncs.get()
    sync.key = CONTACTS
    sync.save(update_fields=["key"])
    with pytest.raises(Failed, match="has no link"):
        works.twin(CONTACTS, "1")
    factories.record_link(sync, "1", "")
    with pytest.raises(Failed, match="has no twin"):
        works.twin(CONTACTS, "1")
    made = works.house.create(ADDRESSES, **PERSON)
    factories.record_link(sync, "2", made)
    assert works.twin(CONTACTS, "2")["name"] == PERSON["name"]
