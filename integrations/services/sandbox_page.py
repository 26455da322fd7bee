"""The sandbox's small page: edit records as a HubSpot user would, watch the other side change.

Only addresses, the choice of an account, and the style sheet. The screens are desks: HubSpot's in
`sandbox_hubspot_page.py`, each other system's in a file of its own. No portal data is read here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, quote

from django.conf import settings
from django.template.loader import render_to_string

from integrations.connectors.hubspot.sandbox import Account, ApiError
from integrations.services.sandbox import Stage
from integrations.services.sandbox_desk import MANY, Desk, Form
from integrations.services.sandbox_hubspot_page import COMPANIES, CONTACTS, DEALS, HubSpotDesk
from integrations.services.sandbox_magentrix_page import MagentrixDesk
from integrations.services.sandbox_thena_page import ThenaDesk
from integrations.services.sandbox_xentral_page import XentralDesk

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

KINDS: Final = {"/contact": CONTACTS, "/company": COMPANIES, "/deal": DEALS}
MAX_FORM: Final = 100_000
SHOWN: Final = 200


class Page:
    """A WSGI application: the lists of an account, a form for each record, the style sheet."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.thena = ThenaDesk(stage.thena)
        self.magentrix = MagentrixDesk(stage.magentrix)
        made: Sequence[Desk] = (self.thena, self.magentrix, XentralDesk(stage.xentral))
        self.desks = {desk.system: desk for desk in made}
        self.beside = {desk.portal_id: desk for desk in made}
        refusals = [desk.refusal for desk in made]
        self.unknown: tuple[type[Exception], ...] = (KeyError, ValueError, ApiError, *refusals)
        self.hubspot = HubSpotDesk(stage.hubspot, self._objects, SHOWN)
        self.screens: dict[str, Callable[[Form], bytes]] = {
            "/": self._lists,
            "/app": lambda _query: self._render("sandbox/app.html", apps=self.thena.apps()),
            "/setup": lambda _query: self._render("sandbox/setup.html", **self.magentrix.setup()),
        }
        for path, kind in KINDS.items():
            self.screens[path] = partial(self._record, kind)
        for desk in made:
            self.screens[f"/desk/{desk.system}"] = partial(self._other_record, desk)

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
        try:
            return _send(start_response, self.screens[path](query))
        except self.unknown:
            return _send(start_response, b"There is no such page.", status="404 Not Found")

    def _act(self, name: str, form: Form) -> str:
        """Do what a button says; returns where to go, with the system's message if it refused."""
        back = f"/?portal={quote(form.get('portal', ''))}"
        try:
            match name.split("/"):
                case ["desk", system, verb]:
                    return self._act_at(self.desks[system], verb, form, back)
                case _:
                    self.hubspot.act(name, form)
        except ApiError as error:
            return f"{back}&error={quote(f'HubSpot says: {error.message}')}"
        except (KeyError, ValueError):
            return f"{back}&error={quote('There is no such record.')}"
        return back

    def _act_at(self, desk: Desk, verb: str, form: Form, back: str) -> str:
        try:
            return desk.act(verb, form) or back
        except desk.refusal as error:
            return f"{back}&error={quote(f'{desk.label} says: {error}')}"

    # ------------------------------------------------------------ screens

    def _lists(self, query: Form) -> bytes:
        hubspot = self.stage.hubspot
        with hubspot.lock:
            accounts = list(hubspot.accounts.values())
            chosen = next(
                (row for row in accounts if str(row.portal_id) == query.get("portal")),
                accounts[0] if accounts else None,
            )
            context: dict[str, object] = {"accounts": self._tabs(accounts), "account": chosen}
            context["error"] = query.get("error", "")
            desk = self.beside.get(chosen.portal_id) if chosen else None
            context |= self.hubspot.lists(chosen, desk.objects if desk else (CONTACTS,))
            if desk is None:
                context["patients"] = list(self.stage.rxnt.patients())[: -SHOWN - 1 : -1]
        if desk is None:
            return self._render("sandbox/lists.html", **context)
        return self._render(desk.template, **context, **desk.lists(SHOWN))

    def _record(self, kind: str, query: Form) -> bytes:
        return self._render("sandbox/record.html", **self.hubspot.record(kind, query))

    def _other_record(self, desk: Desk, query: Form) -> bytes:
        shown = desk.record(query["object"], query.get("id", ""))
        shown |= {"back": f"/?portal={desk.portal_id}"}
        return self._render("sandbox/record.html", **shown)

    def _tabs(self, accounts: Iterable[Account]) -> list[tuple[Account, str]]:
        """Return each account with the name of the system beside it."""
        beside = self.beside
        return [
            (one, beside[one.portal_id].label if one.portal_id in beside else "RXNT")
            for one in accounts
        ]

    def _objects(self, portal_id: int) -> Sequence[str]:
        desk = self.beside.get(portal_id)
        return desk.objects if desk else (CONTACTS,)

    def _render(self, template: str, **context: object) -> bytes:
        context |= {"portal_url": settings.PUBLIC_URL, "firm": self.thena.portal_id}
        context["vendor"] = self.magentrix.portal_id
        return render_to_string(template, context).encode()


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
