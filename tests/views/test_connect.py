"""The connect wizard, end to end over the stand-ins: consent, credentials, done."""

from __future__ import annotations

import pytest
from django.urls import reverse

from integrations.connectors.sandbox_kit import Fault, FaultKind
from integrations.engine.errors import AuthFailed
from integrations.models import Connection, ConnectionState, Integration
from integrations.services import connections
from tests.services.stage import LOGIN, OTHER_PORTAL, PORTAL, Stage
from tests.views.conftest import Enter

START = "/t/acme/connect/rxnt/"


def come_back(stage: Stage, enter: Enter, portal: int = PORTAL) -> str:
    """Go through step 1 and HubSpot's consent; return where the callback leads."""
    client = enter(stage.ada)
    state, code = stage.consent(client.post(START).headers["Location"], portal)
    answer = client.get(reverse("oauth-callback"), {"state": state, "code": code})
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"]


def test_step_one_names_what_is_needed_and_what_hubspot_will_ask(
    stage: Stage, enter: Enter
) -> None:
    page = enter(stage.ada).get(START).content.decode()

    assert "interface credentials" in page
    assert "Change the properties of contacts" in page


def test_the_button_leads_to_hubspots_consent_page(stage: Stage, enter: Enter) -> None:
    there = enter(stage.ada).post(START).headers["Location"]

    assert there.startswith("https://app.hubspot.com/oauth/authorize?")
    assert "crm.schemas.contacts.write" in there


def test_consent_leads_to_the_credentials_of_the_other_system(stage: Stage, enter: Enter) -> None:
    there = come_back(stage, enter)

    hubspot = Connection.objects.get(system="hubspot")
    assert there == reverse("credentials", args=["acme", "rxnt", hubspot.pk])
    page = enter(stage.ada).get(there).content.decode()
    assert "RXNT interface username" in page
    assert 'type="password"' in page


def test_right_credentials_end_in_setup_complete(stage: Stage, enter: Enter) -> None:
    there = come_back(stage, enter)

    page = enter(stage.ada).post(there, LOGIN, follow=True).content.decode()

    assert "Setup Complete!" in page
    assert "Date of Birth" in page
    assert "Lifecycle Stage" in page
    assert Integration.objects.get().object_syncs.count() == 1


def test_wrong_credentials_are_told_at_the_form_and_never_shown_again(
    stage: Stage, enter: Enter
) -> None:
    there = come_back(stage, enter)

    answer = enter(stage.ada).post(there, LOGIN | {"Password": "nope-77"})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "alert-danger" in page
    assert "nope-77" not in page
    assert "everything waiting" not in page, "nothing waits while connecting"
    assert not Integration.objects.exists()


def test_a_system_that_does_not_answer_asks_to_try_again(stage: Stage, enter: Enter) -> None:
    there = come_back(stage, enter)
    stage.rxnt.faults.inject(Fault(FaultKind.STATUS, status=500), times=9)

    page = enter(stage.ada).post(there, LOGIN).content.decode()

    assert "Try again in a moment." in page
    assert "by itself" not in page


def test_an_empty_form_names_the_missing_input(stage: Stage, enter: Enter) -> None:
    page = enter(stage.ada).post(come_back(stage, enter), {}).content.decode()

    assert "This field is required" in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"error": "access_denied", "error_description": "no <b>thanks</b>"}, "declined"),
        ({"state": "made-up", "code": "made-up"}, "too old"),
        ({}, "declined"),
    ],
)
def test_a_refused_install_says_why_and_stores_nothing(
    query: dict[str, str], said: str, stage: Stage, enter: Enter
) -> None:
    answer = enter(stage.ada).get(reverse("oauth-callback"), query)

    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert "<b>" not in answer.content.decode()
    assert not Connection.objects.exists()


def test_only_a_real_answer_of_hubspot_is_quoted_and_ends_the_install(
    stage: Stage, enter: Enter
) -> None:
    ada, bob = enter(stage.ada), enter(stage.bob)
    state, code = stage.consent(ada.post(START).headers["Location"])
    query = {"error": "access_denied", "error_description": "Call 555-0100", "state": state}

    pages = [who.get(reverse("oauth-callback"), query).content.decode() for who in (bob, ada, ada)]
    late = ada.get(reverse("oauth-callback"), {"state": state, "code": code})

    assert ["555-0100" in page for page in pages] == [False, True, False]
    assert late.status_code == 400
    assert not Connection.objects.exists()


def test_a_state_of_another_person_is_refused(stage: Stage, enter: Enter) -> None:
    state, code = stage.consent(enter(stage.ada).post(START).headers["Location"])

    answer = enter(stage.bob).get(reverse("oauth-callback"), {"state": state, "code": code})

    assert answer.status_code == 400
    assert not Connection.objects.exists()


def test_another_organisations_account_is_refused(stage: Stage, enter: Enter) -> None:
    stage.install(stage.bolt, stage.bob, OTHER_PORTAL)
    client = enter(stage.ada)
    state, code = stage.consent(client.post(START).headers["Location"], OTHER_PORTAL)

    page = client.get(reverse("oauth-callback"), {"state": state, "code": code}).content.decode()

    assert "another organisation" in page
    assert not Connection.objects.filter(tenant=stage.acme).exists()


def test_another_account_than_the_one_to_authenticate_again_is_refused(
    stage: Stage, joined: Integration, enter: Enter
) -> None:
    client = enter(stage.ada)
    there = client.post(reverse("reauthenticate", args=["acme", joined.hubspot.pk]))
    state, code = stage.consent(there.headers["Location"], OTHER_PORTAL)

    answer = client.get(reverse("oauth-callback"), {"state": state, "code": code})

    assert answer.status_code == 400
    assert f"Start again and choose {PORTAL}" in answer.content.decode()


def test_connecting_hubspot_again_returns_to_the_overview(
    stage: Stage, joined: Integration, enter: Enter
) -> None:
    assert come_back(stage, enter) == reverse("status", args=["acme", joined.pk])


def test_a_system_nobody_knows_is_not_found(stage: Stage, enter: Enter) -> None:
    assert enter(stage.ada).get("/t/acme/connect/nothing/").status_code == 404
    assert enter(stage.ada).get("/t/acme/connect/hubspot/").status_code == 404


def outage(joined: Integration) -> tuple[Connection, str]:
    """Let RXNT refuse the stored password; return the connection and its page."""
    assert joined.target is not None
    connections.pause(joined.target.pk, AuthFailed("RXNT refused the log-in."))
    joined.target.refresh_from_db()
    return joined.target, reverse("reauthenticate", args=["acme", joined.target.pk])


def test_a_refused_log_in_shows_on_the_overview_with_the_way_out(
    stage: Stage, joined: Integration, enter: Enter
) -> None:
    _target, there = outage(joined)

    page = enter(stage.ada).get(reverse("status", args=["acme", joined.pk])).content.decode()

    assert "needs re-authentication" in page
    assert there in page


def test_new_credentials_end_the_outage(stage: Stage, joined: Integration, enter: Enter) -> None:
    target, there = outage(joined)

    answer = enter(stage.ada).post(there, LOGIN)

    target.refresh_from_db()
    assert answer.headers["Location"] == reverse("status", args=["acme", joined.pk])
    assert target.state == ConnectionState.ACTIVE


def test_credentials_of_another_account_change_nothing(
    stage: Stage, joined: Integration, enter: Enter
) -> None:
    target, there = outage(joined)
    stage.rxnt.add_user("other_iface", "other-Pw", company=990)

    page = enter(stage.ada).post(there, {"UserName": "other_iface", "Password": "other-Pw"})

    target.refresh_from_db()
    assert "nothing was changed" in page.content.decode()
    assert target.state == ConnectionState.PAUSED


def test_hubspot_is_reauthenticated_by_asking_for_consent_again(
    stage: Stage, joined: Integration, enter: Enter
) -> None:
    there = reverse("reauthenticate", args=["acme", joined.hubspot.pk])

    answer = enter(stage.ada).post(there)

    assert answer.headers["Location"].startswith("https://app.hubspot.com/oauth/")
    assert str(PORTAL) in answer.headers["Location"]
