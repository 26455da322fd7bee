"""The addresses that Thena calls, and the tenant's own webhook."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from integrations.engine.errors import Unavailable
from integrations.models import Endpoint
from integrations.services import endpoints, hooks, outbound
from tests.services.stage import Stage
from tests.services.thena_kit import ThenaKit
from tests.views.conftest import Enter

URL = "https://acme.example/hook"


@pytest.fixture
def kit(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> ThenaKit:
    """Acme's HubSpot account joined with Thena; any public address may be called."""
    monkeypatch.setattr(outbound, "check", lambda _url: None)
    return ThenaKit(stage, monkeypatch)


@pytest.fixture
def owner(kit: ThenaKit, enter: Enter) -> Client:
    """Give the browser of Acme's owner."""
    return enter(kit.stage.ada)


def address(kit: ThenaKit, name: str = "settings") -> str:
    return reverse(name, args=["acme", kit.integration.pk])


def page_of(kit: ThenaKit, client: Client) -> str:
    """Return the settings' page."""
    return client.get(address(kit)).content.decode()


# ---------------------------------------------------------------- Thena's address


def test_the_address_and_the_manifest_are_shown_to_who_may_change(
    kit: ThenaKit, owner: Client, enter: Enter
) -> None:
    assert kit.integration.target is not None
    secret = hooks.address(kit.integration.target)

    assert secret in page_of(kit, owner)
    assert "customer-contact:created" in page_of(kit, owner)
    viewed = page_of(kit, enter(kit.stage.vic))
    assert secret not in viewed
    assert "Renew the addresses" not in viewed


def test_a_renewed_address_ends_the_old_one(kit: ThenaKit, owner: Client) -> None:
    assert kit.integration.target is not None
    old = hooks.address(kit.integration.target)

    page = owner.post(address(kit, "hook-renew"), follow=True).content.decode()

    assert old not in page
    assert "Enter the new one in" in page


# ---------------------------------------------------------------- the tenant's own address


def test_the_secret_of_a_new_address_is_shown_once(kit: ThenaKit, owner: Client) -> None:
    page = owner.post(address(kit, "endpoint"), {"url": URL})
    secret = page.context["secret"]

    assert secret in page.content.decode()
    assert secret not in page_of(kit, owner)
    owner.post(address(kit, "endpoint"), {"url": URL + "/2"})
    assert Endpoint.objects.get().url == URL + "/2"


def test_an_address_that_must_not_be_called_is_refused(
    kit: ThenaKit, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()

    page = owner.post(address(kit, "endpoint"), {"url": "http://10.0.0.1/"}, follow=True)

    assert 'class="banner tone-action"' in page.content.decode()
    assert not Endpoint.objects.exists()


def test_it_is_rotated_and_switched(kit: ThenaKit, owner: Client) -> None:
    first = owner.post(address(kit, "endpoint"), {"url": URL}).context["secret"]
    change = address(kit, "endpoint-change")

    second = owner.post(change, {"step": "rotate"}).context["secret"]
    owner.post(change, {"step": "off"})
    assert (first != second, Endpoint.objects.get().enabled) == (True, False)
    owner.post(change, {"step": "on"})
    assert Endpoint.objects.get().enabled


@pytest.mark.parametrize("fails", [False, True])
def test_a_test_tells_how_it_went(
    fails: bool, kit: ThenaKit, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.post(address(kit, "endpoint"), {"url": URL})

    def call(*_args: object) -> None:
        if fails:
            raise Unavailable("It answered 500.")

    monkeypatch.setattr(endpoints, "call", call)
    page = owner.post(address(kit, "endpoint-change"), {"step": "test"}, follow=True)

    said = "The ping did not arrive. It answered 500." if fails else "The address took the ping."
    assert said in page.content.decode()


def test_without_an_address_there_is_nothing_to_change(kit: ThenaKit, owner: Client) -> None:
    assert owner.post(address(kit, "endpoint-change"), {"step": "off"}).status_code == 404


# ---------------------------------------------------------------- connected


def test_after_connecting_the_way_leads_to_the_fields(kit: ThenaKit, owner: Client) -> None:
    kit.integration.object_syncs.update(state="setup", version=None)

    page = owner.get(address(kit, "ready")).content.decode()

    assert "Nothing is synced before you have chosen what and published it." in page
    assert reverse("fields", args=["acme", kit.integration.pk, "companies"]) in page
