"""`sandbox`: serve the stand-ins for HubSpot and the other systems until Ctrl-C."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from integrations.services import sandbox_demo, sandbox_firm, sandbox_vendor, sandbox_works
from integrations.services.sandbox import Stage, serve
from integrations.services.sandbox_page import Page


class Command(BaseCommand):
    """Listens on 127.0.0.1 only; keeps its state under PORTAL_VAR/sandbox."""

    help = "Serve the sandboxes (HubSpot and the systems it is joined with) on this machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the port."""
        parser.add_argument("--port", type=int, default=8100)

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        """Serve until SIGINT or SIGTERM."""
        stop = threading.Event()

        def end(_number: int, _frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGINT, end)
        signal.signal(signal.SIGTERM, end)
        stage = Stage(settings.VAR_DIR / "sandbox")
        stage.load()
        sandbox_demo.furnish(stage.hubspot)
        sandbox_firm.furnish(stage.hubspot, stage.thena)
        sandbox_vendor.furnish(stage.hubspot, stage.magentrix)
        sandbox_works.furnish(stage.hubspot, stage.xentral)
        self.stdout.write(f"The sandbox: http://127.0.0.1:{port}/")
        serve(stage, Page(stage), port, stop)
