"""Steps: a filter change, previewed and published; passes that find nothing to write."""

from __future__ import annotations

from collections import Counter
from typing import Final

from integrations.management.check import running
from integrations.management.check.firm import COMPANIES, CONTACTS, KINDS, Firm
from integrations.management.check.running import told
from integrations.management.check.scene import Scene, contains, expect
from integrations.management.check.thena.choosing import NOT_INTERNAL, filter_by
from integrations.management.check.thena.loading import preview, publish
from integrations.models import JobRun

SMALL: Final = "Quillon 1"
"""How the names of the companies begin that the changed filter leaves out."""


def preview_filter(scene: Scene) -> str:
    """A changed filter is only a draft: the preview shows what it would do to linked records."""
    firm = scene.firm
    scene.quiet()
    filter_by(firm, COMPANIES, "hubspot", NOT_INTERNAL, ("name", "not_contains", SMALL))
    page = firm.show("fields", "", COMPANIES)
    contains(page, "The draft differs from version 1 in 1 point")
    found = preview(scene, COMPANIES)
    affected = _affected(firm)
    frozen = found.actions.get("freeze", 0)
    expect(frozen == affected, f"{frozen} would be frozen, not {affected}")
    contains(firm.show("preview", "", COMPANIES), "would no longer be updated")
    return told(found)


def publish_filter(scene: Scene) -> str:
    """Publishing does exactly what the preview counted; the records left out stay as they are."""
    firm = scene.firm
    found = firm.preview(COMPANIES)
    expect(found, "there is no preview: an earlier step did not get so far")
    accounts = len(firm.thena.all(KINDS[COMPANIES]))
    run, _shown = publish(scene, COMPANIES)
    counted = Counter(found.reasons if found else {})
    expect(Counter(run.counts) == counted, f"the preview said {dict(counted)}, not {run.counts}")
    expect(len(firm.thena.all(KINDS[COMPANIES])) == accounts, "accounts were made or removed")
    contains(firm.show("versions", "", COMPANIES), "2", "1")
    return f"version 2 in force; {dict(counted)} as previewed"


def sync_by_hand(scene: Scene) -> str:
    """“Sync now” looks at every record of both kinds and writes nothing: all is in step."""
    scene.quiet()
    before, said = scene.firm.writes(), []
    for key in KINDS:
        run = sync_now(scene, key)
        said.append(f"{run.seen} {key}")
        expect(run.written == 0, f"the pass of {key} wrote {run.written}")
    scene.quiet()
    written = scene.firm.writes() - before
    expect(written == 0, f"the sandboxes counted {written} writes")
    return f"{' and '.join(said)} looked at, 0 writes counted at the sandboxes"


def write_once(scene: Scene) -> str:
    """One edit makes one write, and its echo makes none."""
    firm, contact = scene.firm, scene.firm.contacts["second"]
    scene.quiet()
    before = firm.writes()
    firm.crm.edit(CONTACTS, contact, firstname="Onceonly")
    scene.until(
        lambda: firm.twin(CONTACTS, contact)["firstName"] == "Onceonly", "the edit in Thena"
    )
    scene.quiet()
    run = sync_now(scene, CONTACTS)
    scene.quiet()
    written = firm.writes() - before
    expect(written == 1, f"one edit made {written} writes")
    expect(run.written == 0, f"the pass after it wrote {run.written}")
    return "1 write counted at the sandboxes, 0 by the pass after it"


def sync_now(scene: Scene, key: str) -> JobRun:
    """Press the button of one kind of record and wait for the pass to end."""
    return running.sync_now(scene, scene.firm, key)


def _affected(firm: Firm) -> int:
    rows = firm.crm.all(COMPANIES)
    linked = {link.hubspot_id for link in firm.links(COMPANIES, state="linked")}
    return sum(SMALL in rows[each]["name"] for each in linked)


STEPS: Final = (preview_filter, publish_filter, sync_by_hand, write_once)
