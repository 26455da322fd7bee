"""What the demo's HubSpot account holds: an app, a portal and a few believable people.

The people are invented; the addresses are of domains that cannot exist.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings

from integrations.connectors.hubspot.sandbox import App, HubSpotSandbox
from integrations.connectors.hubspot.spec import scopes_for
from integrations.connectors.rxnt.sandbox import DEMO_PASSWORD, DEMO_USER
from integrations.connectors.thena.sandbox import DEMO_KEY
from integrations.services import connectors

PORTAL_ID: Final = 4711001
PORTAL_NAME: Final = "Harbor Family Practice"
INSTALLER: Final = "office@harbor-practice.example"
RXNT_LOGIN: Final = {"UserName": DEMO_USER, "Password": DEMO_PASSWORD}
THENA_LOGIN: Final = {"api_key": DEMO_KEY}
SCOPES: Final = [
    "oauth",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.schemas.contacts.read",
    "crm.schemas.contacts.write",
]
EVENTS: Final = ("creation", "deletion", "merge", "restore", "privacyDeletion")
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
    """Configure the app as docs/connect-hubspot.md says, with this portal's addresses."""
    app = App(
        app_id=settings.HUBSPOT_APP_ID,
        client_id=settings.HUBSPOT_CLIENT_ID,
        client_secret=settings.HUBSPOT_CLIENT_SECRET,
        name="HubSpot integration portal",
        redirect_uris=[f"{settings.PUBLIC_URL}/oauth/hubspot/callback/"],
        required_scopes=list(SCOPES),
        optional_scopes=[s for s in scopes_for(connectors.target_specs()) if s not in SCOPES],
        webhook_url=f"{settings.PUBLIC_URL}/hooks/hubspot/",
    )
    for event in EVENTS:
        app.subscribe(f"contact.{event}")
    app.subscribe("contact.propertyChange", "lifecyclestage")
    hubspot.add_app(app)
