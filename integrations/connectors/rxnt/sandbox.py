"""A stand-in for RXNT with a back door: `/sandbox/*` routes for people and checks.

What RXNT itself does lives in `sandbox_calls`; nothing here exists at RXNT.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Final

from integrations.connectors.rxnt.payloads import API_ROOT
from integrations.connectors.rxnt.sandbox_calls import RxntCalls, User
from integrations.connectors.sandbox_kit import (
    Clock,
    Handler,
    SandboxRequest,
    SandboxResponse,
    json_response,
    utc_now,
)

DEMO_USER: Final = "demo_interface"
DEMO_PASSWORD: Final = "demo-password"  # noqa: S105 - of a made-up practice
DONE: Final = {"ok": True}


class RxntSandbox(RxntCalls):
    """RXNT with one practice (731) and its interface user, `DEMO_USER`. JSON in, JSON out.

    GET  patients?company=&external_id=   GET count   GET counters   GET/POST settings
    GET  users   POST users {UserName, Password, company?, days_to_expire?}
    POST users/{name}/password {Password}   POST users/{name}/lock   POST users/{name}/unlock
    POST tokens/expire   POST reset
    POST faults {kind, path?, method?, status?, headers?, body?, delay?, times?}
    POST faults/clear
    """

    def __init__(self, clock: Clock = utc_now) -> None:
        super().__init__(clock)
        self.add_user(DEMO_USER, DEMO_PASSWORD)
        for method, path, handler in (
            ("GET", "patients", self.list_patients),
            ("GET", "count", lambda _: json_response({"count": self.count()})),
            ("GET", "counters", self.show_counters),
            ("GET", "settings", self.change_settings),
            ("POST", "settings", self.change_settings),
            ("GET", "users", self.list_users),
            ("POST", "users", self.put_user),
            ("POST", "users/{name}/password", self.change_password),
            ("POST", "users/{name}/lock", lambda _, name: self.activate(name, False)),
            ("POST", "users/{name}/unlock", lambda _, name: self.activate(name, True)),
            ("POST", "tokens/expire", after(self.expire_tokens)),
            ("POST", "reset", after(self.reset)),
            ("POST", "faults", self.inject_fault),
            ("POST", "faults/clear", after(self.faults.clear)),
        ):
            self.router.add(method, f"/sandbox/{path}", handler)

    def list_patients(self, request: SandboxRequest) -> SandboxResponse:
        """Answer with the patients, newest first, or with the one of an external id."""
        company, external_id = request.first("company"), request.first("external_id")
        found = [
            asdict(patient)
            for patient in self.patients(int(company) if company else None)
            if external_id in ("", patient.external_id)
        ]
        return json_response({"patients": found[::-1]})

    def show_counters(self, _: SandboxRequest) -> SandboxResponse:
        """Answer with the calls per path and the saves per external id."""
        calls = {f"{method} {path}": n for (method, path), n in self.counters.items()}
        saves = {patient.external_id: patient.saves for patient in self.patients()}
        return json_response({"calls": calls, "saves": saves})

    def change_settings(self, request: SandboxRequest) -> SandboxResponse:
        """Change `auth_error_style` (401, 403 or 200) and `token_minutes`; answer with both."""
        asked = request.json() if request.body else {}
        style = int(asked.get("auth_error_style", self.auth_error_style))
        if style not in (200, 401, 403):
            return json_response({"error": "auth_error_style is 200, 401 or 403"}, 400)
        self.auth_error_style = style
        self.token_minutes = float(asked.get("token_minutes", self.token_minutes))
        return json_response({"auth_error_style": style, "token_minutes": self.token_minutes})

    def list_users(self, _: SandboxRequest) -> SandboxResponse:
        """Answer with the users, without passwords."""
        return json_response({"users": [_shown(user) for user in self.users.values()]})

    def put_user(self, request: SandboxRequest) -> SandboxResponse:
        """Add or replace a user."""
        asked = request.json()
        user = self.add_user(
            str(asked["UserName"]),
            str(asked["Password"]),
            int(asked.get("company", 731)),
            int(asked.get("days_to_expire", 300)),
        )
        return json_response(_shown(user), 201)

    def change_password(self, request: SandboxRequest, name: str) -> SandboxResponse:
        """Change a user's password; tokens given out before are refused from then on."""
        if name not in self.users:
            return json_response({"error": "no such user"}, 404)
        self.users[name].password = str(request.json()["Password"])
        self.expire_tokens()
        return json_response(DONE)

    def activate(self, name: str, active: bool) -> SandboxResponse:
        """Lock or unlock a user; tokens given out before are refused from then on."""
        if name not in self.users:
            return json_response({"error": "no such user"}, 404)
        self.users[name].active = active
        self.expire_tokens()
        return json_response(DONE)

    def inject_fault(self, request: SandboxRequest) -> SandboxResponse:
        """Let coming calls go wrong; without a path any call of RXNT's API, never these routes."""
        self.faults.inject_asked(request.json(), f"^{API_ROOT}")
        return json_response(DONE)


def after(act: Callable[[], None]) -> Handler:
    """Return a handler that does something and answers that it is done."""

    def handler(_: SandboxRequest) -> SandboxResponse:
        act()
        return json_response(DONE)

    return handler


def _shown(user: User) -> dict[str, object]:
    return {
        "UserName": user.name,
        "company": user.company,
        "active": user.active,
        "days_to_expire": user.days_to_expire,
    }
