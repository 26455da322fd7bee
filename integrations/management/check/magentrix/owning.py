"""Steps: connecting owners, who is left over, the Default Owner, assigning by hand, leaving."""

from __future__ import annotations

from typing import Any, Final

import requests

from integrations.management.check.magentrix.activating import entries, marks
from integrations.management.check.magentrix.joining import (
    ADA,
    INES,
    MONA,
    OF_LENA,
    OF_MONA,
    OF_RAJ,
    RAJ,
)
from integrations.management.check.scene import Scene, contains, expect
from integrations.management.check.vendor import COMPANIES, CONTACTS
from integrations.services.sandbox_vendor import UNMATCHED_OWNER
from integrations.services.tokens import Scope

PATIENCE: Final = 15
SCOPES: Final = (Scope.INTEGRATIONS_READ.value, Scope.INTEGRATIONS_WRITE.value)
KEPT: Final = "Kept by Raj"


def connect_owners(scene: Scene) -> str:
    """Owners are matched by e-mail and marked in Magentrix; the page lists who is left over."""
    vendor = scene.vendor
    vendor.show("owners")
    page = vendor.browser.press("Connect owners")
    contains(page, "matched", UNMATCHED_OWNER, "without a HubSpot owner", INES)
    user = {email: vendor.portal.user(email)["Id"] for email in (ADA, MONA, RAJ)}
    marked, stored = marks(scene), entries(scene)
    for owner, email in ((OF_MONA, MONA), (OF_RAJ, RAJ)):
        expect(marked.get(owner) == user[email], f"{email} is not marked with owner {owner}")
        expect(stored.get(owner) == user[email], f"owner {owner} is not joined with {email}")
    expect(stored.get(OF_LENA) == "", f"{UNMATCHED_OWNER} is joined with {stored.get(OF_LENA)}")
    contains(vendor.show("owners", "?show=unmatched"), UNMATCHED_OWNER)
    contains(vendor.show("owners", "?show=archived"), "archived")
    return f"{len(marked)} users marked; {UNMATCHED_OWNER} and {INES} are left over"


def fall_back(scene: Scene) -> str:
    """Each record has its owner's user; what nobody is matched with has the Default Owner."""
    vendor = scene.vendor
    wanted = {"merged": MONA, "of Raj": RAJ, "of Lena": ADA, "of nobody": ADA, "of Otto": ADA}
    for name, email in wanted.items():
        held = vendor.twin(COMPANIES, vendor.ids[name])["OwnerId"]
        named = vendor.portal.read("User", held)["Email"]
        expect(held == vendor.portal.user(email)["Id"], f"the company “{name}” is of {named}")
    lena = vendor.crm.read(COMPANIES, vendor.ids["of Lena"])["hubspot_owner_id"]
    expect(lena == OF_LENA, f"HubSpot's owner became {lena}")
    return "no owner, an unmatched and an archived one: the Default Owner; HubSpot keeps its own"


def assign_by_api(scene: Scene) -> str:
    """A program assigns the unmatched owner by the API; records that fell back are corrected."""
    vendor = scene.vendor
    vendor.token = _token(scene)
    path, ines = f"/integrations/{vendor.integration.pk}/owners/", vendor.portal.user(INES)["Id"]
    report = _call(scene, "GET", path)
    lines = {line["owner"]: line for line in report["owners"]}
    expect(lines[OF_LENA]["person"] == "", f"the API reports {lines[OF_LENA]}")
    _call(scene, "POST", f"{path}assign/", {"owner": OF_LENA, "person": ines})

    def is_of_ines() -> bool:
        return bool(vendor.twin(COMPANIES, vendor.ids["of Lena"])["OwnerId"] == ines)

    scene.until(is_of_ines, "the company of Lena to be given to Ines")
    expect(entries(scene)[OF_LENA] == ines, "the assignment is not stored")
    vendor.show("owners")
    vendor.browser.press("Connect owners")
    contains(vendor.show("owners"), "chosen by a person")
    expect(entries(scene)[OF_LENA] == ines, "connecting again undid it")
    return f"{UNMATCHED_OWNER} is {INES} now, in Magentrix too; connecting again keeps that"


def change_owner(scene: Scene) -> str:
    """A new owner in HubSpot owns the record in Magentrix, and the other way round."""
    vendor, contact = scene.vendor, scene.vendor.ids["first"]
    raj, mona = (vendor.portal.user(email)["Id"] for email in (RAJ, MONA))
    vendor.crm.edit(CONTACTS, contact, hubspot_owner_id=OF_RAJ)
    scene.until(lambda: vendor.twin(CONTACTS, contact)["OwnerId"] == raj, "Raj in Magentrix")
    vendor.portal.edit("Contact", vendor.target_id(CONTACTS, contact), OwnerId=mona)
    vendor.run_job("changes:contacts")
    scene.until(
        lambda: vendor.crm.read(CONTACTS, contact).get("hubspot_owner_id") == OF_MONA,
        "Mona's owner id in HubSpot",
    )
    return f"owner {OF_RAJ} → {RAJ}; {MONA} → owner {OF_MONA}, the id and never the user id"


def archive_owner(scene: Scene) -> str:
    """An owner who is archived in HubSpot keeps the match, and records keep being synced."""
    vendor, company = scene.vendor, scene.vendor.ids["of Raj"]
    vendor.crm.archive_owner(OF_RAJ)
    vendor.show("owners")
    vendor.browser.press("Connect owners")
    page = vendor.show("owners", "?show=archived")
    contains(page, "archived", RAJ)
    raj = vendor.portal.user(RAJ)["Id"]
    expect(entries(scene)[OF_RAJ] == raj, "the match was lost")
    vendor.crm.edit(COMPANIES, company, name=KEPT)
    scene.until(lambda: vendor.twin(COMPANIES, company)["Name"] == KEPT, "the next edit")
    expect(vendor.twin(COMPANIES, company)["OwnerId"] == raj, "the record was taken from Raj")
    vendor.crm.archive_owner(OF_RAJ, archived=False)
    return f"owner {OF_RAJ} is shown as archived; his records stay his and go on"


def _token(scene: Scene) -> str:
    vendor = scene.vendor
    slug = vendor.integration.tenant.slug
    vendor.browser.open(f"/t/{slug}/tokens/")
    page = vendor.browser.press("Make the token", name="Owners", scopes=list(SCOPES), days="30")
    plain = next((word for word in page.text.split() if word.startswith("hip_")), "")
    expect(plain, "no token is shown")
    scene.hidden.add(plain)
    return plain


def _call(scene: Scene, method: str, path: str, body: object = None) -> Any:
    vendor = scene.vendor
    with requests.Session() as session:
        session.trust_env = False
        answer = session.request(
            method,
            f"{vendor.browser.home}/api/v1{path}",
            json=body,
            headers={"Authorization": f"Bearer {vendor.token}"},
            timeout=PATIENCE,
        )
    expect(answer.ok, f"{method} {path} answers {answer.status_code}: {answer.text[:200]}")
    return answer.json()


BEFORE: Final = (connect_owners,)
AFTER: Final = (fall_back, assign_by_api, change_owner)
LAST: Final = (archive_owner,)
