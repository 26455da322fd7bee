"""The RXNT sandbox's state and its three calls, with RXNT's quirks. No routes of our own.

Documented parts follow the sources named in `payloads`; what RXNT does not publish (statuses,
token life, validation of SAVE PATIENT) is decided here and in `sandbox_rules`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Final

from integrations.connectors.rxnt import payloads
from integrations.connectors.rxnt.payloads import EXTERNAL_ID, PATIENT, PATIENT_ID
from integrations.connectors.rxnt.sandbox_rules import LENGTHS, complaints
from integrations.connectors.sandbox_kit import (
    BadJson,
    Clock,
    Handler,
    JsonObject,
    Sandbox,
    SandboxRequest,
    SandboxResponse,
    json_response,
    utc_now,
)

FIRST_PATIENT: Final = 88213
FIRST_LOGIN: Final = 5521
NO_TOKEN: Final = {"Token": None, "Signature": None}


@dataclass(slots=True)
class User:
    """One interface user of one practice. `active` False: locked or switched off by RXNT."""

    name: str
    password: str = field(repr=False)
    company: int
    login_id: int
    active: bool = True
    days_to_expire: int = 300


@dataclass(slots=True)
class Token:
    """One sign-in's token; every later call must bring the same three."""

    signature: str = field(repr=False)
    company: int
    expires_at: datetime


@dataclass(slots=True)
class Patient:
    """One stored patient. `saves` counts how many times it was saved: 1 means only created."""

    id: int
    company: int
    external_id: str
    fields: dict[str, str] = field(repr=False)
    saves: int = 1


class RxntCalls(Sandbox):
    """All of RXNT that the portal uses, in memory.

    `auth_error_style` is 401 (a status) or 200 (only the envelope says Failed): RXNT documents
    neither. `lengths` and `token_minutes` may be changed at any time.
    """

    def __init__(self, clock: Clock = utc_now) -> None:
        super().__init__(clock)
        self.auth_error_style = 401
        self.token_minutes = 60.0
        self.lengths = dict(LENGTHS)
        self.users: dict[str, User] = {}
        self.tokens: dict[str, Token] = {}
        self._patients: dict[tuple[int, str], Patient] = {}
        self._next_patient = FIRST_PATIENT
        for path, handler in (
            (payloads.LOGIN_PATH, self.authenticate),
            (payloads.SAVE_PATIENT_PATH, self._signed(self.save_patient)),
            (payloads.LOOKUP_PATH, self._signed(self.look_up)),
        ):
            self.router.add("POST", payloads.API_ROOT + path, handler)

    # ------------------------------------------------------------ behind the scenes

    def add_user(
        self, name: str, password: str, company: int = 731, days_to_expire: int = 300
    ) -> User:
        """Give a practice an interface user; an existing one of this name is replaced."""
        login_id = FIRST_LOGIN + len(self.users)
        self.users[name] = User(name, password, company, login_id, days_to_expire=days_to_expire)
        return self.users[name]

    def expire_tokens(self) -> None:
        """Let every token given out so far be refused from now on."""
        self.tokens.clear()

    def patients(self, company: int | None = None) -> Iterator[Patient]:
        """Iterate over the patients of one practice, or of all, oldest first."""
        return (p for p in self._patients.values() if company in (None, p.company))

    def patient(self, external_id: str, company: int = 731) -> Patient | None:
        """Return the one patient with this external id."""
        return self._patients.get((company, external_id))

    def count(self) -> int:
        """Return the number of patients."""
        return len(self._patients)

    def reset(self) -> None:
        """Forget patients, tokens, faults and counters; keep the users."""
        self._patients.clear()
        self.tokens.clear()
        self.faults.clear()
        self.counters.clear()

    # ------------------------------------------------------------ the three calls

    def authenticate(self, request: SandboxRequest) -> SandboxResponse:
        """AuthenticateUser: a new token per sign-in; earlier ones stay good until they expire."""
        body = {key.casefold(): value for key, value in request.json().items()}
        name, password = body.get("username"), body.get("password")
        if not name or not password:
            return failed("UserName and Password are required.", status=400)
        user = self.users.get(str(name))
        if user is None or user.password != password:
            return failed("Invalid username or password.", keys=NO_TOKEN)
        if not user.active:
            return failed("The user account is locked or inactive.", keys=NO_TOKEN)
        key = secrets.token_hex(16)
        token = Token(
            secrets.token_urlsafe(24),
            user.company,
            self.now() + timedelta(minutes=self.token_minutes),
        )
        self.tokens[key] = token
        return succeeded(
            AppLoginId=user.login_id,
            DoctorCompanyId=user.company,
            TokenExpiryDate=token.expires_at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
            Token=key,
            Signature=token.signature,
            NoOfDaysToExpire=user.days_to_expire,
        )

    def save_patient(self, body: JsonObject, company: int) -> SandboxResponse:
        """SAVE PATIENT: create or update by external id; keys left out keep their values."""
        sent = body.get(PATIENT)
        given = {k: v for k, v in sent.items() if v is not None} if isinstance(sent, dict) else {}
        external_id = str(given.get(EXTERNAL_ID, ""))
        stored = self._patients.get((company, external_id))
        found = complaints(given, self.now().date(), self.lengths)
        if found:
            return failed(*found, keys={PATIENT_ID: None, EXTERNAL_ID: external_id})
        texts = {key: str(given[key]) for key in payloads.PATIENT_KEYS.values() if key in given}
        if stored is None:
            stored = Patient(self._next_patient, company, external_id, texts)
            self._patients[company, external_id] = stored
            self._next_patient += 1
        else:
            stored.fields.update(texts)
            stored.saves += 1
        return succeeded(**{PATIENT_ID: stored.id, EXTERNAL_ID: external_id})

    def look_up(self, body: JsonObject, company: int) -> SandboxResponse:
        """GetV1PatientInfoByExternalPatientId: says whether the id is known, and no more."""
        external_id = str(body.get(EXTERNAL_ID, ""))
        if (company, external_id) in self._patients:
            return succeeded(**{EXTERNAL_ID: external_id})
        return failed(f"No patient was found for '{external_id}'.", keys={EXTERNAL_ID: None})

    # ------------------------------------------------------------ the rules of every call

    def dispatch(
        self,
        request: SandboxRequest,
        family: str,
        handler: Handler | None,
        names: Mapping[str, str],
    ) -> SandboxResponse:
        """Answer a body that is no JSON object as RXNT would: Failed, HTTP 400."""
        try:
            return super().dispatch(request, family, handler, names)
        except BadJson:
            return failed("The request is not valid JSON.", status=400)

    def _signed(self, handler: Handler) -> Handler:
        def checked(request: SandboxRequest) -> SandboxResponse:
            body = request.json()
            token = self.tokens.get(str(body.get("Token")))
            if token is None or token.expires_at <= self.now():
                return self._refuse("The token is invalid or has expired.")
            if token.signature != body.get("Signature"):
                return self._refuse("The signature does not match.")
            companies = (body.get("DoctorCompanyId"), body.get("RequestCompanyId"))
            if companies != (token.company, token.company):
                return self._refuse("The login does not belong to this company.")
            return handler(body, token.company)

        return checked

    def _refuse(self, text: str) -> SandboxResponse:
        return failed(text, status=self.auth_error_style)

    # ------------------------------------------------------------ dump and load

    def dump(self) -> JsonObject:
        """Return users, patients and switches; tokens are not kept, so clients sign in again."""
        return {
            "auth_error_style": self.auth_error_style,
            "token_minutes": self.token_minutes,
            "next_patient": self._next_patient,
            "users": [asdict(user) for user in self.users.values()],
            "patients": [asdict(patient) for patient in self._patients.values()],
        }

    def load(self, state: JsonObject) -> None:
        """Replace everything by what `dump` returned."""
        self.reset()
        self.auth_error_style = state["auth_error_style"]
        self.token_minutes = state["token_minutes"]
        self._next_patient = state["next_patient"]
        self.users = {user["name"]: User(**user) for user in state["users"]}
        for row in state["patients"]:
            self._patients[row["company"], row["external_id"]] = Patient(**row)


def succeeded(**keys: object) -> SandboxResponse:
    """Answer with a Success envelope."""
    return json_response(
        {**keys, "ValidationMessages": None, "ValidationStatus": "Success", "Meta": None}
    )


def failed(
    *messages: str, status: int = 200, keys: Mapping[str, object] | None = None
) -> SandboxResponse:
    """Answer with a Failed envelope and RXNT's sentences."""
    envelope = {"ValidationMessages": messages, "ValidationStatus": "Failed", "Meta": None}
    return json_response({**(keys or {}), **envelope}, status)
