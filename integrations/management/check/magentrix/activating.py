"""Steps: activation, refused without a Default Owner; the fields it needs in Magentrix."""

from __future__ import annotations

from typing import Final

from integrations.management.check.magentrix.joining import ADA
from integrations.management.check.scene import Scene, contains, expect
from integrations.management.check.vendor import COMPANIES, USERS
from integrations.services.owners import TABLE as OWNERS

MARK: Final = "HubSpotUserId__c"
OWN: Final = "default_owner"


def refuse_without_owner(scene: Scene) -> str:
    """Without a Default Owner the activation is refused, and nothing can be published."""
    vendor = scene.vendor
    vendor.show("activation")
    page = vendor.browser.press("Save and activate", **{OWN: ""})
    contains(page, "This field is required", "Nothing is synced yet")
    expect(not vendor.integration.settings.get(OWN), "an owner was stored")
    page = vendor.browser.post(vendor.address("publish", COMPANIES))
    expect(vendor.sync(COMPANIES).version is None, "a version was published")
    return "“This field is required”; publishing is refused too"


def refuse_made_up_owner(scene: Scene) -> str:
    """A partner user, or somebody made up, is no Default Owner."""
    vendor = scene.vendor
    vendor.show("activation")
    page = vendor.browser.press("Save and activate", **{OWN: "005-made-up"})
    contains(page, "Select a valid choice")
    partners = [row for row in vendor.portal.all(USERS).values() if row["UserType"] == "Partner"]
    expect(partners, "the portal has no partner user")
    for row in partners:
        expect(row["Id"] not in page.html, f"{row['Name']} is offered")
    expect(not vendor.integration.settings.get(OWN), "an owner was stored")
    return f"refused; {len(partners)} partner user is not offered"


def show_steps(scene: Scene) -> str:
    """Where no program may make fields, the page says exactly what a person has to do."""
    vendor = scene.vendor
    vendor.portal.let_programs_make_fields(False)
    owner = vendor.portal.user(ADA)["Id"]
    vendor.show("activation")
    page = vendor.browser.press("Save and activate", **{OWN: owner})
    contains(page, "To be done by hand", "HubSpot User ID", "HubSpotId__c", "Setup", "50")
    contains(page, "Nothing is synced yet")
    expect(MARK not in vendor.portal.user(ADA), "the field was made all the same")
    return "five fields with entity, type, length, uniqueness and name; nothing is synced yet"


def check_again(scene: Scene) -> str:
    """“Check again” makes what is missing, HubSpot User ID too; once more finds it."""
    vendor = scene.vendor
    vendor.portal.let_programs_make_fields(True)
    vendor.show("activation")
    page = vendor.browser.press("Check again")
    contains(page, "Ready", "Made", "“HubSpot User ID” on User", "everything it needs is in place")
    made = {step["key"]: step["state"] for step in vendor.integration.prepared or ()}
    expect(made[f"User.{MARK}"] == "made", f"HubSpot User ID is {made}")
    before = vendor.portal.writes()
    page = vendor.browser.press("Check again")
    found = {step["key"]: step["state"] for step in vendor.integration.prepared or ()}
    expect(found[f"User.{MARK}"] == "found", f"then it is {found}")
    expect(vendor.portal.writes() == before, "it was made twice")
    return f"{sum(state == 'made' for state in made.values())} fields made, then all found"


def marks(scene: Scene) -> dict[str, str]:
    """Return Magentrix user ids by the HubSpot owner that they are marked with."""
    rows = scene.vendor.portal.all(USERS).values()
    return {row[MARK]: row["Id"] for row in rows if row.get(MARK)}


def entries(scene: Scene) -> dict[str, str]:
    """Return the stored owner table: owner ids to user ids, "" for nobody."""
    rows = scene.vendor.integration.entries.filter(table=OWNERS)
    return {row.hubspot_value: row.target_value for row in rows}


STEPS: Final = (refuse_without_owner, refuse_made_up_owner, show_steps, check_again)
