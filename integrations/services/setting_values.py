"""The settings of an integration: what is in force, what may be chosen now, what cannot be.

Storing and publishing them is in `activation`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from integrations.engine.errors import ConfigInvalid
from integrations.engine.extras import Choosing
from integrations.engine.ports import Priority
from integrations.engine.specs import Option, SettingField, SettingKind
from integrations.models import Integration
from integrations.services import connectors

TARGET_LIST = "target:"
"""What `SettingField.options_from` begins with where the target gives the choices."""


class SettingsInvalid(Exception):
    """Settings that cannot run. `errors` maps a setting's key to a sentence for its input."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)


def merged(integration: Integration) -> dict[str, str]:
    """Return the settings in force: defaults where none is stored, without those that went."""
    fields = connectors.spec_of(integration.system).settings
    return {field.key: value_of(integration, field) for field in fields}


def value_of(integration: Integration, field: SettingField) -> str:
    """Return the value of one setting that is in force."""
    return str(integration.settings.get(field.key, field.default))


def asked(integration: Integration) -> tuple[SettingField, ...]:
    """Return the settings that people are asked for."""
    spec = connectors.spec_of(integration.system)
    return tuple(field for field in spec.settings if not field.derived)


def options_of(integration: Integration, field: SettingField) -> tuple[Option, ...]:
    """Return what may be chosen, from the systems as they are now; empty means any text.

    Raises the SyncError of asking, or ConfigInvalid where the target has no such list.
    """
    source = field.options_from
    if not source:
        return field.options
    if source.startswith(TARGET_LIST):
        return field.options + _of_target(integration, source.removeprefix(TARGET_LIST))
    object_type, _dot, name = source.partition(".")
    return field.options + hubspot_options(integration, object_type, name)


def hubspot_options(
    integration: Integration, object_type: str, name: str, *, fresh: bool = False
) -> tuple[Option, ...]:
    """Return the options of a HubSpot field as they are now, none for a field that is not there.

    `fresh`: as they are this very moment, not a minute ago.
    """
    hubspot = connectors.open_connector(integration.hubspot, priority=Priority.PERSON, fresh=fresh)
    described = {spec.name: spec for spec in hubspot.describe(object_type)}
    return described[name].options if name in described else ()


def check(integration: Integration, wanted: Mapping[str, str]) -> None:
    """Raise SettingsInvalid naming every setting that is unknown, missing or not on offer."""
    fields = {field.key: field for field in asked(integration)}
    errors = {key: _("This setting is not known.") for key in wanted if key not in fields}
    for key, field in fields.items():
        if sentence := _problem(integration, field, wanted.get(key, field.default)):
            errors[key] = sentence
    if errors:
        raise SettingsInvalid(errors)


def _problem(integration: Integration, field: SettingField, value: str) -> str:
    """Return what is wrong with a value, "" for nothing."""
    words = {"label": field.label, "value": value}
    if not value:
        if field.required:
            return _("%(label)s: choose or enter a value.") % words
        if not field.default:
            return ""
    if field.kind is SettingKind.CHECK:
        return "" if value in ("", "yes") else _("%(label)s is on (“yes”) or off (“”).") % words
    if field.kind is SettingKind.INSTANT:
        return (
            "" if _is_instant(value) else _("%(label)s: “%(value)s” is no point in time.") % words
        )
    choices = options_of(integration, field)
    limited = bool(field.options or field.options_from)
    if limited and value not in {choice.value for choice in choices}:
        return _("%(label)s: “%(value)s” does not exist any more. Choose another.") % words
    return ""


def _is_instant(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return not value


def _of_target(integration: Integration, name: str) -> tuple[Option, ...]:
    if integration.target is None:
        raise ConfigInvalid("The other system is not connected.")
    connector = connectors.open_connector(integration.target, priority=Priority.PERSON)
    if not isinstance(connector, Choosing):
        raise ConfigInvalid("The other system has no lists to choose from.")
    try:
        return tuple(connector.choices(name))
    except KeyError:
        raise ConfigInvalid(f"The other system has no list “{name}”.") from None
