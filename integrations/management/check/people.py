"""The contacts of the scenario, as somebody types them into HubSpot, and what RXNT should get.

All invented. Every value is distinctive, so that finding it anywhere proves a leak.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

STAGE: Final = "lifecyclestage"
CUSTOMER: Final = "customer"
BORN: Final = "rxnt_date_of_birth"
SEX: Final = "rxnt_sex"
NAMES: Final = ("firstname", "lastname")
NOT_PRIVATE: Final = (STAGE, SEX, "state")
"""Values of so few letters that they stand everywhere."""

IDA: Final = {
    "firstname": "Ida",
    "lastname": "Quillfeather",
    BORN: "1988-02-29",
    SEX: "F",
    "email": "Ida.Quillfeather@Lantern.example",
    "phone": "+1 (410) 555-0142",
    "address": "12 Lanternfish Wharf",
    "city": "Port Quillhaven",
    "state": "Maryland",
    "zip": "21403-7719",
}
IDA_IN_RXNT: Final = {
    "FirstName": "Ida",
    "LastName": "Quillfeather",
    "DOB": "1988-02-29",
    "Sex": "F",
    "Email": "ida.quillfeather@lantern.example",
    "CellPhone": "4105550142",
    "Address1": "12 Lanternfish Wharf",
    "City": "Port Quillhaven",
    "State": "MD",
    "Zip": "21403-7719",
}
NEW_PHONE: Final = "443-555-0177"
NEW_PHONE_IN_RXNT: Final = "4435550177"


def person(first: str, last: str, born: str = "", **more: str) -> dict[str, str]:
    """Return a contact with the fields RXNT requires; without `born` one of them is missing."""
    basic = {"firstname": first, "lastname": last}
    return basic | ({BORN: born} if born else {}) | more


def private(properties: Mapping[str, str]) -> Iterator[str]:
    """Yield the values that may be readable nowhere, in HubSpot's and in RXNT's spelling."""
    for name, value in properties.items():
        if value and name not in (*NOT_PRIVATE, *NAMES):
            yield value
        if name == "phone":
            yield "".join(filter(str.isdigit, value))[-10:]
