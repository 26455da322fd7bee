"""Steps: HubSpot refuses changes made in Magentrix; retrying and restoring HubSpot's value."""

from __future__ import annotations

from typing import Final

from integrations.management.check.scene import Scene, contains, expect
from integrations.management.check.vendor import CONTACTS
from integrations.models import RecordLink

TITLE: Final = "jobtitle"
BAD: Final = "Grand Wizard"
MESSAGE: Final = "Our rules forbid this job title."
JOB: Final = "changes:contacts"


def refuse(scene: Scene) -> str:
    """What HubSpot refuses leaves the record failing with HubSpot's message; nothing else moves."""
    vendor = scene.vendor
    scene.quiet()
    vendor.crm.refuse(CONTACTS, TITLE, BAD, MESSAGE)
    before = {name: _marks(vendor.link(CONTACTS, vendor.ids[name])) for name in ("first", "second")}
    titles = {name: vendor.crm.read(CONTACTS, vendor.ids[name]).get(TITLE) for name in before}
    for name in before:
        target = vendor.target_id(CONTACTS, vendor.ids[name])
        vendor.portal.edit("Contact", target, Title=BAD)
    vendor.run_job(JOB)
    for name, marks in before.items():
        contact = vendor.ids[name]
        failing = scene.until(
            lambda contact=contact: next(  # type: ignore[misc]
                iter(vendor.links(CONTACTS, hubspot_id=contact, state="failing")), None
            ),
            f"the {name} contact to fail",
        )
        expect(MESSAGE in failing.detail, f"the link says “{failing.detail}”")
        expect(_marks(failing) == marks, "the link or what was agreed changed")
        expect(vendor.twin(CONTACTS, contact)["Title"] == BAD, "Magentrix was changed")
        expect(vendor.crm.read(CONTACTS, contact).get(TITLE) == titles[name], "HubSpot was changed")
    page = vendor.why(CONTACTS, vendor.ids["first"])
    contains(page, MESSAGE, "Retry", "Restore HubSpot's value")
    contains(vendor.show("status"), "need")
    return f"two records fail: “{MESSAGE}”; links, Magentrix and HubSpot untouched"


def restore(scene: Scene) -> str:
    """“Restore HubSpot's value” writes it to Magentrix, and the record is well again."""
    vendor, contact = scene.vendor, scene.vendor.ids["first"]
    held = vendor.crm.read(CONTACTS, contact).get(TITLE) or None
    vendor.why(CONTACTS, contact)
    contains(vendor.browser.press("Restore HubSpot's value"), "HubSpot's value is restored")
    scene.until(lambda: vendor.twin(CONTACTS, contact)["Title"] == held, "HubSpot's value there")
    scene.until(lambda: vendor.link(CONTACTS, contact).state == "linked", "the link to be well")
    return f"Magentrix has {held or 'an empty title'} again"


def retry(scene: Scene) -> str:
    """“Retry”, once HubSpot takes it, brings the change of Magentrix to HubSpot."""
    vendor, contact = scene.vendor, scene.vendor.ids["second"]
    vendor.crm.accept_all()
    vendor.why(CONTACTS, contact)
    contains(vendor.browser.press("Retry"), "It is synced now")
    scene.until(lambda: vendor.crm.read(CONTACTS, contact).get(TITLE) == BAD, "the title there")
    scene.until(lambda: vendor.link(CONTACTS, contact).state == "linked", "the link to be well")
    expect(vendor.twin(CONTACTS, contact)["Title"] == BAD, "Magentrix was changed")
    return f"HubSpot has “{BAD}” now"


def _marks(link: RecordLink) -> tuple[object, ...]:
    """Return what a refusal may not touch: both ids and what was last agreed."""
    return link.pk, link.hubspot_id, link.target_id, link.base


STEPS: Final = (refuse, restore, retry)
