"""What Xentral is, as data: connect form, settings, jobs, tables, object pairs. No calls.

Behaviour follows the seed (help.xentral.com, "old Hubspot integration") and the public material on
Xentral's three generations of interfaces, read 2026-11-20.
"""

from __future__ import annotations

from typing import Final

from integrations.connectors.xentral.fields import ADDRESSES, RESUBMISSIONS
from integrations.connectors.xentral.jobs import DEALS, JOBS
from integrations.connectors.xentral.rules import CONTACTS, build_contacts, build_deals
from integrations.engine.specs import (
    ConnectorSpec,
    CredentialField,
    FieldSpec,
    GroupSpec,
    ObjectSpec,
    Option,
    RateLimit,
    SettingField,
    SettingKind,
    SyncSpec,
    TableSpec,
)

PROPERTIES: Final = GroupSpec("integration_portal", "Integration portal")
SYNC_KEY: Final = FieldSpec("portal_sync_key", "Sync key", unique=True, group=PROPERTIES.name)
"""The property by which HubSpot knows our unique key: creating by it cannot make doubles."""

CREDENTIALS: Final = (
    CredentialField(
        "address",
        "Address of your Xentral",
        is_address=True,
        help_text="As in the browser: https://your-company.xentral.biz",
    ),
    CredentialField(
        "token",
        "Personal access token",
        secret=True,
        required=False,
        help_text="In Xentral: Account settings, Developer settings. It needs the rights for "
        "addresses, customers, groups and resubmissions.",
    ),
    CredentialField(
        "app",
        "App name of an API account",
        required=False,
        help_text="For the old interface, if it does not take the token. Needed are the "
        "permissions to list, view, create and edit addresses, resubmissions and groups.",
    ),
    CredentialField("init_key", "Init key of the API account", secret=True, required=False),
    CredentialField(
        "time_zone",
        "Time zone of your Xentral",
        default="Europe/Berlin",
        help_text="Xentral keeps local times without saying where.",
    ),
)

SETTINGS: Final = (
    SettingField(
        "sync_contacts",
        "Contacts",
        default="yes",
        help_text="HubSpot contacts and Xentral addresses are kept in step.",
        kind=SettingKind.CHECK,
        group="Synchronisation",
    ),
    SettingField(
        "sync_deals",
        "Deals",
        default="yes",
        help_text="HubSpot deals and Xentral resubmissions are kept in step.",
        kind=SettingKind.CHECK,
        group="Synchronisation",
    ),
    SettingField(
        "start_time",
        "Start time for contacts",
        help_text="Contacts that were added to HubSpot earlier are not brought to Xentral. Empty: "
        "all are. What is in step already stays so.",
        kind=SettingKind.INSTANT,
        group="Contacts",
    ),
    SettingField(
        "lead_status",
        "Lead status of contacts to bring to Xentral",
        help_text="Asked when an address would be created; empty: any.",
        options_from="contacts.hs_lead_status",
        kind=SettingKind.CHOICE,
        group="Contacts",
    ),
    SettingField(
        "group",
        "Group for contacts",
        default="Hubspot",
        help_text="Addresses in this group go to HubSpot, and contacts from HubSpot are put into "
        "it. It is made if it is missing.",
        group="Contacts",
    ),
    SettingField(
        "leads_only",
        "Only leads go to HubSpot",
        default="yes",
        kind=SettingKind.CHECK,
        group="Contacts",
    ),
    SettingField(
        "export_status",
        "Status of addresses to bring to HubSpot",
        help_text="As the lead status stands in the free field of the address; empty: any.",
        options_from="contacts.hs_lead_status",
        kind=SettingKind.CHOICE,
        group="Contacts",
    ),
    SettingField(
        "hubspot_wins",
        "HubSpot's values replace those in Xentral",
        help_text="Otherwise only empty fields are filled. A filled e-mail is never replaced.",
        kind=SettingKind.CHECK,
        group="Contacts",
    ),
    SettingField(
        "export_lifecycle",
        "Lifecycle stage to HubSpot",
        default="forward",
        help_text="HubSpot lets an interface move the stage forward only.",
        options=(Option("forward", "Forward only"), Option("never", "Never")),
        kind=SettingKind.CHOICE,
        group="Contacts",
    ),
    SettingField(
        "stage_mode",
        "Deal stages",
        default="automatic",
        help_text="Automatic makes every HubSpot stage in Xentral as well; user defined lets you "
        "choose a Xentral stage for each.",
        options=(Option("automatic", "Automatic (1:1)"), Option("manual", "User defined")),
        kind=SettingKind.CHOICE,
        group="Deals",
    ),
    SettingField(
        "view",
        "View for deals",
        default="Hubspot",
        help_text="The board of resubmissions in which automatic stages are made.",
        group="Deals",
    ),
    SettingField(
        "move_stages",
        "Move resubmissions when the deal changes its stage",
        default="yes",
        kind=SettingKind.CHECK,
        group="Deals",
    ),
    SettingField("group_id", "Id of the group", derived=True),
    SettingField("group_mode", "How addresses are put into the group", derived=True),
    SettingField("lead_field", "Free field of the lead status", derived=True),
    SettingField("lifecycle_field", "Free field of the lifecycle stage", derived=True),
)

TABLES: Final = (
    TableSpec(
        "stages",
        "Deal stages",
        hubspot_field="deals.@stage",
        mode="stage_mode",
        board="view",
        help_text="A deal or resubmission in a stage that is assigned to nothing is left alone.",
    ),
    TableSpec(
        "owners",
        "Owners",
        help_text="The owner of a contact becomes the sales representative of its address, where "
        "an employee has the same e-mail.",
    ),
)

XENTRAL: Final = ConnectorSpec(
    key="xentral",
    label="Xentral",
    summary="Contacts and deals are kept in step with Xentral's addresses and resubmissions.",
    objects=(
        # Neither can be read by several ids; both are cheap to list, so changes are asked for
        # every few minutes although those of resubmissions are found by listing them all.
        ObjectSpec(ADDRESSES, "Address", batch_read=False),
        ObjectSpec(RESUBMISSIONS, "Resubmission", batch_read=False),
    ),
    syncs=(
        SyncSpec(
            CONTACTS,
            hubspot_object="contacts",
            target_object=ADDRESSES,
            build=build_contacts,
            hubspot_group=PROPERTIES,
            hubspot_fields=(SYNC_KEY,),
            switch="sync_contacts",
            loads=True,
        ),
        SyncSpec(
            DEALS,
            hubspot_object="deals",
            target_object=RESUBMISSIONS,
            build=build_deals,
            hubspot_group=PROPERTIES,
            hubspot_fields=(SYNC_KEY,),
            switch="sync_deals",
            loads=True,
        ),
    ),
    credentials=CREDENTIALS,
    settings=SETTINGS,
    options=("XENTRAL_API_URL",),
    rate_limits={
        # 100 calls a minute, which Xentral calls provisional (developer.xentral.com, 2026-11-20).
        "general": RateLimit(per_second=1.5, burst=10),
    },
    scopes=(
        "crm.objects.contacts.read",
        "crm.objects.contacts.write",
        "crm.objects.deals.read",
        "crm.objects.deals.write",
        "crm.objects.owners.read",
        "crm.schemas.contacts.read",
        "crm.schemas.contacts.write",
        "crm.schemas.deals.read",
        "crm.schemas.deals.write",
    ),
    requirements=(
        "A HubSpot user with admin permissions.",
        "A Xentral user who may make access tokens, or an API account of the old interface.",
        "Two of the first ten free fields of addresses are empty.",
    ),
    jobs=JOBS,
    tables=TABLES,
    prepares=True,
    prepare_from=("contacts.hs_lead_status", "contacts.lifecyclestage"),
)
