"""The page as it is served: no address that it names belongs to a stand-in's own calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from wsgiref.util import setup_testing_defaults

import pytest

from integrations.services import sandbox_demo, sandbox_firm, sandbox_vendor, sandbox_works
from integrations.services.sandbox import Stage
from integrations.services.sandbox_page import Page

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

NAMED = re.compile(r'(href|action)="(/[^"]*)"')


class Visitor:
    """A browser in front of everything that `manage.py sandbox` serves."""

    def __init__(self, directory: Path) -> None:
        self.stage = Stage(directory)
        sandbox_demo.furnish(self.stage.hubspot)
        sandbox_firm.furnish(self.stage.hubspot, self.stage.thena)
        sandbox_vendor.furnish(self.stage.hubspot, self.stage.magentrix)
        sandbox_works.furnish(self.stage.hubspot, self.stage.xentral)
        self.page = Page(self.stage)
        self.app = self.stage.app(self.page)

    def get(self, address: str) -> tuple[int, str]:
        path, _, query = address.partition("?")
        environ: WSGIEnvironment = {"PATH_INFO": path, "QUERY_STRING": query}
        environ["wsgi.input"] = BytesIO()
        setup_testing_defaults(environ)
        seen: list[str] = []

        def start_response(status: str, _headers: list[tuple[str, str]], *_: object) -> None:
            seen.append(status)

        body = b"".join(self.app(environ, start_response)).decode()  # type: ignore[arg-type]
        return int(seen[0].split()[0]), body

    def walk(self) -> Iterator[tuple[str, str]]:
        """Follow every link from the first page on; yield what is named: its kind and address."""
        waiting, known = ["/"], {"/"}
        while waiting:
            here = waiting.pop()
            status, text = self.get(here)
            assert status == 200, here
            for kind, address in NAMED.findall(text):
                yield kind, unescape(address)
                if kind == "href" and unescape(address) not in known:
                    known.add(unescape(address))
                    waiting.append(unescape(address))


@pytest.fixture
def visitor(tmp_path: Path) -> Visitor:
    return Visitor(tmp_path)


def test_every_link_and_button_leads_to_the_page(visitor: Visitor) -> None:
    named = set(visitor.walk())
    assert not {
        address for _kind, address in named if address.split("/")[1] in visitor.stage.sandboxes
    }
    buttons = {address for kind, address in named if kind == "action"}
    links = {address.partition("?")[0] for kind, address in named if kind == "href"}
    for system in visitor.page.desks:
        assert f"/desk/{system}" in links
        assert {f"/desk/{system}/{verb}" for verb in ("create", "save", "delete")} <= buttons


def test_a_stand_ins_own_addresses_stay_its_own(visitor: Visitor) -> None:
    for system in visitor.page.desks:
        status, text = visitor.get(f"/{system}")
        assert (status, "<html" in text) == (404, False)
        assert visitor.get(f"/{system}/sandbox/state")[0] == 200
