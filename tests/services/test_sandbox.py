"""The stand-ins served as one application: who answers which path, and what outlives a restart."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from pytest_django import Settings
from requests.adapters import BaseAdapter
from requests.auth import HTTPDigestAuth

from integrations.connectors.hubspot.sandbox import App
from integrations.connectors.thena.sandbox import DEMO_KEY
from integrations.connectors.xentral.sandbox import DEMO_APP, DEMO_INIT_KEY, DEMO_TOKEN
from integrations.services import connectors
from integrations.services.sandbox import Stage, serve

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PORTAL = 77
PATIENCE = 20.0


def page(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"the page at {environ['PATH_INFO']}".encode()]


def stage_in(directory: Path) -> Stage:
    stage = Stage(directory)
    stage.hubspot.add_account(PORTAL, "Test Practice")
    return stage


def reloaded(directory: Path) -> Stage:
    stage = Stage(directory)
    assert stage.load()
    return stage


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Stage, str]]:
    """Give a stage and the address it is served at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    stage, stop = stage_in(tmp_path), threading.Event()
    thread = threading.Thread(target=serve, args=(stage, page, port, stop))
    thread.start()
    try:
        yield stage, f"http://127.0.0.1:{port}"
    finally:
        stop.set()
        thread.join(PATIENCE)


def get(address: str) -> requests.Response:
    """Ask until the server listens."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return requests.get(address, timeout=PATIENCE)
        except requests.ConnectionError:
            assert time.monotonic() < until, "it never listened"


def test_a_path_leads_to_its_system_and_any_other_to_the_page(served: tuple[Stage, str]) -> None:
    _stage, address = served
    assert get(f"{address}/hubspot/sandbox/state").json()["accounts"][0]["portalId"] == PORTAL
    assert get(f"{address}/rxnt/sandbox/count").json() == {"count": 0}
    assert get(f"{address}/thena/sandbox/contacts").json() == {"contacts": []}
    assert get(f"{address}/magentrix/sandbox/Account").json() == {"Account": []}
    assert get(f"{address}/xentral/sandbox/addresses").json() == {"addresses": []}
    assert get(f"{address}/").text == "the page at /"
    assert get(f"{address}/hubspots").text == "the page at /hubspots"


def test_a_system_below_its_path_answers_404_itself(served: tuple[Stage, str]) -> None:
    _stage, address = served
    answer = get(f"{address}/hubspot/nowhere")
    assert answer.status_code == 404
    assert answer.headers["X-HubSpot-Correlation-Id"]


def test_webhooks_go_out_while_it_serves(served: tuple[Stage, str]) -> None:
    stage, address = served
    taken = Receiver()
    with stage.hubspot.lock:
        app = App(5, "client", "secret", webhook_url=taken.address)
        app.subscribe("contact.creation")
        stage.hubspot.add_app(app)
        stage.hubspot.install(5, PORTAL)
    contact = stage.hubspot.account(PORTAL).create_contact({"email": "a@b.example"})
    events = json.loads(taken.body())
    assert [str(event["objectId"]) for event in events] == [contact]
    assert get(f"{address}/").ok


def test_thenas_events_go_out_while_it_serves(served: tuple[Stage, str]) -> None:
    stage, address = served
    taken = Receiver()
    manifest = {
        "app": {"name": "Portal"},
        "integration": {"webhooks": {"installations": taken.address}},
    }
    key = {"x-api-key": DEMO_KEY}
    get(f"{address}/")
    made = requests.post(
        f"{address}/thena/apps/create-app", json={"manifest": manifest}, headers=key, timeout=5
    )
    body = {"appId": made.json()["appId"]}
    installed = requests.post(f"{address}/thena/apps/install", json=body, headers=key, timeout=5)
    told = json.loads(taken.body())
    assert told["bot_token"] == installed.json()["botToken"]
    assert stage.thena.hub.given_up == 0


def test_xentrals_webhooks_go_out_and_digest_works_while_it_serves(
    served: tuple[Stage, str],
) -> None:
    stage, address = served
    taken = Receiver()
    get(f"{address}/")
    hook = {
        "name": "Portal",
        "url": taken.address,
        "signatureKey": "k" * 20,
        "events": [{"id": "com.xentral.salesOrder.released.v1"}],
    }
    token = {"Authorization": f"Bearer {DEMO_TOKEN}"}
    path = f"{address}/xentral/api/v1/webhooks"
    assert requests.post(path, json=hook, headers=token, timeout=5).status_code == 201
    person = stage.xentral.person()
    order = person.release_order(person.create("addresses", name="Müller"))
    assert json.loads(taken.body())["body"]["salesOrderId"] == int(order)
    listed = requests.get(
        f"{address}/xentral/api/v2/adressen",
        params={"name": "Müller"},
        auth=HTTPDigestAuth(DEMO_APP, DEMO_INIT_KEY),
        timeout=5,
    )
    assert [row["name"] for row in listed.json()["data"]] == ["Müller"]


def test_a_stand_in_with_an_address_answers_in_this_process_too(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts: dict[str, BaseAdapter] = {}
    monkeypatch.setattr(connectors, "MOUNTS", mounts)
    settings.XENTRAL_API_URL = ""
    stage_in(tmp_path).mount()
    assert "" not in mounts
    settings.XENTRAL_API_URL = "https://mueller.xentral.example"
    stage_in(tmp_path).mount()
    assert settings.XENTRAL_API_URL in mounts


def test_what_a_person_and_the_api_changed_is_there_after_a_restart(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.save()
    contact = stage.hubspot.account(PORTAL).create_contact({"firstname": "Ida"})
    stage.rxnt.add_user("second", "its-password")
    account = stage.thena.person().create("accounts", name="Acme", primaryDomain="acme.example")
    partner = stage.magentrix.person().create("Account", Name="Acme")
    person = stage.xentral.person().create("addresses", name="Müller")
    stage.save()
    again = reloaded(tmp_path)
    assert again.magentrix.person().get("Account", partner)["Name"] == "Acme"
    assert again.xentral.person().get("addresses", person)["name"] == "Müller"
    assert again.hubspot.account(PORTAL).contact(contact)["firstname"] == "Ida"
    assert "second" in again.rxnt.users
    assert again.thena.person().get("accounts", account)["name"] == "Acme"


def test_the_state_is_written_only_when_something_changed(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.save()
    file = tmp_path / "hubspot.json"
    before = file.stat().st_ino
    stage.save()
    assert file.stat().st_ino == before
    stage.hubspot.account(PORTAL).create_contact({"firstname": "Ida"})
    stage.save()
    assert file.stat().st_ino != before


def test_stand_ins_answer_in_this_process_at_the_addresses_of_the_settings(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAGENTRIX_API_URL = ""
    for expected in (False, True):
        monkeypatch.setattr(connectors, "MOUNTS", {})
        Stage(tmp_path).mount()
        assert settings.THENA_API_URL in connectors.MOUNTS
        assert ("http://portal.test" in connectors.MOUNTS) is expected
        settings.MAGENTRIX_API_URL = "http://portal.test"


def test_a_first_start_finds_nothing(tmp_path: Path) -> None:
    assert not Stage(tmp_path).load()


def test_the_last_state_is_kept_when_serving_ends(tmp_path: Path) -> None:
    stage, stop = stage_in(tmp_path), threading.Event()
    stop.set()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serve(stage, page, port, stop)
    assert reloaded(tmp_path).hubspot.accounts.keys() == {PORTAL}


class Receiver:
    """A server that takes one POST and answers 204."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"

    def body(self) -> bytes:
        connection, _ = self._listener.accept()
        with connection, self._listener, connection.makefile("rwb") as stream:
            length = 0
            while line := stream.readline().strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            body = stream.read(length)
            stream.write(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
        return body
