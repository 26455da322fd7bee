"""The stand-ins served over HTTP: one process, one port, every system below its own path.

What a person sees of it is in `sandbox_page.py`, what the demo's accounts hold in
`sandbox_demo.py`. Not for production: everybody who reaches the port may do everything.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.util import shift_path_info

import requests
from django.conf import settings

from integrations.connectors.hubspot.sandbox import HubSpotSandbox
from integrations.connectors.magentrix.sandbox import MagentrixSandbox
from integrations.connectors.rxnt.sandbox import RxntSandbox
from integrations.connectors.sandbox_delivery import deliver_forever
from integrations.connectors.sandbox_kit import Sandbox, SandboxAdapter, wsgi_app
from integrations.connectors.thena.sandbox import ThenaSandbox
from integrations.connectors.xentral.sandbox import XentralSandbox
from integrations.services import connectors

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)
SAVE_SECONDS: Final = 5.0
SENDERS: Final = 4
"""Webhooks that one stand-in sends at once."""


class Stage:
    """All sandboxes, kept in a directory between runs. All but `rxnt` send webhooks."""

    def __init__(self, directory: Path) -> None:
        self.hubspot = HubSpotSandbox()
        self.rxnt = RxntSandbox()
        self.thena = ThenaSandbox()
        self.magentrix = MagentrixSandbox()
        self.xentral = XentralSandbox()
        self.sandboxes: Mapping[str, Sandbox] = {
            "hubspot": self.hubspot,
            "rxnt": self.rxnt,
            "thena": self.thena,
            "magentrix": self.magentrix,
            "xentral": self.xentral,
        }
        self.directory = directory
        self._saved: dict[str, str] = {}

    def load(self) -> bool:
        """Bring back what `save` kept; returns whether there was anything."""
        found = False
        for key, sandbox in self.sandboxes.items():
            file = self.directory / f"{key}.json"
            if file.exists():
                sandbox.load(json.loads(file.read_text()))
                found = True
        return found

    def save(self) -> None:
        """Keep the state of every sandbox that changed since the last time."""
        self.directory.mkdir(parents=True, exist_ok=True)
        for key, sandbox in self.sandboxes.items():
            with sandbox.lock:
                state = json.dumps(sandbox.dump())
            if self._saved.get(key) == state:
                continue
            fresh = self.directory / f"{key}.json.new"
            fresh.write_text(state)
            fresh.replace(self.directory / f"{key}.json")
            self._saved[key] = state

    def mount(self) -> None:
        """Let the stand-ins answer this process's calls directly, without sockets."""
        addresses: dict[str, Sandbox] = {
            settings.HUBSPOT_API_URL: self.hubspot,
            settings.RXNT_API_URL: self.rxnt,
            settings.THENA_API_URL: self.thena,
            settings.THENA_APPS_URL: self.thena,
        }
        if settings.MAGENTRIX_API_URL:
            addresses[settings.MAGENTRIX_API_URL] = self.magentrix
        if settings.XENTRAL_API_URL:
            addresses[settings.XENTRAL_API_URL] = self.xentral
        for address, sandbox in addresses.items():
            connectors.MOUNTS[address] = SandboxAdapter(sandbox)

    def app(self, page: WSGIApplication) -> WSGIApplication:
        """Return one WSGI application: `/<system>/...` for the stand-ins, the rest for `page`."""
        apps = {key: wsgi_app(sandbox) for key, sandbox in self.sandboxes.items()}

        def dispatch(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            system = apps.get(environ["PATH_INFO"].split("/")[1])
            if system is None:
                return page(environ, start_response)
            shift_path_info(environ)
            return system(environ, start_response)

        return dispatch


def serve(stage: Stage, page: WSGIApplication, port: int, stop: threading.Event) -> None:
    """Serve until `stop`; webhooks go out and the state is kept all the while."""
    server = make_server("127.0.0.1", port, stage.app(page), _Server, _Quiet)
    threads = [threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2})]
    threads += [
        threading.Thread(
            target=deliver_forever,
            args=(sender, requests.Session(), stop),
            kwargs={"at_once": SENDERS},
        )
        for sender in (stage.hubspot, stage.thena, stage.xentral)
    ]
    for thread in threads:
        thread.start()
    while not stop.wait(SAVE_SECONDS):
        stage.save()
    server.shutdown()
    for thread in threads:
        thread.join()
    server.server_close()
    stage.save()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128


class _Quiet(WSGIRequestHandler):
    """One line per request on the debug level only: a demo's log should show the portal."""

    def log_message(self, format: str, *args: object) -> None:
        """Log the request line, which holds no body and, in the sandbox, nothing real."""
        log.debug(format, *args)
