"""Steps: a changed RXNT password parks everything; new credentials let it go on."""

from __future__ import annotations

from typing import Final

from integrations.management.check.connecting import remember_tokens
from integrations.management.check.people import CUSTOMER, STAGE, person
from integrations.management.check.scene import Scene, contains, expect
from integrations.models import Connection, Event, Hint
from integrations.services import sandbox_demo

NEW_PASSWORD = "Moved-On-2026"  # noqa: S105 - of a made-up practice
SUBJECT = "please authenticate again"
WAITING = ("Hana", "Ivan")


def pause(scene: Scene) -> str:
    """A changed RXNT password pauses the connection with one mail; notices are kept."""
    scene.hidden.add(NEW_PASSWORD)
    scene.rxnt.set_password(sandbox_demo.RXNT_LOGIN["UserName"], NEW_PASSWORD)
    scene.add("Hana", person("Hana", "Copperwhistle", "2001-06-30", **{STAGE: CUSTOMER}))
    paused = Connection.objects.filter(system="rxnt", state="paused")
    connection = scene.until(paused.first, "the connection to be paused")
    mail = scene.mail(SUBJECT)
    expect(mail.to == sandbox_demo.INSTALLER, f"the mail went to {mail.to}")
    expect(str(connection.pk) in mail.link(), f"the mail's button leads to {mail.link()}")
    scene.add("Ivan", person("Ivan", "Copperwhistle", "2003-09-02", **{STAGE: CUSTOMER}))
    scene.until(
        lambda: Hint.objects.filter(record_id=scene.contact("Ivan")).exists(),
        "the second contact's notice to be parked",
    )
    stored = Event.objects.filter(record_id__in=[scene.contact(name) for name in WAITING]).count()
    found = [name for name in WAITING if scene.rxnt.patient(scene.keys[name])]
    expect(not found, f"{', '.join(found)} became patients")
    contains(scene.show("status"), "needs re-authentication", "Re-authenticate")
    return f"paused, a mail to {mail.to}, {stored} notices of two contacts parked"


def refuse_old_password(scene: Scene) -> str:
    """The page behind the mail's button refuses the old password."""
    page = scene.amara.open(scene.mail(SUBJECT).link())
    contains(page, "RXNT connection", "Re-authenticate")
    page = scene.amara.press("Authenticate", **sandbox_demo.RXNT_LOGIN)
    contains(page, "refuses this user name and password")
    return "“RXNT refuses this user name and password”"


def reconnect(scene: Scene) -> str:
    """The new password ends the outage: what was parked becomes patients; it was one mail."""
    user = sandbox_demo.RXNT_LOGIN["UserName"]
    page = scene.amara.press("Authenticate", UserName=user, Password=NEW_PASSWORD)
    contains(page, "The connection works again")
    remember_tokens(scene)
    patients = [scene.patient(name) for name in WAITING]
    scene.quiet()
    mails = len(scene.mails(SUBJECT))
    expect(mails == 1, f"{mails} mails about one outage")
    contains(scene.show("status"), "Active")
    return f"patients {' and '.join(str(one.id) for one in patients)}; one mail in all"


STEPS: Final = (pause, refuse_old_password, reconnect)
