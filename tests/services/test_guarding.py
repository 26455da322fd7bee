"""Systems at typed addresses are called in public only, also where a name turns inside later."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
import requests
from pytest_django import Settings

from integrations.connectors.auth import MemoryVault
from integrations.connectors.budget import Unlimited
from integrations.connectors.http import ApiClient
from integrations.engine.errors import Unavailable
from integrations.services import connectors, outbound
from integrations.services.guarding import PublicOnly
from tests.services.delivery_kit import Listener, listening

LOGIN = {"api_key": "key", "token": "token"}


@pytest.fixture
def heard(settings: Settings) -> Iterator[Listener]:
    settings.ENDPOINTS_PRIVATE = False
    with listening() as listener:
        yield listener


def write(session: requests.Session, url: str) -> None:
    """Send a body that must not get to a host inside."""
    client = ApiClient(url, session, Unlimited(), classify=lambda _answer: None)
    client.call("POST", "/secret", json={"name": "Ada"})


def test_a_name_that_leads_inside_is_hung_up_on_before_anything_is_sent(heard: Listener) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        write(connectors.session_for("magentrix"), heard.url)
    assert heard.requests == []


def test_inside_is_called_where_the_operator_allows_it(heard: Listener, settings: Settings) -> None:
    settings.ENDPOINTS_PRIVATE = True
    write(connectors.session_for("magentrix"), heard.url)
    assert len(heard.requests) == 1


@pytest.mark.parametrize("system", ["magentrix", "xentral"])
def test_a_check_of_a_typed_address_is_watched(
    system: str, heard: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(address: str) -> bool:
        asked.append(address)
        return False

    monkeypatch.setattr(outbound, "may_call", refuse)
    address = heard.url.replace("http://", "https://")
    with pytest.raises(Unavailable):
        connectors.probe(system, MemoryVault({"address": address, **LOGIN})).check()
    assert set(asked) == {"127.0.0.1"}


def test_what_the_portal_itself_names_may_be_inside(settings: Settings) -> None:
    guarded = connectors.session_for("xentral").get_adapter("https://erp.example")
    assert isinstance(guarded, PublicOnly)
    settings.XENTRAL_API_URL = "http://127.0.0.1:9"
    for system in ("xentral", "hubspot"):
        free = connectors.session_for(system).get_adapter("http://127.0.0.1:9")
        assert not isinstance(free, PublicOnly)


def test_connections_are_shared_but_not_between_guarded_and_others() -> None:
    first, second = (connectors.session_for("xentral") for _ in range(2))
    assert first.get_adapter("https://a.example") is second.get_adapter("https://b.example")
    other = connectors.session_for("hubspot").get_adapter("https://a.example")
    assert other is not first.get_adapter("https://a.example")


def test_addresses_of_version_six_are_judged_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as door:
        door.bind(("::1", 0))
        door.listen()
        with pytest.raises(Unavailable):
            write(connectors.session_for("magentrix"), f"http://[::1]:{door.getsockname()[1]}")
