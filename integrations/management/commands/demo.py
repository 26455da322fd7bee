"""`demo`: make the demo's organisation and its people, and print how to get in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from integrations.services import demo, sandbox_demo, sandbox_firm, sandbox_vendor, sandbox_works

Row = tuple[str, str, str, str, str]
"""What it is, its address, user, password, and a note; "" where there is none."""
ASKED: Final = "asked for when you connect"
SYSTEMS: Final = {
    demo.TENANT: "→ RXNT",
    demo.FIRM: "↔ Thena",
    demo.VENDOR: "↔ Magentrix",
    demo.WORKS: "↔ Xentral",
}


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
        for what, address, user, password, note in (*_people(passwords), *_systems()):
            line = f"{what:<19} {address:<31} {user:<15} {password:<16} {note}"
            self.stdout.write(line.rstrip())


def _people(passwords: Mapping[str, str]) -> Iterator[Row]:
    """Yield who logs in where."""
    portal = settings.PUBLIC_URL
    for tenant, user, _zone in demo.OWNERS:
        what = f"HubSpot {SYSTEMS[tenant]}"
        yield what, f"{portal}/", user, passwords[user], f"admin of {tenant}"
    yield "Support", portal + reverse("admin:index"), demo.SUPPORT, passwords[demo.SUPPORT], ""


def _systems() -> Iterator[Row]:
    """Yield where the stand-ins are and what they let in."""
    stand_in = settings.HUBSPOT_API_URL.removesuffix("/hubspot")
    rxnt, thena = sandbox_demo.RXNT_LOGIN, sandbox_firm.THENA_LOGIN["api_key"]
    magentrix = sandbox_vendor.MAGENTRIX_LOGIN["api_key"]
    yield "Sandbox", f"{stand_in}/", "", "", "edit records in all systems"
    yield "RXNT log-in", "", rxnt["UserName"], rxnt["Password"], ASKED
    yield "Thena API key", "", "", thena, ASKED
    yield "Thena app", f"{stand_in}/app", "", "", "install it there with the manifest from"
    yield "", "", "", "", "the integration's settings: then events arrive at once"
    yield "Magentrix key", settings.MAGENTRIX_API_URL, "", magentrix, ASKED
    yield "Xentral token", settings.XENTRAL_API_URL, "", sandbox_works.XENTRAL_TOKEN, ASKED
