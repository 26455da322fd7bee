"""What the RXNT sandbox accepts as a patient. Rules of our own making where RXNT publishes none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from integrations.connectors.rxnt.payloads import DOB_FORMAT, EXTERNAL_ID, SEXES

REQUIRED: Final = ("FirstName", "LastName", "DOB")
ADDRESS: Final = ("Address1", "City", "State", "Zip")
NEEDED: Final = ("City", "State", "Zip")
LENGTHS: Final = {
    "FirstName": 50,
    "LastName": 50,
    "Email": 80,
    "CellPhone": 80,
    "Address1": 100,
    "City": 50,
    "Zip": 20,
}
FIRST_DAY: Final = date(1900, 1, 1)


def complaints(
    patient: Mapping[str, object], today: date, lengths: Mapping[str, int] = LENGTHS
) -> list[str]:
    """Return everything wrong with a patient, as RXNT's sentences. Some repeat the value."""
    given = {name: str(value) for name, value in patient.items() if value not in (None, "")}
    found = [f"{name} is required." for name in (EXTERNAL_ID, *REQUIRED) if name not in given]
    found += _dob(given.get("DOB"), today)
    if given.get("Sex", "U") not in SEXES:
        found.append(f"Sex '{given['Sex']}' is not valid; use M, F or U.")
    if not re.fullmatch("[A-Z]{2}", given.get("State", "XX")):
        found.append(f"State '{given['State']}' must be the two letter state code.")
    if any(name in given for name in ADDRESS):
        found += [
            f"{name} is required when an address is given." for name in NEEDED if name not in given
        ]
    found += [
        f"{name} '{given[name]}' is longer than {limit} characters."
        for name, limit in lengths.items()
        if len(given.get(name, "")) > limit
    ]
    return found


def _dob(text: str | None, today: date) -> list[str]:
    if text is None:
        return []
    try:
        day = datetime.strptime(text, DOB_FORMAT).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return [f"DOB '{text}' is not a valid date."]
    return [] if FIRST_DAY <= day <= today else [f"DOB {text} is in the future or before 1900."]
