"""Steps: the first load of contacts and deals, and that a second one makes and writes nothing."""

from __future__ import annotations

from typing import Final

from integrations.management.check.house import ADDRESSES, RESUBMISSIONS
from integrations.management.check.running import ended
from integrations.management.check.scene import Scene, contains, expect
from integrations.management.check.works import CONTACTS, DEALS
from integrations.management.check.xentral import people
from integrations.management.check.xentral.joining import GROUP, STATUS, VIEW
from integrations.management.check.xentral.starters import start
from integrations.services import sandbox_works

REMINDERS: Final = {
    "winter": ("2026-12-15", "12:00:00"),
    "summer": ("2027-07-15", "11:30:00"),
}
"""When Xentral reminds of a deal: local time, with an hour more in summer."""


def load_contacts(scene: Scene) -> str:
    """The first load brings contacts into the group: umlauts, states, countries, status fields."""
    works, house = scene.works, scene.works.house
    ended(scene, works.run(CONTACTS), "the first load of contacts")
    zoe = works.twin(CONTACTS, works.contacts["Zoë"])
    wrong = {k: zoe[k] for k, value in people.ZOE_IN_XENTRAL.items() if zoe[k].strip() != value}
    expect(not wrong, f"Xentral has {wrong}")
    settings = works.integration.settings
    status = zoe[settings["lead_field"]], zoe[settings["lifecycle_field"]]
    expect(status == (STATUS, "lead"), f"the free fields hold {status}")
    reto = works.twin(CONTACTS, works.contacts["Reto"])
    expect((reto["land"], reto["bundesstaat"]) == ("CH", "Bern"), f"Reto is in {reto['land']}")
    group = house.groups()[GROUP]
    imported = works.links(CONTACTS, state="linked")
    outside = [row.target_id for row in imported if group not in house.groups_of(row.target_id)]
    expect(not outside, f"addresses {outside} are not in the group")
    return f"{len(imported)} contacts, all in the group; Nordrhein-Westfalen is NW, Switzerland CH"


def ask_filters(scene: Scene) -> str:
    """Another lead status and an earlier day stay out, with the reason; the very instant is in."""
    works = scene.works
    for name, words in (("Uwe", ("Lead status", "OPEN")), ("Old", ("Created",))):
        link = works.link(CONTACTS, works.contacts[name])
        expect(link.state == "excluded" and not link.target_id, f"{name} is {link.state}")
        contains(works.why(CONTACTS, works.contacts[name]), *words)
    expect(works.twin(CONTACTS, works.contacts["Edge"]), "the contact of that instant is missing")
    return "“Lead status … OPEN”, “Created …”; a contact of midnight in Germany is in Xentral"


def find_match(scene: Scene) -> str:
    """An address of the same e-mail is used: what was empty is filled, nobody is there twice."""
    works, house = scene.works, scene.works.house
    expect(
        works.target_id(CONTACTS, works.contacts["Frauke"]) == works.addresses["Frauke"],
        "Frauke got another address",
    )
    frauke = house.read(ADDRESSES, works.addresses["Frauke"])
    expect((frauke["telefon"], frauke["strasse"]) == sandbox_works.CONTACTS[2][3:5], f"{frauke}")
    emails = [row["email"] for row in house.all(ADDRESSES).values() if row["email"]]
    expect(len(set(emails)) == len(emails), "an e-mail is there twice")
    return "phone and street are filled in the address that was there"


def load_deals(scene: Scene) -> str:
    """Deals become resubmissions in the stage of the same name, due in local time."""
    works, house = scene.works, scene.works.house
    ended(scene, works.run(DEALS), "the first load of deals")
    stages = house.stages(house.views()[VIEW])
    labels = works.crm.stages()
    expect([*stages] == [*labels.values()], f"the view has the stages {[*stages]}")
    for name, values in (("winter", people.WINTER), ("summer", people.SUMMER)):
        row = works.twin(DEALS, works.deals[name])
        expect(float(row["betrag"]) == float(values["amount"]), f"its amount is {row['betrag']}")
        expect(row["bezeichnung"] == values["dealname"], f"it is called {row['bezeichnung']}")
        due = row["datum_erinnerung"], row["zeit_erinnerung"]
        expect(due == REMINDERS[name], f"the {name} deal is due {due}")
        stage = stages[labels[f"default:{values['dealstage']}"]]
        expect(str(row["stages"]) == stage, f"it is in stage {row['stages']}")
        zoe = works.target_id(CONTACTS, works.contacts["Zoë"])
        expect(str(row["adresse"]) == zoe, f"it is of address {row['adresse']}")
    return (
        f"{len(house.all(RESUBMISSIONS))} resubmissions; 11:00 UTC is 12:00, 9:30 in summer 11:30"
    )


def load_again(scene: Scene) -> str:
    """A second pass over everything makes no deal twice and writes nothing at all."""
    works, house = scene.works, scene.works.house
    counts = {kind: len(house.all(kind)) for kind in (ADDRESSES, RESUBMISSIONS)}
    before = works.writes()
    start(scene, "full")
    expect({kind: len(house.all(kind)) for kind in counts} == counts, "there are more now")
    expect(works.writes() == before, f"{works.writes() - before} writing calls")
    return f"still {counts[ADDRESSES]} addresses and {counts[RESUBMISSIONS]} resubmissions"


STEPS: Final = (load_contacts, ask_filters, find_match, load_deals, load_again)
