"""Steps: uninstalling stops everything and keeps what was made; reinstalling goes on with it."""

from __future__ import annotations

from typing import Final

from integrations.management.check.connecting import agree, remember_tokens
from integrations.management.check.intake import signed_entry
from integrations.management.check.outage import NEW_PASSWORD
from integrations.management.check.scene import Scene, contains, expect
from integrations.models import AuditEntry, Connection, RecordLink
from integrations.services import sandbox_demo


def uninstall(scene: Scene) -> str:
    """Uninstalling stops everything and keeps patients, links and log."""
    scene.quiet()
    patients, links = scene.rxnt.patients(), RecordLink.objects.count()
    entries = AuditEntry.objects.count()
    scene.show("disconnect")
    contains(scene.amara.press("Disconnect", app="1"), "Disconnected", "are kept")
    expect(not scene.hubspot.installed(), "HubSpot still lists the app")
    left = [row for row in Connection.objects.all() if row.secrets or row.tokens]
    expect(not left, f"credentials of {', '.join(row.system for row in left)} are still stored")
    scene.change("Hana", phone="301-555-0155")
    scene.enter("Hana")
    expect(signed_entry(scene, "Hana") == 200, "a late notice was not answered with 200")
    scene.quiet()
    expect(scene.rxnt.patients() == patients, "RXNT's patients changed")
    expect(RecordLink.objects.count() == links, "the links changed")
    expect(AuditEntry.objects.count() > entries, "the log does not mention it")
    contains(scene.show("status"), "Disconnected", "are kept")
    return f"{len(patients)} patients and {links} links as before, credentials gone"


def reinstall(scene: Scene) -> str:
    """Reinstalling reuses the properties and resumes; what was missed is not replayed."""
    before = {patient.external_id: patient.saves for patient in scene.rxnt.patients()}
    agree(scene.amara, "RXNT", scene.hubspot.portal_id)
    user = sandbox_demo.RXNT_LOGIN["UserName"]
    page = scene.amara.press("Authenticate", UserName=user, Password=NEW_PASSWORD)
    contains(page, "Setup Complete!")
    remember_tokens(scene)
    scene.quiet()
    after = {patient.external_id: patient.saves for patient in scene.rxnt.patients()}
    expect(after == before, "moves made meanwhile were replayed")
    contains(scene.show("status"), "Active")
    return "“Setup Complete!”; the move made meanwhile was not replayed"


def resume(scene: Scene) -> str:
    """New moves go on, and update the patients from before."""
    before = scene.patient("Hana")
    scene.enter("Hana")
    after = scene.patient("Hana", saves=2)
    expect(after.id == before.id, f"patient {before.id} became {after.id}")
    return f"patient {after.id} again, saved twice"


STEPS: Final = (uninstall, reinstall, resume)
