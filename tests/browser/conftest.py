"""The portal on a live server, HubSpot's consent page on another, and a person at both."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.conf import settings as django_settings

from integrations.connectors import REGISTRY
from integrations.connectors.sandbox_kit import SandboxAdapter, wsgi_app
from integrations.connectors.thena.client import API_URL, APPS_URL
from integrations.connectors.thena.sandbox import ThenaSandbox
from integrations.models import JobRun, ObjectSync
from integrations.services import connectors, lanes, runs
from tests.services.stage import PORTAL, Stage

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page
    from pytest_django.fixtures import Settings
    from pytest_django.live_server_helper import LiveServer

CHECK = (Path(__file__).parent / "accessibility.js").read_text()
PASSWORD = "a-long-pass-phrase"


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def kind() -> type[Stage]:
    """Give what the stage is made of; a module may give another one."""
    return Stage


@pytest.fixture
def stage(
    kind: type[Stage],
    transactional_db: None,
    live_server: LiveServer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stage]:
    """Give the people and systems of `Stage`, with HubSpot's consent page on loopback."""
    settings.PUBLIC_URL = live_server.url
    made = kind()
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


class Walk:
    """A person at the portal, with HubSpot, Thena and the workers behind it."""

    def __init__(self, page: Page, stage: Stage, thena: ThenaSandbox) -> None:
        self.page, self.agent, self.hubspot = page, thena.person(), stage.people[PORTAL]

    def check(self, heading: str) -> None:
        """Wait for a page and measure it, light and dark, wide and narrow."""
        from playwright.sync_api import expect

        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)
        for scheme in ("dark", "light"):
            # With less motion colours change at once: nothing is measured half-way.
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            expect(self.page.locator("html")).to_have_attribute("data-bs-theme", scheme)
            for width in (360, 1280):
                self.page.set_viewport_size({"width": width, "height": 900})
                assert self.page.evaluate(CHECK) == [], (heading, scheme, width)

    def press(self, name: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def choose(self, label: str, value: str) -> None:
        """Choose an option and wait until the page is drawn anew for it."""
        from playwright.sync_api import expect

        with self.page.expect_response(lambda answer: answer.request.method == "POST"):
            self.page.get_by_label(label, exact=True).select_option(value)
        busy = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"
        expect(self.page.locator(busy)).to_have_count(0)

    def work(self) -> None:
        """Let workers come by until every run is over."""
        for _turn in range(20):
            for key in ObjectSync.objects.values_list("pk", flat=True):
                lanes.work(key, seconds=60)
            open_runs = JobRun.objects.filter(state__in=runs.WORKABLE)
            if not open_runs.exclude(kind="webhook").exists():
                return


@pytest.fixture
def walk(
    page: Page,
    live_server: LiveServer,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> Walk:
    """Give Ada at the portal, logged in, with three companies in HubSpot."""
    thena = ThenaSandbox()
    for address in (API_URL, APPS_URL):
        monkeypatch.setitem(connectors.MOUNTS, address, SandboxAdapter(thena))
    settings.THENA_RATE = settings.THENA_BURST = settings.HUBSPOT_RATE = 10_000
    stage.app.required_scopes = ["oauth", *REGISTRY["thena"].spec.scopes]
    made = Walk(page, stage, thena)
    for name in ("Acorn", "Birch", "Test firm"):
        domain = f"{name.lower().replace(' ', '-')}.example"
        made.hubspot.create("companies", {"name": name, "domain": domain, "city": "Bonn"})
    log_in(page, live_server, "ada")
    return made
