"""Steps: contacts that enter Customer become patients, and a second entry updates them."""

from __future__ import annotations

import time
from typing import Final

from django.urls import reverse

from integrations.management.check.people import (
    BORN,
    CUSTOMER,
    IDA,
    IDA_IN_RXNT,
    NEW_PHONE,
    NEW_PHONE_IN_RXNT,
    STAGE,
    person,
)
from integrations.management.check.scene import Scene, contains, expect
from integrations.models import AuditEntry
from integrations.services import demo

MASK = "••••"
DORA = person("Dora", "Zephyrine", "1964-07-19")


def explain_excluded(scene: Scene) -> str:
    """A contact that is not in Customer is excluded, and “Why?” says so."""
    scene.add("Dora", DORA)
    link = scene.outcome("Dora", "filtered_out")
    expect(link.state == "excluded", f"its link is {link.state}")
    page = scene.why("Dora")
    contains(page, "Excluded by a condition", "Lifecycle Stage", "Dora")
    expect(scene.rxnt.patient(scene.keys["Dora"]) is None, "there is a patient")
    expect(DORA[BORN] not in page.html, "the page shows the date of birth")
    return f"contact {link.hubspot_id} is {link.state}: {link.detail}"


def enter_customer(scene: Scene) -> str:
    """A contact that enters Customer becomes a patient with all its values."""
    contact = scene.add("Ida", IDA)
    scene.outcome("Ida", "filtered_out")
    began = time.monotonic()
    scene.enter("Ida")
    patient = scene.patient("Ida")
    took = time.monotonic() - began
    wrong = [name for name, value in IDA_IN_RXNT.items() if patient.fields.get(name) != value]
    expect(not wrong, f"these values are not as expected: {', '.join(wrong)}")
    scene.outcome("Ida", "created")
    count = len(IDA_IN_RXNT)
    return f"contact {contact} is patient {patient.id}, {count} values equal, after {took:.1f} s"


def show_audit(scene: Scene) -> str:
    """Support finds the audit entry in the admin; health values are masked."""
    scene.sam.open(f"{reverse('login')}?next={reverse('admin:index')}")
    username, password = demo.SUPPORT, scene.passwords[demo.SUPPORT]
    contains(scene.sam.press("Log in", username=username, password=password), "Audit entries")
    listed = reverse("admin:integrations_auditentry_changelist")
    page = scene.sam.open(f"{listed}?q={scene.contact('Ida')}")
    contains(page, scene.contact("Ida"), "Address1, CellPhone")
    rows = AuditEntry.objects.filter(hubspot_id=scene.contact("Ida"), reason="created")
    entry = scene.until(lambda: rows.values_list("pk", flat=True).first(), "the audit entry")
    page = scene.sam.open(reverse("admin:integrations_auditentry_change", args=[entry]))
    contains(page, "Created in the other system", "FirstName", "Ida", "DOB", MASK)
    shown = [
        name
        for name in ("DOB", "Email", "CellPhone", "Address1", "City", "Zip")
        if IDA_IN_RXNT[name] in page.html
    ]
    expect(not shown, f"the entry shows {', '.join(shown)}")
    return f"entry {entry}: who, what and why, before and after, health values as {MASK}"


def enter_again(scene: Scene) -> str:
    """Edits alone send nothing; the second entry updates the same patient."""
    before = scene.patient("Ida")
    scene.change("Ida", phone=NEW_PHONE)
    scene.quiet()
    scene.patient("Ida", saves=1)
    scene.enter("Ida")
    after = scene.patient("Ida", saves=2)
    expect(after.id == before.id, f"patient {before.id} became {after.id}")
    expect(after.fields["CellPhone"] == NEW_PHONE_IN_RXNT, "the new phone number did not arrive")
    same = {name: value for name, value in IDA_IN_RXNT.items() if name != "CellPhone"}
    expect(same.items() <= after.fields.items(), "other values changed")
    scene.outcome("Ida", "updated")
    return f"patient {after.id} again, saved twice, with the new phone number"


def born_in_customer(scene: Scene) -> str:
    """A contact created directly in Customer becomes a patient, once."""
    scene.add("Jonas", person("Jonas", "Fennimore", "1992-12-31", **{STAGE: CUSTOMER}))
    patient = scene.patient("Jonas")
    scene.quiet()
    scene.patient("Jonas", saves=1)
    return f"patient {patient.id}, saved once although two notices came"


STEPS: Final = (explain_excluded, enter_customer, show_audit, enter_again, born_in_customer)
