"""The entities of a new portal and their standard fields, as plausible as the public pages allow.

Names come from samples of the vendor; full lists are not public. `HubSpotId__c` and
`HubSpotUserId__c` are absent until somebody makes them. Lookups that nobody maps (ParentId,
ReferredBy__c, PartnerAccount__c) exist so that merges have something to repoint.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from integrations.connectors.sandbox_kit import JsonObject

from .fields import Field, FieldType, lookup, make, picklist, several

F = FieldType
STAGES: Final = (
    "Prospecting", "Qualification", "Proposal", "Negotiation", "Closed Won", "Closed Lost",
)  # fmt: skip
USER_KINDS: Final = ("Employee", "Partner", "Customer")


@dataclass(frozen=True, slots=True)
class Blueprint:
    """One entity of every new portal. `first` and `last` name the parts of a person's name."""

    name: str
    label: str
    plural: str
    prefix: str
    fields: tuple[Field, ...]
    first: str = ""
    last: str = ""

    @property
    def kind(self) -> str:
        """Either Object or Person."""
        return "Person" if self.last else "Object"


def _frame(*own: Field, owner: bool = True) -> tuple[Field, ...]:
    """Return own fields among those that every entity has."""
    audit = {"read_only": True, "audit": True}
    owned = (lookup("OwnerId", "Owner", "User", required=True),) if owner else ()
    return (
        make(F.TEXT, "Id", "Id", 19, read_only=True, system=True, unique=True),
        *own,
        *owned,
        make(F.DATE_TIME, "CreatedOn", "Created On", **audit),
        make(F.DATE_TIME, "ModifiedOn", "Modified On", **audit),
        lookup("CreatedById", "Created By", "User", **audit),
        lookup("ModifiedById", "Modified By", "User", **audit),
        make(F.CHECKBOX, "IsDeleted", "Deleted", read_only=True, system=True),
    )


def _address(prefix: str) -> tuple[Field, ...]:
    return (
        make(F.TEXT, f"{prefix}Street", f"{prefix} Street"),
        make(F.TEXT, f"{prefix}City", f"{prefix} City", 40),
        make(F.TEXT, f"{prefix}State", f"{prefix} State", 80),
        make(F.TEXT, f"{prefix}PostalCode", f"{prefix} Postal Code", 20),
        make(F.TEXT, f"{prefix}Country", f"{prefix} Country", 80),
    )


USER: Final = Blueprint(
    "User", "User", "Users", "005",
    _frame(
        make(F.TEXT, "Username", "Username", required=True, unique=True),
        make(F.EMAIL, "Email", "Email", required=True, unique=True),
        make(F.TEXT, "Firstname", "First Name", 40),
        make(F.TEXT, "Lastname", "Last Name", 80, required=True),
        make(F.TEXT, "Name", "Name", 121, read_only=True),
        picklist("UserType", "User Type", USER_KINDS, default="Employee", required=True),
        make(F.CHECKBOX, "IsActive", "Active"),
        make(F.TEXT, "RoleId", "Role", 19),
        make(F.TEXT, "Timezone", "Time Zone", 60),
        make(F.TEXT, "Locale", "Locale", 10),
        make(F.DATE_TIME, "LastLoginDate", "Last Login", read_only=True, system=True),
        owner=False,
    ),
    "Firstname", "Lastname",
)  # fmt: skip
ACCOUNT: Final = Blueprint(
    "Account", "Account", "Accounts", "006",
    _frame(
        make(F.TEXT, "Name", "Account Name", required=True),
        picklist("Type", "Type", ("Customer", "Partner", "Prospect", "Reseller", "Vendor")),
        picklist("Industry", "Industry", ("Technology", "Healthcare", "Manufacturing", "Retail")),
        make(F.CURRENCY, "AnnualRevenue", "Annual Revenue"),
        make(F.NUMBER, "NumberOfEmployees", "Employees", 8),
        make(F.URL, "Website", "Website"),
        make(F.PHONE, "Phone", "Phone"),
        make(F.TEXT_AREA, "Description", "Description"),
        *_address("Billing"),
        make(F.CHECKBOX, "IsActive", "Active"),
        lookup("ParentId", "Parent Account", "Account"),
        picklist("PartnerTier__c", "Partner Tier", ("Registered", "Silver", "Gold"),
                 default="Registered"),
        several("Regions__c", "Regions", ("EMEA", "APAC", "AMER")),
    ),
)  # fmt: skip
CONTACT: Final = Blueprint(
    "Contact", "Contact", "Contacts", "003",
    _frame(
        make(F.TEXT, "FirstName", "First Name", 40),
        make(F.TEXT, "LastName", "Last Name", 80, required=True),
        make(F.TEXT, "Name", "Name", 121, read_only=True),
        make(F.EMAIL, "Email", "Email"),
        make(F.PHONE, "Phone", "Phone"),
        make(F.PHONE, "MobilePhone", "Mobile Phone"),
        make(F.TEXT, "Title", "Title", 80),
        make(F.DATE, "Birthdate", "Birthdate"),
        make(F.TEXT_AREA, "Description", "Description"),
        *_address("Mailing"),
        make(F.CHECKBOX, "IsActive", "Active"),
        lookup("AccountId", "Account", "Account"),
        lookup("ReferredBy__c", "Referred By", "Contact"),
    ),
    "FirstName", "LastName",
)  # fmt: skip
OPPORTUNITY: Final = Blueprint(
    "Opportunity", "Opportunity", "Opportunities", "00O",
    _frame(
        make(F.TEXT, "Name", "Opportunity Name", 120, required=True),
        picklist("Stage", "Stage", STAGES, required=True),
        make(F.DATE, "CloseDate", "Close Date"),
        make(F.CURRENCY, "Amount", "Amount"),
        make(F.PERCENT, "Probability", "Probability"),
        make(F.FORMULA, "ExpectedRevenue", "Expected Revenue"),
        picklist("Type", "Type", ("New Business", "Existing Business")),
        picklist("IsoCurrencyCode", "Currency", ("EUR", "USD", "GBP")),
        make(F.TEXT_AREA, "Description", "Description"),
        make(F.TEXT, "NextStep", "Next Step"),
        lookup("AccountId", "Account", "Account"),
        lookup("ContactId", "Contact", "Contact"),
        lookup("PartnerAccount__c", "Partner Account", "Account"),
        make(F.AUTO_NUMBER, "DealNumber__c", "Deal Number", 20),
    ),
)  # fmt: skip
BLUEPRINTS: Final[Mapping[str, Blueprint]] = {
    made.name: made for made in (USER, ACCOUNT, CONTACT, OPPORTUNITY)
}


def _expected(row: JsonObject) -> float | None:
    amount, chance = row.get("Amount"), row.get("Probability")
    if amount is None or chance is None:
        return None
    exact = Decimal(str(amount)) * Decimal(str(chance)) / 100
    return float(exact.quantize(Decimal("0.01"), ROUND_HALF_UP))


FORMULAS: Final[Mapping[str, Callable[[JsonObject], object]]] = {"ExpectedRevenue": _expected}


def derive(entity: str, row: JsonObject) -> None:
    """Set what follows from other fields: a person's name and the formulas."""
    blueprint = BLUEPRINTS[entity]
    if blueprint.last:
        parts = (row.get(blueprint.first), row.get(blueprint.last))
        row["Name"] = " ".join(str(part) for part in parts if part) or None
    for name, formula in FORMULAS.items():
        if name in row:
            row[name] = formula(row)
