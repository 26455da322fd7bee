"""Which HubSpot fields are synced, and the rule with which a newly selected one starts. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from integrations.engine.checks import creatable
from integrations.engine.compatibility import Fit, suggestions
from integrations.engine.config import SyncConfig
from integrations.engine.edits import (
    NEW,
    EditRefused,
    Ground,
    listed,
    mapped,
    refuse_loss,
    refuse_special,
)
from integrations.engine.importing import shares_values
from integrations.engine.mapping import Direction, FieldRule
from integrations.engine.specs import FieldSpec


def select_fields(config: SyncConfig, names: Collection[str], ground: Ground) -> SyncConfig:
    """Return a configuration that maps exactly these HubSpot fields.

    Fields that stay keep their rules; each new one gets the spec's default or a suggestion.
    Raises EditRefused for locked fields left out, fields a filter uses, and unknown fields.
    """
    unknown = [name for name in names if name not in ground.hubspot and name not in mapped(config)]
    if unknown:
        raise EditRefused(f"HubSpot has no property {listed(unknown)}.", unknown)
    added = [FieldRule(name, "") for name in names if name not in mapped(config)]
    refuse_special(config, added, ground)
    left = [rule for rule in config.rules if rule.hubspot not in names]
    refuse_loss(config, left, ground.locked)
    kept = tuple(rule for rule in config.rules if rule.hubspot in names)
    config = replace(config, rules=kept)
    for name in dict.fromkeys(names):
        if name not in mapped(config):
            rule = suggested_rule(ground.hubspot[name], config, ground)
            config = replace(config, rules=(*config.rules, rule))
    return config


def suggested_rule(spec: FieldSpec, config: SyncConfig, ground: Ground) -> FieldRule:
    """Return the rule a newly selected HubSpot field starts with.

    That is the spec's own, else one to a free target field of the same name, else one to a field
    that publishing makes. Raises EditRefused where no field can hold its values.
    """
    taken = {rule.target for rule in config.rules}
    for rule in ground.start.rules:
        if rule.hubspot == spec.name and rule.target not in taken:
            return rule
    names = {_plain(spec.name), _plain(spec.label)}
    rule = FieldRule(spec.name, "", spec.type, spec.label, clears=True, privacy=spec.privacy)
    for there in ground.target.values():
        alike = not names.isdisjoint({_plain(there.name), _plain(there.label)})
        if alike and there.name not in taken:
            if ground.adds_options and shares_values(spec, there):
                return replace(rule, target=there.name)
            for fit in suggestions(spec, there)[:1]:
                return fitted(replace(rule, target=there.name), fit)
    if spec.read_only:
        rule = replace(rule, direction=Direction.TO_TARGET)
    if not (ground.makes_fields and creatable(spec)):
        raise EditRefused(f"No field can hold the values of “{spec.label}”.", (spec.name,))
    return replace(rule, target=f"{NEW}{spec.name}")


def fitted(rule: FieldRule, fit: Fit) -> FieldRule:
    """Return a rule that joins its fields in a suggested way."""
    return replace(
        rule, transform=fit.transform, arguments=fit.arguments, direction=fit.directions[0]
    )


def _plain(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
