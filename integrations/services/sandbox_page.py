"""The sandbox's small page: edit contacts as a HubSpot user would, watch the patients beside.

Plain forms over the sandboxes' own Python interface; no portal data is read or written here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, quote

from django.conf import settings
from django.template.loader import render_to_string

from integrations.connectors.hubspot.sandbox import ApiError, Person
from integrations.services.sandbox import Stage

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Form = dict[str, str]
FIELDS: Final = (
    ("firstname", "First name"),
    ("lastname", "Last name"),
    ("email", "Email"),
    ("phone", "Phone"),
    ("lifecyclestage", "Lifecycle stage"),
    ("rxnt_date_of_birth", "Date of birth"),
    ("rxnt_sex", "Sex"),
    ("address", "Street"),
    ("city", "City"),
    ("state", "State"),
    ("zip", "Zip"),
)
MAX_FORM: Final = 100_000


class Page:
    """A WSGI application with three screens: the lists, one contact, and the style sheet."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.acts: dict[str, Callable[[Person, Form], None]] = {
            "create": lambda person, form: _ignore(person.create_contact(self._values(form))),
            "save": lambda person, form: person.edit_contact(form["id"], self._values(form)),
            "delete": lambda person, form: person.delete_contact(form["id"]),
            "restore": lambda person, form: person.restore_contact(form["id"]),
            "merge": lambda person, form: _ignore(person.merge_contacts(form["id"], form["other"])),
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request of a browser."""
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] == "POST":
            where = self._act(path.strip("/"), _form(environ))
            start_response("303 See Other", [("Location", where), ("Content-Length", "0")])
            return []
        if path == "/sandbox.css":
            return _send(
                start_response,
                (settings.BASE_DIR / "static/sandbox.css").read_bytes(),
                kind="text/css",
            )
        query = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
        screens = {"/": self._lists, "/contact": self._contact}
        try:
            return _send(start_response, screens[path](query))
        except (KeyError, ValueError, ApiError):
            return _send(start_response, b"There is no such page.", status="404 Not Found")

    def _act(self, name: str, form: Form) -> str:
        """Do what a button says; returns where to go, with HubSpot's message if it refused."""
        portal = form.get("portal", "")
        act = self.acts.get(name)
        try:
            if act is None:
                raise KeyError(name)
            act(self.stage.hubspot.account(int(portal)), form)
        except ApiError as error:
            return f"/?portal={quote(portal)}&error={quote(error.message)}"
        except (KeyError, ValueError):
            return f"/?portal={quote(portal)}&error={quote('There is no such record.')}"
        return f"/?portal={quote(portal)}"

    def _lists(self, query: Form) -> bytes:
        hubspot = self.stage.hubspot
        with hubspot.lock:
            accounts = list(hubspot.accounts.values())
            chosen = next(
                (row for row in accounts if str(row.portal_id) == query.get("portal")),
                accounts[0] if accounts else None,
            )
            store = chosen.stores["contacts"] if chosen else None
            contacts = [store.records[one] for one in store.live[-200:]] if store else []
            gone = [store.records[one] for one in store.archived[-20:]] if store else []
        return self._render(
            "sandbox/lists.html",
            accounts=accounts,
            account=chosen,
            contacts=contacts[::-1],
            archived=gone[::-1],
            patients=list(self.stage.rxnt.patients())[:-201:-1],
            error=query.get("error", ""),
        )

    def _contact(self, query: Form) -> bytes:
        person = self.stage.hubspot.account(int(query["portal"]))
        values = person.contact(query["id"]) if query.get("id") else {}
        catalog = person.state.catalogs["contacts"].definitions
        fields = [
            {
                "name": name,
                "label": label,
                "value": values.get(name, ""),
                "options": catalog[name].options,
                "type": "date" if catalog[name].type == "date" else "text",
            }
            for name, label in FIELDS
            if name in catalog
        ]
        return self._render(
            "sandbox/contact.html", account=person.state, id=query.get("id", ""), fields=fields
        )

    def _values(self, form: Form) -> dict[str, object]:
        return {name: form[name] for name, _ in FIELDS if name in form}

    def _render(self, template: str, **context: object) -> bytes:
        context["portal_url"] = settings.PUBLIC_URL
        return render_to_string(template, context).encode()


def _ignore(_: object) -> None:
    """Drop a result that the page shows anyway."""


def _form(environ: WSGIEnvironment) -> Form:
    length = min(int(environ.get("CONTENT_LENGTH") or 0), MAX_FORM)
    body = environ["wsgi.input"].read(length).decode()
    return {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}


def _send(
    start_response: StartResponse, body: bytes, *, kind: str = "text/html", status: str = "200 OK"
) -> list[bytes]:
    headers = [("Content-Type", f"{kind}; charset=utf-8"), ("Content-Length", str(len(body)))]
    headers.append(("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'"))
    start_response(status, headers)
    return [body]
