"""Steps: what merging and deleting contacts in HubSpot does to links and patients."""

from __future__ import annotations

from typing import Final

from integrations.management.check.people import CUSTOMER, STAGE, person
from integrations.management.check.scene import Scene, contains, expect
from integrations.models import RecordLink

MERGED_PHONE = "301-555-0193"


def keep_patient(scene: Scene) -> str:
    """A merge keeps the patient: the link follows the new contact id, the next entry updates it."""
    before = scene.patient("Ida", saves=2)
    scene.add("Evan", person("Evan", "Quillfeather"))
    scene.outcome("Evan", "filtered_out")
    old, count = scene.contact("Ida"), len(scene.rxnt.patients())
    survivor = scene.merge("Ida", "Evan")
    rows = RecordLink.objects.filter(hubspot_id=survivor, external_key=scene.keys["Ida"])
    link = scene.until(rows.exclude(state="superseded").first, "the link to follow the merge")
    expect(
        link.target_id == scene.keys["Ida"] or link.target_id == str(before.id),
        f"the link now points to {link.target_id}",
    )
    scene.change("Ida", phone=MERGED_PHONE)
    scene.enter("Ida")
    after = scene.patient("Ida", saves=3)
    expect(after.id == before.id, f"patient {before.id} became {after.id}")
    expect(after.fields["CellPhone"] == "3015550193", "the update did not arrive")
    expect(len(scene.rxnt.patients()) == count, "there are more patients than before")
    contains(scene.amara.open(f"{scene.address('why')}?id={old}"), survivor)
    return f"contacts {old} and another became {survivor}; still patient {after.id}"


def supersede(scene: Scene) -> str:
    """Merging two linked contacts supersedes one link and says so; both patients stay."""
    for name, born in (("Fay", "1959-01-17"), ("Gus", "1959-01-18")):
        scene.add(name, person(name, "Underbough", born, **{STAGE: CUSTOMER}))
    kept, other = scene.patient("Fay"), scene.patient("Gus")
    scene.quiet()
    gus = scene.contact("Gus")
    survivor = scene.merge("Fay", "Gus")
    rows = RecordLink.objects.filter(external_key=scene.keys["Gus"], state="superseded")
    ended = scene.until(rows.first, "the second link to be superseded")
    live = RecordLink.objects.filter(hubspot_id=survivor).exclude(state="superseded")
    link = scene.until(live.first, "the first link to follow the merge")
    expect(link.external_key == scene.keys["Fay"], f"{link.external_key} was kept")
    page = scene.amara.open(f"{scene.address('why')}?id={gus}")
    contains(page, survivor)
    listed = scene.show("records", "?state=superseded")
    contains(listed, "Two linked records were merged in HubSpot")
    scene.quiet()
    expect(scene.patient("Gus") == other, "the second patient changed")
    scene.change("Fay", phone="703-555-0126")
    scene.enter("Fay")
    after = scene.patient("Fay", saves=2)
    expect(after.id == kept.id, "the entry after the merge went to another patient")
    return f"kept {link.external_key}, superseded {ended.external_key}; both patients are there"


def delete(scene: Scene) -> str:
    """Deleting a contact keeps its patient and marks the link."""
    before = scene.patient("Jonas")
    scene.hubspot.delete(scene.contact("Jonas"))
    link = scene.outcome("Jonas", "gone")
    expect(link.state == "gone", f"its link is {link.state}")
    expect(scene.rxnt.patient(scene.keys["Jonas"]) == before, "the patient changed")
    contains(scene.why("Jonas"), "no longer exists")
    return f"patient {before.id} is untouched, the link is marked {link.state}"


STEPS: Final = (keep_patient, supersede)
