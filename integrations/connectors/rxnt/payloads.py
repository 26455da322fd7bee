"""RXNT's JSON: requests built and answers read. Nothing here calls anybody.

Every assumed name of the SAVE PATIENT call stands in the first block, and only there: RXNT names
the call but publishes neither its path nor its keys ("Billing External API Specifications",
help.rxnt.com, read 2026-11-20). The rest follows RXNT's "Clinical Data API v1.0" (github.com/RXNT/
RxNTClinicalDataAPI, 2020-07) and "Patient API" (help.rxnt.com, read 2026-11-20).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from integrations.connectors.auth import EARLY, TokenSet
from integrations.engine.records import Value, is_value

# ---------------------------------------------------------------- assumed: SAVE PATIENT

SAVE_PATIENT_PATH: Final = "/patientdashboard/patient/SavePatient"
DOB_FORMAT: Final = "%Y-%m-%d"
PATIENT: Final = "Patient"
PATIENT_ID: Final = "PatientId"
SEXES: Final = {"M": "Male", "F": "Female", "U": "Unknown"}
PATIENT_KEYS: Final = {
    "FirstName": "FirstName",
    "LastName": "LastName",
    "DOB": "DOB",
    "Sex": "Sex",
    "Email": "Email",
    "CellPhone": "CellPhone",
    "Address1": "Address1",
    "City": "City",
    "State": "State",
    "Zip": "Zip",
}
"""Our field name to RXNT's key. Mappings and links store ours: change the right side only."""

# ---------------------------------------------------------------- documented

API_URL: Final = "https://app2.rxnt.com"
API_ROOT: Final = "/MasterIndexExternalAPIServices/masterindexexternalapi/v1"
LOGIN_PATH: Final = "/authentication/AuthenticateUser"
LOOKUP_PATH: Final = "/patientdashboard/patientccd/GetV1PatientInfoByExternalPatientId"
EXTERNAL_ID: Final = "ExternalReferencePatientId"

UNKNOWN_LIFETIME = timedelta(minutes=30)
"""How long a token is used whose expiry cannot be read."""
SHORTEST = EARLY + timedelta(minutes=1)
"""No fresh token counts as expired at once: RXNT's date carries no promise about its time zone."""

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Reply:
    """The envelope that every RXNT answer has; `body` is the whole answer."""

    ok: bool
    messages: tuple[str, ...]
    body: Mapping[str, object]

    def text(self, key: str) -> str:
        """Return a key's value as text, "" when it is missing or null."""
        value = self.body.get(key)
        return "" if value is None else str(value)


def read_reply(parsed: object) -> Reply | None:
    """Return the envelope, None when the answer has none (not the promised protocol)."""
    if not isinstance(parsed, dict) or not isinstance(parsed.get("ValidationStatus"), str):
        return None
    said = parsed.get("ValidationMessages") or ()
    messages = (said,) if isinstance(said, str) else tuple(str(message) for message in said)
    return Reply(parsed["ValidationStatus"].casefold() == "success", messages, parsed)


def login(user: str, password: str) -> Json:
    """Return the body of AuthenticateUser."""
    return {"UserName": user, "Password": password}


def read_tokens(reply: Reply, request_company: str, now: datetime) -> TokenSet | None:
    """Return the tokens of a successful login, None when it holds none.

    `request_company` replaces RXNT's company id where RXNT gave the practice another one.
    """
    token, company = reply.text("Token"), reply.text("DoctorCompanyId")
    if not token or not company:
        return None
    return TokenSet(
        access=token,
        expires_at=max(_expiry(reply.text("TokenExpiryDate"), now), now + SHORTEST),
        extra={
            "Signature": reply.text("Signature"),
            "DoctorCompanyId": company,
            "RequestCompanyId": request_company or company,
            "NoOfDaysToExpire": reply.text("NoOfDaysToExpire"),
        },
    )


def _expiry(text: str, now: datetime) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return now + UNKNOWN_LIFETIME
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def signed(tokens: TokenSet) -> Json:
    """Return the four keys that every call but the login carries in its body."""
    extra = tokens.extra
    return {
        "DoctorCompanyId": _number(extra["DoctorCompanyId"]),
        "RequestCompanyId": _number(extra["RequestCompanyId"]),
        "Token": tokens.access,
        "Signature": extra["Signature"],
    }


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def lookup(external_id: str) -> Json:
    """Return what the existence check asks for."""
    return {EXTERNAL_ID: external_id}


def save_patient(external_id: str, values: Mapping[str, Value], dob_format: str) -> Json:
    """Return the patient to save. Fields without a value stay out, so RXNT keeps what it has."""
    patient: Json = {EXTERNAL_ID: external_id}
    for name, value in values.items():
        if is_value(value):
            patient[PATIENT_KEYS[name]] = _text(value, dob_format)
    return {PATIENT: patient}


def _text(value: Value, dob_format: str) -> str:
    return value.strftime(dob_format) if isinstance(value, date) else str(value)


# ---------------------------------------------------------------- what RXNT's sentences tell

_WORD = re.compile(r"\w+")
_HIDDEN = re.compile(r"…(?:[^\w…]+…)*")
_LOGIN = re.compile("token|signature|expired|login|authenticat", re.IGNORECASE)
_NAMES = {key.casefold(): name for name, key in PATIENT_KEYS.items()}
_PLAIN = frozenset(
    "a address all already an and any are as at be birth can cannot cell character characters "
    "city code contain date digits does duplicate email empty enter exactly exceed exceeds exist "
    "exists external field fields first for format from future given has have id if in incomplete "
    "invalid is it last least less letter letters long longer match maximum minimum missing more "
    "most must name no not of one only or past patient phone provided record reference refused "
    "required requires sex should short state than the this to too two unknown use valid value "
    "was when with without you your zip".split()
)


def refusal(messages: Iterable[str], values: Mapping[str, Value]) -> tuple[str, tuple[str, ...]]:
    """Return RXNT's reasons fit for a log, and our names of the fields they mention.

    RXNT may repeat what was sent, in any spelling. So only field names and plain words remain,
    and of those none that is part of a value; everything else becomes an ellipsis.
    """
    text = " ".join(messages)
    sent = _words_of(values)
    named = dict.fromkeys(
        _NAMES[word.casefold()] for word in _WORD.findall(text) if word.casefold() in _NAMES
    )

    def shown(match: re.Match[str]) -> str:
        word = match[0].casefold()
        known = word in _NAMES or (word in _PLAIN and word not in sent)
        return match[0] if known else "…"

    return _HIDDEN.sub("…", _WORD.sub(shown, text)), tuple(named)


def speaks_of_login(messages: Iterable[str], values: Mapping[str, Value]) -> bool:
    """Tell whether a refusal is about the token rather than about the patient."""
    words = {word.casefold() for message in messages for word in _WORD.findall(message)}
    if words & _NAMES.keys():
        return False
    return any(_LOGIN.search(word) for word in words - _words_of(values))


def _words_of(values: Mapping[str, Value]) -> set[str]:
    return {word for value in values.values() for word in _WORD.findall(str(value).casefold())}
