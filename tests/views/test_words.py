"""How codes, instants and scopes are put into words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from integrations.connectors import REGISTRY
from integrations.engine.pairs import LinkState
from integrations.engine.reasons import Reason
from integrations.engine.records import Side
from integrations.models import (
    AuditEntry,
    DeliveryState,
    ObjectSync,
    PreviewState,
    RunState,
    SyncState,
)
from integrations.templatetags import portal


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_chip_a_sentence_and_a_remedy(reason: Reason) -> None:
    assert "tone-" in portal.reason_chip(reason)
    assert "{detail}" not in portal.sentence(reason, "City")
    assert portal.remedy(reason)


@pytest.mark.parametrize("kind", [LinkState, SyncState, RunState, PreviewState, DeliveryState])
def test_every_state_has_a_word_of_its_own(kind: Iterable[str]) -> None:
    for state in kind:
        assert str(state) in portal.STATES
        assert "chip" in portal.state_chip(state)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (20, "less than a minute"),
        (150, "about 2 min"),
        (7_500, "about 2 h 5 min"),
    ],
)
def test_a_length_of_time_is_round(seconds: float | None, words: str) -> None:
    assert portal.duration(seconds) == words


def test_what_is_not_finished_is_never_all_of_it() -> None:
    assert portal.percent(0.9999) == "99 %"


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert portal.sentence("not-a-code") == "not-a-code"
    assert portal.remedy("not-a-code") == ""
    assert portal.tone("not-a-code") == "quiet"


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("filtered_out", "Filtered out"),
        ("run.approved", "Run approved"),
        ("create", "Create"),  # what was tried; whether it worked is the reason's to say
        ("fail", "Could not be sent"),
        (Reason.GROUP_INCOMPLETE.value, "Incomplete fields"),
        (Reason.LEASE_LOST.value, "Taken over"),
    ],
)
def test_a_code_becomes_a_title_without_internal_words(code: str, title: str) -> None:
    assert portal.title_of(code) == title


@pytest.mark.parametrize("code", list(portal.TITLES))
def test_a_title_is_kept_only_where_the_code_does_not_say_it_already(code: str) -> None:
    plain = code.replace("_", " ").replace(".", " ").capitalize()
    assert portal.title_of(code) != plain


def test_a_detail_cannot_bring_markup_along() -> None:
    assert "<script>" not in portal.reason_chip("<script>")


def test_an_instant_is_local_with_utc_on_hover() -> None:
    at = datetime(2020, 3, 1, 23, 30, tzinfo=UTC)

    with timezone.override(ZoneInfo("Asia/Tokyo")):
        shown = portal.instant(at)

    assert ">2 Mar 2020, 08:30<" in shown
    assert 'title="2020-03-01 23:30:00 UTC"' in shown
    assert 'datetime="2020-03-01T23:30:00+00:00"' in shown


def test_no_instant_is_a_dash() -> None:
    assert portal.instant(None) == "–"


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("crm.objects.contacts.read", "Read contacts"),
        ("crm.schemas.contacts.write", "Change the properties of contacts"),
        ("oauth", "oauth"),
    ],
)
def test_scopes_are_said_in_words(scope: str, words: str) -> None:
    assert portal.scope_words(scope) == words


def test_a_pair_and_its_sides_are_called_what_people_call_them() -> None:
    spec = REGISTRY["thena"].spec
    row = ObjectSync(hubspot_object="companies", target_object="accounts")

    assert portal.pair_of(row, spec) == "Companies ⇄ Accounts"
    assert [portal.side_name(side, spec) for side in Side] == ["HubSpot", "Thena"]


@pytest.mark.parametrize(
    ("action", "detail", "words"),
    [
        ("run.opened", "#6 reconcile", "#6 Full pass"),
        ("run.opened", "#6 of a kind that is gone", "#6 of a kind that is gone"),
        ("draft.saved", "revision 2", "revision 2"),
    ],
)
def test_the_kind_of_a_run_is_said_in_words(action: str, detail: str, words: str) -> None:
    assert portal.told(AuditEntry(action=action, detail=detail)) == words
