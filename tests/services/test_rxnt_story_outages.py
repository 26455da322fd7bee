"""HubSpot to RXNT: refused log-ins, systems that fail, settings that no longer fit."""

from __future__ import annotations

import pytest

from integrations.connectors.rxnt.sandbox import RxntSandbox
from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.reasons import Reason
from integrations.models import Connection, ConnectionState, ObjectSync, SyncState
from integrations.services import (
    activation,
    connections,
    hubspot_fields,
    installs,
    lanes,
    uninstalls,
)
from tests.services.stage import LOGIN, PORTAL
from tests.services.story import Story

pytestmark = pytest.mark.django_db
SAVE = "SavePatient"


def paused(system: str) -> Connection:
    return Connection.objects.get(system=system, state=ConnectionState.PAUSED)


def rxnt_of(story: Story) -> RxntSandbox:
    return story.stage.rxnt


# ---------------------------------------------------------------- log-ins


@pytest.mark.parametrize("style", [401, 200])
def test_moves_during_a_password_change_are_sent_after_the_reconnect(
    story: Story, style: int
) -> None:
    rxnt = rxnt_of(story)
    rxnt.auth_error_style = style
    rxnt.add_user(LOGIN["UserName"], "changed-Pw")
    rxnt.expire_tokens()
    contacts = [story.customer(number) for number in range(3)]
    assert story.mails() == [Reason.REAUTH_NEEDED]
    assert rxnt.count() == 0
    new = {"UserName": LOGIN["UserName"], "Password": "changed-Pw"}
    connections.reauthenticate(paused("rxnt"), story.stage.ada, new)
    story.work()
    assert [story.saves(contact) for contact in contacts] == [1, 1, 1]
    assert story.mails() == [Reason.REAUTH_NEEDED]


def test_a_locked_practice_is_called_locked(story: Story) -> None:
    rxnt_of(story).activate(LOGIN["UserName"], active=False)
    story.customer()
    assert "locked or inactive" in paused("rxnt").reason_detail


def test_a_password_about_to_expire_is_announced_on_the_connection(story: Story) -> None:
    rxnt_of(story).users[LOGIN["UserName"]].days_to_expire = 9
    connections.recheck_all()
    (warning,) = Connection.objects.get(system="rxnt").warnings
    assert "9 days" in warning


def test_an_app_removed_in_hubspot_parks_the_moves_until_it_is_installed_again(
    story: Story,
) -> None:
    contact = story.lead()
    story.person.edit("contacts", contact, {"lifecyclestage": "customer"})
    deliveries = story.deliveries()
    story.stage.hubspot.uninstall(story.stage.app.app_id, PORTAL)
    story.receive(deliveries)
    story.work()
    row = paused("hubspot")
    assert story.mails() == [Reason.REAUTH_NEEDED]
    url = installs.start(story.stage.acme, story.stage.ada, "rxnt", connection=row)
    installs.finish(story.stage.ada, *story.stage.consent(url))
    story.work()
    assert story.saves(contact) == 1


# ---------------------------------------------------------------- the end, and again


def test_a_reinstall_replays_nothing_and_updates_the_same_patient(story: Story) -> None:
    contact = story.customer()
    story.person.edit("contacts", contact, {"lifecyclestage": "lead"})
    story.person.edit("contacts", contact, {"lifecyclestage": "customer", "firstname": "New"})
    story.receive(story.deliveries())
    uninstalls.uninstall(story.sync.integration.hubspot, story.stage.ada)
    story.stage.connect()
    story.work()
    assert (story.saves(contact), story.waiting()) == (1, {})
    story.enter(contact, "lead")
    story.enter(contact)
    assert story.fields(contact)["FirstName"] == "New"
    assert rxnt_of(story).count() == 1


# ---------------------------------------------------------------- systems that fail


@pytest.mark.parametrize(
    "fault",
    [
        Fault(FaultKind.STATUS, path=SAVE, status=500),
        Fault(FaultKind.STATUS, path=SAVE, status=503, headers={"Retry-After": "30"}),
        Fault(FaultKind.TIMEOUT, path=SAVE),
        Fault(FaultKind.HTML, path=SAVE, status=200),
        Fault(FaultKind.MALFORMED, path=SAVE),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}-{len(fault.headers)}",
)
def test_a_failing_save_is_tried_on_the_ladder_and_then_one_mail_goes_out(
    story: Story, fault: Fault
) -> None:
    rxnt_of(story).faults.inject(fault, times=100)
    contact = story.customer()
    for _attempt in range(6):
        assert story.mails() == []
        assert contact in story.waiting()
        story.let_time_pass()
        lanes.work(story.sync.pk)
    assert story.waiting() == {}
    assert story.state(contact) == ("failing", Reason.GAVE_UP)
    assert story.mails() == [Reason.GAVE_UP]
    rxnt_of(story).faults.clear()
    story.let_time_pass()
    story.sync_now(contact)
    assert rxnt_of(story).count() == 1
    assert story.state(contact)[0] == "linked"


def test_a_slowed_down_account_is_waited_for_and_nobody_is_told(story: Story) -> None:
    slow = Fault(FaultKind.STATUS, path=SAVE, status=429, headers={"Retry-After": "120"})
    rxnt_of(story).faults.inject(slow, times=100)
    contact = story.customer()
    for _attempt in range(20):
        story.let_time_pass()
        story.work()
    assert story.waiting()[contact].attempts == 0
    assert story.state(contact) == ("pending", Reason.RATE_LIMITED)
    assert story.mails() == []


# ---------------------------------------------------------------- settings that no longer fit


def test_a_trigger_stage_that_vanished_holds_the_sync_with_a_sentence(story: Story) -> None:
    contact = story.lead()
    definition = story.person.state.catalogs["contacts"].get("lifecyclestage")
    assert definition is not None
    removed = [option for option in definition.options if option["value"] == "customer"]
    definition.options = [option for option in definition.options if option not in removed]
    story.look_anew()
    story.enter(contact, "opportunity")
    row = ObjectSync.objects.get()
    assert (row.state, row.reason) == (SyncState.HELD, Reason.CONFIG_INVALID)
    assert "“customer” does not exist in HubSpot any more" in row.reason_detail
    assert contact in story.waiting()
    activation.update_settings(
        story.sync.integration, {"trigger_stage": "opportunity"}, story.stage.ada
    )
    story.enter(contact, "lead")
    story.enter(contact, "opportunity")
    assert story.saves(contact) == 1


def test_a_required_property_that_vanished_holds_the_sync_until_it_is_repaired(
    story: Story,
) -> None:
    contact = story.lead()
    definitions = story.person.state.catalogs["contacts"].definitions
    del definitions["rxnt_date_of_birth"]
    story.look_anew()
    story.enter(contact)
    row = ObjectSync.objects.get()
    assert (row.state, row.reason) == (SyncState.HELD, Reason.CONFIG_INVALID)
    assert "Date of Birth" in row.reason_detail
    assert story.mails() == []
    hubspot_fields.repair(row.integration, story.stage.ada)
    story.look_anew()
    story.work()
    assert story.waiting() == {}
