"""Steps: edits and stages both ways, lookups that follow, and passes that write nothing."""

from __future__ import annotations

from typing import Final

from integrations.management.check.magentrix.loading import CLOSED
from integrations.management.check.running import sync_now
from integrations.management.check.scene import Scene, contains, expect
from integrations.management.check.vendor import COMPANIES, CONTACTS, DEALS, KINDS

PHONE: Final = "+44 20 5550 3391"
NEGOTIATION: Final = "Contract Sent"


def write_nothing(scene: Scene) -> str:
    """“Sync now” looks at every record of all three kinds and writes nothing: all is in step."""
    vendor = scene.vendor
    scene.quiet()
    before, said = vendor.writes(), []
    for key in KINDS:
        run = sync_now(scene, vendor, key)
        said.append(f"{run.seen} {key}")
        expect(run.written == 0, f"the pass of {key} wrote {run.written}: {run.counts}")
    scene.quiet()
    written = vendor.writes() - before
    expect(written == 0, f"the stand-ins counted {written} writes")
    return f"{', '.join(said)} looked at, 0 writes counted at the stand-ins"


def move_stage(scene: Scene) -> str:
    """A deal that is won in HubSpot is won in Magentrix; a stage moved there moves the deal."""
    vendor, deal = scene.vendor, scene.vendor.ids["deal"]
    vendor.crm.edit(DEALS, deal, dealstage="closedwon", amount="4800")
    scene.until(lambda: vendor.twin(DEALS, deal)["Stage"] == CLOSED, "the stage in Magentrix")
    amount = vendor.twin(DEALS, deal)["Amount"]
    expect(float(amount) == 4800, f"the amount in Magentrix is {amount}")
    other = vendor.ids["second deal"]
    vendor.portal.edit("Opportunity", vendor.target_id(DEALS, other), Stage=NEGOTIATION)
    vendor.run_job("changes:deals")
    scene.until(
        lambda: vendor.crm.read(DEALS, other)["dealstage"] == "contractsent", "the stage in HubSpot"
    )
    return f"won → “{CLOSED}” with the amount; “{NEGOTIATION}” → contractsent"


def move_contact(scene: Scene) -> str:
    """A contact that changes its primary company moves to that account, and back from there."""
    vendor, contact = scene.vendor, scene.vendor.ids["third"]
    scene.hidden.add(PHONE)
    (before,) = vendor.crm.employers(contact)
    after = vendor.ids["of Raj"]
    account = vendor.target_id(COMPANIES, after)
    vendor.crm.join(CONTACTS, contact, COMPANIES, before, after, primary=after)
    vendor.crm.edit(CONTACTS, contact, phone=PHONE)
    scene.until(lambda: vendor.twin(CONTACTS, contact)["AccountId"] == account, "the new account")
    scene.until(lambda: vendor.twin(CONTACTS, contact)["Phone"] == PHONE, "the phone, too")
    home = vendor.target_id(COMPANIES, before)
    vendor.portal.edit("Contact", vendor.target_id(CONTACTS, contact), AccountId=home)
    vendor.run_job("changes:contacts")
    scene.until(
        lambda: vendor.crm.primary(CONTACTS, contact) == before, "the old company in HubSpot again"
    )
    expect(after in vendor.crm.employers(contact), "the other association was removed")
    contains(vendor.why(CONTACTS, contact), "Field by field")
    return "moved in HubSpot, moved back in Magentrix; other associations stay"


def stay_quiet(scene: Scene) -> str:
    """After the merge, its undoing and all the rest, another pass has nothing to write either."""
    return write_nothing(scene)


STEPS: Final = (write_nothing, move_stage, move_contact)
