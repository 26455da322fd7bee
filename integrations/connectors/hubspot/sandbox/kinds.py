"""The three object types the sandbox keeps, and what differs between them. Data only.

Source of the names: HubSpot docs, "using object APIs" and "search the CRM", 2026-03-30.
"""

from dataclasses import dataclass

from .errors import ApiError


@dataclass(frozen=True, slots=True)
class Kind:
    """One object type: its names, the property that moves on every change, its defaults.

    `returned` are the properties an answer holds without asking; `searched` those a free-text
    `query` looks at; `needs_one` of these must be given on create.
    """

    plural: str
    singular: str
    type_id: str
    modified: str
    returned: tuple[str, ...]
    searched: tuple[str, ...]
    needs_one: tuple[str, ...]

    @property
    def system(self) -> frozenset[str]:
        """The properties that are part of every answer."""
        return frozenset(("createdate", "hs_object_id", self.modified))


CONTACTS = Kind(
    plural="contacts",
    singular="contact",
    type_id="0-1",
    modified="lastmodifieddate",
    returned=("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    searched=(
        "firstname",
        "lastname",
        "email",
        "phone",
        "hs_additional_emails",
        "fax",
        "mobilephone",
        "company",
    ),
    needs_one=("email", "firstname", "lastname"),
)
COMPANIES = Kind(
    plural="companies",
    singular="company",
    type_id="0-2",
    modified="hs_lastmodifieddate",
    returned=("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    searched=("website", "phone", "name", "domain"),
    needs_one=("name", "domain"),
)
DEALS = Kind(
    plural="deals",
    singular="deal",
    type_id="0-3",
    modified="hs_lastmodifieddate",
    returned=(
        "amount",
        "closedate",
        "createdate",
        "dealname",
        "dealstage",
        "hs_lastmodifieddate",
        "hs_object_id",
        "pipeline",
    ),
    searched=("dealname", "pipeline", "dealstage", "description", "dealtype"),
    needs_one=("dealname",),
)
KINDS = (CONTACTS, COMPANIES, DEALS)
_BY_NAME = {name: kind for kind in KINDS for name in (kind.plural, kind.singular, kind.type_id)}


def kind_named(name: str) -> Kind:
    """Return the type a path or body names; raises ApiError 400 for any other."""
    kind = _BY_NAME.get(name.lower())
    if kind is None:
        raise ApiError(400, f"Unable to infer object type from: {name}", "VALIDATION_ERROR")
    return kind
