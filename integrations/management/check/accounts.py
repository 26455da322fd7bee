"""A HubSpot account and the firm's Thena organisation: what their users do, what both hold.

`Row` is a record as a sandbox shows it: names to values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from integrations.management.check.sandbox import Endpoints

Row = dict[str, Any]
MOST: Final = 100_000
NOT_WRITES: Final = ("/filter/ids", "/incoming-webhook/", "/apps/")
"""Posts to Thena that change no record."""


class Crm(Endpoints):
    """The HubSpot account as its user changes it; `kind` is companies, contacts or deals."""

    def __init__(self, base: str, portal_id: int) -> None:
        super().__init__(base)
        self.portal_id = portal_id

    def create(self, kind: str, **properties: str) -> str:
        """Create a record and return its id."""
        return str(self.call("POST", self._path(kind), {"properties": properties})["id"])

    def create_then(self, kind: str, added: str, **properties: str) -> str:
        """Create a record as if that had been at another instant (ISO 8601)."""
        body = {"properties": properties, "added": added}
        return str(self.call("POST", self._path(kind), body)["id"])

    def bulk(self, kind: str, count: int, prefix: str, **more: object) -> list[str]:
        """Create numbered records; more: `properties` for all, `partners` by kind."""
        body = {"count": count, "prefix": prefix, **more}
        return list(self.call("POST", f"{self._path(kind)}/bulk", body)["ids"])

    def edit(self, kind: str, record_id: str, **properties: str) -> None:
        """Change a record."""
        self.call("PATCH", f"{self._path(kind)}/{record_id}", {"properties": properties})

    def read(self, kind: str, record_id: str) -> Row:
        """Return the values of a live record."""
        return dict(self.call("GET", f"{self._path(kind)}/{record_id}")["properties"])

    def delete(self, kind: str, record_id: str) -> None:
        """Move a record to the recycle bin."""
        self.call("DELETE", f"{self._path(kind)}/{record_id}")

    def all(self, kind: str) -> dict[str, Row]:
        """Return the values of all live records by id."""
        rows = self.call("GET", f"{self._path(kind)}?limit={MOST}")["results"]
        return {row["id"]: row["properties"] for row in rows}

    def merge(self, kind: str, primary: str, other: str) -> str:
        """Merge two records and return the survivor's id."""
        body = {"primary": primary, "other": other}
        return str(self.call("POST", f"{self._path(kind)}/merge", body)["id"])

    def employers(self, contact: str) -> list[str]:
        """Return the ids of a contact's companies."""
        return list(
            self.call("GET", f"{self._path('contacts')}/{contact}/partners/companies")["ids"]
        )

    def primary(self, kind: str, record_id: str) -> str:
        """Return the id of a record's primary company, "" for none."""
        path = f"{self._path(kind)}/{record_id}/partners/companies"
        return str(self.call("GET", path)["primary"])

    def employ(self, contact: str, *companies: str) -> None:
        """Let a contact be at exactly these companies."""
        self.join("contacts", contact, "companies", *companies)

    def join(self, kind: str, record_id: str, other: str, *ids: str, primary: str = "") -> None:
        """Associate a record with exactly these others of one kind, one of them as its primary."""
        path = f"{self._path(kind)}/{record_id}/partners/{other}"
        self.call("PUT", path, {"ids": list(ids), "primary": primary})

    def archive_owner(self, owner: str, *, archived: bool = True) -> None:
        """Deactivate an owner, or bring one back."""
        self.call("PATCH", f"{self._account()}/owners/{owner}", {"archived": archived})

    def service_key(self, scopes: Sequence[str]) -> str:
        """Make a service key with these permissions and return it."""
        return str(self.call("POST", f"{self._account()}/keys", {"scopes": list(scopes)})["key"])

    def stages(self) -> dict[str, str]:
        """Return the labels of all deal stages by "pipeline:stage", in order."""
        return {
            f"{pipeline['id']}:{stage['id']}": str(stage["label"])
            for pipeline in self.call("GET", f"{self._account()}/pipelines")
            for stage in pipeline["stages"]
        }

    def add_stage(self, pipeline: str, label: str) -> str:
        """Append a deal stage to a pipeline and return its id."""
        path = f"{self._account()}/pipelines/{pipeline}/stages"
        return str(self.call("POST", path, {"label": label})["id"])

    def offer(self, kind: str, name: str, label: str, options: Sequence[str]) -> None:
        """Let a property offer exactly these options; it is made if need be."""
        body = {"type": kind, "name": name, "label": label, "options": list(options)}
        self.call("POST", f"{self._account()}/choices", body)

    def refuse(self, kind: str, name: str, value: str, message: str) -> None:
        """Refuse a property's value to programs, with a message."""
        body = {"type": kind, "property": name, "value": value, "message": message}
        self.call("POST", f"{self._account()}/refusals", body)

    def accept_all(self) -> None:
        """Refuse nothing any more."""
        self.call("DELETE", f"{self._account()}/refusals")

    def undelivered(self) -> int:
        """Return how many notices wait for their delivery."""
        return int(self.call("GET", "/sandbox/state")["webhooks"]["pending"])

    def writes(self) -> int:
        """Return how many writing calls there have been so far."""
        rows = self.call("GET", "/sandbox/counters")
        return sum(row["calls"] for row in rows if row["kind"] == "write")

    def _account(self) -> str:
        return f"/sandbox/accounts/{self.portal_id}"

    def _path(self, kind: str) -> str:
        return f"/sandbox/records/{self.portal_id}/{kind}"


class Thena(Endpoints):
    """The organisation as its people change it; `kind` is accounts or contacts."""

    def all(self, kind: str) -> dict[str, Row]:
        """Return all live records by id; `custom` maps fields to their first value."""
        rows = self.call("GET", f"/sandbox/{kind}")[kind]
        return {row["id"]: {**row, "custom": _custom(row)} for row in rows}

    def read(self, kind: str, record_id: str) -> Row:
        """Return one live record in the same form."""
        row = self.call("GET", f"/sandbox/{kind}/{record_id}")
        return {**row, "custom": _custom(row)}

    def create(self, kind: str, **values: object) -> str:
        """Create a record and return its id."""
        return str(self.call("POST", f"/sandbox/{kind}", values)["id"])

    def bulk(self, kind: str, count: int, prefix: str) -> list[str]:
        """Create numbered records."""
        body = {"count": count, "prefix": prefix}
        return list(self.call("POST", f"/sandbox/{kind}/bulk", body)["ids"])

    def edit(self, kind: str, record_id: str, **values: object) -> None:
        """Change a record."""
        self.call("PUT", f"/sandbox/{kind}/{record_id}", values)

    def delete(self, kind: str, record_id: str) -> None:
        """Delete a record."""
        self.call("DELETE", f"/sandbox/{kind}/{record_id}")

    def field(self, name: str) -> Row:
        """Return the custom field of a name; raises LookupError without one or with several."""
        rows = self.call("GET", "/sandbox/fields")["fields"]
        (found,) = [row for row in rows if row["name"] == name] or [None]
        if found is None:
            raise LookupError(f"Thena has no custom field {name}")
        return dict(found)

    def published(self) -> Sequence[Mapping[str, Any]]:
        """Return the events our app has sent, oldest first."""
        return list(self.call("GET", "/sandbox/published")["published"])

    def undelivered(self) -> int:
        """Return how many events wait for their delivery."""
        return int(self.call("GET", "/sandbox/events")["waiting"])

    def writes(self) -> int:
        """Return how many writing calls there have been so far."""
        rows = self.call("GET", "/sandbox/counters").items()
        return sum(
            calls
            for call, calls in rows
            if not call.startswith("GET") and not any(path in call for path in NOT_WRITES)
        )

    def revoke(self, fresh: str) -> None:
        """Make a new API key, which ends the old one."""
        self.call("POST", "/sandbox/keys/revoke", {"fresh": fresh})

    def create_app(self, key: str, manifest: Mapping[str, object]) -> Row:
        """Make a private app, as an admin does by Thena's own call; returns its description."""
        return dict(self.call("POST", "/apps/create-app", manifest, **{"x-api-key": key}))

    def install_app(self, key: str, app: str) -> str:
        """Install an app for the entire organisation; returns its bot token."""
        body = {"appId": app, "teamIds": [], "appConfiguration": {}}
        return str(self.call("POST", "/apps/install", body, **{"x-api-key": key})["botToken"])

    def uninstall_app(self, key: str, app: str) -> None:
        """Remove an app."""
        self.call("POST", "/apps/uninstall", {"appId": app}, **{"x-api-key": key})


def _custom(row: Row) -> Row:
    return {
        item["customFieldId"]: item["data"][0]["value"]
        for item in row["customFieldValues"]
        if item["data"]
    }
