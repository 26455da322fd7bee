"""The portal on a live server, HubSpot's consent page on another, and a person at both."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.conf import settings as django_settings

from integrations.connectors.sandbox_kit import wsgi_app
from tests.services.stage import Stage

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page
    from pytest_django.fixtures import Settings
    from pytest_django.live_server_helper import LiveServer

PASSWORD = "a-long-pass-phrase"


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def stage(
    transactional_db: None,
    live_server: LiveServer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stage]:
    """Give the people and systems of `Stage`, with HubSpot's consent page on loopback."""
    settings.PUBLIC_URL = live_server.url
    made = Stage()
    server = make_server("127.0.0.1", 0, wsgi_app(made.hubspot), handler_class=_Quiet)
    settings.HUBSPOT_APP_URL = f"http://127.0.0.1:{server.server_port}"
    policy = django_settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    allowed = {**policy, "form-action": ["'self'", settings.HUBSPOT_APP_URL]}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": allowed}
    made.mount(monkeypatch)
    for person in (made.ada, made.vic, made.bob):
        person.set_password(PASSWORD)
        person.save()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """Collect what the browser complains about: script errors and refused styles."""
    found: list[str] = []

    def listen(said: ConsoleMessage) -> None:
        # HubSpot's stand-in has no icon; that is no complaint about the portal.
        if said.type == "error" and not said.location["url"].endswith("/favicon.ico"):
            found.append(said.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def log_in(page: Page, live_server: LiveServer, name: str) -> None:
    """Log somebody in by hand."""
    page.goto(f"{live_server.url}/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/t/**")
