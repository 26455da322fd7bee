"""HubSpot as data: objects, limits and the portal settings it needs. No behaviour."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from integrations.engine.specs import (
    ConnectorSpec,
    CredentialField,
    FieldSpec,
    GroupSpec,
    ObjectSpec,
    RateLimit,
)

API_URL: Final = "https://api.hubapi.com"
APP_URL: Final = "https://app.hubspot.com"

SERVICE_KEY: Final = "service_key"
KEY_LANE: Final = "key"

SYNC_KEY: Final = FieldSpec("portal_sync_key", "Sync key", unique=True)
"""The unique property by which creates become upserts, in accounts where it was created."""
SYNC_GROUP: Final = GroupSpec("integration_portal", "Integration portal")


class Pick(enum.StrEnum):
    """Which of a record's partners an association field holds."""

    ALL = "all"
    PRIMARY = "primary"
    """The primary company."""
    FIRST = "first"
    """The one with the smallest id; writing adds one and removes none."""


@dataclass(frozen=True, slots=True)
class Association:
    """Records of another object type that a record is associated with, as one field.

    `type_id` is the type that is set by writing, seen from the record that has the field.
    """

    name: str
    other: str
    label: str
    type_id: int
    pick: Pick = Pick.ALL


ASSOCIATIONS: Final[Mapping[str, tuple[Association, ...]]] = {
    "contacts": (
        Association("@companies", "companies", "Companies", 279),
        Association("@company", "companies", "Primary company", 1, Pick.PRIMARY),
    ),
    "deals": (
        Association("@companies", "companies", "Companies", 341),
        Association("@company", "companies", "Primary company", 5, Pick.PRIMARY),
        Association("@contacts", "contacts", "Contacts", 3),
        Association("@contact", "contacts", "Contact", 3, Pick.FIRST),
    ),
}
"""By object type. Type ids: HubSpot docs, associations guide, 2026-03-30."""
PRIMARY_TYPES: Final = frozenset((1, 5))
"""The types by which a contact or deal points to its primary company."""


def _object(key: str, label: str, type_id: str) -> ObjectSpec:
    return ObjectSpec(
        key,
        label,
        link_template=f"https://{{ui}}/contacts/{{account}}/record/{type_id}/{{id}}",
    )


HUBSPOT: Final = ConnectorSpec(
    key="hubspot",
    label="HubSpot",
    summary="The CRM whose contacts, companies and deals are kept in step.",
    objects=(
        _object("contacts", "Contact", "0-1"),
        _object("companies", "Company", "0-2"),
        _object("deals", "Deal", "0-3"),
    ),
    credentials=(
        CredentialField(
            SERVICE_KEY,
            "HubSpot service key",
            secret=True,
            help_text="It begins with “pat-”. In HubSpot: Development > Keys > Service keys.",
        ),
    ),
    options=(
        "HUBSPOT_API_URL",
        "HUBSPOT_APP_URL",
        "HUBSPOT_CLIENT_ID",
        "HUBSPOT_CLIENT_SECRET",
        "HUBSPOT_APP_ID",
    ),
    rate_limits={
        # An OAuth app may make 110 calls in ten seconds per account, and search 5 a second.
        # HubSpot docs, usage guidelines, 2026-03-30.
        "general": RateLimit(9.5, 10),
        # A service key may make 100 in accounts that pay little or nothing.
        KEY_LANE: RateLimit(8.5, 10),
        "search": RateLimit(4.0, 1),
    },
    scopes=("oauth",),
)


def scopes_for(targets: Iterable[ConnectorSpec]) -> tuple[str, ...]:
    """Return the scopes an install asks for: HubSpot's own and those of the targets, sorted."""
    wanted = {scope for target in targets for scope in target.scopes}
    return (*HUBSPOT.scopes, *sorted(wanted - set(HUBSPOT.scopes)))
