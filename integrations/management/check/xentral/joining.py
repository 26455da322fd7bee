"""Steps: HubSpot by a pasted service key, Xentral by an API account, and what must be ready."""

from __future__ import annotations

import re
from typing import Final

from django.db.models import QuerySet

from integrations.management.check.connecting import remember_tokens
from integrations.management.check.house import ADDRESSES
from integrations.management.check.scene import Scene, contains, expect
from integrations.management.check.works import CONTACTS, DEALS, Works
from integrations.management.check.xentral import people
from integrations.models import Connection, Integration
from integrations.services import demo, sandbox_works

ENDED_KEY: Final = "eu1-5d1e0a7c-4b9f-4e6a-a2c3-d8f0b1e27a96"
"""A HubSpot API key as they were until November 2022."""
GROUP: Final = "Hubspot"
VIEW: Final = "Hubspot"
FIELDS: Final = ("Hubspot Lead-Status", "Hubspot Lifecycle-Stage")
EMPTIED: Final = ("9", "10")
"""Free fields that are emptied for them."""
STATUS: Final = "NEW"
"""The lead status of contacts that are brought to Xentral."""
START: Final = "2026-01-01T00:00"
"""The start time, as it is typed in: in Germany, where the new year begins an hour before UTC's."""
SCOPE: Final = re.compile(r"\b(?:crm|oauth)\.[\w.]+")
ADDRESS: Final = "https://groessler.xentral.example"
SHOWN: Final = 10
"""The first so many free fields are all that the interface shows."""


def refuse_api_key(scene: Scene) -> str:
    """An old HubSpot API key is refused with the sentence about 2022; the admin sees one firm."""
    works = scene.works
    page = works.browser.log_in(demo.WORKS_ADMIN, scene.passwords[demo.WORKS_ADMIN])
    contains(page, demo.WORKS, "Xentral", "Connect")
    expect(demo.TENANT not in page.text, "the page names another organisation")
    scene.hidden.add(ENDED_KEY)
    works.browser.follow("Connect Xentral")
    contains(works.browser.follow("Use a service key"), "Service keys", "polling")
    page = works.browser.press("Check and save", service_key=ENDED_KEY)
    contains(page, "HubSpot API keys ended in November 2022", "begins with “pat-”")
    expect(ENDED_KEY not in page.html, "the page repeats the key")
    expect(not _connections().exists(), "a connection was stored")
    return "“HubSpot API keys ended in November 2022 …”, nothing stored"


def refuse_weak_key(scene: Scene) -> str:
    """A service key with too few permissions is refused, naming what is missing."""
    works = scene.works
    weak = works.crm.service_key([each for each in _scopes(works) if "deals" not in each])
    scene.hidden.add(weak)
    page = works.browser.press("Check and save", service_key=weak)
    contains(page, "may not do everything that is needed", "crm.objects.deals.write")
    expect(not _connections().exists(), "a connection was stored")
    return "“The service key may not do everything … crm.objects.deals.write”"


def paste_key(scene: Scene) -> str:
    """The right key is confirmed; deal stages and lead statuses are imported with it."""
    works = scene.works
    works.key = works.crm.service_key(_scopes(works))
    scene.hidden.add(works.key)
    page = works.browser.press("Check and save", service_key=works.key)
    stages = len(works.crm.stages())
    said = f"The service key for HubSpot has been updated. {stages} deal stages were imported."
    contains(page, said, "lead statuses were imported", "Log in to Xentral")
    expect(works.key not in page.html, "the page repeats the key")
    row = _connections().get()
    expect(row.by_key and row.account_id == str(works.crm.portal_id), f"{row} is connected")
    return f"“{said}”"


def refuse_token(scene: Scene) -> str:
    """A Xentral whose old interface takes no tokens says so; nothing is stored."""
    works = scene.works
    scene.hidden.update((works.token, sandbox_works.XENTRAL_ACCOUNT["init_key"]))
    works.house.be(tokens_on_old_api=False, v3_beta=True)
    page = works.browser.press("Authenticate", address=ADDRESS, token=works.token)
    contains(page, "Log in to Xentral", "API account")
    expect(works.token not in page.html, "the page repeats the token")
    rows = Integration.objects.filter(tenant__name=demo.WORKS)
    expect(not rows.exists(), "an integration was stored")
    return "Xentral's refusal and what to enter, nothing stored"


def use_digest(scene: Scene) -> str:
    """An API account (Digest) beside the token connects; nothing is synced before activation."""
    works = scene.works
    before = works.writes()
    login = {"token": works.token, **sandbox_works.XENTRAL_ACCOUNT}
    page = works.browser.press("Authenticate", address=ADDRESS, **login)
    contains(page, "Activation", "Nothing is synced yet", "Save and activate")
    remember_tokens(scene)
    states = {works.sync(key).state for key in (CONTACTS, DEALS)}
    expect(states == {"held"}, f"the syncs are {states}")
    expect(works.house.writes() == 0, "something was written to Xentral")
    return f"{works.connection().label}; {works.writes() - before} properties made in HubSpot"


def block(scene: Scene) -> str:
    """With fewer than two empty free fields activation says exactly what to do; nothing syncs."""
    works, house = scene.works, scene.works.house
    for number in range(len(house.fields()) + 1, SHOWN + 1):
        house.name_field(f"Merkmal {number}")
    known = len(house.all(ADDRESSES))
    page = works.browser.press("Save and activate", lead_status=STATUS, start_time=START)
    contains(
        page,
        "something is left for you to do",
        f"Group “{GROUP}” Made",
        "Two free fields of addresses To be done by hand",
        "Administration, Settings, System, Basic settings, Settings, Free fields",
        "Empty two of the first 10 address free fields",
        *FIELDS,
    )
    expect(not set(FIELDS) & set(house.fields()), "a free field was made")
    contains(works.show("status"), "Two free fields of addresses")
    expect(len(house.all(ADDRESSES)) == known, "an address was made")
    return "“Empty two of the first 10 address free fields …”, nothing is synced"


def prepare(scene: Scene) -> str:
    """Two fields emptied: both are made as selects of HubSpot's values; nothing is made twice."""
    works, house = scene.works, scene.works.house
    people.fill(scene)
    house.join(works.addresses["Frauke"], house.groups()[GROUP])
    for number in EMPTIED:
        house.empty_field(number)
    works.show("activation")
    page = works.browser.press("Check again")
    contains(page, "works, and everything it needs is in place", f"Group “{GROUP}” Found")
    contains(page, "columns 1 and 2", *FIELDS)
    made = {name: house.fields()[name] for name in FIELDS}
    expect({row["type"] for row in made.values()} == {"select"}, f"they are {made}")
    values = {each["value"] for each in made[FIELDS[0]]["allowedValues"]}
    expect({"NEW", "OPEN", "UNQUALIFIED"} <= values, f"{FIELDS[0]} offers {values}")
    settings = works.integration.settings
    expect(settings["group_id"] == house.groups()[GROUP], "the group is another")
    before = (house.groups(), house.views(), house.fields())
    works.show("activation")
    works.browser.press("Check again")
    expect((house.groups(), house.views(), house.fields()) == before, "something was made twice")
    return f"{settings['lead_field']} and {settings['lifecycle_field']}, group {GROUP} found"


def _scopes(works: Works) -> list[str]:
    """Return the permissions that the page asks for, as a person reads them there."""
    return sorted(set(SCOPE.findall(works.browser.page.text)))


def _connections() -> QuerySet[Connection]:
    return Connection.objects.filter(tenant__name=demo.WORKS)


STEPS: Final = (
    refuse_api_key,
    refuse_weak_key,
    paste_key,
    refuse_token,
    use_digest,
    block,
    prepare,
)
