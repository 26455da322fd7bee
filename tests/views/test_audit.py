"""The history narrowed by everything a person can ask, and handed out as a file."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse

from integrations.models import AuditEntry
from integrations.services import audit
from integrations.services.audit import AuditDraft
from tests.services.desk import Desk
from tests.views.conftest import Enter


@pytest.fixture
def address(desk: Desk) -> str:
    """Return the page's address, with a success and a failure in the history."""
    drafts = [
        AuditDraft(
            desk.acme.pk, "create", reason="created", hubspot_id="901", object_sync_id=desk.sync.pk,
            duration_ms=120,
        ),
        AuditDraft(
            desk.acme.pk, "fail", reason="rejected", hubspot_id="902", target_id="T2",
            detail="=cmd: email must be an email",
        ),
    ]  # fmt: skip
    audit.append(drafts)
    return reverse("audit", args=[desk.acme.slug])


def shown(client: Client, address: str, **query: str) -> set[str]:
    """Return the HubSpot ids of the entries on the page."""
    entries = client.get(address, query).context["entries"]
    return {entry.hubspot_id for entry, _changes in entries} - {""}


def test_entries_are_narrowed(desk: Desk, address: str, ada: Client) -> None:
    assert shown(ada, address) == {"901", "902"}
    assert shown(ada, address, failed="on") == {"902"}
    assert shown(ada, address, object=str(desk.sync.pk)) == {"901"}
    assert shown(ada, address, id="T2") == {"902"}
    assert shown(ada, address, reason="created") == {"901"}
    assert shown(ada, address, since="2020-01-01") == {"901", "902"}
    assert shown(ada, address, until="2020-01-01") == set()


def test_the_duration_and_the_error_text_are_shown(address: str, ada: Client) -> None:
    page = ada.get(address).content.decode()

    assert "120 ms" in page
    assert "email must be an email" in page


@pytest.mark.parametrize("wrong", [{"since": "yesterday"}, {"object": "nonsense"}])
def test_nonsense_is_told_and_narrows_nothing(
    wrong: dict[str, str], address: str, ada: Client
) -> None:
    assert shown(ada, address, **wrong) == {"901", "902"}
    assert 'class="wrong"' in ada.get(address, wrong).content.decode()


def test_the_narrowed_history_is_downloaded_without_formulas(address: str, ada: Client) -> None:
    answer = ada.get(address, {"failed": "on", "as": "csv"})

    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    _heading, only = csv.reader(io.StringIO(text))
    assert "902" in only
    assert "'=cmd: email must be an email" in only
    assert AuditEntry.objects.filter(action="history.exported").count() == 1


def test_a_stranger_downloads_nothing(desk: Desk, address: str, enter: Enter) -> None:
    assert enter(desk.bob).get(address, {"as": "csv"}).status_code == 404
