"""Steps: edits on either side reach the other, and a conflict waits for a person's click."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from integrations.management.check.firm import ACCOUNTS, COMPANIES, CONTACTS, KINDS, Firm
from integrations.management.check.scene import Scene, contains, expect
from integrations.management.check.thena.choosing import TITLE_LABEL
from integrations.models import Review

PHONE: Final = "phone"
OURS: Final = "+49 30 5550 7711"
THEIRS: Final = "+49 30 5550 8822"
ROSA: Final = {
    "firstName": "Rosamund",
    "lastName": "Quillimore",
    "email": "rosa@quillimore.example",
}
AGNES: Final = {
    "firstname": "Agnes",
    "lastname": "Quillworthy",
    "email": "agnes@quillworthy.example",
}


def set_endpoint(scene: Scene) -> str:
    """The firm sets a webhook of its own and gets a secret; a test call is signed with it."""
    firm = scene.firm
    firm.show("settings")
    page = firm.browser.press("Save the address", url=firm.receiver.address)
    secrets = [word for word in page.text.split() if word.startswith("whsec_")]
    expect(len(secrets) == 1, "the page does not show one secret")
    firm.endpoint_secret = secrets[0]
    scene.hidden.add(firm.endpoint_secret)
    page = firm.show("settings")
    expect(firm.endpoint_secret not in page.html, "the secret is shown again")
    contains(firm.browser.press("Send a test"), "The address took the ping")
    (ping,) = firm.receiver.taken
    expect(ping.event["event"] == "ping", f"it got “{ping.event['event']}”")
    expect(ping.is_signed_with(firm.endpoint_secret), "the signature is wrong")
    expect(not ping.is_signed_with(f"{firm.endpoint_secret}x"), "any secret would do")
    return "a ping arrived, its signature fits the secret and no other"


def edit_in_hubspot(scene: Scene) -> str:
    """Edits in HubSpot are in Thena within moments: a company, a contact, and who is where."""
    firm = scene.firm
    company, contact = firm.companies["first"], firm.contacts["first"]
    began = time.monotonic()
    firm.crm.edit(COMPANIES, company, name="Quillon Prime", numberofemployees="77")
    _shows(scene, firm, COMPANIES, company, name="Quillon Prime", employees=77)
    took = time.monotonic() - began
    _note(scene, OURS)
    firm.crm.edit(CONTACTS, contact, phone=OURS, jobtitle="Chief Lamplighter")
    _shows(scene, firm, CONTACTS, contact, phoneNumber=OURS)
    title = firm.thena.field(TITLE_LABEL)["uid"]
    scene.until(
        lambda: firm.twin(CONTACTS, contact)["custom"].get(title) == "Chief Lamplighter",
        "the job title to arrive in its custom field",
    )
    firm.crm.employ(contact, firm.companies["first"], firm.companies["second"])
    wanted = {firm.link(COMPANIES, firm.companies[each]).target_id for each in ("first", "second")}
    scene.until(lambda: _accounts(firm, contact) == wanted, "both accounts at the contact in Thena")
    return f"the company after {took:.1f} s; phone, job title and a second account follow"


def edit_in_thena(scene: Scene) -> str:
    """Edits in Thena are in HubSpot within moments, by the events of the installed app."""
    firm = scene.firm
    company, contact = firm.companies["second"], firm.contacts["second"]
    account = firm.link(COMPANIES, company).target_id
    began = time.monotonic()
    firm.thena.edit(ACCOUNTS, account, name="Quillon Secunda", annualRevenue=1234567)
    scene.until(
        lambda: firm.crm.read(COMPANIES, company)["name"] == "Quillon Secunda",
        "the account's new name in HubSpot",
    )
    took = time.monotonic() - began
    revenue = firm.crm.read(COMPANIES, company)["annualrevenue"]
    expect(float(revenue) == 1234567, f"HubSpot's annual revenue is {revenue}")
    _note(scene, THEIRS)
    firm.thena.edit(CONTACTS, firm.link(CONTACTS, contact).target_id, phoneNumber=THEIRS)
    scene.until(
        lambda: firm.crm.read(CONTACTS, contact).get(PHONE) == THEIRS, "the phone in HubSpot"
    )
    return f"the company after {took:.1f} s; revenue and the contact's phone follow"


def create_on_both(scene: Scene) -> str:
    """New records travel too; a contact waits for its company and then follows by itself."""
    firm = scene.firm
    _note(scene, *ROSA.values(), *AGNES.values())
    account = firm.thena.create(ACCOUNTS, name="Fernway", primaryDomain="fernway.example")
    rosa = firm.thena.create(CONTACTS, **ROSA, accountIds=[account])
    there = _linked(scene, firm, CONTACTS, target_id=rosa)
    company = _linked(scene, firm, COMPANIES, target_id=account)
    scene.until(lambda: firm.crm.employers(there) == [company], "Rosamund at her company")
    company = firm.crm.create(COMPANIES, name="Mossgate", domain="mossgate.example")
    agnes = firm.crm.create(CONTACTS, **AGNES)
    firm.crm.employ(agnes, company)
    _linked(scene, firm, CONTACTS, hubspot_id=agnes)
    here = _linked(scene, firm, COMPANIES, hubspot_id=company)
    target = firm.link(COMPANIES, here).target_id
    scene.until(lambda: _accounts(firm, agnes) == {target}, "Agnes at her account")
    firm.contacts |= {"Rosamund": there, "Agnes": agnes}
    return f"contact {there} made in HubSpot, contact {rosa[:6]}… and one more in Thena"


def hold_conflict(scene: Scene) -> str:
    """Both sides changed: the field waits for a person, the record's other fields go on."""
    firm, contact = scene.firm, scene.firm.contacts["last"]
    scene.quiet()
    firm.show("status")
    contains(firm.browser.press("Pause"), "Paused")
    target = firm.link(CONTACTS, contact).target_id
    firm.crm.edit(CONTACTS, contact, phone=OURS, firstname="Lastly")
    firm.thena.edit(CONTACTS, target, phoneNumber=THEIRS)
    firm.show("status")
    contains(firm.browser.press("Resume"), "Resumed")
    scene.until(lambda: firm.link(CONTACTS, contact).reason == "conflict", "the conflict")
    _shows(scene, firm, CONTACTS, contact, firstName="Lastly", phoneNumber=THEIRS)
    contains(firm.show("status"), "Decide")
    contains(firm.show("reviews"), contact, "Take HubSpot's values")
    page = firm.show("review", "", _review(firm, contact).pk)
    contains(page, "Last agreed", OURS, THEIRS, "A person in HubSpot", "record changed")
    return "held with both values, the last agreed one, and who changed what"


def resolve_conflict(scene: Scene) -> str:
    """One click takes one side's value; both sides are equal then and the review is closed."""
    firm, contact = scene.firm, scene.firm.contacts["last"]
    review = _review(firm, contact)
    firm.show("review", "", review.pk)
    contains(firm.browser.press("Take Thena's value"), "1 conflict is decided")
    scene.until(
        lambda: firm.crm.read(CONTACTS, contact)[PHONE] == THEIRS, "Thena's phone in HubSpot"
    )

    def is_closed() -> bool:
        review.refresh_from_db()
        return review.closed_at is not None

    scene.until(is_closed, "the review to be closed")
    contains(firm.show("reviews"), "Nothing waits for you")
    scene.quiet()
    return f"HubSpot has Thena's value; review closed by {review.closed_by}"


def _shows(scene: Scene, firm: Firm, key: str, hubspot_id: str, **values: Any) -> None:
    """Wait until Thena's record has these values."""

    def has() -> bool:
        return values.items() <= firm.twin(key, hubspot_id).items()

    scene.until(has, f"{', '.join(values)} of {key} {hubspot_id} in Thena")


def _linked(scene: Scene, firm: Firm, key: str, **conditions: str) -> str:
    """Wait until a record is linked; returns its HubSpot id."""
    look: Callable[[], Any] = lambda: firm.links(key, state="linked", **conditions)  # noqa: E731
    found = scene.until(look, f"{KINDS[key]} {conditions} to be linked")
    return str(found[0].hubspot_id)


def _accounts(firm: Firm, contact: str) -> set[str]:
    return {each["id"] for each in firm.twin(CONTACTS, contact)["accounts"]}


def _review(firm: Firm, contact: str) -> Review:
    link = firm.link(CONTACTS, contact)
    return Review.objects.filter(link=link, reason="conflict").latest("pk")


def _note(scene: Scene, *values: str) -> None:
    """Take note of values of people: none may be readable in a table, a log or a mail."""
    scene.hidden.update(values)


STEPS: Final = (
    set_endpoint,
    edit_in_hubspot,
    edit_in_thena,
    create_on_both,
    hold_conflict,
    resolve_conflict,
)
