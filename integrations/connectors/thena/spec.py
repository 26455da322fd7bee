"""What Thena is, as data: connect form, objects, and where an admin's own rules start from.

Behaviour follows Thena's HubSpot app (docs.thena.ai, "HubSpot", read 2026-11-20); which fields
form pairs is our choice, as that page does not list them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from integrations.connectors.thena.fields import ACCOUNT_IDS, ACCOUNTS, CONTACTS
from integrations.engine.config import MatchKey, SideObject, SyncConfig
from integrations.engine.mapping import FieldRule, Privacy
from integrations.engine.records import FieldType, Side
from integrations.engine.specs import (
    ConnectorSpec,
    CredentialField,
    FieldSpec,
    GroupSpec,
    ObjectSpec,
    RateLimit,
    SyncSpec,
)

OURS: Final = "thena:{id}"
"""Our unique key in HubSpot of a record that was made for a Thena record."""
COMPANIES: Final = "companies"
"""The key of the sync of companies, to whose pairs the contacts' references point."""

GROUP: Final = GroupSpec("integration_portal", "Integration portal")
SYNC_KEY: Final = FieldSpec("portal_sync_key", "Sync key", unique=True, group=GROUP.name)
"""The property by which HubSpot knows our unique key: creating by it cannot make doubles."""

_public = partial(FieldRule, privacy=Privacy.PUBLIC)
COMPANY_RULES: Final = (
    _public("name", "name", label="Name", transform="text", required=True),
    _public("domain", "primaryDomain", label="Domain", transform="domain"),
    _public("description", "description", label="Description", clears=True),
    _public("website", "website", label="Website", transform="text", clears=True),
    _public(
        "annualrevenue", "annualRevenue", FieldType.NUMBER, label="Annual revenue", clears=True
    ),
    _public(
        "numberofemployees", "employees", FieldType.NUMBER, label="Number of employees", clears=True
    ),
)
CONTACT_RULES: Final = (
    FieldRule("firstname", "firstName", label="First name", transform="text"),
    FieldRule("lastname", "lastName", label="Last name", transform="text", clears=True),
    FieldRule("email", "email", label="Email", transform="email", required=True),
    FieldRule("phone", "phoneNumber", label="Phone number", transform="text", clears=True),
    FieldRule(
        "@companies",
        ACCOUNT_IDS,
        FieldType.REFERENCE,
        label="Companies",
        clears=True,
        reference=COMPANIES,
    ),
)


def build_companies(settings: Mapping[str, str]) -> SyncConfig:
    """Return where the rules for companies and accounts start from; there are no settings."""
    return _start("companies", ACCOUNTS, COMPANY_RULES, MatchKey("domain", "primaryDomain"))


def build_contacts(settings: Mapping[str, str]) -> SyncConfig:
    """Return where the rules for contacts start from; there are no settings."""
    return _start("contacts", CONTACTS, CONTACT_RULES, MatchKey("email", "email"))


def _start(hubspot: str, target: str, rules: tuple[FieldRule, ...], match: MatchKey) -> SyncConfig:
    """Return a start in both directions: conflicts wait for a person, deletions change nothing."""
    return SyncConfig(
        hubspot=SideObject(hubspot, upsert_key=OURS),
        target=SideObject(target),
        rules=rules,
        match_keys=(match,),
        create_in=(Side.TARGET, Side.HUBSPOT),
    )


THENA: Final = ConnectorSpec(
    key="thena",
    label="Thena",
    summary="Companies and contacts are kept in step with Thena's accounts and contacts.",
    objects=(
        ObjectSpec(ACCOUNTS, "Account", batch_read=False),
        ObjectSpec(CONTACTS, "Contact", lists_changes=True),
    ),
    syncs=(
        SyncSpec(
            COMPANIES,
            hubspot_object="companies",
            target_object=ACCOUNTS,
            build=build_companies,
            hubspot_group=GROUP,
            hubspot_fields=(SYNC_KEY,),
            configurable=True,
            locked=("name", "domain"),
            synced_event="hubspot.company.synced",
        ),
        SyncSpec(
            "contacts",
            hubspot_object="contacts",
            target_object=CONTACTS,
            build=build_contacts,
            hubspot_group=GROUP,
            hubspot_fields=(SYNC_KEY,),
            configurable=True,
            locked=("firstname", "lastname", "email", "phone"),
            synced_event="hubspot.contact.synced",
        ),
    ),
    credentials=(
        CredentialField(
            "api_key",
            "Thena API key",
            secret=True,
            help_text="In Thena: Settings, Security & access. A new key ends the old one at once.",
        ),
        CredentialField(
            "organization_id",
            "Thena organisation id",
            required=False,
            help_text="Only if you are asked for it: then Thena does not tell it by itself.",
        ),
    ),
    options=("THENA_API_URL", "THENA_APPS_URL", "THENA_ACCOUNTS_BY_IDS"),
    rate_limits={
        # Thena publishes no number; 100 calls a minute is our assumption.
        "general": RateLimit(per_second=1.5, burst=10),
        "events": RateLimit(per_second=1.5, burst=10),
    },
    scopes=(
        "crm.objects.companies.read",
        "crm.objects.companies.write",
        "crm.objects.contacts.read",
        "crm.objects.contacts.write",
        "crm.schemas.companies.read",
        "crm.schemas.companies.write",
        "crm.schemas.contacts.read",
        "crm.schemas.contacts.write",
    ),
    requirements=(
        "A HubSpot user with admin permissions.",
        "A Thena API key of somebody who may change accounts, contacts and their fields.",
        "For changes in Thena to arrive at once, and for Thena to be told what was synced: the app "
        "of this portal, installed in Thena for the entire organisation.",
        "Every company has a domain or a website, and every contact an email: Thena needs them.",
    ),
    hooks=True,
    makes_fields=True,
    app_secrets=("bot_token",),
)
