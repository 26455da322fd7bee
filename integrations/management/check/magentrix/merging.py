"""Steps: companies merged in HubSpot: contacts repointed, the extra account removed; undoing it."""

from __future__ import annotations

from typing import Final

from integrations.management.check.magentrix.joining import STAFF
from integrations.management.check.scene import Scene, contains, expect
from integrations.management.check.vendor import COMPANIES, CONTACTS
from integrations.models import Merge

PATIENCE: Final = 60.0


def merge(scene: Scene) -> str:
    """Two companies become one: ten contacts are repointed, then the extra account is removed."""
    vendor = scene.vendor
    scene.quiet()
    staff = [vendor.ids[f"staff {place}"] for place in range(STAFF)]
    kept, extra = (vendor.target_id(COMPANIES, vendor.ids[name]) for name in ("kept", "merged"))
    child = vendor.portal.create("Account", Name="Marlowe Child", ParentId=extra)
    held = {vendor.twin(CONTACTS, each)["AccountId"] for each in staff}
    expect(held == {extra}, f"the ten contacts are at {held}")
    survivor = vendor.crm.merge(COMPANIES, vendor.ids["kept"], vendor.ids["merged"])
    vendor.ids["survivor"] = survivor
    vendor.run_job("changes:companies")
    row = scene.until(
        lambda: Merge.objects.filter(object_sync=vendor.sync(COMPANIES), state="done").first(),
        "the merge to be carried through",
        PATIENCE,
    )
    held = {vendor.twin(CONTACTS, each)["AccountId"] for each in staff}
    expect(held == {kept}, f"the ten contacts are at {held}, not {kept}")
    expect(extra in vendor.portal.bin("Account"), "the extra account was not removed")
    parent = vendor.portal.read("Account", child)["ParentId"]
    expect(parent == kept, f"a lookup that nobody maps points to {parent}")
    expect(vendor.target_id(COMPANIES, survivor) == kept, "the survivor has another account")
    page = vendor.show("merge", "", row.pk)
    contains(page, survivor, kept, extra, "Steps", "Done")
    contains(vendor.why(COMPANIES, survivor), "in a merge")
    vendor.ids |= {"extra": extra, "merge": str(row.pk)}
    return f"{vendor.ids['merged']} went into {survivor}; ten contacts at {kept}, {extra} removed"


def undo(scene: Scene) -> str:
    """Undoing says that the removed account has to be restored first; then both are pairs again."""
    vendor = scene.vendor
    number, extra = int(vendor.ids["merge"]), vendor.ids["extra"]
    page = vendor.show("merge", "", number)
    contains(page, "Undo this merge", f"The record {extra} was removed in Magentrix", "Restore it")
    vendor.portal.restore("Account", extra)
    vendor.show("merge", "", number)
    page = vendor.browser.press("Undo the merge", way="new")
    contains(page, "The merge is undone")
    link = scene.until(
        lambda: next(iter(vendor.links(COMPANIES, target_id=extra, state="linked")), None),
        "the restored account to be linked",
        PATIENCE,
    )
    kept = vendor.target_id(COMPANIES, vendor.ids["survivor"])
    expect(kept != extra, "both companies have one account")
    expect(link.hubspot_id not in ("", vendor.ids["survivor"]), f"it belongs to {link.hubspot_id}")
    contains(vendor.show("merge", "", number), "Undone")
    return f"refused until {extra} was restored; then it is the company {link.hubspot_id}"


STEPS: Final = (merge, undo)
