"""The sandbox's small page: edit records as a HubSpot user would, watch the other side change.

Plain forms over the sandboxes' own Python interface; no portal data is read or written here. What
a Thena user does is in `sandbox_thena_page.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, quote, urlencode

from django.conf import settings
from django.template.loader import render_to_string

from integrations.connectors.hubspot.sandbox import Account, ApiError, Person
from integrations.connectors.thena.sandbox import ApiError as ThenaError
from integrations.services.sandbox import Stage
from integrations.services.sandbox_firm import PORTAL_ID as FIRM
from integrations.services.sandbox_firm import TIER
from integrations.services.sandbox_thena_page import MANY, Field, Form, ThenaDesk

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CONTACTS: Final = "contacts"
COMPANIES: Final = "companies"
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
    ),
    COMPANIES: (
        ("name", "Name"),
        ("domain", "Domain"),
        ("website", "Website"),
        ("numberofemployees", "Number of employees"),
        ("annualrevenue", "Annual revenue"),
        (TIER, "Support tier"),
        ("city", "City"),
        ("description", "Description"),
    ),
}
TITLES: Final = {CONTACTS: "Contact", COMPANIES: "Company"}
MAX_FORM: Final = 100_000
SHOWN: Final = 200


class Page:
    """A WSGI application: the lists of an account, a form for each record, the style sheet."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.thena = ThenaDesk(stage.thena)
        self.acts: dict[str, Callable[[Person, str, Form], None]] = {
            "create": self._create,
            "save": self._save,
            "delete": lambda person, kind, form: person.delete(kind, form["id"]),
            "restore": lambda person, kind, form: person.restore(kind, form["id"]),
            "merge": lambda person, kind, form: _ignore(
                person.merge(kind, form["id"], form["other"])
            ),
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request of a browser."""
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] == "POST":
            where = self._act(path.strip("/"), _form(environ))
            start_response("303 See Other", [("Location", where), ("Content-Length", "0")])
            return []
        if path == "/sandbox.css":
            css = (settings.BASE_DIR / "static/sandbox.css").read_bytes()
            return _send(start_response, css, kind="text/css")
        query = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
        screens: dict[str, Callable[[Form], bytes]] = {
            "/": self._lists,
            "/contact": lambda query: self._record(CONTACTS, query),
            "/company": lambda query: self._record(COMPANIES, query),
            "/thena": self._thena_record,
            "/app": lambda _query: self._render("sandbox/app.html", apps=self.thena.apps()),
        }
        try:
            return _send(start_response, screens[path](query))
        except (KeyError, ValueError, ApiError, ThenaError):
            return _send(start_response, b"There is no such page.", status="404 Not Found")

    # ------------------------------------------------------------ buttons

    def _act(self, name: str, form: Form) -> str:
        """Do what a button says; returns where to go, with the system's message if it refused."""
        portal = form.get("portal", "")
        back = f"/?portal={quote(portal)}"
        system, _, verb = name.rpartition("/")
        try:
            if system == "thena":
                return self.thena.act(verb, form) or back
            act = self.acts[name]
            act(self.stage.hubspot.account(int(portal)), form.get("object", CONTACTS), form)
        except ApiError as error:
            return f"{back}&error={quote(f'HubSpot says: {error.message}')}"
        except ThenaError as error:
            return f"{back}&error={quote(f'Thena says: {error}')}"
        except (KeyError, ValueError):
            return f"{back}&error={quote('There is no such record.')}"
        return back

    def _create(self, person: Person, kind: str, form: Form) -> None:
        made = person.create(kind, _values(kind, form))
        self._join(person, kind, made, form)

    def _save(self, person: Person, kind: str, form: Form) -> None:
        person.edit(kind, form["id"], _values(kind, form))
        self._join(person, kind, form["id"], form)

    def _join(self, person: Person, kind: str, record_id: str, form: Form) -> None:
        """Associate a contact with exactly the companies of the form, if it shows them."""
        if kind != CONTACTS or "has_companies" not in form:
            return
        wanted = [one for one in form.get(COMPANIES, "").split(MANY) if one]
        for company in person.partners(CONTACTS, record_id, COMPANIES):
            if company not in wanted:
                person.dissociate(CONTACTS, record_id, COMPANIES, company)
        for company in wanted:
            person.associate(CONTACTS, record_id, COMPANIES, company)

    # ------------------------------------------------------------ screens

    def _lists(self, query: Form) -> bytes:
        hubspot = self.stage.hubspot
        with hubspot.lock:
            accounts = list(hubspot.accounts.values())
            chosen = next(
                (row for row in accounts if str(row.portal_id) == query.get("portal")),
                accounts[0] if accounts else None,
            )
            context: dict[str, object] = {"accounts": accounts, "account": chosen}
            context["error"] = query.get("error", "")
            if chosen is None or chosen.portal_id != FIRM:
                patients = list(self.stage.rxnt.patients())[: -SHOWN - 1 : -1]
                context |= _rows(chosen, CONTACTS) | {"patients": patients}
                return self._render("sandbox/lists.html", **context)
            context |= _rows(chosen, CONTACTS) | _rows(chosen, COMPANIES)
            context["employers"] = _employers(chosen)
        with self.stage.thena.lock:
            context |= self.thena.lists(SHOWN)
        return self._render("sandbox/firm.html", **context)

    def _thena_record(self, query: Form) -> bytes:
        shown = self.thena.record(query["object"], query.get("id", ""))
        shown |= {"back": f"/?portal={FIRM}"}
        return self._render("sandbox/record.html", **shown)

    def _record(self, kind: str, query: Form) -> bytes:
        person = self.stage.hubspot.account(int(query["portal"]))
        record_id = query.get("id", "")
        values = person.read(kind, record_id) if record_id else {}
        catalog = person.state.catalogs[kind].definitions
        fields = [
            Field(
                name,
                label,
                values.get(name, ""),
                "date" if catalog[name].type == "date" else "text",
                [(option["value"], option["label"]) for option in catalog[name].options],
            )
            for name, label in FIELDS[kind]
            if name in catalog
        ]
        hidden = {"portal": person.state.portal_id, "object": kind, "id": record_id}
        if kind == CONTACTS and person.state.portal_id == FIRM:
            fields.append(_companies(person, record_id))
            hidden["has_companies"] = 1
        return self._render(
            "sandbox/record.html",
            system="hubspot",
            title=f"{TITLES[kind]} {record_id}" if record_id else f"New {TITLES[kind].lower()}",
            action="/save" if record_id else "/create",
            hidden=hidden,
            fields=fields,
            can_delete=bool(record_id),
            can_merge=bool(record_id),
            delete="/delete",
            back="/?" + urlencode({"portal": person.state.portal_id}),
        )

    def _render(self, template: str, **context: object) -> bytes:
        context |= {"portal_url": settings.PUBLIC_URL, "firm": FIRM}
        return render_to_string(template, context).encode()


def _rows(account: Account | None, kind: str) -> dict[str, object]:
    """Return the newest records of one kind, live and deleted."""
    if account is None:
        return {kind: [], f"gone_{kind}": []}
    store = account.stores[kind]
    live, gone = store.live[: -SHOWN - 1 : -1], store.archived[:-21:-1]
    return {
        kind: [store.records[one] for one in live],
        f"gone_{kind}": [store.records[one] for one in gone],
    }


def _employers(account: Account) -> list[tuple[object, str]]:
    """Return the shown contacts, each with the names of its companies."""
    contacts, companies = account.stores[CONTACTS], account.stores[COMPANIES]
    found: list[tuple[object, str]] = []
    for one in contacts.live[: -SHOWN - 1 : -1]:
        of = (companies.find(each) for each in account.links.of((CONTACTS, COMPANIES), one))
        names = [each.properties.get("name", "") for each in of if each]
        found.append((contacts.records[one], ", ".join(sorted(names))))
    return found


def _companies(person: Person, contact: str) -> Field:
    store = person.state.stores[COMPANIES]
    options = [(str(one), store.records[one].properties.get("name", "")) for one in store.live]
    chosen = person.partners(CONTACTS, contact, COMPANIES) if contact else []
    return Field(COMPANIES, "Companies", MANY.join(chosen), "many", options)


def _values(kind: str, form: Form) -> dict[str, object]:
    return {name: form[name] for name, _ in FIELDS[kind] if name in form}


def _ignore(_: object) -> None:
    """Drop a result that the page shows anyway."""


def _form(environ: WSGIEnvironment) -> Form:
    """Return the posted fields; what was chosen several times is joined."""
    length = min(int(environ.get("CONTENT_LENGTH") or 0), MAX_FORM)
    body = environ["wsgi.input"].read(length).decode()
    return {name: MANY.join(v) for name, v in parse_qs(body, keep_blank_values=True).items()}


def _send(
    start_response: StartResponse, body: bytes, *, kind: str = "text/html", status: str = "200 OK"
) -> list[bytes]:
    headers = [("Content-Type", f"{kind}; charset=utf-8"), ("Content-Length", str(len(body)))]
    headers.append(("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'"))
    start_response(status, headers)
    return [body]
