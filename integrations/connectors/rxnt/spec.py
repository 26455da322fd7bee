"""What RXNT is, as data: connect form, settings, fixed mapping, trigger. No calls, no branches.

Behaviour follows RXNT's "HubSpot Integration Setup Guide" (help.rxnt.com, read 2026-11-20).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from integrations.connectors.rxnt.payloads import EXTERNAL_ID, SEXES
from integrations.engine.config import DeletePolicy, MergePolicy, SideObject, SyncConfig, Trigger
from integrations.engine.mapping import (
    ConflictPolicy,
    Direction,
    FieldGroup,
    FieldRule,
    IncompleteGroup,
    Privacy,
)
from integrations.engine.records import FieldType, Side
from integrations.engine.specs import (
    ConnectorSpec,
    CredentialField,
    FieldSpec,
    GroupSpec,
    ObjectSpec,
    Option,
    RateLimit,
    SettingField,
    SyncSpec,
)

PATIENTS: Final = "patients"
CUSTOMER: Final = "customer"
"""HubSpot's internal name of the stage; an admin may have relabelled or removed it."""
SEX_OPTIONS: Final = tuple(Option(value, label) for value, label in SEXES.items())

GROUP: Final = GroupSpec("rxnt", "RXNT")
HUBSPOT_FIELDS: Final = (
    FieldSpec(
        "rxnt_sex",
        "Sex",
        FieldType.CHOICE,
        SEX_OPTIONS,
        group=GROUP.name,
        description="Sent to RXNT as the patient's sex.",
        privacy=Privacy.HEALTH,
    ),
    FieldSpec(
        "rxnt_date_of_birth",
        "Date of Birth",
        FieldType.DATE,
        group=GROUP.name,
        description="Sent to RXNT as the patient's date of birth. RXNT needs it.",
        privacy=Privacy.HEALTH,
    ),
)

_rule = partial(FieldRule, direction=Direction.TO_TARGET, privacy=Privacy.HEALTH)
_name = partial(_rule, transform="name", required=True, privacy=Privacy.PERSONAL)
RULES: Final = (
    _name("firstname", "FirstName", label="First Name"),
    _name("lastname", "LastName", label="Last Name"),
    _rule(
        "rxnt_date_of_birth",
        "DOB",
        FieldType.DATE,
        "Date of Birth",
        transform="date",
        arguments=(("past", ""),),
        required=True,
    ),
    _rule(
        "rxnt_sex",
        "Sex",
        FieldType.CHOICE,
        "Sex",
        transform="choice",
        arguments=(("options", ";".join(SEXES)),),
    ),
    _rule("email", "Email", label="Email", transform="email"),
    _rule("phone", "CellPhone", label="Phone Number", transform="phone_digits"),
    _rule("address", "Address1", label="Street Address", transform="text"),
    _rule("city", "City", label="City", transform="text"),
    _rule("state", "State", label="State/Region", transform="us_state"),
    _rule("zip", "Zip", label="Zip Code", transform="text"),
)

PATIENT_FIELDS: Final = (
    FieldSpec(
        EXTERNAL_ID, "External reference", required=True, unique=True, privacy=Privacy.PUBLIC
    ),
    FieldSpec("FirstName", "First Name", required=True),
    FieldSpec("LastName", "Last Name", required=True),
    FieldSpec("DOB", "DOB", FieldType.DATE, required=True, privacy=Privacy.HEALTH),
    FieldSpec("Sex", "Patient Sex", FieldType.CHOICE, SEX_OPTIONS, privacy=Privacy.HEALTH),
    *(
        FieldSpec(name, label, privacy=Privacy.HEALTH)
        for name, label in (
            ("Email", "Email"),
            ("CellPhone", "Cell Phone"),
            ("Address1", "Address 1"),
            ("City", "City"),
            ("State", "State"),
            ("Zip", "Zip"),
        )
    ),
)


def build(settings: Mapping[str, str]) -> SyncConfig:
    """Return the configuration for an integration's settings; unset ones take their defaults.

    Raises ValueError for an unknown `incomplete_address`.
    """
    stage = settings.get("trigger_stage") or CUSTOMER
    incomplete = IncompleteGroup(settings.get("incomplete_address") or IncompleteGroup.FAIL)
    return SyncConfig(
        hubspot=SideObject("contacts", can_create=False, can_update=False),
        target=SideObject(
            PATIENTS,
            readable=False,
            upsert_key="hubspot_{id}",
            always_send=("FirstName", "LastName", "DOB"),
        ),
        rules=RULES,
        groups=(
            FieldGroup(
                "address",
                "Address",
                members=("Address1", "City", "State", "Zip"),
                needed=("City", "State", "Zip"),
                wanted=("Address1",),
                incomplete=incomplete,
            ),
        ),
        trigger=Trigger("lifecyclestage", stage, "Lifecycle Stage"),
        conflict=ConflictPolicy.HUBSPOT_WINS,
        on_hubspot_delete=DeletePolicy.KEEP,
        on_target_delete=DeletePolicy.KEEP,
        merge=MergePolicy.KEEP,
        create_in=(Side.TARGET,),
    )


RXNT: Final = ConnectorSpec(
    key="rxnt",
    label="RXNT",
    summary="Contacts that become customers are saved as patients in RXNT, one way.",
    objects=(
        ObjectSpec(
            PATIENTS,
            "Patient",
            batch_size=100,
            can_list=False,
            has_modified_since=False,
        ),
    ),
    syncs=(
        SyncSpec(
            "patients",
            hubspot_object="contacts",
            target_object=PATIENTS,
            build=build,
            hubspot_group=GROUP,
            hubspot_fields=HUBSPOT_FIELDS,
            retry_minutes=(1, 4, 15, 60, 60, 60),
        ),
    ),
    credentials=(
        CredentialField(
            "UserName",
            "RXNT interface username",
            help_text="RXNT issues interface credentials on request (integration@rxnt.com).",
        ),
        CredentialField("Password", "RXNT interface password", secret=True),
        CredentialField(
            "RequestCompanyId",
            "Request company id",
            required=False,
            help_text="Only if RXNT gave you one; otherwise the practice's own id is used.",
        ),
    ),
    settings=(
        SettingField(
            "trigger_stage",
            "Lifecycle stage that makes a contact a patient",
            default=CUSTOMER,
            help_text="A contact is sent each time it enters this stage; other edits send nothing.",
            options_from="contacts.lifecyclestage",
        ),
        SettingField(
            "incomplete_address",
            "Incomplete address",
            default=IncompleteGroup.FAIL.value,
            help_text="What happens when City, State or Zip of an address is missing.",
            options=(
                Option(IncompleteGroup.FAIL.value, "Do not send the contact; say what is missing"),
                Option(IncompleteGroup.QUARANTINE.value, "Send the patient without the address"),
            ),
        ),
    ),
    options=(
        "RXNT_API_URL",
        "RXNT_API_ROOT",
        "RXNT_SAVE_PATIENT_PATH",
        "RXNT_DOB_FORMAT",
        "RXNT_TIMEOUT",
    ),
    rate_limits={"general": RateLimit(per_second=10, burst=50)},
    scopes=(
        "crm.objects.contacts.read",
        "crm.objects.contacts.write",
        "crm.schemas.contacts.read",
        "crm.schemas.contacts.write",
    ),
    requirements=(
        "A HubSpot user with admin or super admin permissions (RXNT's guide asks for Enterprise).",
        "An RXNT account that is active, with interface credentials (username and password).",
        "First Name, Last Name and Date of Birth are filled in on every contact to be sent.",
        "An address is sent complete: with City, two-letter State code and Zip.",
    ),
)
