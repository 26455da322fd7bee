"""What a person does in Thena on the sandbox's page: accounts, contacts, the key and our app.

Over the sandbox's own Python interface; Thena's real screens look otherwise.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from integrations.connectors.sandbox_kit import SandboxRequest
from integrations.connectors.thena.sandbox import DEMO_ORG, ApiError, ThenaSandbox
from integrations.services.sandbox_desk import MANY, Field, Form
from integrations.services.sandbox_firm import PORTAL_ID

PUBLISHED: Final = 30
FIELDS: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    "accounts": (
        ("name", "Name", "text"),
        ("primaryDomain", "Primary domain", "text"),
        ("website", "Website", "text"),
        ("employees", "Employees", "number"),
        ("annualRevenue", "Annual revenue", "number"),
        ("status", "Status", "account_status"),
        ("classification", "Classification", "account_classification"),
        ("description", "Description", "text"),
    ),
    "contacts": (
        ("firstName", "First name", "text"),
        ("lastName", "Last name", "text"),
        ("email", "Email", "text"),
        ("phoneNumber", "Phone number", "text"),
        ("contactType", "Type", "contact_type"),
        ("accountIds", "Accounts", "many"),
    ),
}
"""Name, label and kind: text, number, many (accounts), or the picklist that has the values."""
SOURCES: Final = {"accounts": "account", "contacts": "customer_contact"}
TITLES: Final = {"accounts": "Account", "contacts": "Contact"}
CUSTOM: Final = "cf-"


class ThenaDesk:
    """The demo organisation's screens and buttons; raises the sandbox's ApiError, or KeyError."""

    system = "thena"
    label = "Thena"
    portal_id = PORTAL_ID
    template = "sandbox/firm.html"
    objects: tuple[str, ...] = ("contacts", "companies")
    refusal: type[Exception] = ApiError

    def __init__(self, thena: ThenaSandbox) -> None:
        self.thena = thena
        self.acts: dict[str, Callable[[Form], str | None]] = {
            "create": self._create,
            "save": self._save,
            "delete": self._delete,
            "app": self._install,
            "uninstall": self._uninstall,
            "key": self._renew_key,
        }

    def act(self, name: str, form: Form) -> str | None:
        """Do what a button says; returns where to go if not back to the lists."""
        with self.thena.lock:
            return self.acts[name](form)

    def lists(self, most: int) -> dict[str, object]:
        """Return what the lists show: the newest records, published events, the key, our app."""
        with self.thena.lock:
            return self._lists(most)

    def _lists(self, most: int) -> dict[str, object]:
        org = self.thena.orgs[DEMO_ORG]
        person = self.thena.person()
        shown = {f"thena_{kind}": person.all(kind)[: -most - 1 : -1] for kind in SOURCES}
        names = {uid: row["name"] for uid, row in org.fields.items()}
        for rows in shown.values():
            for row in rows:
                row["custom"] = [
                    (names.get(item["customFieldId"], "?"), _texts(item))
                    for item in row["customFieldValues"]
                ]
        told = org.published[: -PUBLISHED - 1 : -1]
        return {**shown, "published": told, "keys": list(org.keys), "apps": self.apps()}

    def apps(self) -> list[dict[str, object]]:
        """Return the apps that are installed."""
        return [
            {"uid": app.uid, "name": app.manifest["app"]["name"], "reachable": app.reachable}
            for app in self.thena.apps.values()
            if DEMO_ORG in app.tokens
        ]

    def record(self, kind: str, record_id: str) -> dict[str, Any]:
        """Return what the form of a record shows, a new one without an id."""
        title = TITLES[kind]
        with self.thena.lock:
            row = self.thena.person().get(kind, record_id) if record_id else {}
            fields = [*self._standard(kind, row), *self._custom(kind, row)]
        return {
            "system": "thena",
            "title": f"{title} {record_id}" if record_id else f"New {title.lower()}",
            "action": "/desk/thena/save" if record_id else "/desk/thena/create",
            "hidden": {"portal": PORTAL_ID, "object": kind, "id": record_id},
            "fields": fields,
            "can_delete": bool(record_id),
            "delete": "/desk/thena/delete",
        }

    # ------------------------------------------------------------ forms

    def _standard(self, kind: str, row: Mapping[str, Any]) -> Iterator[Field]:
        org = self.thena.orgs[DEMO_ORG]
        for name, label, input_kind in FIELDS[kind]:
            value = row.get(name)
            if input_kind == "many":
                ids = MANY.join(each["id"] for each in row.get("accounts", ()))
                accounts = self.thena.person().all("accounts")
                yield Field(name, label, ids, "many", [(a["id"], a["name"]) for a in accounts])
                continue
            picks = [a for a in org.attributes.values() if a["attribute"] == input_kind]
            options = [(pick["value"], pick["value"].replace("_", " ").title()) for pick in picks]
            shown = "" if value is None else str(value)
            yield Field(name, label, shown, "number" if input_kind == "number" else "text", options)

    def _custom(self, kind: str, row: Mapping[str, Any]) -> Iterator[Field]:
        held = {item["customFieldId"]: _texts(item) for item in row.get("customFieldValues", ())}
        for uid, field in self.thena.orgs[DEMO_ORG].fields.items():
            if field["source"] == SOURCES[kind]:
                options = [(each["value"], each["value"]) for each in field["options"]]
                yield Field(f"{CUSTOM}{uid}", field["name"], held.get(uid, ""), "text", options)

    def _values(self, form: Form) -> dict[str, object]:
        kind, values = form["object"], dict[str, object]()
        for name, _label, input_kind in FIELDS[kind]:
            text = form.get(name, "").strip()
            if input_kind == "many":
                values[name] = [one for one in text.split(MANY) if one]
            elif name in form:
                values[name] = (float(text) if input_kind == "number" else text) if text else None
        custom = {
            name.removeprefix(CUSTOM): text for name, text in form.items() if name[:3] == CUSTOM
        }
        if custom:
            values["customFieldValues"] = [
                {"customFieldId": uid, "data": [{"value": text}]}
                for uid, text in custom.items()
                if text
            ]
        return values

    # ------------------------------------------------------------ buttons

    def _create(self, form: Form) -> None:
        self.thena.person().create(form["object"], **self._values(form))

    def _save(self, form: Form) -> None:
        self.thena.person().edit(form["object"], form["id"], **self._values(form))

    def _delete(self, form: Form) -> None:
        self.thena.person().delete(form["object"], form["id"])

    def _install(self, form: Form) -> str:
        """Make an app from the manifest that the portal shows and install it, by Thena's calls."""
        try:
            body = json.loads(form.get("manifest", ""))
        except ValueError:
            raise ApiError(400, "The manifest is no JSON: copy all of it.") from None
        made = self._call("/apps/create-app", body)
        self._call("/apps/install", {"appId": made["appId"], "teamIds": []})
        return "/app"

    def _uninstall(self, form: Form) -> str:
        self._call("/apps/uninstall", {"appId": form["app"]})
        return "/app"

    def _renew_key(self, _form: Form) -> None:
        old = next(iter(self.thena.orgs[DEMO_ORG].keys))
        self.thena.revoke(old, f"pk_live_{secrets.token_hex(8)}")

    def _call(self, path: str, body: object) -> Any:
        key = next(iter(self.thena.orgs[DEMO_ORG].keys))
        asked = SandboxRequest.build(
            "POST", path, headers={"x-api-key": key}, body=json.dumps(body).encode()
        )
        answer = self.thena.handle(asked)
        said = answer.json()
        if answer.status >= 400:
            raise ApiError(answer.status, said["message"])
        return said


def _texts(item: Mapping[str, Any]) -> str:
    return ", ".join(str(entry["value"]) for entry in item["data"])
