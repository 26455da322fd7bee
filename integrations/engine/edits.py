"""What an admin may do to a draft: pure steps from one configuration to the next.

Whether the outcome can run is judged in `checks.py`; a step only refuses what makes no sense.
Selecting fields, which needs suggestions, is in `selecting.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from integrations.engine.config import DeletePolicy, ExitRule, MergePolicy, SyncConfig
from integrations.engine.filters import Condition, Filter
from integrations.engine.mapping import ConflictPolicy, FieldRule, Privacy
from integrations.engine.records import Side
from integrations.engine.specs import FieldSpec
from integrations.engine.transforms.tables import TABLE

NEW = "new:"
"""Before the name of a HubSpot property: the target field that publishing makes for it."""
LONGEST_TEXT: Final = 500
"""Characters of an argument, an entry of a value list or an operand."""
RuleKey = tuple[str, str]
"""The HubSpot and the target field of a rule."""


class EditRefused(Exception):
    """A step that makes no sense. The message is for people; `fields` are HubSpot names."""

    def __init__(self, sentence: str, fields: Iterable[str] = ()) -> None:
        super().__init__(sentence)
        self.fields = tuple(fields)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a draft stands on: both live field lists, the spec's start, and what is fixed.

    `makes_fields`: the target can be given new fields; `adds_options`: and its picklists new
    options. `hidden` are HubSpot fields that mapping never offers.
    """

    start: SyncConfig
    hubspot: Mapping[str, FieldSpec] = field(default_factory=dict)
    target: Mapping[str, FieldSpec] = field(default_factory=dict)
    locked: tuple[str, ...] = ()
    makes_fields: bool = False
    adds_options: bool = False
    hidden: tuple[str, ...] = ()

    def of(self, side: Side) -> Mapping[str, FieldSpec]:
        """Return one side's fields by name."""
        return self.hubspot if side is Side.HUBSPOT else self.target


def key_of(rule: FieldRule) -> RuleKey:
    """Return what a rule is known by."""
    return rule.hubspot, rule.target


def is_new(rule: FieldRule) -> bool:
    """Tell whether the rule's target field is still to be made."""
    return rule.target.startswith(NEW)


def set_rule(config: SyncConfig, key: RuleKey, rule: FieldRule, ground: Ground) -> SyncConfig:
    """Put a rule in the place of another; raises EditRefused if there is none or it is fixed."""
    old = _rule(config, key)
    refuse_special(config, [rule], ground)
    if old.transform == TABLE and rule != old:
        raise _kept_elsewhere(old)
    if key_of(rule) != key and key_of(rule) in map(key_of, config.rules):
        raise EditRefused("These two fields are mapped already.", (rule.hubspot,))
    if rule.hubspot != old.hubspot:
        refuse_loss(config, [old], ground.locked)
    rules = tuple(rule if known is old else known for known in config.rules)
    return replace(config, rules=rules)


def add_rule(config: SyncConfig, rule: FieldRule) -> SyncConfig:
    """Map one more pair of fields; raises EditRefused if that pair is mapped already."""
    if key_of(rule) in map(key_of, config.rules):
        raise EditRefused("These two fields are mapped already.", (rule.hubspot,))
    return replace(config, rules=(*config.rules, rule))


def remove_rule(config: SyncConfig, key: RuleKey, ground: Ground) -> SyncConfig:
    """Drop a rule; raises EditRefused if its field is locked or a filter uses it."""
    old = _rule(config, key)
    refuse_loss(config, [old], ground.locked)
    return replace(config, rules=tuple(rule for rule in config.rules if rule is not old))


def set_filter(config: SyncConfig, side: Side, wanted: Filter) -> SyncConfig:
    """Set which records of one side are in; without a group all are.

    Raises EditRefused naming the fields that are not selected for sync.
    """
    labels = {
        rule.hubspot if side is Side.HUBSPOT else rule.target: rule.label or rule.hubspot
        for rule in config.rules
    }
    used = [condition for group in wanted.groups for condition in group]
    foreign = [condition.field for condition in used if condition.field not in labels]
    if foreign:
        raise EditRefused(f"Select {listed(foreign)} for sync before filtering on it.", foreign)
    groups = tuple(
        tuple(replace(one, label=one.label or labels[one.field]) for one in group)
        for group in wanted.groups
        if group
    )
    filters = {**dict(config.filters), side: Filter(groups)}
    kept = tuple((each, filters[each]) for each in Side if each in filters and filters[each].groups)
    return replace(config, filters=kept)


def set_policies(
    config: SyncConfig,
    *,
    exit_rule: ExitRule | None = None,
    conflict: ConflictPolicy | None = None,
    on_hubspot_delete: DeletePolicy | None = None,
    on_target_delete: DeletePolicy | None = None,
    merge: MergePolicy | None = None,
    create_in: Collection[Side] | None = None,
) -> SyncConfig:
    """Set what the sync does in general; None leaves a policy as it is."""
    created = config.create_in if create_in is None else tuple(s for s in Side if s in create_in)
    return replace(
        config,
        exit_rule=exit_rule or config.exit_rule,
        conflict=conflict or config.conflict,
        on_hubspot_delete=on_hubspot_delete or config.on_hubspot_delete,
        on_target_delete=on_target_delete or config.on_target_delete,
        merge=merge or config.merge,
        create_in=created,
    )


def within_limits(
    config: SyncConfig, start: SyncConfig, hubspot: Mapping[str, FieldSpec] | None = None
) -> SyncConfig:
    """Return a configuration in which only rules, filters and policies differ from the start.

    What the two systems can do is not for editing, nor is how carefully a field is handled: that
    the start says, or for other fields HubSpot's own definition, where it is given.
    """
    careful = {name: spec.privacy for name, spec in (hubspot or {}).items()}
    sensitive = {name: p for name, p in careful.items() if p is Privacy.HEALTH}
    careful |= {rule.hubspot: rule.privacy for rule in start.rules} | sensitive
    rules = tuple(
        replace(rule, privacy=careful.get(rule.hubspot, rule.privacy)) for rule in config.rules
    )
    edited = set_policies(
        replace(start, rules=rules, filters=config.filters),
        exit_rule=config.exit_rule,
        conflict=config.conflict,
        on_hubspot_delete=config.on_hubspot_delete,
        on_target_delete=config.on_target_delete,
        merge=config.merge,
        create_in=config.create_in,
    )
    return replace(edited, version=0)


def filters_using(config: SyncConfig, rule: FieldRule) -> list[Condition]:
    """Return the conditions that ask about one of a rule's two fields."""
    names = {Side.HUBSPOT: rule.hubspot, Side.TARGET: rule.target}
    return [
        condition
        for side, wanted in config.filters
        for group in wanted.groups
        for condition in group
        if condition.field == names[side]
    ]


def refuse_loss(config: SyncConfig, rules: Iterable[FieldRule], locked: Collection[str]) -> None:
    """Raise EditRefused if one of these rules cannot go: it is locked, or a filter uses it."""
    lost = list(rules)
    fixed = [rule for rule in lost if rule.hubspot in locked]
    if fixed:
        names = listed(rule.label or rule.hubspot for rule in fixed)
        raise EditRefused(
            f"{names} is always synced and cannot be deselected.",
            [rule.hubspot for rule in fixed],
        )
    for rule in lost:
        if asked := filters_using(config, rule):
            name = asked[0].label or asked[0].field
            raise EditRefused(
                f"The filter on “{name}” uses this field. Remove that condition first.",
                (rule.hubspot,),
            )


def refuse_special(config: SyncConfig, rules: Iterable[FieldRule], ground: Ground) -> None:
    """Raise EditRefused where rules change what has a page of its own, or map hidden fields.

    Rules that translate by a live table stay as the draft or the spec's start has them.
    """
    known = {key_of(rule): rule for rule in (*ground.start.rules, *config.rules)}
    free = mapped(config) | mapped(ground.start)
    for rule in rules:
        old = known.get(key_of(rule))
        if (rule.transform == TABLE or (old and old.transform == TABLE)) and not _alike(rule, old):
            raise _kept_elsewhere(rule)
        if rule.hubspot in ground.hidden and rule.hubspot not in free:
            name = rule.label or rule.hubspot
            raise EditRefused(f"“{name}” is handled by the integration itself.", (rule.hubspot,))


def _alike(rule: FieldRule, old: FieldRule | None) -> bool:
    """Tell whether two rules are the same; the order of arguments means nothing."""
    if old is None:
        return False
    same = dict(rule.arguments) == dict(old.arguments)
    return same and replace(rule, arguments=old.arguments) == old


def _kept_elsewhere(rule: FieldRule) -> EditRefused:
    name = rule.label or rule.hubspot
    return EditRefused(
        f"“{name}” is translated by a table with a page of its own and cannot be changed here.",
        (rule.hubspot,),
    )


def _rule(config: SyncConfig, key: RuleKey) -> FieldRule:
    for rule in config.rules:
        if key_of(rule) == key:
            return rule
    raise EditRefused(f"“{key[0]}” and “{key[1]}” are not mapped.", (key[0],))


def mapped(config: SyncConfig) -> set[str]:
    """Return the HubSpot fields that are selected for sync."""
    return {rule.hubspot for rule in config.rules}


def listed(names: Iterable[str]) -> str:
    """Return names as a sentence quotes them."""
    return ", ".join(f"“{name}”" for name in names)
