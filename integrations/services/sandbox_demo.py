"""What the demo's medical practice has in HubSpot: an app, an account and a few believable people.

The firm that uses Thena is in `sandbox_firm.py`, the one with Magentrix in `sandbox_vendor.py`. The
people are invented; the addresses are of domains that cannot exist.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings

from integrations.connectors import REGISTRY
from integrations.connectors.hubspot import stages
from integrations.connectors.hubspot.sandbox import App, HubSpotSandbox
from integrations.connectors.rxnt.sandbox import DEMO_PASSWORD, DEMO_USER
from integrations.connectors.rxnt.spec import RXNT

PORTAL_ID: Final = 4711001
PORTAL_NAME: Final = "Harbor Family Practice"
INSTALLER: Final = "office@harbor-practice.example"
RXNT_LOGIN: Final = {"UserName": DEMO_USER, "Password": DEMO_PASSWORD}
EVENTS: Final = ("creation", "deletion", "merge", "restore", "privacyDeletion")
OBJECTS: Final = {"contacts": "contact", "companies": "company", "deals": "deal"}
NAMES: Final = ("firstname", "lastname", "email", "phone", "address", "city", "state", "zip")
PEOPLE: Final = (
    ("Ida", "Brandt", "ida.brandt@mail.example", "(410) 555-0142",
     "12 Dock St", "Annapolis", "MD", "21401"),
    ("Noah", "Castillo", "noah.castillo@mail.example", "+1 443 555 0199",
     "88 Chesapeake Ave", "Baltimore", "Maryland", "21224"),
    ("Priya", "Raman", "priya.raman@mail.example", "301-555-0117", "", "", "", ""),
    ("Owen", "Fitzgerald", "owen.f@mail.example", "", "4 Mill Rd", "Easton", "", ""),
    ("Lucia", "Marchetti", "lucia.m@mail.example", "240 555 0181",
     "230 Pine Ct", "Frederick", "MD", "21701"),
    ("Samuel", "Okafor", "sam.okafor@mail.example", "410.555.0160", "", "", "", ""),
)  # fmt: skip


def furnish(hubspot: HubSpotSandbox) -> None:
    """Give an empty sandbox its account and its people; always bring the app in step."""
    with hubspot.lock:
        _install_app(hubspot)
        if PORTAL_ID not in hubspot.accounts:
            person = hubspot.add_account(PORTAL_ID, PORTAL_NAME, INSTALLER)
            for row in PEOPLE:
                values = {name: value for name, value in zip(NAMES, row, strict=True) if value}
                person.create_contact(values)


def _install_app(hubspot: HubSpotSandbox) -> None:
    """Configure the app as docs/connect-hubspot.md says, with this portal's addresses.

    What only other systems than RXNT need is optional, so that the practice is not asked for it.
    """
    required = ["oauth", *sorted(RXNT.scopes)]
    wanted = {scope for entry in REGISTRY.values() for scope in entry.spec.scopes}
    app = App(
        app_id=settings.HUBSPOT_APP_ID,
        client_id=settings.HUBSPOT_CLIENT_ID,
        client_secret=settings.HUBSPOT_CLIENT_SECRET,
        name="HubSpot integration portal",
        redirect_uris=[f"{settings.PUBLIC_URL}/oauth/hubspot/callback/"],
        required_scopes=required,
        optional_scopes=sorted(wanted - set(required)),
        webhook_url=f"{settings.PUBLIC_URL}/hooks/hubspot/",
    )
    for singular in OBJECTS.values():
        for event in EVENTS:
            app.subscribe(f"{singular}.{event}")
    for singular in ("contact", "deal"):
        app.subscribe(f"{singular}.associationChange")
    for plural, name in sorted(watched()):
        app.subscribe(f"{OBJECTS[plural]}.propertyChange", name)
    hubspot.add_app(app)


def watched() -> set[tuple[str, str]]:
    """Return the properties whose changes are told at once: triggers, and those synced at first.

    An app's subscriptions are fixed: other properties an admin chooses are found by polling.
    """
    found = set()
    for entry in REGISTRY.values():
        for sync in entry.spec.syncs:
            config = sync.build({})
            names = {rule.hubspot for rule in config.rules} if sync.configurable else set()
            names |= {config.trigger.field} if config.trigger else set()
            names |= set(stages.PARTS) if stages.STAGE in names else set()
            found |= {(sync.hubspot_object, name) for name in names if not name.startswith("@")}
    return found
