"""Steps: the firm's records, connecting Thena with its key, installing our app in Thena."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Final

from integrations.management.check.connecting import WRONG, agree, remember_tokens
from integrations.management.check.firm import ACCOUNTS, COMPANIES, CONTACTS, Firm
from integrations.management.check.scene import Scene, contains, expect
from integrations.models import Integration, Publishing
from integrations.services import demo, sandbox_firm

FIRMS: Final = "quillon"
PEOPLE: Final = "quillfolk"
LABS: Final = "quintest"
ROBOTS: Final = "quinrobot"
"""How names and addresses of bulk records begin; distinctive, so that a leak of people shows."""
MANIFEST: Final = re.compile(r"<pre[^>]*>(.*?)</pre>", re.DOTALL)
INTERNAL: Final = "Internal"
COMPANY_COUNT: Final = 500
CONTACT_COUNT: Final = 2_000
LAB_COUNT: Final = 40
ROBOT_COUNT: Final = 100
"""Companies of the tier Internal and contacts at them: the filters leave them out."""
SHARED: Final = 20
"""Records of each kind that Thena has already, to be found by domain and email."""


def fill(scene: Scene) -> str:
    """The firm has 500 companies and 2,000 contacts in HubSpot, some of them in Thena too."""
    crm, thena = scene.firm.crm, scene.firm.thena
    scene.names |= {PEOPLE, f"{ROBOTS}1"}  # the word alone is a filter's, and no secret
    tier = {sandbox_firm.TIER: "Premium"}
    real = crm.bulk(COMPANIES, COMPANY_COUNT - LAB_COUNT, FIRMS, properties=tier)
    labs = crm.bulk(COMPANIES, LAB_COUNT, LABS, properties={sandbox_firm.TIER: INTERNAL})
    count = CONTACT_COUNT - ROBOT_COUNT
    people = crm.bulk(CONTACTS, count, PEOPLE, partners={COMPANIES: real})
    crm.bulk(CONTACTS, ROBOT_COUNT, ROBOTS, partners={COMPANIES: labs})
    thena.bulk(ACCOUNTS, SHARED, FIRMS)
    thena.bulk(CONTACTS, SHARED, PEOPLE)
    scene.firm.companies |= {"first": real[0], "second": real[1], "last": real[-1]}
    scene.firm.contacts |= {"first": people[0], "second": people[1], "last": people[-1]}
    return f"{len(crm.all(COMPANIES))} and {len(crm.all(CONTACTS))} with the demo's own"


def install(scene: Scene) -> str:
    """The firm's admin sees only her organisation and installs the app in its HubSpot account."""
    nora = scene.firm.browser
    page = nora.log_in(demo.FIRM_ADMIN, scene.passwords[demo.FIRM_ADMIN])
    contains(page, demo.FIRM, "Connect")
    expect(demo.TENANT not in page.text, "the page names the other organisation")
    agree(nora, "Thena", scene.firm.crm.portal_id)
    contains(nora.page, "Log in to Thena", sandbox_firm.PORTAL_NAME)
    return f"HubSpot account {scene.firm.crm.portal_id}; now Thena's key is asked for"


def refuse_wrong_key(scene: Scene) -> str:
    """A wrong API key is refused with a sentence, and nothing is stored."""
    page = scene.firm.browser.press("Authenticate", api_key=WRONG)
    contains(page, "Thena no longer accepts the API key", "Enter one that is valid")
    expect(WRONG not in page.html, "the page repeats the key")
    rows = Integration.objects.filter(tenant__name=demo.FIRM)
    expect(not rows.exists(), "an integration was stored")
    return "“Thena no longer accepts the API key. Enter one that is valid.”"


def enter_key(scene: Scene) -> str:
    """The right key connects Thena; nothing is synced before something is published."""
    firm = scene.firm
    scene.hidden.add(firm.key)
    before = firm.writes()
    contains(firm.browser.press("Authenticate", api_key=firm.key), "Connected", "Choose fields")
    remember_tokens(scene)
    states = {key: firm.sync(key).state for key in (COMPANIES, CONTACTS)}
    expect(set(states.values()) == {"setup"}, f"the syncs are {states}")
    contains(firm.show("status"), "Nothing is synced yet", "Set it up")
    written = firm.writes() - before
    return f"{firm.connection().label}, both kinds wait to be set up; {written} writes for the keys"


def install_app(scene: Scene) -> str:
    """Our app is made from its manifest and installed in Thena; its token comes by a call."""
    firm = scene.firm
    put_app(scene, firm)
    firm_has_token(scene, firm)
    app = firm.app
    return f"app {app} knows our secret address; its token arrived and events go to Thena"


def put_app(scene: Scene, firm: Firm) -> None:
    """Make and install the app by Thena's own calls, with the manifest that the portal shows."""
    shown = MANIFEST.search(firm.show("settings").html)
    expect(shown, "the settings show no manifest")
    manifest = json.loads(unescape(shown[1])) if shown else {}
    firm.app = str(firm.thena.create_app(firm.key, manifest)["appId"])
    scene.hidden.add(firm.thena.install_app(firm.key, firm.app))


def firm_has_token(scene: Scene, firm: Firm) -> None:
    """Wait until the call of Thena has brought the app's token."""

    def is_there() -> bool:
        row = firm.connection()
        return row.publishing == Publishing.ON and row.hook_seen_at is not None

    scene.until(is_there, "the app's token to arrive")
    remember_tokens(scene)


STEPS: Final = (fill, install, refuse_wrong_key, enter_key, install_app)
