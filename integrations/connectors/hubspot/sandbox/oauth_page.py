"""The consent page: a plain HTML form a person, a browser test or a script can answer.

GET /oauth/authorize shows it, a POST to the same address answers it with the fields `decision`
(`approve` or `deny`) and `portal_id`. Source: HubSpot docs, "working with OAuth", 2026-03-30.
"""

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from integrations.connectors.sandbox_kit import (
    SandboxRequest,
    SandboxResponse,
    html_response,
    redirect,
)

from .account import Account
from .apps import CODE_SECONDS, App, Grant
from .times import to_ms

if TYPE_CHECKING:
    from .server import HubSpotSandbox

FIELDS = (
    "client_id",
    "redirect_uri",
    "scope",
    "optional_scope",
    "state",
    "code_challenge",
    "code_challenge_method",
)
STYLE = """:root { color-scheme: light dark; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 32rem; margin: 8vh auto 0; padding: 1.5rem; border-top: 4px solid #ff7a59; }
h1 { font-size: 1.4rem; }
select, button { font: inherit; padding: .45rem 1rem; border-radius: .3rem; }
select { display: block; width: 100%; margin-top: .3rem; }
button { border: 1px solid #7c98b6; background: none; color: inherit; cursor: pointer; }
[value=approve] { background: #c7410f; border-color: #c7410f; color: #fff; }
:focus-visible { outline: 3px solid #ff7a59; outline-offset: 2px; }"""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{style}</style></head>
<body><main><h1>{title}</h1>{body}</main></body></html>"""
FORM = """<p>This page stands in for HubSpot's own. Nothing here is real.</p>
<form method="post">{hidden}
<p><label>Account <select name="portal_id">{portals}</select></label></p>
<p>This app will be able to:</p><ul>{scopes}</ul>
<button name="decision" value="approve">Connect app</button>
<button name="decision" value="deny">Cancel</button>
</form>"""


class ConsentPage:
    """Handlers of the authorize page."""

    def __init__(self, sandbox: "HubSpotSandbox") -> None:
        self.sandbox = sandbox
        for path in ("/oauth/authorize", "/oauth/{portal_id}/authorize"):
            sandbox.router.add("GET", path, self.show)
            sandbox.router.add("POST", path, self.answer)

    def show(self, request: SandboxRequest, portal_id: str = "") -> SandboxResponse:
        """Show what the app asks for, or why the link is wrong."""
        asked = {name: request.first(name) for name in FIELDS}
        app = self.sandbox.registry.by_client(asked["client_id"])
        if problem := _problem(app, asked):
            return _refusal(problem)
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">'
            for name, value in asked.items()
        )
        accounts = [
            a for a in self.sandbox.accounts.values() if portal_id in ("", str(a.portal_id))
        ]
        scopes = f"{asked['scope']} {asked['optional_scope']}".split()
        form = FORM.format(
            hidden=hidden,
            portals="".join(map(_choice, accounts)),
            scopes="".join(f"<li>{escape(scope)}</li>" for scope in scopes),
        )
        return _page(f"Connect {app.name if app else ''} to HubSpot", form)

    def answer(self, request: SandboxRequest, portal_id: str = "") -> SandboxResponse:
        """Send the browser back with a code, or with an error when the person said no."""
        form = {name: "" for name in FIELDS} | request.form()
        app = self.sandbox.registry.by_client(form["client_id"])
        problem = _problem(app, form)
        chosen = form.get("portal_id") or portal_id
        account = self.sandbox.accounts.get(int(chosen)) if chosen.isdecimal() else None
        if app is None or problem or account is None:
            return _refusal(problem or "Unknown account")
        if form.get("decision") != "approve":
            return _back(form, error="access_denied", error_description="The user said no")
        user = next((u for u in account.users if u.admin), None)
        if user is None:
            text = "You need to be a super admin to connect apps"
            return _back(form, error="access_denied", error_description=text)
        optional = [s for s in form["optional_scope"].split() if s in app.optional_scopes]
        scopes = tuple(dict.fromkeys([*form["scope"].split(), *optional]))
        expires = to_ms(self.sandbox.now()) + CODE_SECONDS * 1000
        code = self.sandbox.registry.authorize(
            Grant(app.app_id, account.portal_id, user.id, scopes, expires),
            form["redirect_uri"],
            form["code_challenge"],
            form["code_challenge_method"] or "S256",
        )
        return _back(form, code=code)


def _page(title: str, body: str, status: int = 200) -> SandboxResponse:
    return html_response(PAGE.format(title=escape(title), style=STYLE, body=body), status)


def _refusal(problem: str) -> SandboxResponse:
    return _page("This link does not work", f"<p>{escape(problem)}</p>", 400)


def _problem(app: App | None, asked: dict[str, str]) -> str:
    if app is None:
        return "Missing or unknown client id"
    if asked["redirect_uri"] not in app.redirect_uris:
        return "The redirect URL does not match one that the app is configured with"
    missing = sorted(set(app.required_scopes) - set(asked["scope"].split()))
    if missing:
        return f"The link lacks scopes that the app requires: {', '.join(missing)}"
    unknown = set(asked["scope"].split()) - set(app.required_scopes)
    if unknown - set(app.optional_scopes):
        return f"The app is not configured for these scopes: {', '.join(sorted(unknown))}"
    return ""


def _choice(account: Account) -> str:
    return f'<option value="{account.portal_id}">{escape(account.name)}</option>'


def _back(form: dict[str, str], **members: str) -> SandboxResponse:
    if form["state"]:
        members["state"] = form["state"]
    joint = "&" if "?" in form["redirect_uri"] else "?"
    return redirect(f"{form['redirect_uri']}{joint}{urlencode(members)}")
