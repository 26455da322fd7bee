"""What a HubSpot user does on the sandbox's page: forms and lists of contacts, companies, deals.

Over the sandbox's own Python interface; an account shows only the objects it works with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from integrations.connectors.hubspot.sandbox import Account, HubSpotSandbox, Person
from integrations.services.sandbox_desk import MANY, Field, Form
from integrations.services.sandbox_firm import TIER

CONTACTS: Final = "contacts"
COMPANIES: Final = "companies"
DEALS: Final = "deals"
STAGE: Final = "stage"
OWNER: Final = ("hubspot_owner_id", "Owner")
FIELDS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    CONTACTS: (
        ("firstname", "First name"),
        ("lastname", "Last name"),
        ("email", "Email"),
        ("phone", "Phone"),
        ("jobtitle", "Job title"),
        ("lifecyclestage", "Lifecycle stage"),
        ("rxnt_date_of_birth", "Date of birth"),
        ("rxnt_sex", "Sex"),
        ("address", "Street"),
        ("city", "City"),
        ("state", "State"),
        ("zip", "Zip"),
        ("country", "Country"),
        ("hs_lead_status", "Lead status"),
        OWNER,
    ),
    COMPANIES: (
        ("name", "Name"),
        ("domain", "Domain"),
        ("website", "Website"),
        ("phone", "Phone"),
        ("industry", "Industry"),
        ("numberofemployees", "Number of employees"),
        ("annualrevenue", "Annual revenue"),
        (TIER, "Support tier"),
        ("city", "City"),
        ("description", "Description"),
        OWNER,
    ),
    DEALS: (
        ("dealname", "Name"),
        ("amount", "Amount"),
        ("deal_currency_code", "Currency"),
        ("closedate", "Close date"),
        ("dealtype", "Type"),
        ("description", "Description"),
        OWNER,
    ),
}
TITLES: Final = {CONTACTS: "Contact", COMPANIES: "Company", DEALS: "Deal"}


class HubSpotDesk:
    """The screens of any HubSpot account; raises the sandbox's ApiError, KeyError or ValueError.

    `objects` tells which objects the account with an id works with.
    """

    def __init__(
        self, hubspot: HubSpotSandbox, objects: Callable[[int], Sequence[str]], most: int
    ) -> None:
        self.hubspot = hubspot
        self.objects = objects
        self.most = most
        self.acts: dict[str, Callable[[Person, str, Form], object]] = {
            "create": self._create,
            "save": self._save,
            "delete": lambda person, kind, form: person.delete(kind, form["id"]),
            "restore": lambda person, kind, form: person.restore(kind, form["id"]),
            "merge": lambda person, kind, form: person.merge(kind, form["id"], form["other"]),
        }

    def act(self, name: str, form: Form) -> None:
        """Do what a button says."""
        act = self.acts[name]
        act(self.hubspot.account(int(form["portal"])), form.get("object", CONTACTS), form)

    # ------------------------------------------------------------ screens

    def lists(self, account: Account | None, objects: Sequence[str]) -> dict[str, object]:
        """Return the newest records of an account, live and deleted, and who belongs to whom."""
        found: dict[str, object] = {}
        for kind in objects:
            found |= self._rows(account, kind)
        if account and COMPANIES in objects:
            found["employers"] = list(self._employers(account))
        if account and DEALS in objects:
            found["sales"] = list(self._sales(account))
            found["owners"] = {owner.id: owner.email for owner in account.owners}
        return found

    def record(self, kind: str, query: Form) -> dict[str, Any]:
        """Return what the form of a record shows, a new one without an id."""
        person = self.hubspot.account(int(query["portal"]))
        record_id, portal = query.get("id", ""), person.state.portal_id
        values = person.read(kind, record_id) if record_id else {}
        fields = [*self._fields(person, kind, values), *self._joined(person, kind, record_id)]
        hidden = {"portal": portal, "object": kind, "id": record_id}
        hidden |= {
            f"has_{field.name}": 1 for field in fields if field.name in (COMPANIES, CONTACTS)
        }
        return {
            "system": "hubspot",
            "title": f"{TITLES[kind]} {record_id}" if record_id else f"New {TITLES[kind].lower()}",
            "action": "/save" if record_id else "/create",
            "hidden": hidden,
            "fields": fields,
            "can_delete": bool(record_id),
            "can_merge": bool(record_id),
            "delete": "/delete",
            "back": "/?" + urlencode({"portal": portal}),
        }

    def _fields(self, person: Person, kind: str, values: Mapping[str, str]) -> Iterator[Field]:
        catalog = person.state.catalogs[kind].definitions
        sells = DEALS in self.objects(person.state.portal_id)
        for name, label in FIELDS[kind]:
            if name not in catalog or (name == OWNER[0] and not sells):
                continue
            options = [(option["value"], option["label"]) for option in catalog[name].options]
            if name == OWNER[0]:
                options = [(owner.id, owner.email) for owner in person.state.owners]
            input_kind = "date" if catalog[name].type == "date" else "text"
            yield Field(name, label, values.get(name, ""), input_kind, options)
        if kind == DEALS:
            chosen = f"{values.get('pipeline', '')}:{values.get('dealstage', '')}"
            yield Field(STAGE, "Stage", chosen, "text", list(_stages(person.state)))

    def _joined(self, person: Person, kind: str, record_id: str) -> Iterator[Field]:
        """Yield the inputs of associations: one primary company where the account sells."""
        objects, state = self.objects(person.state.portal_id), person.state
        if kind == COMPANIES or COMPANIES not in objects:
            return
        companies = _named(state, COMPANIES, "name")
        if DEALS in objects:
            primary = person.primary_company(kind, record_id) if record_id else ""
            yield Field("primary", "Primary company", primary, "text", companies)
        else:
            yield Field(COMPANIES, "Companies", _partners(person, kind, record_id, COMPANIES),
                        "many", companies)  # fmt: skip
        if kind == DEALS:
            contacts = _named(state, CONTACTS, "firstname", "lastname", "email")
            yield Field(CONTACTS, "Contacts", _partners(person, kind, record_id, CONTACTS),
                        "many", contacts)  # fmt: skip

    def _rows(self, account: Account | None, kind: str) -> dict[str, object]:
        if account is None:
            return {kind: [], f"gone_{kind}": []}
        store = account.stores[kind]
        live, gone = store.live[: -self.most - 1 : -1], store.archived[:-21:-1]
        return {
            kind: [store.records[one] for one in live],
            f"gone_{kind}": [store.records[one] for one in gone],
        }

    def _employers(self, account: Account) -> Iterator[tuple[object, str]]:
        """Yield the shown contacts, each with the names of its companies."""
        contacts = account.stores[CONTACTS]
        for one in contacts.live[: -self.most - 1 : -1]:
            yield contacts.records[one], _names(account, (CONTACTS, COMPANIES), one, "name")

    def _sales(self, account: Account) -> Iterator[dict[str, object]]:
        """Yield the shown deals, each with its stage in words, its companies and contacts."""
        deals, stages = account.stores[DEALS], dict(_stages(account))
        for one in deals.live[: -self.most - 1 : -1]:
            row = deals.records[one]
            stage = f"{row.properties.get('pipeline')}:{row.properties.get('dealstage')}"
            yield {
                "row": row,
                "stage": stages.get(stage, stage),
                "companies": _names(account, (DEALS, COMPANIES), one, "name"),
                "contacts": _names(account, (DEALS, CONTACTS), one, "email"),
            }

    # ------------------------------------------------------------ buttons

    def _create(self, person: Person, kind: str, form: Form) -> None:
        self._join(person, kind, person.create(kind, _values(kind, form)), form)

    def _save(self, person: Person, kind: str, form: Form) -> None:
        person.edit(kind, form["id"], _values(kind, form))
        self._join(person, kind, form["id"], form)

    def _join(self, person: Person, kind: str, record_id: str, form: Form) -> None:
        """Associate a record with exactly what its form chose, if the form shows it."""
        for other in (COMPANIES, CONTACTS):
            if f"has_{other}" not in form or other == kind:
                continue
            wanted = [one for one in form.get(other, "").split(MANY) if one]
            for partner in person.partners(kind, record_id, other):
                if partner not in wanted:
                    person.dissociate(kind, record_id, other, partner)
            for partner in wanted:
                person.associate(kind, record_id, other, partner)
        if "primary" in form:
            _set_primary(person, kind, record_id, form["primary"])


def _set_primary(person: Person, kind: str, record_id: str, company: str) -> None:
    before = person.primary_company(kind, record_id)
    if company and company != before:
        person.associate(kind, record_id, COMPANIES, company, primary=True)
    elif before and not company:
        person.dissociate(kind, record_id, COMPANIES, before)


def _values(kind: str, form: Form) -> dict[str, object]:
    values: dict[str, object] = {name: form[name] for name, _ in FIELDS[kind] if name in form}
    if kind == DEALS and form.get(STAGE):
        values["pipeline"], _, values["dealstage"] = form[STAGE].partition(":")
    return values


def _stages(account: Account) -> Iterator[tuple[str, str]]:
    for pipeline in account.pipelines.values():
        for stage in pipeline["stages"]:
            yield f"{pipeline['id']}:{stage['id']}", f"{pipeline['label']} – {stage['label']}"


def _named(account: Account, kind: str, *names: str) -> list[tuple[str, str]]:
    """Return the live records of a kind with what they are called."""
    store = account.stores[kind]
    rows = ((str(one), store.records[one].properties) for one in store.live)
    return [(one, " ".join(row[name] for name in names if row.get(name))) for one, row in rows]


def _partners(person: Person, kind: str, record_id: str, other: str) -> str:
    return MANY.join(person.partners(kind, record_id, other)) if record_id else ""


def _names(account: Account, pair: tuple[str, str], record_id: int, name: str) -> str:
    store = account.stores[pair[1]]
    found = (store.find(each) for each in account.links.of(pair, record_id))
    return ", ".join(sorted(each.properties.get(name, "") for each in found if each))
