"""Steps: merges in HubSpot, another way to sign in, and that everything has come to rest."""

from __future__ import annotations

from typing import Final

from integrations.management.check.house import ADDRESSES, RESUBMISSIONS
from integrations.management.check.scene import Scene, contains, expect
from integrations.management.check.works import CONTACTS, DEALS, KINDS
from integrations.management.check.xentral.joining import ADDRESS
from integrations.management.check.xentral.starters import start
from integrations.models import Merge


def merge_contacts(scene: Scene) -> str:
    """Two contacts become one in HubSpot: one address goes on, the other waits for a person."""
    works = scene.works
    pia, pit = works.contacts["Pia"], works.contacts["Pit"]
    survivor = _merge(scene, CONTACTS, pia, pit)
    works.contacts["Pia"] = survivor
    works.crm.edit(CONTACTS, survivor, city="Meißen")
    start(scene, "contacts")
    scene.until(lambda: works.twin(CONTACTS, survivor)["ort"] == "Meißen", "the city in Xentral")
    return f"contacts {pia} and {pit} are {survivor}, with one address; the other was kept"


def merge_deals(scene: Scene) -> str:
    """Two deals become one: one resubmission goes on, the other waits for a person."""
    works = scene.works
    one, two = works.deals["one"], works.deals["two"]
    survivor = _merge(scene, DEALS, one, two)
    works.crm.edit(DEALS, survivor, amount="1400")
    start(scene, "deals")
    scene.until(lambda: float(works.twin(DEALS, survivor)["betrag"]) == 1400, "the amount")
    return f"deals {one} and {two} are {survivor}, with one resubmission"


def _merge(scene: Scene, kind: str, primary: str, other: str) -> str:
    """Merge two records that are in step, let a pass find it, and keep the extra record."""
    works = scene.works
    targets = {works.target_id(kind, each) for each in (primary, other)}
    count = len(works.house.all(KINDS[kind]))
    survivor = works.crm.merge(kind, primary, other)
    start(scene, "full")
    rows = Merge.objects.filter(object_sync=works.sync(kind), hubspot_id=survivor)
    merge = scene.until(rows.filter(state="held").first, "the merge to wait for a person")
    live = works.target_id(kind, survivor)
    expect(live in targets, f"{survivor} is linked to {live}")
    expect(len(works.house.all(KINDS[kind])) == count, "Xentral has other records than before")
    contains(works.show("merges"), survivor, *targets)
    contains(works.show("merge", "", merge.pk), "The two pairs", "Keep the extra record")
    contains(works.browser.press("Keep the extra record"), "stays as it is")
    return survivor


def change_login(scene: Scene) -> str:
    """Xentral takes tokens on the old interface now: the token alone connects and works."""
    works, house = scene.works, scene.works.house
    house.be(tokens_on_old_api=True)
    works.browser.open(f"/t/{works.integration.tenant.slug}/connections/{works.connection().pk}/")
    login = {"address": ADDRESS, "token": works.token, "app": "", "init_key": ""}
    page = works.browser.press("Authenticate", **login)
    contains(page, "works")
    deal = works.deals["summer"]
    house.edit(RESUBMISSIONS, works.target_id(DEALS, deal), betrag="97000.00")
    start(scene, "queue")
    scene.until(lambda: float(works.crm.read(DEALS, deal)["amount"]) == 97000, "the amount")
    return "no API account any more; an edit in Xentral is in HubSpot"


def come_to_rest(scene: Scene) -> str:
    """After all of this a full pass writes nothing in either system, and nothing needs anybody."""
    works = scene.works
    start(scene, "full")
    before = works.writes()
    counts = {kind: len(works.house.all(kind)) for kind in (ADDRESSES, RESUBMISSIONS)}
    start(scene, "full")
    expect(works.writes() == before, f"{works.writes() - before} writing calls")
    expect({k: len(works.house.all(k)) for k in counts} == counts, "there are more records")
    failing = [*works.links(CONTACTS, state="failing"), *works.links(DEALS, state="failing")]
    expect(not failing, f"failing: {[(row.hubspot_id, row.reason) for row in failing]}")
    contains(works.show("status"), "Nothing needs you")
    return f"0 writing calls; {counts[ADDRESSES]} addresses, {counts[RESUBMISSIONS]} resubmissions"


STEPS: Final = (merge_contacts, merge_deals, change_login, come_to_rest)
