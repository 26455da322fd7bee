"""What a connector declares about its system, as data: forms and services are driven by it."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from integrations.engine.config import SyncConfig
from integrations.engine.mapping import Privacy
from integrations.engine.records import FieldType, Side


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a picklist: the stored value and what people see."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of an object as the system describes it now.

    `references` names the object type whose ids a REFERENCE field holds. `custom` fields were
    added by people or by us; the others belong to the system. `style` is how HubSpot's forms show
    the field (its `fieldType`: "textarea", "radio", ...), "" where nobody says: a field made after
    it in another system is of that system's nearest kind.
    """

    name: str
    label: str
    type: FieldType = FieldType.TEXT
    options: tuple[Option, ...] = ()
    required: bool = False
    read_only: bool = False
    unique: bool = False
    group: str = ""
    description: str = ""
    privacy: Privacy = Privacy.PERSONAL
    references: str = ""
    custom: bool = False
    style: str = ""


@dataclass(frozen=True, slots=True)
class ObjectSpec:
    """One object type of a system and what can be done with it.

    `batch_size` is how many records one write call carries. A full run reads sides that
    `can_list`, an incremental one sides with `has_modified_since`. `link_template` formats with
    `ui` (host), `account` and `id` into the address of a record's page, or is "". `batch_read`
    False: reading by id costs one call per record, so full passes list this side first.
    `lists_changes`: `changes` has to list everything, so only the safety pass asks this side for
    them, and between two of those its events are all there is.
    """

    key: str
    label: str
    batch_size: int = 100
    can_list: bool = True
    has_modified_since: bool = True
    link_template: str = ""
    batch_read: bool = True
    lists_changes: bool = False


@dataclass(frozen=True, slots=True)
class CredentialField:
    """One input of the connect form. Secret inputs are never shown again.

    `is_address`: the system's own web address, which must be https and lead out of our network.
    With `options` it is a choice.
    """

    key: str
    label: str
    secret: bool = False
    help_text: str = ""
    required: bool = True
    default: str = ""
    is_address: bool = False
    options: tuple[Option, ...] = ()


class SettingKind(enum.StrEnum):
    """How a setting is asked for; every setting is stored as a text ("yes" for a ticked box)."""

    TEXT = "text"
    CHOICE = "choice"
    CHECK = "check"
    INSTANT = "instant"
    """An instant with its zone (ISO 8601), or "" for none."""
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting of an integration. With `options_from` the choices are live.

    `options_from` is "<object>.<property>" of HubSpot, or "target:<list>": one that the target's
    connector gives (`extras.Choosing`). `required`: without a value nothing is published. `group`
    is the heading it stands under. `derived`: not asked for, `prepare` finds it out.
    """

    key: str
    label: str
    default: str = ""
    help_text: str = ""
    options: tuple[Option, ...] = ()
    options_from: str = ""
    kind: SettingKind = SettingKind.TEXT
    required: bool = False
    group: str = ""
    derived: bool = False


@dataclass(frozen=True, slots=True)
class JobSpec:
    """One scheduled job: which passes it starts, and how often.

    `kind` is a run kind ("incremental", "settled", "reconcile"), `syncs` the keys of the object
    syncs it starts one for, `sides` the sides whose changes it reads. `carries`: while the job is
    off nothing travels from its sides at all, by notices neither. `minutes` is the default period
    (0: off), `offered` what may be chosen ("" is any), `least` the shortest that makes sense.
    """

    key: str
    label: str
    syncs: tuple[str, ...]
    kind: str = "incremental"
    sides: tuple[Side, ...] = tuple(Side)
    minutes: int = 15
    offered: tuple[int, ...] = ()
    least: int = 1
    carries: bool = False
    help_text: str = ""


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table of values that an integration keeps, filled by itself and by people.

    `key` is "owners" or "stages". `hubspot_field` ("<object>.<field>") and `target_field` are the
    fields whose options stand on either side; for owners both are "": people are matched by email.
    `otherwise` names the setting whose value the target gets for values without an entry. `mode`
    names the setting that says "automatic" (one to one, what is missing is made) or "manual";
    without one it is automatic, and what a person chose stays. `board` names the setting with the
    board of the target on which stages are made.
    """

    key: str
    label: str
    hubspot_field: str = ""
    target_field: str = ""
    otherwise: str = ""
    help_text: str = ""
    mode: str = ""
    board: str = ""


@dataclass(frozen=True, slots=True)
class GroupSpec:
    """A property group that the integration adds to HubSpot."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class SyncSpec:
    """One object pair. `build` turns the integration's settings into a configuration.

    `retry_minutes` are the waits between attempts of a record that failed for a passing reason;
    after the last one a person is told. `hubspot_fields` are created in HubSpot when missing,
    inside `hubspot_group`. `configurable`: an org admin edits mapping and filters as a draft, for
    which `build` gives the start; else what `build` gives is what runs. `locked` are the HubSpot
    fields that cannot be deselected. `synced_event` is the event by which the target is told of
    every write and failure, "" for none. `hidden` are HubSpot fields that mapping never offers.
    `switch` names the setting ("yes" or not) that turns the pair on, "" for always. `loads`: with a
    fixed mapping, a first load begins as soon as everything is prepared.
    """

    key: str
    hubspot_object: str
    target_object: str
    build: Callable[[Mapping[str, str]], SyncConfig]
    hubspot_group: GroupSpec | None = None
    hubspot_fields: tuple[FieldSpec, ...] = ()
    retry_minutes: tuple[int, ...] = (1, 4, 15, 60, 240)
    configurable: bool = False
    locked: tuple[str, ...] = ()
    synced_event: str = ""
    hidden: tuple[str, ...] = ()
    switch: str = ""
    loads: bool = False


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A token bucket: at most `burst + per_second * 10` calls in ten seconds."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class ConnectorSpec:
    """What a system is, as data: forms, screens and services are driven by it.

    `options` names the portal settings (environment variables) handed to the connector.
    `rate_limits` maps a budget lane ("general", "search") to its limit per account.
    `scopes` are OAuth scopes an integration with this system needs in HubSpot. `hooks`: it calls a
    secret address per connection. `makes_fields`: fields can be created in it. `app_secrets` are
    the credentials that come and go with our app's installation there: nothing is published
    without them. `jobs` are its scheduled jobs; without any, every object sync has one per kind of
    pass. `tables` are kept by services and used by rules with the transform "table". `prepares`:
    the connector is `extras.Preparing`, and nothing runs before what it needs is there; it is
    handed the options of the HubSpot fields ("<object>.<field>") in `prepare_from`.
    """

    key: str
    label: str
    summary: str = ""
    objects: tuple[ObjectSpec, ...] = ()
    syncs: tuple[SyncSpec, ...] = ()
    credentials: tuple[CredentialField, ...] = ()
    settings: tuple[SettingField, ...] = ()
    options: tuple[str, ...] = ()
    rate_limits: Mapping[str, RateLimit] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    hooks: bool = False
    makes_fields: bool = False
    app_secrets: tuple[str, ...] = ()
    jobs: tuple[JobSpec, ...] = ()
    tables: tuple[TableSpec, ...] = ()
    prepares: bool = False
    prepare_from: tuple[str, ...] = ()

    @property
    def activates(self) -> bool:
        """Tell whether something has to be chosen or prepared before anything is synced."""
        return self.prepares or any(field.required for field in self.settings)

    def object(self, key: str) -> ObjectSpec:
        """Return one object's spec; raises KeyError for an unknown key."""
        return {spec.key: spec for spec in self.objects}[key]

    def sync(self, key: str) -> SyncSpec:
        """Return one object pair's spec; raises KeyError for an unknown key."""
        return {spec.key: spec for spec in self.syncs}[key]
