"""How contacts and deals travel: the fixed mappings, built from the settings. No calls.

Behaviour follows the seed (help.xentral.com, "old Hubspot integration") and the old module of the
open-source edition, both read 2026-11-20; where they differ the seed counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from integrations.connectors.xentral.fields import (
    ADDRESSES,
    DEAL,
    HOME,
    MADE_AT,
    REMINDER,
    RESUBMISSIONS,
    group_field,
)
from integrations.engine.config import MatchKey, SideObject, SyncConfig
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.mapping import (
    ConflictPolicy,
    Direction,
    FieldRule,
    Overwrite,
    Privacy,
)
from integrations.engine.records import FieldType, Side

Settings = Mapping[str, str]

CONTACTS: Final = "contacts"
"""The key of the sync of contacts, to whose pairs the deals' contacts point."""
STAGES: Final = "@table:stages"
OURS: Final = "xentral:{id}"
"""Our unique key in HubSpot of a record that was made for one of Xentral's."""
DEAL_KEY: Final = "HubSpot deal {id}"
"""Our key of a resubmission: the beginning of its description, by which a lost one is found."""
OWN: Final = "own"
"""The group mode in which Xentral cannot be told who is in the group: the pairs stand for it."""
SALUTATIONS: Final = (
    *((word, "herr") for word in ("Herr", "Hr.", "Hr", "Mr.", "Mr", "Mister")),
    *((word, "frau") for word in ("Frau", "Fr.", "Fr", "Mrs.", "Mrs", "Ms.", "Ms", "Miss")),
)

_PLAIN: Final = (
    ("firstname", "vorname", "First name", "text"),
    ("lastname", "nachname", "Last name", "text"),
    ("phone", "telefon", "Phone", "text"),
    ("mobilephone", "mobil", "Mobile phone", "text"),
    ("address", "strasse", "Street", "text"),
    ("zip", "plz", "Postcode", "text"),
    ("city", "ort", "City", "text"),
    ("state", "bundesstaat", "State", "german_state"),
    ("country", "land", "Country", "country"),
    ("website", "internetseite", "Website", "text"),
)


def build_contacts(settings: Settings) -> SyncConfig:
    """Return how contacts travel; raises ValueError for a start time that is no instant."""
    wins = settings.get("hubspot_wins", "") == "yes"
    group, mode = settings.get("group_id", ""), settings.get("group_mode") or OWN
    joins = ((group_field(group), mode),) if group and mode != OWN else ()
    status = settings.get("export_status", "")
    return SyncConfig(
        hubspot=SideObject("contacts", upsert_key=OURS),
        target=SideObject(
            ADDRESSES,
            born_with=(("land", HOME), *joins),
            joins=tuple(name for name, _ in joins),
        ),
        rules=tuple(_contact_rules(settings, Overwrite.ALWAYS if wins else Overwrite.IF_EMPTY)),
        match_keys=(MatchKey("email", "email"),),
        filters=tuple(
            (side, wanted)
            for side, wanted in (
                (Side.HUBSPOT, _imported(settings)),
                (Side.TARGET, _exported(settings)),
            )
            if wanted.groups
        ),
        creation_only=tuple(Side) if mode == OWN or status else (Side.HUBSPOT,),
        conflict=ConflictPolicy.HUBSPOT_WINS if wins else ConflictPolicy.TARGET_WINS,
        create_in=(Side.TARGET, Side.HUBSPOT),
    )


def _contact_rules(settings: Settings, mode: Overwrite) -> Iterator[FieldRule]:
    """Yield the rules: what is filled in Xentral stays unless HubSpot wins, e-mails always."""
    fill = partial(FieldRule, overwrite=mode, back=Overwrite.ALWAYS)
    email = fill("email", "email", label="Email", transform="email")
    yield replace(email, overwrite=Overwrite.IF_EMPTY)
    for hubspot, target, label, transform in _PLAIN:
        yield fill(hubspot, target, label=label, transform=transform)
    yield fill(
        "salutation",
        "typ",
        label="Salutation",
        transform="synonyms",
        arguments=SALUTATIONS,
        # Every address is of some kind, most of "herr" because nobody chose: that says little.
        back=Overwrite.ON_CREATE,
    )
    yield FieldRule(
        "hubspot_owner_id",
        "vertrieb",
        FieldType.CHOICE,
        label="Owner",
        direction=Direction.TO_TARGET,
        overwrite=mode,
        transform="table",
        arguments=(("@name", "owners"), ("@unassigned", "leave")),
    )
    yield from _status_rules(settings)


def _status_rules(settings: Settings) -> Iterator[FieldRule]:
    """Yield the two status fields: always refreshed, and HubSpot's word counts."""
    status = partial(
        FieldRule,
        type=FieldType.CHOICE,
        conflict=ConflictPolicy.HUBSPOT_WINS,
        privacy=Privacy.PUBLIC,
    )
    if settings.get("lead_field"):
        yield status("hs_lead_status", settings["lead_field"], label="Lead status")
    if settings.get("lifecycle_field"):
        back = settings.get("export_lifecycle", "forward")
        yield status(
            "lifecyclestage",
            settings["lifecycle_field"],
            label="Lifecycle stage",
            direction=Direction.TO_TARGET if back == "never" else Direction.BOTH,
        )


def _imported(settings: Settings) -> Filter:
    """Return what new HubSpot contacts must meet."""
    wanted = []
    if start := settings.get("start_time", ""):
        # "From then on" includes that very instant, and there is no operator for that.
        before = datetime.fromisoformat(start) - timedelta(milliseconds=1)
        wanted.append(Condition("createdate", Operator.GREATER, (before.isoformat(),), "Created"))
    if status := settings.get("lead_status", ""):
        wanted.append(Condition("hs_lead_status", Operator.EQUALS, (status,), "Lead status"))
    return _all_of(wanted)


def _exported(settings: Settings) -> Filter:
    """Return what addresses must meet: lead, status, group (the dear one is asked last)."""
    wanted = []
    if settings.get("leads_only", "yes") == "yes":
        wanted.append(Condition("lead", Operator.EQUALS, ("true",), "Lead"))
    if (status := settings.get("export_status", "")) and settings.get("lead_field"):
        condition = Condition(settings["lead_field"], Operator.EQUALS, (status,), "Lead status")
        wanted.append(condition)
    if group := settings.get("group_id", ""):
        label = f"In the group {settings.get('group') or 'Hubspot'}"
        wanted.append(Condition(group_field(group), Operator.EQUALS, ("true",), label))
    return _all_of(wanted)


def _all_of(conditions: list[Condition]) -> Filter:
    return Filter((tuple(conditions),)) if conditions else Filter()


def build_deals(settings: Settings) -> SyncConfig:
    """Return how deals travel: only those in a stage that is assigned, on either side."""
    assigned = Condition("@stage", Operator.ANY_OF, (STAGES,), "Stage")
    return SyncConfig(
        hubspot=SideObject("deals", upsert_key=OURS),
        target=SideObject(RESUBMISSIONS, upsert_key=DEAL_KEY),
        rules=tuple(_deal_rules(settings)),
        match_keys=(MatchKey("hs_object_id", DEAL),),
        filters=(
            (Side.HUBSPOT, _all_of([assigned])),
            (Side.TARGET, _all_of([replace(assigned, field="stages")])),
        ),
        conflict=ConflictPolicy.HUBSPOT_WINS,
        create_in=(Side.TARGET, Side.HUBSPOT),
    )


def _deal_rules(settings: Settings) -> Iterator[FieldRule]:
    public = partial(FieldRule, privacy=Privacy.PUBLIC)
    moves = settings.get("move_stages", "yes") == "yes"
    yield public("dealname", "bezeichnung", label="Deal name", transform="text")
    yield public("amount", "betrag", FieldType.NUMBER, label="Amount")
    yield public("closedate", REMINDER, FieldType.DATETIME, label="Close date")
    yield public(
        "createdate",
        MADE_AT,
        FieldType.DATETIME,
        label="Create date",
        direction=Direction.TO_TARGET,
        overwrite=Overwrite.ON_CREATE,
    )
    yield public(
        "@stage",
        "stages",
        FieldType.CHOICE,
        label="Stage",
        overwrite=Overwrite.ALWAYS if moves else Overwrite.ON_CREATE,
        back=Overwrite.ALWAYS,
        transform="table",
        arguments=(("@name", "stages"),),
    )
    yield public(
        "@contact",
        "adresse",
        FieldType.REFERENCE,
        label="Contact",
        back=Overwrite.ON_CREATE,
        reference=CONTACTS,
        single=True,
    )
