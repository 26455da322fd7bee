"""Between the API's shape of a configuration and the engine's: what is sent decides, never more.

Types, labels and what the systems can do come from the draft and the field lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from integrations.engine import edits
from integrations.engine.config import DeletePolicy, ExitRule, MergePolicy, SyncConfig
from integrations.engine.edits import EditRefused, Ground
from integrations.engine.filters import Condition, Filter, Operator
from integrations.engine.mapping import ConflictPolicy, Direction, FieldRule, Overwrite, Privacy
from integrations.engine.records import Side

Sent = Mapping[str, Any]


def shown(config: SyncConfig) -> dict[str, Any]:
    """Return a configuration as `ConfigShape` describes it."""
    return {
        "rules": [_rule_shown(rule) for rule in config.rules],
        "filters": {side.value: groups_shown(config.filter_for(side)) for side in Side},
        "policies": {
            "exit_rule": config.exit_rule.value,
            "conflict": config.conflict.value,
            "on_hubspot_delete": config.on_hubspot_delete.value,
            "on_target_delete": config.on_target_delete.value,
            "merge": config.merge.value,
            "create_in": [side.value for side in config.create_in],
        },
    }


def groups_shown(wanted: Filter) -> dict[str, Any]:
    """Return a filter as `GroupsShape` describes it."""
    groups = [
        [
            {
                "field": one.field,
                "name": one.label,
                "operator": one.operator.value,
                "operands": list(one.operands),
            }
            for one in group
        ]
        for group in wanted.groups
    ]
    return {"groups": groups}


def filter_of(sent: Sent) -> Filter:
    """Return the filter that was sent in `GroupsShape`."""
    return Filter(
        tuple(
            tuple(
                Condition(one["field"], Operator(one["operator"]), tuple(one["operands"]))
                for one in group
            )
            for group in sent["groups"]
        )
    )


def edited(config: SyncConfig, sent: Sent, ground: Ground) -> SyncConfig:
    """Return a draft's configuration with everything that was sent in `ConfigShape` in its place.

    Raises EditRefused for unknown and locked fields, pairs mapped twice, and filters on fields
    that are not selected.
    """
    rules = [rule_of(one, config, ground) for one in sent["rules"]]
    names = {rule.hubspot for rule in rules}
    edits.refuse_special(config, rules, ground)
    lost = [rule for rule in config.rules if rule.hubspot not in names]
    edits.refuse_loss(replace(config, filters=()), lost, ground.locked)
    made = replace(config, rules=(), filters=())
    for rule in rules:
        made = edits.add_rule(made, rule)
    for side in Side:
        made = edits.set_filter(made, side, filter_of(sent["filters"][side.value]))
    policies = sent["policies"]
    return edits.set_policies(
        made,
        exit_rule=ExitRule(policies["exit_rule"]),
        conflict=ConflictPolicy(policies["conflict"]),
        on_hubspot_delete=DeletePolicy(policies["on_hubspot_delete"]),
        on_target_delete=DeletePolicy(policies["on_target_delete"]),
        merge=MergePolicy(policies["merge"]) if "merge" in policies else None,
        create_in=[Side(side) for side in policies["create_in"]],
    )


def _rule_shown(rule: FieldRule) -> dict[str, Any]:
    return {
        "hubspot": rule.hubspot,
        "target": rule.target,
        "type": rule.type.value,
        "name": rule.label,
        "direction": rule.direction.value,
        "overwrite": rule.overwrite.value,
        "transform": rule.transform,
        "arguments": dict(rule.arguments),
        "clears": rule.clears,
        "conflict": rule.conflict.value if rule.conflict else None,
        "required": rule.required,
    }


def rule_of(sent: Sent, config: SyncConfig, ground: Ground) -> FieldRule:
    """Return the rule that was sent in `RuleShape`; raises EditRefused for an unknown field."""
    known = _known(sent["hubspot"], sent["target"], config, ground)
    return replace(
        known,
        target=sent["target"],
        direction=Direction(sent["direction"]),
        overwrite=Overwrite(sent["overwrite"]),
        transform=sent["transform"],
        arguments=tuple(sent["arguments"].items()),
        clears=sent["clears"],
        conflict=ConflictPolicy(sent["conflict"]) if sent["conflict"] else None,
        required=sent["required"],
    )


def _known(hubspot: str, target: str, config: SyncConfig, ground: Ground) -> FieldRule:
    """Return what is known of a pair of fields: its rule, the spec's, or the field's own terms."""
    for rule in (*config.rules, *ground.start.rules):
        if edits.key_of(rule) == (hubspot, target):
            return rule
    spec = ground.hubspot.get(hubspot)
    if spec is None:
        raise EditRefused(f"HubSpot has no property “{hubspot}”.", (hubspot,))
    privacy = _strictest(hubspot, target, ground)
    return FieldRule(hubspot, target, spec.type, spec.label, privacy=privacy)


def _strictest(hubspot: str, target: str, ground: Ground) -> Privacy:
    """Return how carefully a pair is handled: as the more delicate of its two fields."""
    fields = (ground.hubspot.get(hubspot), ground.target.get(target))
    known = {spec.privacy for spec in fields if spec}
    known |= {rule.privacy for rule in ground.start.rules if rule.hubspot == hubspot}
    return max(known, key=list(Privacy).index)
