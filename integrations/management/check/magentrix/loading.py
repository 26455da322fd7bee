"""Steps: fields and stages chosen, the first load in its order, what both systems hold then."""

from __future__ import annotations

from typing import Final

from integrations.management.check.running import FIRST, LOAD_PATIENCE, preview, publish
from integrations.management.check.scene import Scene, contains, expect
from integrations.management.check.vendor import COMPANIES, CONTACTS, DEALS, KINDS
from integrations.services.sandbox_vendor import LEVEL, LEVELS

STAGE_KEY: Final = "stages"
FIRST_STAGE: Final = "default:appointmentscheduled"
PROSPECT: Final = "Prospecting"
CLOSED: Final = "Closed Won"
LABEL: Final = "Partner level"


def choose_field(scene: Scene) -> str:
    """A list of HubSpot's that Magentrix lacks is chosen; owner and pipeline are not offered."""
    vendor = scene.vendor
    page = vendor.show("fields", "", COMPANIES)
    contains(page, "Always synced", "Owner")
    offered = {value for form in page.forms for value in form.values}
    expect("hubspot_owner_id" not in offered, "the owner is offered")
    page = vendor.browser.press("Add the chosen fields", field=LEVEL)
    contains(page, "1 field is added", "New field", LABEL)
    page = vendor.show("fields", "", DEALS)
    for name in ('value="pipeline"', 'value="dealstage"', 'value="hubspot_owner_id"'):
        expect(f'name="field" {name}' not in page.html, f"{name} is offered")
    return f"“{LABEL}” will be made as a picklist; owner and pipeline are left to their tables"


def assign_stages(scene: Scene) -> str:
    """Each stage of HubSpot's pipeline has a stage in Magentrix; one is chosen by hand."""
    vendor = scene.vendor
    page = vendor.show("stages", "", STAGE_KEY)
    contains(page, "Closed Won", "Appointment Scheduled")
    values = [form.values for form in page.forms if form.values.get("value") == FIRST_STAGE]
    expect(values, "the first stage cannot be assigned")
    address = vendor.address("stage-assign", STAGE_KEY)
    page = vendor.browser.post(address, **{**values[0], "target": PROSPECT})
    contains(page, "Saved", "chosen by a person")
    vendor.show("stages", "", STAGE_KEY)
    vendor.browser.press("Refresh")
    rows = vendor.integration.entries.filter(table=STAGE_KEY)
    stored = {row.hubspot_value: row.target_value for row in rows}
    expect(stored[FIRST_STAGE] == PROSPECT, f"a refresh made it {stored[FIRST_STAGE]}")
    lacking = [value for value, target in stored.items() if not target]
    expect(not lacking, f"{', '.join(lacking)} mean nothing in Magentrix")
    return f"{len(stored)} stages, “{PROSPECT}” chosen by a person and kept by Refresh"


def load_companies(scene: Scene) -> str:
    """The accounts come first; the new picklist is made with its values."""
    said = _load(scene, COMPANIES)
    fields = scene.vendor.portal.fields("Account").items()
    made = [name for name, field in fields if field["label"] == LABEL]
    expect(len(made) == 1, f"Magentrix has {made} for the partner level")
    scene.vendor.ids[LEVEL] = made[0]
    values = scene.vendor.portal.options("Account", made[0])
    expect(set(LEVELS) <= set(values), f"it offers {values}")
    return f"{said}; {made[0]} offers {', '.join(values)}"


def load_contacts(scene: Scene) -> str:
    """The contacts follow, each at the account of its primary company."""
    return _load(scene, CONTACTS)


def load_deals(scene: Scene) -> str:
    """The opportunities come last, with account, contact and stage."""
    return _load(scene, DEALS)


def compare(scene: Scene) -> str:
    """Both systems hold the same: lookups, HubSpot's ids, nothing twice."""
    vendor = scene.vendor
    scene.quiet(LOAD_PATIENCE)
    pairs = {
        key: {link.hubspot_id: link.target_id for link in vendor.links(key, state="linked")}
        for key in KINDS
    }
    there = {key: vendor.portal.all(kind) for key, kind in KINDS.items()}
    for key, kind in KINDS.items():
        here = vendor.crm.all(key)
        expect(pairs[key].keys() == here.keys(), f"{len(pairs[key])} of {len(here)} {key} linked")
        expect(set(pairs[key].values()) == there[key].keys(), f"{kind}: {len(there[key])} there")
        for hubspot_id, target_id in pairs[key].items():
            held = there[key][target_id].get("HubSpotId__c")
            expect(held in (hubspot_id, None), f"{kind} {target_id} names {held}")
    lookups = 0
    for contact, target in pairs[CONTACTS].items():
        companies = {pairs[COMPANIES][each] for each in vendor.crm.employers(contact)}
        held = there[CONTACTS][target]["AccountId"]
        expect({held} - {None} == companies, f"contact {contact} is at {held}, not {companies}")
        lookups += bool(held)
    deal = there[DEALS][pairs[DEALS][vendor.ids["deal"]]]
    expect(deal["AccountId"] == pairs[COMPANIES][vendor.ids["kept"]], "the deal's account is wrong")
    staff = pairs[CONTACTS][vendor.ids["staff 0"]]
    expect(deal["ContactId"] == staff, f"the deal's contact is {deal['ContactId']}")
    counts = ", ".join(f"{len(pairs[key])} {key}" for key in KINDS)
    return f"{counts} linked, each once; {lookups} contacts at the right account"


def _load(scene: Scene, key: str) -> str:
    vendor = scene.vendor
    found = preview(scene, vendor, key)
    expect(not found.actions.get("wait"), f"{found.actions.get('wait')} wait for another record")
    run, _shown = publish(scene, vendor, key, FIRST)
    expect(run.counts == found.reasons, f"the preview said {found.reasons}, not {run.counts}")
    return f"{run.seen} seen and {run.written} written, as previewed"


STEPS: Final = (
    choose_field,
    assign_stages,
    load_companies,
    load_contacts,
    load_deals,
    compare,
)
