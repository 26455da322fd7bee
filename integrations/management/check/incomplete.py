"""Steps: contacts that cannot be sent fail with the named field, a mail and a way to go on."""

from __future__ import annotations

from typing import Final

from integrations.management.check.people import BORN, person
from integrations.management.check.scene import Scene, contains, expect
from integrations.services import sandbox_demo

FAILED = "a contact could not be synced"
BODO = person("Bodo", "Ravenscroft", phone="(202) 555-0118")
CLEO = person("Cleo", "Thistlewood", "1971-11-03", address="77 Marrowbone Lane", state="VA")
ADDRESS = {"Address1", "City", "State", "Zip"}


def miss_required(scene: Scene) -> str:
    """A contact without date of birth fails, naming the field; the installer gets a mail."""
    scene.add("Bodo", BODO)
    scene.enter("Bodo")
    link = scene.outcome("Bodo", "required_missing")
    expect("Date of Birth" in link.detail, f"the reason names “{link.detail}”")
    expect(link.state == "failing", f"its link is {link.state}")
    mail = scene.mail(FAILED)
    expect(mail.to == sandbox_demo.INSTALLER, f"the mail went to {mail.to}")
    for wanted in ("Bodo Ravenscroft", "Date of Birth", "When:"):
        expect(wanted in mail.body, f"the mail does not say “{wanted}”")
    expect(link.hubspot_id in mail.link(), f"the mail's button leads to {mail.link()}")
    contains(scene.amara.open(mail.link()), "Date of Birth", "Retry")
    return f"“{link.detail}”, a mail to {mail.to} with the name and a link"


def retry(scene: Scene) -> str:
    """Filled in and retried by the button, the contact becomes a patient."""
    scene.change("Bodo", **{BORN: "1979-05-23"})
    page = scene.show("status")
    contains(page, "Needs you", "1 record", scene.contact("Bodo"))
    contains(scene.amara.press("Retry"), "1 record is tried again")
    patient = scene.patient("Bodo")
    expect(patient.fields["DOB"] == "1979-05-23", "the date of birth is another")
    scene.outcome("Bodo", "created")
    contains(scene.show("status"), "Nothing needs you")
    return f"patient {patient.id}; nothing is left to do"


def fail_on_partial_address(scene: Scene) -> str:
    """A partial address stops the contact by default, naming what is missing."""
    before = len(scene.mails(FAILED))
    scene.add("Cleo", CLEO)
    scene.enter("Cleo")
    link = scene.outcome("Cleo", "group_incomplete")
    expect(
        all(name in link.detail for name in ("City", "Zip")),
        f"the reason names “{link.detail}”",
    )
    mail = scene.mail(FAILED, more_than=before)
    expect("Cleo Thistlewood" in mail.body, "the mail does not name the contact")
    expect(scene.rxnt.patient(scene.keys["Cleo"]) is None, "there is a patient")
    return f"no patient: {link.detail}"


def quarantine_address(scene: Scene) -> str:
    """With the other setting the patient goes without its address, which is shown as held back."""
    _set_incomplete(scene, "quarantine")
    scene.enter("Cleo")
    patient = scene.patient("Cleo")
    expect(not ADDRESS & patient.fields.keys(), "parts of the address were sent")
    link = scene.outcome("Cleo", "fields_quarantined")
    expect("City" in link.detail, f"the reason names “{link.detail}”")
    contains(scene.show("status"), "Sent, but without these fields", "City")
    contains(scene.why("Cleo"), "Sent, but without these fields")
    return f"patient {patient.id} without address; status says: {link.detail}"


def complete_address(scene: Scene) -> str:
    """The completed address arrives with the next entry; the default setting is back."""
    _set_incomplete(scene, "fail")
    scene.change("Cleo", city="Wexbridge Falls", zip="22301-8846")
    scene.enter("Cleo")
    patient = scene.patient("Cleo", saves=2)
    expect(patient.fields.keys() >= ADDRESS, "the address is not complete in RXNT")
    scene.outcome("Cleo", "updated")
    return f"patient {patient.id} with its whole address"


def _set_incomplete(scene: Scene, choice: str) -> None:
    scene.show("settings")
    contains(scene.amara.press("Save", incomplete_address=choice), "The settings are saved")


STEPS: Final = (
    miss_required,
    retry,
    fail_on_partial_address,
    quarantine_address,
    complete_address,
)
