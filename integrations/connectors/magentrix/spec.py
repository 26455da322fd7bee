"""What Magentrix is, as data: connect form, settings, object pairs, jobs, tables.

Behaviour follows Magentrix's HubSpot integration (help.magentrix.com, "HubSpot integration",
"Importing HubSpot objects" and "HubSpot object merge handling", read 2026-11-20); frequencies and
what happens on deletions are not public and ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from integrations.connectors.magentrix.fields import ACCOUNT, CONTACT, OPPORTUNITY, OWNER, USER
from integrations.connectors.magentrix.rules import (
    COMPANIES,
    CONTACTS,
    DEALS,
    OWNERS,
    RULES,
    STAGES,
)
from integrations.engine.config import MatchKey, MergePolicy, SideObject, SyncConfig
from integrations.engine.mapping import ConflictPolicy
from integrations.engine.records import Side
from integrations.engine.specs import (
    ConnectorSpec,
    CredentialField,
    FieldSpec,
    GroupSpec,
    JobSpec,
    ObjectSpec,
    RateLimit,
    SettingField,
    SettingKind,
    SyncSpec,
    TableSpec,
)

OURS: Final = "magentrix:{id}"
"""Our unique key in HubSpot of a record that was made for a Magentrix record."""
THEIRS: Final = "{id}"
"""Our unique key in Magentrix: the HubSpot record's id."""
BATCH: Final = 200
"""Records of one write: the most that one deletion takes, and below the advice for the others."""
DEFAULT_OWNER: Final = "default_owner"
SYNC_DEALS: Final = "sync_deals"
LACKING: Final = "lacking"
"""The derived setting that names fields of our rules that the portal lacks: "Contact.Title ..."."""
OFFERED: Final = (5, 15, 30, 60, 360, 1440)
_DAY: Final = 1440
_WEEK: Final = 7 * _DAY

GROUP: Final = GroupSpec("integration_portal", "Integration portal")
SYNC_KEY: Final = FieldSpec("portal_sync_key", "Sync key", unique=True, group=GROUP.name)
"""The property by which HubSpot knows our unique key: creating by it cannot make doubles."""
MATCHES: Final[Mapping[str, tuple[MatchKey, ...]]] = {
    ACCOUNT: (MatchKey("domain", "Website"), MatchKey("name", "Name")),
    CONTACT: (MatchKey("email", "Email"),),
    OPPORTUNITY: (),
}
"""Opportunities are known by our key alone: two deals of one name are two deals."""
HIDDEN: Final = ("hubspot_owner_id", "pipeline", "dealstage")


def lacking(settings: Mapping[str, str], entity: str) -> frozenset[str]:
    """Return the fields of our rules that this portal's entity was found to lack."""
    names = (entry.partition(".") for entry in settings.get(LACKING, "").split())
    return frozenset(name for found, _dot, name in names if found == entity)


def _builder(hubspot: str, entity: str) -> Callable[[Mapping[str, str]], SyncConfig]:
    """Return what makes an integration's settings the start of one pair's rules."""

    def build(settings: Mapping[str, str]) -> SyncConfig:
        absent = lacking(settings, entity)
        owner = settings.get(DEFAULT_OWNER, "")
        return SyncConfig(
            hubspot=SideObject(hubspot, upsert_key=OURS),
            target=SideObject(
                entity,
                can_archive=True,
                upsert_key=THEIRS,
                born_with=((OWNER, owner),) if owner else (),
            ),
            rules=tuple(rule for rule in RULES[entity] if rule.target not in absent),
            match_keys=tuple(key for key in MATCHES[entity] if key.target not in absent),
            conflict=ConflictPolicy.HUBSPOT_WINS,
            merge=MergePolicy.ARCHIVE,
            create_in=(Side.TARGET, Side.HUBSPOT),
            hubspot_first=True,
        )

    return build


def _sync(
    key: str, hubspot: str, entity: str, locked: tuple[str, ...], switch: str = ""
) -> SyncSpec:
    return SyncSpec(
        key,
        hubspot_object=hubspot,
        target_object=entity,
        build=_builder(hubspot, entity),
        hubspot_group=GROUP,
        hubspot_fields=(SYNC_KEY,),
        configurable=True,
        locked=locked,
        hidden=HIDDEN,
        switch=switch,
    )


def _jobs(key: str, label: str) -> tuple[JobSpec, ...]:
    """Return the scheduled jobs of one pair."""
    return (
        JobSpec(
            f"changes:{key}",
            f"{label}: recent changes",
            (key,),
            offered=OFFERED,
            least=5,
            help_text="Reads what changed on either side, and finds merges in HubSpot.",
        ),
        JobSpec(
            f"safety:{key}",
            f"{label}: safety pass",
            (key,),
            kind="settled",
            minutes=240,
            offered=(60, 240, 720, _DAY),
            least=60,
            help_text="Reads recent changes once more, behind the delay of HubSpot's search.",
        ),
        JobSpec(
            f"refresh:{key}",
            f"{label}: fields and picklists",
            (key,),
            kind="refresh",
            minutes=_DAY,
            offered=(60, 360, _DAY, _WEEK),
            least=60,
            help_text="Reads the field lists anew and takes over new picklist values.",
        ),
        JobSpec(
            f"full:{key}",
            f"{label}: full check",
            (key,),
            kind="reconcile",
            minutes=_WEEK,
            offered=(0, _DAY, _WEEK),
            least=_DAY,
            help_text="Compares every record of both sides.",
        ),
    )


MAGENTRIX: Final = ConnectorSpec(
    key="magentrix",
    label="Magentrix",
    summary="Companies, contacts and deals are kept in step with Magentrix's accounts, contacts "
    "and opportunities. HubSpot is written first.",
    objects=(
        # A record's page is its id behind the portal's domain, as in help.magentrix.com's own.
        ObjectSpec(ACCOUNT, "Account", BATCH, link_template="https://{ui}/{id}"),
        ObjectSpec(CONTACT, "Contact", BATCH, link_template="https://{ui}/{id}"),
        ObjectSpec(OPPORTUNITY, "Opportunity", BATCH, link_template="https://{ui}/{id}"),
        ObjectSpec(USER, "User", BATCH),
    ),
    syncs=(
        _sync(COMPANIES, "companies", ACCOUNT, ("name", "hubspot_owner_id")),
        _sync(CONTACTS, "contacts", CONTACT, ("lastname", "@company", "hubspot_owner_id")),
        _sync(
            DEALS,
            "deals",
            OPPORTUNITY,
            ("dealname", "@stage", "@company", "hubspot_owner_id"),
            switch=SYNC_DEALS,
        ),
    ),
    credentials=(
        CredentialField(
            "address",
            "Address of your Magentrix portal",
            help_text="As in https://yourcompany.magentrix.com.",
            is_address=True,
        ),
        CredentialField(
            "api_key",
            "Magentrix API key",
            secret=True,
            help_text="Made by a Magentrix administrator in their own user settings.",
        ),
    ),
    settings=(
        SettingField(
            DEFAULT_OWNER,
            "Default Owner",
            help_text=(
                "Owns new records without a HubSpot owner, and those of an owner whom no Magentrix "
                "user stands for."
            ),
            options_from="target:employees",
            kind=SettingKind.CHOICE,
            required=True,
            group="Owners",
        ),
        SettingField(
            SYNC_DEALS,
            "Sync deals with opportunities",
            default="yes",
            help_text="Companies and contacts are always synced.",
            kind=SettingKind.CHECK,
            group="Entities",
        ),
        SettingField(LACKING, "Fields that this portal lacks", derived=True),
    ),
    options=("MAGENTRIX_API_URL",),
    rate_limits={
        # Magentrix publishes no limit; five calls a second is our assumption.
        "general": RateLimit(per_second=5, burst=10),
    },
    scopes=(
        *(
            f"crm.{part}.{kind}.{right}"
            for part in ("objects", "schemas")
            for kind in ("companies", "contacts", "deals")
            for right in ("read", "write")
        ),
        "crm.objects.owners.read",
    ),
    requirements=(
        "A HubSpot user with super admin permissions.",
        "A Magentrix API key of an administrator: what its owner cannot see does not exist for us.",
        "HubSpot's owners exist in Magentrix as users of the kind Employee, with the same e-mail.",
        "Unique text fields for HubSpot's ids in Magentrix; activation makes them or says how.",
    ),
    makes_fields=True,
    jobs=(
        *_jobs(COMPANIES, "Accounts"),
        *_jobs(CONTACTS, "Contacts"),
        *_jobs(DEALS, "Opportunities"),
    ),
    tables=(
        TableSpec(
            OWNERS,
            "Owners",
            otherwise=DEFAULT_OWNER,
            help_text="Which Magentrix user stands for which HubSpot owner.",
        ),
        TableSpec(
            STAGES,
            "Stages",
            hubspot_field="deals.@stage",
            target_field=f"{OPPORTUNITY}.Stage",
            help_text="Which stage of an opportunity stands for which stage of a pipeline.",
        ),
    ),
    prepares=True,
)
