"""`demo`: make the demo's organisation and its people, and print how to get in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from integrations.services import demo, sandbox_demo, sandbox_firm, sandbox_vendor


class Command(BaseCommand):
    """Safe to repeat: what is there stays, passwords too. Only works with PORTAL_DEMO=1."""

    help = "Furnish the demo and print its addresses and passwords."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing and print a table."""
        if not settings.PORTAL_DEMO:
            raise CommandError(
                "This makes users with passwords that are kept readable: only for the demo. "
                "Run `python3 dev.py demo`."
            )
        passwords = demo.furnish(settings.VAR_DIR)
        portal, stand_in = settings.PUBLIC_URL, settings.HUBSPOT_API_URL.removesuffix("/hubspot")
        rxnt = sandbox_demo.RXNT_LOGIN
        home = f"{portal}/"
        systems = {
            demo.TENANT: "→ RXNT",
            demo.FIRM: "↔ Thena",
            demo.VENDOR: "↔ Magentrix",
        }
        rows = [
            (f"HubSpot {systems[tenant]}", home, user, passwords[user], f"admin of {tenant}")
            for tenant, user, _zone in demo.OWNERS
        ]
        rows += [
            ("Support", portal + reverse("admin:index"), demo.SUPPORT, passwords[demo.SUPPORT], ""),
            ("Sandbox", f"{stand_in}/", "", "", "edit records in all systems"),
            ("RXNT log-in", "", rxnt["UserName"], rxnt["Password"], "asked for when you connect"),
            (
                "Thena API key",
                "",
                "",
                sandbox_firm.THENA_LOGIN["api_key"],
                "asked for when you connect",
            ),
            ("Thena app", f"{stand_in}/app", "", "", "install it there with the manifest from"),
            ("", "", "", "", "the integration's settings: then events arrive at once"),
            (
                "Magentrix key",
                settings.MAGENTRIX_API_URL,
                "",
                sandbox_vendor.MAGENTRIX_LOGIN["api_key"],
                "asked for when you connect",
            ),
        ]
        for what, address, user, password, note in rows:
            line = f"{what:<19} {address:<31} {user:<15} {password:<16} {note}"
            self.stdout.write(line.rstrip())
