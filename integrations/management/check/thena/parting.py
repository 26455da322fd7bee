"""Steps: a key that ended, deletions, and leaving Thena and coming back."""

from __future__ import annotations

from typing import Final

from django.utils import timezone

from integrations.management.check.connecting import agree, remember_tokens
from integrations.management.check.firm import COMPANIES, CONTACTS, KINDS, Firm
from integrations.management.check.scene import Scene, contains, expect
from integrations.management.check.thena.choosing import TIER_LABEL
from integrations.management.check.thena.joining import firm_has_token, put_app
from integrations.models import ConnectionState, Hint, Publishing
from integrations.services import hints, sandbox_firm

SUBJECT: Final = "please authenticate again"
NEW_KEY: Final = "pk_live_quill_second_key"
GRACE: Final = 300
"""Seconds for which a record that is only missing is not taken for deleted."""
NAMES: Final = ("Parked Ahead", "Parked Behind")


def pause(scene: Scene) -> str:
    """A key that ended in Thena pauses the connection with one mail; what happens then waits."""
    firm = scene.firm
    scene.hidden.add(NEW_KEY)
    before = len(scene.mails(SUBJECT))
    firm.thena.revoke(NEW_KEY)
    firm.crm.edit(COMPANIES, firm.companies["first"], name=NAMES[0])
    scene.until(
        lambda: firm.connection().state == ConnectionState.PAUSED, "the connection to pause"
    )
    mail = scene.mail(SUBJECT, more_than=before)
    expect(mail.to == sandbox_firm.INSTALLER, f"the mail went to {mail.to}")
    account = firm.link(COMPANIES, firm.companies["last"]).target_id
    firm.thena.edit(KINDS[COMPANIES], account, name=NAMES[1])
    waiting = Hint.objects.filter(object_sync=firm.sync(COMPANIES))
    scene.until(lambda: waiting.count() > 1, "both changes to wait")
    expect(firm.twin(COMPANIES, firm.companies["first"])["name"] != NAMES[0], "it was written")
    contains(firm.show("status"), "needs re-authentication", "Changes are kept")
    return f"paused, a mail to {mail.to}, {waiting.count()} changes wait"


def reconnect(scene: Scene) -> str:
    """The old key is refused there; the new one brings everything that waited. It was one mail."""
    firm = scene.firm
    mails = len(scene.mails(SUBJECT))
    firm.browser.open(scene.mail(SUBJECT).link())
    page = firm.browser.press("Authenticate", api_key=firm.key)
    contains(page, "Thena no longer accepts the API key")
    contains(firm.browser.press("Authenticate", api_key=NEW_KEY), "The connection works again")
    firm.key = NEW_KEY
    remember_tokens(scene)
    first, last = firm.companies["first"], firm.companies["last"]
    scene.until(lambda: firm.twin(COMPANIES, first)["name"] == NAMES[0], "the edit of HubSpot")
    scene.until(lambda: firm.crm.read(COMPANIES, last)["name"] == NAMES[1], "the edit of Thena")
    expect(firm.connection().publishing == Publishing.ON, "the app's token was lost")
    expect(len(scene.mails(SUBJECT)) == mails, "there was more than one mail")
    contains(firm.show("status"), "Active")
    return "both edits arrived on the other side, each from where it was made"


def delete(scene: Scene) -> str:
    """Deleting a record on one side leaves the other untouched and marks the link."""
    firm = scene.firm
    ours, theirs = firm.contacts["Agnes"], firm.contacts["Rosamund"]
    kept = firm.twin(CONTACTS, ours)
    firm.crm.delete(CONTACTS, ours)
    firm.thena.delete(KINDS[CONTACTS], firm.link(CONTACTS, theirs).target_id)
    scene.until(lambda: firm.link(CONTACTS, ours).state == "gone", "the first link to be marked")
    # Thena shows no recycle bin: a record that is only missing is doubted for five minutes.
    doubt = {"hubspot_id": theirs, "reason": "gone_grace"}
    scene.until(lambda: firm.links(CONTACTS, **doubt), "the doubt about the second one")
    _let_grace_pass(firm, theirs)
    scene.until(lambda: firm.link(CONTACTS, theirs).state == "gone", "the second one, too")
    scene.quiet()
    expect(firm.twin(CONTACTS, ours) == kept, "the contact in Thena changed")
    expect(firm.crm.read(CONTACTS, theirs)["firstname"], "the contact in HubSpot changed")
    contains(firm.show("why", f"?id={ours}"), "no longer exists")
    return "the other records are as they were; both links are marked gone"


def _let_grace_pass(firm: Firm, contact: str) -> None:
    """Move a link's first doubt back by the time to wait, and its next look to now."""
    link, sync = firm.link(CONTACTS, contact), firm.sync(CONTACTS)
    link.missing_since -= GRACE
    link.save(update_fields=["missing_since"])
    Hint.objects.filter(object_sync=sync, record_id=link.target_id).update(due_at=timezone.now())
    hints.wake([sync.pk])


def remove_app(scene: Scene) -> str:
    """Removing our app in Thena pauses the connection with a mail; its token is forgotten."""
    firm = scene.firm
    scene.quiet()
    mails = len(scene.mails(SUBJECT))
    firm.thena.uninstall_app(firm.key, firm.app)
    paused = ConnectionState.PAUSED
    scene.until(lambda: firm.connection().state == paused, "the connection to pause")
    mail = scene.mail(SUBJECT, more_than=mails)
    expect("app" in mail.body, "the mail does not speak of the app")
    expect(firm.connection().publishing == Publishing.OFF, "the token is still stored")
    contains(firm.show("status"), "needs re-authentication")
    return f"paused, a mail to {mail.to}, no more synced-events to Thena"


def uninstall(scene: Scene) -> str:
    """Disconnecting stops everything; mappings, versions, links and the log are kept."""
    firm = scene.firm
    links = {key: len(firm.links(key)) for key in KINDS}
    firm.show("disconnect")
    contains(firm.browser.press("Disconnect"), "Disconnected", "are kept")
    row = firm.connection()
    expect(not row.secrets and not row.hook_digest, "Thena's credentials are still stored")
    before = firm.writes()
    firm.crm.edit(COMPANIES, firm.companies["second"], name="Missed Meanwhile")
    scene.quiet()
    expect(firm.writes() == before, "something was written")
    expect({key: len(firm.links(key)) for key in KINDS} == links, "links were lost")
    contains(firm.show("status"), "Disconnected")
    return f"{sum(links.values())} links kept, credentials and secret address gone"


def reinstall(scene: Scene) -> str:
    """Connecting again goes on with the published mapping; nothing is made twice."""
    firm = scene.firm
    versions = {key: firm.sync(key).version for key in KINDS}
    counts = {key: len(firm.thena.all(kind)) for key, kind in KINDS.items()}
    tier = firm.thena.field(TIER_LABEL)["uid"]
    agree(firm.browser, "Thena", firm.crm.portal_id)
    contains(firm.browser.press("Authenticate", api_key=firm.key), "Setup Complete!")
    remember_tokens(scene)
    expect({key: firm.sync(key).version for key in KINDS} == versions, "the versions are others")
    put_app(scene, firm)
    firm_has_token(scene, firm)
    company = firm.companies["last"]
    firm.crm.edit(COMPANIES, company, name="Back Again", support_tier="Basic")
    scene.until(lambda: firm.twin(COMPANIES, company)["name"] == "Back Again", "the next edit")
    scene.until(
        lambda: firm.twin(COMPANIES, company)["custom"].get(tier) == "Basic", "the custom field"
    )
    account = firm.link(COMPANIES, company).target_id
    firm.thena.edit(KINDS[COMPANIES], account, name="And Back")
    scene.until(
        lambda: firm.crm.read(COMPANIES, company)["name"] == "And Back", "the edit in Thena"
    )
    scene.quiet()
    after = {key: len(firm.thena.all(kind)) for key, kind in KINDS.items()}
    expect(after == counts, f"Thena has {after} instead of {counts}")
    return f"versions {', '.join(f'{v} of {key}' for key, v in versions.items())} go on, both ways"
