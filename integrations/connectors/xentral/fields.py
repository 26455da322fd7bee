"""The fields of addresses and resubmissions as the engine knows them. Calls nothing.

Columns: old REST API of the open-source edition (docs.raml, struktur.sql), read 2026-11-20. Fields
that are no column say so: they are put together in `payloads.py` and `groups.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from integrations.engine.mapping import Privacy
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec

JsonObject = dict[str, Any]

ADDRESSES: Final = "addresses"
RESUBMISSIONS: Final = "resubmissions"
HOME: Final = "DE"
"""The country of a new address of which HubSpot says nothing, as in the old module."""
FREE: Final = "freifeld"
FREE_READABLE: Final = 10
"""Addresses have 20 free fields, of which the old API returns the first 10."""
GROUP: Final = "gruppe:"
"""`gruppe:<id>` tells whether an address is in a group: no column."""
REMINDER: Final = "erinnerung"
"""The instant of a reminder, of which Xentral keeps a day and a time: no column."""
MADE_AT: Final = "angelegt"
"""The instant of the making, of which Xentral keeps a day and a time: no column."""
DEAL: Final = "hubspot_deal"
"""The id of the deal that a resubmission was made for, from its description: no column."""

_public = partial(FieldSpec, privacy=Privacy.PUBLIC)

ADDRESS_FIELDS: Final = (
    FieldSpec("vorname", "First name"),
    FieldSpec("nachname", "Last name"),
    FieldSpec("email", "Email"),
    FieldSpec("telefon", "Phone"),
    FieldSpec("mobil", "Mobile phone"),
    FieldSpec("strasse", "Street"),
    FieldSpec("plz", "Postcode"),
    FieldSpec("ort", "City"),
    FieldSpec("bundesstaat", "State", description="A code such as BY."),
    FieldSpec("land", "Country", description="Two letters (ISO 3166)."),
    FieldSpec("internetseite", "Website"),
    FieldSpec("typ", "Kind of address", description="herr, frau, firma."),
    FieldSpec("vertrieb", "Sales representative", FieldType.CHOICE),
    _public("lead", "Lead", FieldType.BOOLEAN),
    _public("kundennummer", "Customer number", read_only=True),
    *(_public(f"{FREE}{n}", f"Free field {n}") for n in range(1, FREE_READABLE + 1)),
)
RESUBMISSION_FIELDS: Final = (
    _public("bezeichnung", "Name", required=True),
    _public("beschreibung", "Description"),
    _public("betrag", "Amount", FieldType.NUMBER),
    _public("chance", "Chance in percent", FieldType.NUMBER),
    _public("stages", "Stage", FieldType.CHOICE),
    _public(REMINDER, "Reminder", FieldType.DATETIME, required=True),
    _public(MADE_AT, "Created", FieldType.DATETIME),
    FieldSpec("adresse", "Address", FieldType.REFERENCE, references=ADDRESSES),
    _public("abgeschlossen", "Done", FieldType.BOOLEAN),
    _public(DEAL, "HubSpot deal", read_only=True, description="As the description begins."),
)
FIELDS: Final[Mapping[str, tuple[FieldSpec, ...]]] = {
    ADDRESSES: ADDRESS_FIELDS,
    RESUBMISSIONS: RESUBMISSION_FIELDS,
}
COLUMNS: Final = frozenset(
    {spec.name for specs in FIELDS.values() for spec in specs}
    | {"name", "datum_erinnerung", "zeit_erinnerung", "datum_angelegt", "zeit_angelegt"}
    | {"verband", "projekt", "kennziffer", "art", "allowedValues", "groups"}
)
"""Names that may be repeated from an error message: they are no values."""


def group_field(group_id: str) -> str:
    """Return the name of the field that tells whether an address is in a group."""
    return f"{GROUP}{group_id}"
