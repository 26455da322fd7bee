"""Steps: deals and resubmissions after the load: stages, amounts, dates, both ways of assigning."""

from __future__ import annotations

from typing import Final

from integrations.management.check.house import RESUBMISSIONS
from integrations.management.check.scene import Scene, contains, expect
from integrations.management.check.works import DEALS
from integrations.management.check.xentral.joining import VIEW
from integrations.management.check.xentral.starters import rest, start
from integrations.models import Origin, TableEntry

STANDARD: Final = "Standard"
OFFER: Final = "Angebot verschickt"
"""A stage of Xentral's own view."""
CHOSEN: Final = "default:contractsent"
NEW_STAGE: Final = "Übergabe an Fertigung"


def move_in_xentral(scene: Scene) -> str:
    """A resubmission moved to another stage moves its deal; amount and reminder follow, too."""
    works, house, deal = scene.works, scene.works.house, scene.works.deals["winter"]
    target = works.target_id(DEALS, deal)
    label = works.crm.stages()[CHOSEN]
    house.move(target, house.stages(house.views()[VIEW])[label])
    house.edit(RESUBMISSIONS, target, betrag="17250.75", datum_erinnerung="2027-07-01")
    start(scene, "queue")
    scene.until(
        lambda: works.crm.read(DEALS, deal)["dealstage"] == "contractsent", "the deal's stage"
    )
    held = works.crm.read(DEALS, deal)
    expect(float(held["amount"]) == 17250.75, f"the amount is {held['amount']}")
    closes = held["closedate"].replace(".000Z", "Z")
    expect(closes == "2027-07-01T10:00:00Z", f"it closes {held['closedate']}")
    return f"“{label}”, 17250.75, 12:00 in July is 10:00 UTC"


def move_in_hubspot(scene: Scene) -> str:
    """A deal moved in HubSpot moves its resubmission; its date crosses the DST change."""
    works, house, deal = scene.works, scene.works.house, scene.works.deals["summer"]
    changed = {"amount": "98000", "closedate": "2027-03-28T01:30:00Z"}
    works.crm.edit(DEALS, deal, **changed, dealstage="contractsent")
    start(scene, "deals")
    scene.until(lambda: float(works.twin(DEALS, deal)["betrag"]) == 98000, "the amount in Xentral")
    row = works.twin(DEALS, deal)
    due = row["datum_erinnerung"], row["zeit_erinnerung"]
    expect(due == ("2027-03-28", "03:30:00"), f"it is due {due}")
    wanted = house.stages(house.views()[VIEW])[works.crm.stages()[CHOSEN]]
    expect(str(row["stages"]) == wanted, f"it is in stage {row['stages']}")
    return "98000, in the same stage; 01:30 UTC is 03:30 on the day the clocks change"


def leave_view(scene: Scene) -> str:
    """A resubmission that leaves the view is frozen: its deal stays as it is, and goes on later."""
    works, house, deal = scene.works, scene.works.house, scene.works.deals["winter"]
    target = works.target_id(DEALS, deal)
    back = str(works.twin(DEALS, deal)["stages"])
    house.move(target, house.stages(house.views()[STANDARD])[OFFER])
    house.edit(RESUBMISSIONS, target, betrag="1.00")
    start(scene, "queue")
    scene.until(lambda: works.link(DEALS, deal).state == "frozen", "the pair to be frozen")
    expect(float(works.crm.read(DEALS, deal)["amount"]) == 17250.75, "the deal was changed")
    house.edit(RESUBMISSIONS, target, betrag="17000.00")
    house.move(target, back)
    start(scene, "queue")
    scene.until(
        lambda: float(works.crm.read(DEALS, deal)["amount"]) == 17000, "the amount in HubSpot"
    )
    return "frozen outside the view, in step again when it is back"


def refresh_stages(scene: Scene) -> str:
    """Refresh makes a new stage of HubSpot in the view, beside those that are there."""
    works, house = scene.works, scene.works.house
    before = house.stages(house.views()[VIEW])
    works.crm.add_stage("default", NEW_STAGE)
    works.show("stages", "", "stages")
    contains(works.browser.press("Refresh"), "The list is up to date", NEW_STAGE)
    after = house.stages(house.views()[VIEW])
    expect(after.keys() - before.keys() == {NEW_STAGE}, f"the view has {[*after]}")
    expect(before.items() <= after.items(), "a stage was made anew")
    return f"“{NEW_STAGE}” is stage {after[NEW_STAGE]}"


def choose_stages(scene: Scene) -> str:
    """User-defined: a stage is chosen by its drop-down, survives Refresh, and deals follow it."""
    works, house, deal = scene.works, scene.works.house, scene.works.deals["one"]
    offer = house.stages(house.views()[STANDARD])[OFFER]
    works.show("stages", "", "stages")
    contains(works.browser.press("User-defined"), "The way of assigning is changed")
    rest(scene)
    works.show("stages", "", "stages")
    label = works.crm.stages()[CHOSEN]
    works.browser.press(f"Save Sales Pipeline – {label}", target=offer)
    contains(works.browser.page, "Saved", "chosen by a person")
    contains(works.browser.press("Refresh"), "The list is up to date", "chosen by a person")
    entry = TableEntry.objects.get(
        integration=works.integration, table="stages", hubspot_value=CHOSEN
    )
    rest(scene)
    kept = entry.origin == Origin.PERSON and entry.target_value == offer
    expect(kept, f"{CHOSEN} is {entry.target_value} by {entry.origin}")
    works.crm.edit(DEALS, deal, dealstage="contractsent")
    start(scene, "deals")
    scene.until(lambda: str(works.twin(DEALS, deal)["stages"]) == offer, "the resubmission to move")
    return f"“{label}” is “{OFFER}” also after Refresh, and the deal's resubmission is there"


STEPS: Final = (move_in_xentral, move_in_hubspot, leave_view, refresh_stages, choose_stages)
