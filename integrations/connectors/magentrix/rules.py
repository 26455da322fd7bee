"""Where the rules of the three object pairs start from. Data only; the rest is in `spec.py`.

Which properties form pairs is our choice: the vendor's list is not public. Names of Magentrix's
fields are as in its own samples (help.magentrix.com, devguide, read 2026-11-20); the connector
finds them whatever their capitals.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from integrations.connectors.magentrix.fields import ACCOUNT, CONTACT, OPPORTUNITY, OWNER
from integrations.engine.mapping import Direction, FieldRule, Privacy
from integrations.engine.records import FieldType

COMPANIES: Final = "companies"
CONTACTS: Final = "contacts"
DEALS: Final = "deals"
OWNERS: Final = "owners"
STAGES: Final = "stages"
ACCOUNT_ID: Final = "AccountId"

_T, _N, _C = FieldType.TEXT, FieldType.NUMBER, FieldType.CHOICE
_public = partial(FieldRule, privacy=Privacy.PUBLIC)


def _plain(
    hubspot: str, target: str, label: str, kind: FieldType = _T, *, public: bool = True
) -> FieldRule:
    """Return a rule for a field that is the same on both sides."""
    make = _public if public else FieldRule
    transform = "text" if kind is _T else ""
    return make(hubspot, target, kind, label=label, transform=transform, clears=True)


_personal = partial(_plain, public=False)
_OWNER_RULE: Final = _public(
    "hubspot_owner_id",
    OWNER,
    _C,
    label="Owner",
    transform="table",
    arguments=(("@name", OWNERS), ("@unknown", "leave")),
)
_COMPANY_RULE: Final = _public(
    "@company",
    ACCOUNT_ID,
    FieldType.REFERENCE,
    label="Company",
    clears=True,
    reference=COMPANIES,
    single=True,
)

COMPANY_RULES: Final = (
    _public("name", "Name", label="Name", transform="text", required=True),
    _public("domain", "Website", label="Domain", transform="domain", clears=True),
    _plain("phone", "Phone", "Phone"),
    _plain("industry", "Industry", "Industry", _C),
    _plain("type", "Type", "Type", _C),
    _plain("address", "BillingStreet", "Street"),
    _plain("city", "BillingCity", "City"),
    _plain("state", "BillingState", "State"),
    _plain("zip", "BillingPostalCode", "Postal code"),
    _plain("country", "BillingCountry", "Country"),
    _plain("annualrevenue", "AnnualRevenue", "Annual revenue", _N),
    _plain("numberofemployees", "NumberOfEmployees", "Number of employees", _N),
    _public("description", "Description", label="Description", clears=True),
    _OWNER_RULE,
)
CONTACT_RULES: Final = (
    _personal("firstname", "FirstName", "First name"),
    FieldRule("lastname", "LastName", label="Last name", transform="text"),
    FieldRule("email", "Email", label="Email", transform="email", clears=True),
    _personal("phone", "Phone", "Phone"),
    _personal("mobilephone", "MobilePhone", "Mobile phone"),
    _personal("jobtitle", "Title", "Job title"),
    _personal("address", "MailingStreet", "Street"),
    _personal("city", "MailingCity", "City"),
    _personal("state", "MailingState", "State"),
    _personal("zip", "MailingPostalCode", "Postal code"),
    _personal("country", "MailingCountry", "Country"),
    _COMPANY_RULE,
    _OWNER_RULE,
)
DEAL_RULES: Final = (
    _public("dealname", "Name", label="Deal name", transform="text", required=True),
    _public(
        "@stage",
        "Stage",
        _C,
        label="Stage",
        transform="table",
        arguments=(("@name", STAGES),),
    ),
    _plain("amount", "Amount", "Amount", _N),
    _public(
        "closedate",
        "CloseDate",
        FieldType.DATE,
        label="Close date",
        transform="datetime_to_day",
        clears=True,
    ),
    _plain("dealtype", "Type", "Deal type", _C),
    _plain("deal_currency_code", "IsoCurrencyCode", "Currency", _C),
    _public("description", "Description", label="Description", clears=True),
    _COMPANY_RULE,
    _public(
        "@contact",
        "ContactId",
        FieldType.REFERENCE,
        label="Contact",
        direction=Direction.TO_TARGET,
        clears=True,
        reference=CONTACTS,
        single=True,
    ),
    _OWNER_RULE,
)

RULES: Final[Mapping[str, tuple[FieldRule, ...]]] = {
    ACCOUNT: COMPANY_RULES,
    CONTACT: CONTACT_RULES,
    OPPORTUNITY: DEAL_RULES,
}
SPELLED: Final[Mapping[str, Mapping[str, str]]] = {
    entity: {rule.target.lower(): rule.target for rule in rules} for entity, rules in RULES.items()
}
"""Our spelling of the fields that our rules name, by the name in small letters."""
