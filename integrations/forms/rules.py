"""The editor of one field pair: inputs that depend on each other, and the rule they make up.

How it is read back is in `posted_rules.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _

from integrations.engine.catalogue import (
    BLANK_RULES,
    CONFLICT_POLICIES,
    DIRECTIONS,
    OVERWRITES,
    TRANSFORM_ENTRIES,
    Argument,
    ArgumentKind,
    TransformEntry,
)
from integrations.engine.compatibility import suggestions
from integrations.engine.config import SyncConfig
from integrations.engine.edits import NEW, Ground, key_of
from integrations.engine.mapping import FieldRule
from integrations.engine.records import FieldType
from integrations.engine.specs import FieldSpec
from integrations.engine.transforms.tables import TABLE
from integrations.forms.choices import helped, labelled, line, said, select, worded
from integrations.forms.posted_rules import MOST_ENTRIES, sources, target_spec


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One line of a value list: what HubSpot has and the inputs for what the target gets."""

    source: str
    label: str
    known: bool
    gives: forms.BoundField
    takes: forms.BoundField | None = None


class RuleEditor(forms.Form):
    """Shows a rule; `entries` are the lines of its value list, `arguments` its other inputs."""

    use_required_attribute = False  # "" is a choice here, too

    def __init__(
        self, rule: FieldRule, config: SyncConfig, ground: Ground, system: str, prefix: str
    ) -> None:
        """Draw a rule; `prefix` makes its ids differ from those of another rule on the page."""
        super().__init__(auto_id=f"{prefix}-%s")
        self.rule, self.ground, self.system = rule, ground, system
        self.hubspot = ground.hubspot.get(rule.hubspot)
        self.target = target_spec(rule, ground)
        self.fields["target"] = select(
            _("Field in %(system)s") % {"system": system},
            _targets(rule, config, ground, system),
            rule.target,
        )
        self.fields["direction"] = select(
            _("Direction"),
            worded(DIRECTIONS, system),
            rule.direction.value,
            helped(DIRECTIONS[rule.direction], system),
        )
        self.fields["overwrite"] = select(
            _("When a value is written"),
            worded(OVERWRITES, system),
            rule.overwrite.value,
            helped(OVERWRITES[rule.overwrite], system),
        )
        self.fields["clears"] = select(
            _("When it is emptied"),
            [(str(int(key)), said(choice, system)) for key, choice in BLANK_RULES.items()],
            str(int(rule.clears)),
            helped(BLANK_RULES[rule.clears], system),
        )
        self.fields["conflict"] = self._conflict(config)
        entry = TRANSFORM_ENTRIES.get(rule.transform)
        self.fields["transform"] = select(
            _("Conversion"),
            _transforms(self.hubspot, self.target, rule),
            rule.transform,
            _(entry.help) if entry else "",
        )
        self._add_arguments(entry, dict(rule.arguments))

    def _conflict(self, config: SyncConfig) -> forms.Field:
        usual = said(CONFLICT_POLICIES[config.conflict], self.system)
        options = [("", _("As for the other fields (%(policy)s)") % {"policy": usual})]
        chosen = self.rule.conflict
        return select(
            _("When both sides changed"),
            [*options, *worded(CONFLICT_POLICIES, self.system)],
            chosen.value if chosen else "",
            helped(CONFLICT_POLICIES[chosen or config.conflict], self.system),
        )

    def _add_arguments(self, entry: TransformEntry | None, given: Mapping[str, str]) -> None:
        self.entry = entry
        self._arguments: list[str] = []
        self._sources: list[tuple[str, str, bool]] = []
        for argument in entry.arguments if entry else ():
            if argument.kind is ArgumentKind.ENTRIES:
                self._add_entries(entry, given)
                continue
            name = f"arg-{argument.key}"
            self.fields[name] = _argument(argument, given, self.target)
            self._arguments.append(name)

    def _add_entries(self, entry: TransformEntry | None, given: Mapping[str, str]) -> None:
        named = {argument.key for argument in entry.arguments} if entry else set()
        table = {key: value for key, value in given.items() if key not in named}
        offered = {o.value: o.label for o in (self.hubspot.options if self.hubspot else ())}
        for value in sources(self.rule, self.ground)[:MOST_ENTRIES]:
            known = value in offered or not offered
            self._sources.append((value, offered.get(value, value), known))
        if not offered:
            self._sources.append(("", "", True))
        for at, (value, label, _known) in enumerate(self._sources):
            self.fields[f"gives-{at}"] = _gives(label, table.get(value, ""), self.target)
            if not offered:
                self.fields[f"takes-{at}"] = line(_("HubSpot value"), value)

    @property
    def shaping(self) -> list[forms.BoundField]:
        """Return the inputs on which others depend, or the sentence below them."""
        return [self[name] for name in ("target", "direction", "transform")]

    @property
    def manners(self) -> list[forms.BoundField]:
        """Return the inputs about when values are written."""
        return [self[name] for name in ("overwrite", "clears", "conflict")]

    @property
    def arguments(self) -> list[forms.BoundField]:
        """Return the inputs of the conversion's arguments, without those of a value list."""
        return [self[name] for name in self._arguments if not name.startswith("arg-@")]

    @property
    def leftovers(self) -> list[forms.BoundField]:
        """Return the inputs about values that a value list does not name."""
        return [self[name] for name in self._arguments if name.startswith("arg-@")]

    @property
    def entries(self) -> list[EntryRow]:
        """Return the lines of the value list, HubSpot's options first."""
        return [
            EntryRow(
                value,
                label,
                known,
                self[f"gives-{at}"],
                self[f"takes-{at}"] if f"takes-{at}" in self.fields else None,
            )
            for at, (value, label, known) in enumerate(self._sources)
        ]

    @property
    def unused(self) -> list[str]:
        """Return the target options that no HubSpot value becomes."""
        if not self._sources or self.target is None:
            return []
        used = set(dict(self.rule.arguments).values())
        return [option.label for option in self.target.options if option.value not in used]


def _targets(
    rule: FieldRule, config: SyncConfig, ground: Ground, system: str
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the target fields in groups: those that fit, those to convert, a new one, others."""
    taken = {known.target for known in config.rules if key_of(known) != key_of(rule)}
    hubspot = ground.hubspot.get(rule.hubspot)
    groups: dict[str, list[tuple[str, str]]] = {"fits": [], "converts": [], "other": []}
    for name, spec in ground.target.items():
        if name in taken:
            continue
        fits = suggestions(hubspot, spec) if hubspot else ()
        same = bool(fits) and not fits[0].transform
        groups["fits" if same else "converts" if fits else "other"].append((name, labelled(spec)))
    current = rule.target
    if current and current not in ground.target and not current.startswith(NEW):
        groups["other"].append((current, _("%(name)s (no longer exists)") % {"name": current}))
    found = [(_("Fits"), groups["fits"]), (_("Fits with a conversion"), groups["converts"])]
    if ground.makes_fields and hubspot is not None and hubspot.type is not FieldType.REFERENCE:
        text = _("Create “%(label)s” in %(system)s") % {"label": hubspot.label, "system": system}
        found.append((_("New field"), [(f"{NEW}{rule.hubspot}", text)]))
    found.append((_("Does not fit"), groups["other"]))
    return [(label, options) for label, options in found if options]


def _transforms(
    hubspot: FieldSpec | None, target: FieldSpec | None, rule: FieldRule
) -> list[tuple[str, str]]:
    pair = (hubspot.type, target.type) if hubspot and target else None
    return [
        (name, _(entry.label))
        for name, entry in TRANSFORM_ENTRIES.items()
        if (pair in entry.pairs and name != TABLE) or name == rule.transform
    ]


def _argument(
    argument: Argument, given: Mapping[str, str], target: FieldSpec | None
) -> forms.Field:
    label, help_text = _(argument.label), _(argument.help) if argument.help else ""
    value = given.get(argument.key, argument.default)
    if argument.kind is ArgumentKind.CHOICE:
        options = [(option.value, _(option.label)) for option in argument.choices]
        if not argument.default:
            options.insert(0, ("", "–"))
        return select(label, options, value, help_text)
    kind = "number" if argument.kind is ArgumentKind.NUMBER else "text"
    if argument.key.startswith("@") and target is not None and target.options:
        return select(label, _options(target, value), value, help_text)
    return line(label, value, help_text, kind)


def _gives(label: str, value: str, target: FieldSpec | None) -> forms.Field:
    name = _("becomes, for “%(label)s”") % {"label": label} if label else _("becomes")
    if target is not None and target.options:
        return select(name, _options(target, value), value)
    return line(name, value)


def _options(target: FieldSpec, value: str) -> list[tuple[str, str]]:
    options = [("", _("– no entry –")), *((o.value, o.label) for o in target.options)]
    if value and value not in {option.value for option in target.options}:
        options.append((value, _("%(value)s (no longer exists)") % {"value": value}))
    return options
