"""`demo_check`: play the whole scenario against the running demo (`dev.py demo --check`)."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integrations.management.check.accounts import Crm, Thena
from integrations.management.check.client import Browser
from integrations.management.check.deliveries import Deliveries
from integrations.management.check.firm import Firm
from integrations.management.check.house import House
from integrations.management.check.receiver import Receiver
from integrations.management.check.sandbox import HubSpot, Rxnt
from integrations.management.check.scene import Scene
from integrations.management.check.script import STEPS, play
from integrations.management.check.vendor import Portal, Vendor
from integrations.management.check.works import Works
from integrations.services import demo, sandbox_demo, sandbox_firm, sandbox_vendor, sandbox_works


class Command(BaseCommand):
    """Needs a demo that was just furnished and is running: web, worker and sandbox."""

    help = "Play the whole scenario against the running demo; exit 1 when a step fails."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each step with what it saw."""
        if not settings.PORTAL_DEMO:
            raise CommandError("This changes passwords and uninstalls apps: only in the demo.")
        logging.disable(logging.INFO)  # lines of its own would stand between the steps
        began = time.monotonic()
        failures = play(_scene(), self._say)
        took = time.monotonic() - began
        if failures:
            raise CommandError(f"{failures} of {len(STEPS)} steps failed ({took:.0f} s).")
        self._say(f"All {len(STEPS)} steps passed ({took:.0f} s).")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _scene() -> Scene:
    passwords = json.loads((settings.VAR_DIR / demo.FILE).read_text())
    address = settings.PUBLIC_URL
    scene = Scene(
        amara=Browser(address),
        sam=Browser(address),
        stranger=Browser(address),
        hubspot=HubSpot(settings.HUBSPOT_API_URL, sandbox_demo.PORTAL_ID, settings.HUBSPOT_APP_ID),
        rxnt=Rxnt(settings.RXNT_API_URL),
        firm=Firm(
            browser=Browser(address),
            tenant=demo.FIRM,
            crm=Crm(settings.HUBSPOT_API_URL, sandbox_firm.PORTAL_ID),
            thena=Thena(settings.THENA_API_URL),
            receiver=Receiver(),
            key=sandbox_firm.THENA_LOGIN["api_key"],
        ),
        works=Works(
            browser=Browser(address),
            tenant=demo.WORKS,
            crm=Crm(settings.HUBSPOT_API_URL, sandbox_works.PORTAL_ID),
            house=House(settings.XENTRAL_API_URL),
            token=sandbox_works.XENTRAL_TOKEN,
        ),
        vendor=Vendor(
            browser=Browser(address),
            tenant=demo.VENDOR,
            crm=Crm(settings.HUBSPOT_API_URL, sandbox_vendor.PORTAL_ID),
            portal=Portal(settings.MAGENTRIX_API_URL),
            key=sandbox_vendor.MAGENTRIX_LOGIN["api_key"],
        ),
        deliveries=Deliveries(f"{address}/hooks/hubspot/", settings.HUBSPOT_CLIENT_SECRET),
        directory=settings.VAR_DIR,
        passwords=passwords,
    )
    scene.hidden.update(passwords.values())
    scene.hidden.update((settings.SECRET_KEY, settings.HUBSPOT_CLIENT_SECRET, settings.DIGEST_KEY))
    scene.hidden.update(key.partition(":")[2] for key in settings.ENCRYPTION_KEYS)
    return scene
